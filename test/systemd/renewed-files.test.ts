import { readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { escapedPath } from '../../agent/config/unit-name.ts'
import type { Machine } from '../booted-systemd.ts'
import { done, installedMachine } from '../package/installed-machine.ts'

const ETC = '/etc/fiskal-edge'
/** Nobody but root may look into that folder, not even at the time of a file. */
const HIDDEN = '/etc/hidden'
const TOKEN = `${HIDDEN}/cloud.token`
const PIN = `${ETC}/tse.pin`
const LATER = `${HIDDEN}/later.passphrase`
const PAIR = 'openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30'

const CONFIG = {
  ...{ version: 1, state: '/var/lib/fiskal-edge', listen: {} },
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-pkcs11', module: '/usr/lib/softhsm/libsofthsm2.so', token: 'edge', pinFile: PIN },
  ],
  tls: { certFile: `${ETC}/till.crt`, keyFile: `${HIDDEN}/till.key` },
  sync: { targets: [{ id: 'cloud', kind: 'https', url: 'http://127.0.0.1:7080', tokenFile: TOKEN }] },
  backup: { passphraseFile: LATER },
}

/** A token of SoftHSM with another PIN than its file says, a receiver that does not know the token, no passphrase yet. */
const SET_UP = `
umask 077
mkdir ${HIDDEN}
printf 999999 >${PIN}
printf unknown >${TOKEN}
${PAIR} -subj /CN=first -keyout ${HIDDEN}/till.key -out ${ETC}/till.crt
install -d -o fiskal-edge -g fiskal-edge -m 700 /var/lib/fiskal-edge/tokens
export SOFTHSM2_CONF=${ETC}/softhsm2.conf
echo 'directories.tokendir = /var/lib/fiskal-edge/tokens' >$SOFTHSM2_CONF
chmod 644 $SOFTHSM2_CONF
setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups \\
  softhsm2-util --init-token --free --label edge --pin 123456 --so-pin 12345678
printf '[Service]\\nEnvironment=SOFTHSM2_CONF=%s\\n' $SOFTHSM2_CONF >/etc/systemd/system/fiskal-edge.service.d/override.conf
mkdir /var/lib/receiver
systemd-run --quiet --unit=receiver --working-directory=/var/lib/receiver fiskal-edge receiver run
fiskal-edge service install
`

const machine = installedMachine(async (prepared) => {
  writeFileSync(join(prepared.root, `${ETC}/agent.json`), JSON.stringify(CONFIG))
  await done(prepared, SET_UP)
})

const copyOf = (file: string): string => `/run/fiskal-edge-secrets/${escapedPath(file)}`
const unitOf = (file: string, kind: 'path' | 'service'): string => `fiskal-edge-secret@${escapedPath(file)}.${kind}`
const isCopied = (file: string, content: string): string => `test "$(cat '${copyOf(file)}')" = '${content}'`

async function agentOf({ sh }: Machine): Promise<string> {
  return (await sh('systemctl show fiskal-edge -p MainPID,NRestarts,ActiveState')).out
}

test('the unit starts where a file is missing, and takes it when it comes', async () => {
  const { root, until } = machine()
  const before = await agentOf(machine())
  expect(before).toMatch(/NRestarts=0\n[\s\S]*ActiveState=active/)
  writeFileSync(join(root, LATER), 'a phone torch in the back room\n', { mode: 0o600 })
  await until(isCopied(LATER, 'a phone torch in the back room'))
  expect(await agentOf(machine())).toBe(before)
})

test('a renewed key and certificate are served within a minute, without a restart', async () => {
  const { sh, until } = machine()
  const before = await agentOf(machine())
  const served = 'openssl s_client -connect 127.0.0.1:7070 </dev/null 2>/dev/null | openssl x509 -noout -subject'
  expect((await sh(served)).out).toContain('first')
  await done(
    machine(),
    `cd /root; ${PAIR} -subj /CN=second -keyout till.key -out till.crt; mv till.crt ${ETC}/; mv till.key ${HIDDEN}/`,
  )
  const started = performance.now()
  await until(`${served} | grep second`)
  expect(performance.now() - started).toBeLessThan(70_000)
  expect(await agentOf(machine())).toBe(before)
})

test('a token that was refused is replaced without a restart, even when the change itself was missed', async () => {
  const { until } = machine()
  const before = await agentOf(machine())
  await until('fiskal-edge sync status --json | grep -q unauthenticated')
  const agent = /agent id +(\S+):/.exec((await machine().sh('fiskal-edge doctor')).out)?.[1] ?? ''
  const receiver = 'cd /var/lib/receiver; fiskal-edge receiver token'
  const issued = async (): Promise<{ id: string; token: string }> =>
    JSON.parse(await done(machine(), `${receiver} agent ${agent} --json`))
  const { id, token } = await issued()
  // As during a copy: what watches the file does not see it.
  const path = `'${unitOf(TOKEN, 'path')}'`
  await done(machine(), `systemctl stop ${path}; printf %s '${token}' >${TOKEN}; systemctl start ${path}`)
  await until(`fiskal-edge sync status --json | grep -q '"state": *"current"'`)
  // Another token before the first is revoked, as docs/cloud-end.md has it.
  const next = await issued()
  writeFileSync(join(machine().root, TOKEN), next.token, { mode: 0o600 })
  await until(isCopied(TOKEN, next.token))
  await done(machine(), `${receiver} revoke ${id}`)
  await done(machine(), 'fiskal-edge key create platform')
  await until(`fiskal-edge sync status --json | grep -q '"state":"current".*"unacked":0'`)
  expect(await agentOf(machine())).toBe(before)
})

test('a PIN that was refused is replaced without a restart, and its refusal names the file and the time of what was read', async () => {
  const { root, until } = machine()
  const before = await agentOf(machine())
  await until(`fiskal-edge device list --json | grep 'pin_wrong.*It was read from ${PIN} as of 20'`)
  writeFileSync(join(root, PIN), '123456', { mode: 0o600 })
  // It is a virgin token: that it is asked for its key shows that the PIN was taken.
  await until('fiskal-edge device list --json | grep not_initialised')
  expect(await agentOf(machine())).toBe(before)
})

test('a rename, a write in place and a link that is switched reach the agent; the last copy stays where the file goes, and doctor names it', async () => {
  const { root, until } = machine()
  const file = join(root, LATER)
  writeFileSync(file, 'in place')
  await until(isCopied(LATER, 'in place'))
  writeFileSync(join(root, HIDDEN, 'new'), 'renamed')
  renameSync(join(root, HIDDEN, 'new'), file)
  await until(isCopied(LATER, 'renamed'))
  for (const version of ['one', 'two', 'three']) {
    // As certbot keeps them: the link alone changes.
    writeFileSync(join(root, HIDDEN, `archive-${version}`), version)
    symlinkSync(`archive-${version}`, join(root, HIDDEN, 'link'))
    renameSync(join(root, HIDDEN, 'link'), file)
    await until(isCopied(LATER, version))
  }
  rmSync(file)
  await done(machine(), 'systemctl restart fiskal-edge')
  await done(machine(), isCopied(LATER, 'three'))
  await until(`fiskal-edge doctor | grep 'secrets .*${LATER} is gone: the agent uses its copy of 20'`)
})

test('a burst of changes ends in the last one, and stops nothing', async () => {
  const { until } = machine()
  await done(machine(), `umask 077; for i in $(seq 500); do printf "burst $i" >${PIN}; done; printf 123456 >${PIN}`)
  await done(machine(), 'systemctl restart receiver || true')
  // The agent reads it when it looks at the token anew.
  await done(machine(), 'fiskal-edge device self-test tse-2 || true')
  await until(isCopied(PIN, '123456'))
  for (const kind of ['path', 'service'] as const)
    await done(machine(), `! systemctl is-failed --quiet '${unitOf(PIN, kind)}'`)
})

test('a pipe in the place of a file holds up neither the start nor the other files, and the next file is taken', async () => {
  const { root, until } = machine()
  await done(machine(), `rm -f ${LATER}; mkfifo ${LATER}`)
  await done(machine(), 'systemctl restart fiskal-edge')
  expect(await agentOf(machine())).toContain('ActiveState=active')
  writeFileSync(join(root, TOKEN), `${readFileSync(join(root, TOKEN), 'utf8')}\n`)
  await until(`test '${copyOf(TOKEN)}' -nt ${PIN}`)
  rmSync(join(root, LATER))
  writeFileSync(join(root, LATER), 'a file again')
  await until(isCopied(LATER, 'a file again'))
})

test('a file in a folder that others may change, or behind a link into one, is not handed over', async () => {
  const { root } = machine()
  const own = '/var/lib/fiskal-edge/own.passphrase'
  await done(machine(), `setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups ln -s /etc/shadow ${own}`)
  for (const passphraseFile of [own, `${ETC}/astray.passphrase`]) {
    if (passphraseFile !== own) symlinkSync(own, join(root, passphraseFile))
    writeFileSync(join(root, `${ETC}/agent.json`), JSON.stringify({ ...CONFIG, backup: { passphraseFile } }))
    await done(machine(), 'fiskal-edge service install')
    expect(await agentOf(machine())).toContain('ActiveState=active')
    const names = readdirSync(join(root, '/run/fiskal-edge-secrets'))
    // Nor is the one before any more, which nobody names.
    expect(names.sort()).toEqual([PIN, TOKEN, `${ETC}/till.crt`, `${HIDDEN}/till.key`].map(escapedPath).sort())
    const listed = await done(machine(), `systemctl list-units --plain --no-legend 'fiskal-edge-secret@*.path'`)
    expect(listed).not.toContain('passphrase')
  }
  expect((await machine().sh('fiskal-edge doctor')).out).toMatch(
    /! secrets +\S+astray.passphrase is not handed to the agent, because others than root may change/,
  )
})

test('an uninstalled service leaves neither a copy nor what made it', async () => {
  const { root } = machine()
  await done(machine(), 'fiskal-edge service uninstall')
  expect(readdirSync(join(root, '/run/fiskal-edge-secrets'))).toEqual([])
  expect(readdirSync(join(root, '/etc/systemd/system')).filter((name) => name.includes('secret@'))).toEqual([])
  expect(await done(machine(), `systemctl list-units --plain --no-legend 'fiskal-edge-secret@*.path'`)).toBe('')
})

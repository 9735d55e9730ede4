// @module-tag heavy
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { escapedPath } from '../../agent/config/unit-name.ts'
import { done as doneOn, installedMachine } from '../package/installed-machine.ts'
import type { NamedFile, RenewedShop, Terminal } from './renewed-shop.ts'
import {
  CONFIG,
  ETC,
  FILES,
  HIDDEN,
  issuedToken,
  NAMES,
  ownCertificate,
  RECEIVER,
  STATE,
  shopOfWrongFiles,
  TOKENS,
} from './renewed-shop.ts'

/** For a command that looks; a file is looked at in this process. */
const LOOKS = { interval: 300 }
const COPIES = '/run/fiskal-edge-secrets'

let shop: RenewedShop
/** As the agent was when it had the wrong files. */
let startedAt = ''
const machine = installedMachine(async (prepared) => {
  shop = await shopOfWrongFiles(prepared)
  startedAt = await agent()
})

function done(script: string): Promise<string> {
  return doneOn(machine(), script)
}

function place(path: string): string {
  return join(machine().root, path)
}

function copyOf(file: string): string {
  return `${COPIES}/${escapedPath(file)}`
}

function unitOf(file: string, kind: 'path' | 'service'): string {
  return `fiskal-edge-secret@${escapedPath(file)}.${kind}`
}

function agent(): Promise<string> {
  return done('systemctl show fiskal-edge -p MainPID,NRestarts,ActiveState')
}

function put(file: string, content: string): void {
  writeFileSync(place(file), content, { mode: 0o600 })
}

function renew(...names: readonly NamedFile[]): void {
  for (const name of names) put(FILES[name], shop.renewed[name])
}

async function untilCopied(file: string, content: string): Promise<void> {
  const copy = place(copyOf(file))
  await expect.poll(() => existsSync(copy) && readFileSync(copy, 'utf8'), { interval: 20 }).toBe(content)
}

/** An act of the agent's admin socket: what commands ask, without the half second that each of them computes. */
function asked(act: string, input: object = {}): Promise<string> {
  return done(
    `curl -s --unix-socket ${STATE}/admin.sock -H 'content-type: application/json' -d '${JSON.stringify(input)}' http://agent/${act}`,
  )
}

type Told = { readonly id?: string; readonly target?: string; readonly state: string }

/** The agent's report of that device or target. */
async function told(act: 'devices' | 'syncStatus', id: string): Promise<string> {
  const all = JSON.parse(await asked(act)) as readonly Told[]
  return JSON.stringify(all.find((one) => (one.id ?? one.target) === id))
}

function target(id: string): Promise<string> {
  return told('syncStatus', id)
}

function device(id: string): Promise<string> {
  return told('devices', id)
}

function initialised(id: string): Promise<string> {
  return asked('deviceAct', { deviceId: id, act: 'init' })
}

const SERVED = 'openssl s_client -connect 127.0.0.1:7070 </dev/null 2>/dev/null | openssl x509 -noout -serial -enddate'

async function served(): Promise<string> {
  return (await machine().sh(SERVED)).out
}

/** Whether a till with that certificate is accepted. */
async function isHeard({ crt, key }: Terminal): Promise<boolean> {
  return (await machine().sh(`curl -skf --cert ${crt} --key ${key} https://127.0.0.1:7070/healthz`)).code === 0
}

test('the unit starts if a file is missing, and takes it when it comes', async () => {
  expect(startedAt).toMatch(/NRestarts=0\n[\s\S]*ActiveState=active/)
  renew('passphrase')
  await untilCopied(FILES.passphrase, shop.renewed.passphrase)
})

test('a PIN that is refused is reported with its file and the time it was read, and targets report their refusal', async () => {
  await expect.poll(() => device('tse-2'), LOOKS).toMatch(/pin_wrong.*It was read from \S+tse.pin as of 20/)
  await expect.poll(() => target('token'), LOOKS).toContain('unauthenticated')
  await expect.poll(() => target('ca'), LOOKS).toMatch(/SELF_SIGNED|UNABLE_TO/)
  await expect.poll(() => target('certificate'), LOOKS).toMatch(/"last_error":\{"code":"(ERR_SSL|ECONNRESET|EPIPE)/)
  await expect.poll(() => target('creds'), LOOKS).toContain('nats_denied')
  // The watcher of the file misses a change during a copy.
  await done(`systemctl stop '${unitOf(FILES.token, 'path')}'`)
  renew('token', 'targetCa', 'targetCertificate', 'targetKey', 'creds', 'pin')
  await done(`systemctl start '${unitOf(FILES.token, 'path')}'`)
})

test('a renewed key and certificate are served within a minute, without a restart', async () => {
  const before = await served()
  renew('certificate', 'key')
  await expect.poll(served, LOOKS).not.toBe(before)
})

test('tills of a new authority are accepted within a minute, those of the one before no longer, without a restart', async () => {
  const [before, after] = shop.terminals
  expect([await isHeard(before), await isHeard(after)]).toEqual([true, false])
  renew('clientCa')
  await expect.poll(() => isHeard(after), LOOKS).toBe(true)
  expect(await isHeard(before)).toBe(false)
})

test('a PUK that comes later is handed to the unit, without a restart', async () => {
  expect(await initialised('tse-3')).toMatch(/not_authorised.*puk of tse-3 cannot be read: EACCES/)
  renew('puk')
  await untilCopied(FILES.puk, shop.renewed.puk)
  expect(await initialised('tse-3')).toMatch(/shared secret .* another one. It was read from \S+epson.secret as of 20/)
  expect(await done('cat /var/lib/epson/credentials.json')).toContain(`"puk":"${shop.renewed.puk}"`)
})

test('a shared secret that was refused is replaced without a restart', async () => {
  renew('secret')
  await untilCopied(FILES.secret, shop.renewed.secret)
  await initialised('tse-3')
  await expect.poll(() => device('tse-3'), LOOKS).toContain('"state":"ready"')
})

test('a PIN that was refused is replaced without a restart', async () => {
  // It is a virgin token: that it is asked for its key shows that the PIN was taken.
  await expect.poll(() => device('tse-2'), LOOKS).toContain('device_not_initialised')
})

test('a rename, a write in place, a link that is switched and the last change of a burst reach the agent', async () => {
  const [file, next] = [FILES.passphrase, `${HIDDEN}/next`]
  const versions = ['one', 'two']
  for (const version of versions) put(`${HIDDEN}/archive-${version}`, version)
  put(file, 'in place')
  await untilCopied(file, 'in place')
  put(next, 'renamed')
  renameSync(place(next), place(file))
  await untilCopied(file, 'renamed')
  for (const version of versions) {
    // As certbot keeps them: the link alone changes.
    symlinkSync(`archive-${version}`, place(next))
    renameSync(place(next), place(file))
    await untilCopied(file, version)
  }
  // The file is not read in between, nor may the agent see that it changed.
  await done(`rm ${file}; for i in $(seq 500); do printf "burst $i" >${file}; done; printf last >${file}`)
  await untilCopied(file, 'last')
})

test.each([
  ['token', 'a token that was refused is replaced without a restart, even when the change itself was missed'],
  ['ca', 'another authority of a target is trusted without a restart'],
  ['certificate', 'a certificate that a target refused, and its key, are replaced without a restart'],
  ['creds', 'credentials that NATS refused are replaced without a restart'],
])('%s: %s', async (id) => {
  await expect.poll(() => target(id), LOOKS).toMatch(/"state":"current".*"unacked":0/)
})

test('another token before the first is revoked keeps a target current, and nothing of all this restarted the agent', async () => {
  const first = await done(`${RECEIVER} token list --json`)
  const next = await issuedToken(machine(), shop.agentId)
  put(FILES.token, next.token)
  await untilCopied(FILES.token, next.token)
  await done(`${RECEIVER} token revoke ${/"id": *"([^"]+)"/.exec(first)?.[1]}`)
  await asked('createKey', { kind: 'platform' })
  await expect.poll(() => target('token'), LOOKS).toMatch(/"state":"current".*"unacked":0/)
  expect(await agent()).toBe(startedAt)
})

test('a burst of changes, a pipe instead of a file and a removed file delay neither the start nor the others', async () => {
  rmSync(place(FILES.passphrase))
  await done(`rm -f ${FILES.creds}; mkfifo ${FILES.creds}`)
  await done(`for i in $(seq 500); do printf "burst $i" >${FILES.pin}; done; printf 123456 >${FILES.pin}`)
  await done('systemctl stop fiskal-edge')
  // The command of root opens the agent as its owner, who may not read the folder of the certificate.
  const [, second] = JSON.parse(await done(`${TOKENS}; fiskal-edge device list --json`)) as readonly Told[]
  expect(second).toMatchObject({ warnings: [{ code: 'device_not_initialised' }] })
  await done('systemctl start fiskal-edge')
  await untilCopied(FILES.pin, '123456')
  await untilCopied(FILES.passphrase, 'last')
  for (const kind of ['path', 'service'] as const)
    await done(`! systemctl is-failed --quiet '${unitOf(FILES.pin, kind)}'`)
  expect((await machine().sh('fiskal-edge doctor')).out).toMatch(
    /secrets .*later.passphrase does not exist: the agent uses its copy of 20/,
  )
  rmSync(place(FILES.creds))
  put(FILES.creds, 'a file again')
  await untilCopied(FILES.creds, 'a file again')
})

const OWN = `${STATE}/own.passphrase`
const ASTRAY = `${ETC}/astray.creds`

test('a file in a folder that others may change, or reached by a link into one, is not handed over', async () => {
  await done(`setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups ln -s /etc/shadow ${OWN}`)
  symlinkSync(OWN, place(ASTRAY))
  const targets = CONFIG.sync.targets.map((one) => ('credsFile' in one ? { ...one, credsFile: ASTRAY } : one))
  const tls = { names: NAMES }
  put(`${ETC}/agent.json`, JSON.stringify({ ...CONFIG, tls, sync: { targets }, backup: { passphraseFile: OWN } }))
  // Its copy is being made while the service is installed: a pipe gives its content later than a file.
  rmSync(place(FILES.creds))
  await done(`mkfifo -m 600 ${FILES.creds} && systemctl start --no-block ${unitOf(FILES.creds, 'service')}`)
  await done('fiskal-edge service install')
  expect(await done(`systemctl is-active ${unitOf(FILES.creds, 'service')} || true`)).toMatch(/^(inactive|failed)/)
  expect(await agent()).toContain('ActiveState=active')
  const names = readdirSync(place(COPIES))
  // Nor are the former ones, which no setting names now.
  for (const file of [OWN, ASTRAY, FILES.passphrase, FILES.creds, FILES.certificate, FILES.key, FILES.clientCa])
    expect(names).not.toContain(escapedPath(file))
  expect(names).toContain(escapedPath(FILES.pin))
  const listed = await done(`systemctl list-units --plain --no-legend 'fiskal-edge-secret@*.path'`)
  expect(listed).not.toMatch(/passphrase|creds/)
  expect((await machine().sh('fiskal-edge doctor')).out).toMatch(
    /! secrets +\S+astray.creds is not handed to the agent, because others than root may change/,
  )
})

test('the certificate of the shop’s own authority is renewed 60 days before its end, without a restart', async () => {
  const before = await agent()
  const daysLeft = async (): Promise<number> => {
    const end = Date.parse(/notAfter=(.*)/.exec(await served())?.[1] ?? '')
    return (end - Date.now()) / 86_400_000
  }
  await done(ownCertificate(61))
  await expect.poll(async () => Math.round(await daysLeft()), LOOKS).toBe(61)
  await done(ownCertificate(59))
  await expect.poll(daysLeft, LOOKS).toBeGreaterThan(300)
  expect(await agent()).toBe(before)
})

test('an uninstalled service leaves neither a copy nor what made it', async () => {
  await done('fiskal-edge service uninstall')
  expect(readdirSync(place(COPIES))).toEqual([])
  expect(readdirSync(place('/etc/systemd/system')).filter((name) => name.includes('secret@'))).toEqual([])
  expect(await done(`systemctl list-units --plain --no-legend 'fiskal-edge-secret@*.path'`)).toBe('')
})

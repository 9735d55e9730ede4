// @module-tag heavy
import { createHash } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { whyNoSystemd } from '../booted-systemd.ts'
import { removedLater } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'
import type { Box } from './box.ts'
import { folderBox, systemdBox } from './box.ts'
import { buildPackage, makeVersion, packageOfThisRun } from './build.ts'
import { ran, until, untilWell } from './on-box.ts'
import type { Shop } from './walk-through.ts'
import { openShop, sell } from './walk-through.ts'

const PACKAGE_LIMIT_BYTES = 60_000_000
const INSTALLED_LIMIT_KIB = 200_000

/** A PKCS#11 token as a second TSE. */
const TOKEN = `
printf 123456 >/etc/fiskal-edge/tse.pin
chmod 600 /etc/fiskal-edge/tse.pin
install -d -o fiskal-edge -g fiskal-edge -m 700 /var/lib/fiskal-edge/tokens
echo 'directories.tokendir = /var/lib/fiskal-edge/tokens' >/etc/fiskal-edge/softhsm2.conf
export SOFTHSM2_CONF=/etc/fiskal-edge/softhsm2.conf
setpriv --reuid=fiskal-edge --regid=fiskal-edge --clear-groups \\
  softhsm2-util --init-token --free --label edge --pin 123456 --so-pin 12345678
printf '[Service]\\nEnvironment=SOFTHSM2_CONF=%s\\n' $SOFTHSM2_CONF >/etc/systemd/system/fiskal-edge.service.d/override.conf
sed -i 's#"devices": \\[#"devices": [ { "id": "tse-2", "driver": "tse-pkcs11", "module": "/usr/lib/softhsm/libsofthsm2.so", "token": "edge", "pinFile": "/etc/fiskal-edge/tse.pin" },#' /etc/fiskal-edge/agent.json
`

let deb = ''
const boxes: Box[] = []

async function newBox(): Promise<Box> {
  // A kernel may allow each part of a machine and not the whole.
  const box = await (whyNoSystemd() === undefined ? systemdBox(deb).catch(() => folderBox(deb)) : folderBox(deb))
  boxes.push(box)
  return box
}

/** The same maintainer scripts under another version, and nothing to unpack. */
function otherVersion(version: string): Buffer {
  const tree = removedLater(mkdtempSync(join(tmpdir(), 'deb-')))
  execFileSync('dpkg-deb', ['-e', deb, join(tree, 'DEBIAN')])
  makeVersion(tree, version)
  const file = join(tree, 'other.deb')
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file], { stdio: 'pipe' })
  return readFileSync(file)
}

beforeAll(() => {
  deb = packageOfThisRun()
})

afterAll(async () => {
  for (const box of boxes) await box.close()
})

test('the package is small, complete, and the same bytes each time', () => {
  const field = (name: string): string => execFileSync('dpkg-deb', ['-f', deb, name], { encoding: 'utf8' }).trim()
  expect(statSync(deb).size).toBeLessThan(PACKAGE_LIMIT_BYTES)
  expect(Number(field('Installed-Size'))).toBeLessThan(INSTALLED_LIMIT_KIB)
  expect(field('Depends')).toBe('libc6 (>= 2.34), libstdc++6, libgcc-s1')
  const hash = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
  expect(hash(buildPackage())).toBe(hash(deb))
})

test('nothing in the package names a file whose types were stripped', () => {
  const tree = removedLater(mkdtempSync(join(tmpdir(), 'tree-')))
  execFileSync('dpkg-deb', ['-x', deb, tree])
  const program = join(tree, 'opt/fiskal-edge')
  const files = globSync('{agent,base,drivers,receiver,sync,verify}/**/*.js', { cwd: program })
  expect(files.length).toBeGreaterThan(400)
  const lines = files.flatMap((file) => readFileSync(join(program, file), 'utf8').split('\n'))
  expect(lines.filter((line) => /'[^']*\w\.ts'/.test(line) && !/^\s*(\/?\*|\/\/)/.test(line))).toEqual([])
})

test('a technician’s evening: install, sell, unplug, look, replug, back up, move to another box, verify', async () => {
  const old = await newBox()
  const installed = await old.install()
  expect([installed.code, installed.err], await old.log()).toEqual([0, expect.not.stringContaining('fiskal-edge:')])
  const opened = await ran(old, openShop(old.url))
  const [, register = '', key = ''] = /^shop: (\S+) (\S+)$/m.exec(opened) ?? []
  const shop: Shop = { url: old.url, register, key }
  expect(await ran(old, sell(shop, 1))).toMatch(/TSE-Signatur:\n[A-Za-z0-9+/]{42}\n/)

  expect(await ran(old, `curl -sSf ${old.url}/`)).toContain('<script')
  const scalar = `curl -sSf --compressed ${old.url}/docs/scalar.js | grep -c createApiReference`
  expect(Number(await ran(old, scalar))).toBeGreaterThan(0)
  await ran(old, "fiskal-edge fault tse-1 'unplugged@*'")
  expect(await ran(old, sell(shop, 2))).toContain('TSE ausgefallen')
  const ill = await old.sh('fiskal-edge doctor')
  expect([ill.code, ill.out]).toEqual([1, expect.stringMatching(/✖ tse-1 .* → Check cable and power/)])
  await ran(old, 'fiskal-edge fault tse-1 clear')
  expect(await untilWell(old)).toMatch(/! tse-1 +tse-simulator is ready/)
  expect(await ran(old, sell(shop, 3))).toContain('TSE-Signatur:')

  const file = join(old.home, 'shop.backup')
  const word = (box: Box): string => join(box.home, 'passphrase')
  await old.stop()
  await old.put(word(old), Buffer.from('a phone torch in the back room\n'))
  await ran(old, `fiskal-edge backup ${file} --final --passphrase-file ${word(old)}`)

  const next = await newBox()
  expect((await next.install()).code).toBe(0)
  await next.stop()
  const carried = join(next.home, 'shop.backup')
  await next.put(carried, await old.take(file))
  await next.put(word(next), Buffer.from('a phone torch in the back room\n'))
  // The state that the new box created blocks the restore; the message says how to put it aside.
  const inTheWay = await next.sh(`fiskal-edge restore ${carried} --passphrase-file ${word(next)}`)
  expect([inTheWay.code, inTheWay.err]).toEqual([1, expect.stringContaining(`mv ${next.state} ${next.state}.old`)])
  await ran(next, `mv ${next.state} ${next.state}.old`)
  await ran(next, `fiskal-edge restore ${carried} --passphrase-file ${word(next)}`)
  expect((await next.start()).code).toBe(0)
  const there = { ...shop, url: next.url }
  expect(await ran(next, sell(there, 3))).toBe(await ran(next, sell(there, 3)))
  expect(await ran(next, sell(there, 4))).toContain('TSE-Signatur:')
  expect(await ran(next, 'fiskal-edge journal verify')).toMatch(/^✔ /)
  const journal = join(next.home, 'journal.ndjson')
  const tar = join(next.home, 'tse.tar')
  await ran(next, `fiskal-edge export journal --out ${journal}; fiskal-edge export tse_tar --out ${tar}`)
  await ran(next, `fiskal-edge verify ${journal} ${tar}`)
  await untilWell(next)

  // The old box sells nothing now, and says why.
  const again = await old.sh('fiskal-edge run')
  expect([again.code, again.err]).toEqual([1, expect.stringMatching(/fiskal-edge: \w+: /)])
  if (next.kind === 'systemd') await upkeep(next)
})

/** The parts that need a machine: the service manager, the package manager, users. */
async function upkeep(box: Box): Promise<void> {
  const head = async (): Promise<string> => ran(box, 'fiskal-edge journal verify')
  const owners = 'stat -c %U:%a /var/lib/fiskal-edge; stat -c %U /proc/$(systemctl show -p MainPID --value fiskal-edge)'
  expect(await ran(box, owners)).toBe('fiskal-edge:700\nfiskal-edge\n')
  expect(await ran(box, 'find /var/lib/fiskal-edge ! -user fiskal-edge')).toBe('')

  // Killed, it restarts automatically.
  await ran(box, 'kill -KILL $(systemctl show -p MainPID --value fiskal-edge)')
  await until(
    box,
    `case "$(fiskal-edge service status --json)" in *'"state":"active"'*'"restarts":1'*) ;; *) exit 1 ;; esac`,
  )
  await untilWell(box)

  // A typo: doctor says where it is, and once it is corrected the agent starts automatically.
  await ran(box, `sed -i 's/"version"/"verson"/' /etc/fiskal-edge/agent.json; systemctl restart fiskal-edge || true`)
  await until(box, 'systemctl show -p StatusText fiskal-edge | grep config_invalid')
  const ill = await box.sh('fiskal-edge doctor')
  expect([ill.code, ill.out]).toEqual([1, expect.stringMatching(/✖ configuration .*verson: unknown key/)])
  await ran(box, `sed -i 's/"verson"/"version"/' /etc/fiskal-edge/agent.json`)
  await untilWell(box)

  // Another program has its port: it waits, doctor says what for, and it continues automatically.
  await ran(box, 'systemctl stop fiskal-edge')
  const taker = `require('net').createServer().listen(7070, '127.0.0.1')`
  await ran(box, `systemd-run --quiet --unit=taker /opt/fiskal-edge/bin/node -e "${taker}"`)
  await until(box, 'grep -q :1B9E /proc/net/tcp')
  await ran(box, 'systemctl start --no-block fiskal-edge')
  await until(
    box,
    'fiskal-edge doctor | grep "service .* is activating: address_in_use: .* → it continues automatically"',
  )
  await ran(box, 'systemctl stop taker')
  await untilWell(box)

  // A PIN that only root may read still reaches the device, through the hardened unit.
  await ran(box, TOKEN)
  expect(await ran(box, 'fiskal-edge service install')).toContain('fiskal-edge.service: ')
  expect(await ran(box, 'fiskal-edge device init tse-2')).toMatch(/state +ready/)
  await untilWell(box)

  // A package that is older than the journal is refused, and the present one continues.
  await box.put('/root/older.deb', otherVersion('0.0.1'))
  const older = await box.sh('dpkg -i /root/older.deb')
  expect([older.code, older.err]).toEqual([1, expect.stringContaining('fiskal-edge: journal_too_new: ')])
  await untilWell(box)

  // Reinstalled by the same package; then removed, and the records stay.
  const before = await ran(box, 'sha256sum /var/lib/fiskal-edge/checkpoint.key /etc/fiskal-edge/agent.json')
  await ran(box, 'dpkg -i /root/fiskal-edge.deb')
  expect(await ran(box, 'systemctl show -p NeedDaemonReload --value fiskal-edge')).toBe('no\n')
  expect(await head()).toMatch(/^✔ /)
  await ran(box, 'dpkg --remove fiskal-edge')
  expect(await ran(box, 'ls /opt; systemctl is-active fiskal-edge || true')).toContain('inactive')
  expect(await ran(box, 'dpkg --purge fiskal-edge')).toContain(
    'kept, because the law requires it: /var/lib/fiskal-edge',
  )
  expect(await ran(box, 'sha256sum /var/lib/fiskal-edge/checkpoint.key /etc/fiskal-edge/agent.json')).toBe(before)
  expect(await ran(box, 'test -f /var/lib/fiskal-edge/journal.db && echo kept')).toBe('kept\n')
}

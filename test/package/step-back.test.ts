// @module-tag heavy
import { cpSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SCHEMA } from '../../agent/journal/migrations.ts'
import { packageVersion } from '../../base/version.ts'
import { FOLDERS, PAPERS } from '../../scripts/package/contents.ts'
import { whyNoSystemd } from '../booted-systemd.ts'
import { ROOT, removedLater } from '../cli/command.ts'
import { execFileSync } from '../waits.ts'
import type { Box } from './box.ts'
import { systemdBox } from './box.ts'
import { buildPackageOf, makeVersion, packageOfThisRun, rewrite } from './build.ts'
import { ran } from './on-box.ts'
import type { Shop } from './walk-through.ts'
import { openShop, sell } from './walk-through.ts'

const PARTS = [...FOLDERS, 'bin', 'clients/typescript', 'docs', 'scripts', 'systemd']
const FILES = [...PAPERS, 'clients/openapi.json', 'package.json', 'package-lock.json', 'tsconfig.json']
const THIS = packageVersion()
const NEWER = '90.2.0'
const BROKEN = '90.2.1'
const FINAL = '90.3.0'
const BAD = '90.3.1'

const boxes: Box[] = []
let packages: { own: string; newer: string; broken: string; final: string; bad: string }

function temporary(): string {
  return removedLater(mkdtempSync(join(tmpdir(), 'deb-')))
}

function addMigration(program: string, type: 'js' | 'ts', schema: number, safe: string): void {
  const up = `CREATE TABLE duty_${schema} (id TEXT PRIMARY KEY) STRICT`
  const more = `  { schema: ${schema}, up: '${up}' },\n]\n\n`
  rewrite(join(program, `agent/journal/migrations.${type}`), /\]\n\n(?=\/\*\* The newest schema)/, more)
  const version = join(program, `base/version.${type}`)
  rewrite(version, /(?<=OLDEST_SAFE_VERSION(?:: ProgramVersion)? += ')[^']+/, safe)
}

/** A copy of this program with one more migration, which this one is safe after, and with its own projections. */
function newerTree(): string {
  const tree = temporary()
  for (const part of PARTS) cpSync(join(ROOT, part), join(tree, part), { recursive: true })
  for (const file of FILES) cpSync(join(ROOT, file), join(tree, file))
  symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'))
  addMigration(tree, 'ts', SCHEMA + 1, THIS)
  rewrite(join(tree, 'agent/config/schema.ts'), /(?=^ +deadlineMs: z)/m, 'levy: z.boolean().default(false),\n')
  rewrite(join(tree, 'agent/journal/migrations.ts'), /PROJECTION_VERSION = \d+/, 'PROJECTION_VERSION = 900')
  rewrite(join(tree, 'package.json'), `"version": "${THIS}"`, `"version": "${NEWER}"`)
  return tree
}

/** Another version of a package, with changes of its program and of what its scripts know. */
function changed(deb: string, version: string, safe: string, change: (program: string) => void): string {
  const tree = temporary()
  execFileSync('dpkg-deb', ['-R', deb, tree])
  makeVersion(tree, version)
  rewrite(join(tree, 'DEBIAN/control'), /^Fiskal-Edge-Min-Safe: .*$/m, `Fiskal-Edge-Min-Safe: ${safe}`)
  const program = join(tree, 'opt/fiskal-edge')
  rewrite(join(program, 'package.json'), /"version":"[^"]+"/, `"version":"${version}"`)
  change(program)
  const file = join(temporary(), `fiskal-edge_${version}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '--build', tree, file], { stdio: 'pipe' })
  return file
}

beforeAll(() => {
  if (whyNoSystemd() !== undefined) return
  const newer = buildPackageOf(newerTree())
  const final = changed(newer, FINAL, FINAL, (program) => addMigration(program, 'js', SCHEMA + 2, FINAL))
  const bad = changed(final, BAD, FINAL, (program) =>
    rewrite(join(program, 'agent/main.js'), /^/, "if (process.argv.includes('run')) process.exit(7)\n"),
  )
  const broken = changed(newer, BROKEN, THIS, (program) =>
    rewrite(join(program, '../../DEBIAN/postinst'), /^#!\/bin\/sh\n/, '#!/bin/sh\n[ "$1" = configure ] && exit 1\n'),
  )
  packages = { own: packageOfThisRun(), newer, broken, final, bad }
})

afterAll(async () => {
  for (const box of boxes) await box.close()
})

function warnings(box: Box): Promise<string> {
  return ran(box, `curl -s ${box.url}/readyz`)
}

function pid(box: Box): Promise<string> {
  return ran(box, 'systemctl show -p MainPID --value fiskal-edge')
}

test.skipIf(whyNoSystemd() !== undefined)(
  'a shop sells on over a step forward, a step back, and one that is refused',
  async () => {
    const box = await systemdBox(packages.own)
    boxes.push(box)
    for (const [name, file] of Object.entries(packages)) await box.put(`/root/${name}.deb`, readFileSync(file))
    expect((await box.install()).code).toBe(0)
    const [, register = '', key = ''] = /^shop: (\S+) (\S+)$/m.exec(await ran(box, openShop(box.url))) ?? []
    const shop: Shop = { url: box.url, register, key }
    const first = await ran(box, sell(shop, 1))

    // Nothing is kept yet: a person has to know that before anything stops.
    const unasked = await box.sh('fiskal-edge update /root/newer.deb')
    expect([unasked.code, unasked.err]).toEqual([
      1,
      expect.stringMatching(new RegExp(`The package of ${THIS} is not kept.*--yes.*Nothing was done`, 's')),
    ])
    expect(await ran(box, 'dpkg-query -s fiskal-edge')).toContain(`Version: ${THIS.replace('-', '~')}\n`)
    const forward = await ran(box, 'fiskal-edge update --yes /root/newer.deb')
    expect(forward).toContain(`the package of ${THIS} is not kept`)
    expect(forward).toMatch(/backup: \/var\/cache\/fiskal-edge-packages\/before-\S+\.backup/)
    expect(forward).toContain(`fiskal-edge ${NEWER} is installed and sells`)
    await ran(box, sell(shop, 2))
    expect(await warnings(box)).not.toContain('journal_newer')

    const unnamed = await box.sh('fiskal-edge update --back')
    expect([unnamed.code, unnamed.err]).toEqual([1, expect.stringContaining('update_no_package')])
    expect(await ran(box, 'fiskal-edge update --back /root/own.deb')).toContain(
      `fiskal-edge ${THIS} is installed and sells`,
    )
    expect(await ran(box, sell(shop, 1))).toBe(first)
    await ran(box, sell(shop, 3))
    expect(await warnings(box)).toContain('journal_newer')
    const verified = await box.sh('fiskal-edge journal verify')
    const withIt = expect.stringContaining(`by fiskal-edge ${NEWER}: verify with it`)
    expect([verified.code, verified.out]).toEqual([1, withIt])
    expect(verified.out.match(/\(\w+_\w+\)/g)).toEqual(['(version_too_old)'])

    expect(await ran(box, 'fiskal-edge update --back')).toContain(`fiskal-edge ${NEWER} is installed and sells`)
    expect(await ran(box, sell(shop, 1))).toBe(first)
    await ran(box, sell(shop, 4))
    expect(await warnings(box)).not.toContain('journal_newer')
    expect(await ran(box, 'fiskal-edge journal verify')).toMatch(/^✔ /)
    expect(await ran(box, 'head -1 /var/lib/fiskal-edge/journal.version')).toBe(`${SCHEMA + 1}\n`)

    await stopsNothing(box)
    await finished(box, shop, first)
    await refusedSteps(box, shop, first)
  },
)

/** What can be known before the installation is found before the shop stops. */
async function stopsNothing(box: Box): Promise<void> {
  const running = await pid(box)
  const cut = await box.sh('head -c -100000 /root/final.deb >/root/cut.deb; fiskal-edge update --yes /root/cut.deb')
  expect([cut.code, cut.err]).toEqual([1, expect.stringMatching(/update_package_damaged: .*cut off or damaged/)])
  const held = 'flock /var/lib/dpkg/lock-frontend'
  const busy = await box.sh(`${held} fiskal-edge update --yes /root/final.deb`)
  expect([busy.code, busy.err]).toEqual([1, expect.stringMatching(/update_busy: process \d+ \(flock\) installs/)])
  // The given package reads agent.json itself: it does not know a key of the present one.
  await ran(box, `sed -i 's/"version": 1,/"version": 1, "levy": true,/' /etc/fiskal-edge/agent.json`)
  const asked = await box.sh('fiskal-edge update --back /root/own.deb')
  expect([asked.code, asked.err, asked.out]).toEqual([
    1,
    expect.stringContaining('update_refused'),
    expect.stringContaining('levy'),
  ])
  await ran(box, `sed -i 's/ "levy": true,//' /etc/fiskal-edge/agent.json`)
  expect(await pid(box)).toBe(running)
}

/** An installation that failed in the middle is finished by the package that was sold with before. */
async function finished(box: Box, shop: Shop, first: string): Promise<void> {
  expect((await box.sh('dpkg -i /root/broken.deb')).code).toBe(1)
  const out = await ran(box, 'fiskal-edge update /root/newer.deb')
  expect(out).toContain('the package is half installed: this finishes it')
  expect(out).toContain(`fiskal-edge ${NEWER} is installed and sells`)
  expect(await ran(box, sell(shop, 1))).toBe(first)
}

/** After a migration that older programs are not safe with. */
async function refusedSteps(box: Box, shop: Shop, first: string): Promise<void> {
  const asked = await box.sh('fiskal-edge update /root/final.deb')
  expect([asked.code, asked.err]).toEqual([1, expect.stringContaining(`There is no way back from ${FINAL}`)])
  expect(await ran(box, 'fiskal-edge update --yes /root/final.deb')).toContain(
    `fiskal-edge ${FINAL} is installed and sells`,
  )
  // With its first event there is no way back.
  await ran(box, sell(shop, 7))
  const running = await pid(box)
  const back = await box.sh('fiskal-edge update --back')
  expect([back.code, back.err]).toEqual([1, expect.stringContaining('journal_too_new')])
  const plain = await box.sh('dpkg -i /root/newer.deb')
  expect([plain.code, plain.err]).toEqual([1, expect.stringContaining(`fiskal-edge: journal_too_new: `)])
  expect(await pid(box)).toBe(running)
  expect(await ran(box, sell(shop, 1))).toBe(first)
  await ran(box, sell(shop, 5))

  const undone = await box.sh('fiskal-edge update /root/bad.deb')
  expect([undone.code, undone.err]).toEqual([1, expect.stringContaining(`${FINAL} is installed again and sells`)])
  expect(await ran(box, sell(shop, 1))).toBe(first)
  await ran(box, sell(shop, 6))
  expect(await ran(box, 'fiskal-edge journal verify')).toMatch(/^✔ /)
  // The session of the walk-through is open, so that there is no package, and nothing else is found.
  const audit = await box.sh('fiskal-edge audit --out /root/audit')
  expect(audit.out.match(/\(\w+_\w+\)/g), audit.out).toEqual(['(export_dsfinvk_no_closed_sessions)', '(session_open)'])
  expect(await ran(box, 'ls /root/audit')).toContain('journal.ndjson')
}

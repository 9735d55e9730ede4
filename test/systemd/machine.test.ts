// @module-tag heavy
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bootSystemd, whyNoSystemd } from '../booted-systemd.ts'
import { ROOT } from '../cli/command.ts'
import { spawnSync } from '../waits.ts'

const NOBODY = 65_534

test('a machine boots, runs a unit in its own sandbox, keeps its changes to itself and leaves nothing behind', async ({
  skip,
}) => {
  const whyNot = whyNoSystemd()
  if (whyNot !== undefined) skip(whyNot)
  const [machine, other] = [await bootSystemd(), await bootSystemd()]
  try {
    writeFileSync(
      join(machine.root, 'etc/systemd/system/said.service'),
      '[Service]\nType=oneshot\nRemainAfterExit=yes\nDynamicUser=yes\nExecStart=/bin/sh -c "id -un; ! touch /etc/mine"\n',
    )
    const started = await machine.sh('systemctl daemon-reload; systemctl start said; journalctl -u said -o cat')
    expect([started.code, started.out], started.err).toEqual([0, expect.stringMatching(/^said$/m)])
    await machine.sh('touch /etc/of-the-machine')
    expect((await other.sh('! test -e /etc/of-the-machine; ! systemctl is-active said')).code).toBe(0)
    expect(readdirSync('/etc')).not.toContain('of-the-machine')
    // In no cgroup of another machine: systemd ends every process that it finds in the one of a unit.
    expect((await other.sh('systemd-run --quiet --unit=said sleep 1000')).code).toBe(0)
    expect((await machine.sh('systemctl stop said')).code).toBe(0)
    expect((await other.sh('systemctl is-active said')).out).toBe('active\n')
  } finally {
    await Promise.all([machine.close(), other.close()])
  }
  for (const { root } of [machine, other]) expect(() => readdirSync(root)).toThrow('ENOENT')
  const cgroups = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t cgroup2 c /mnt && ls /mnt'], { encoding: 'utf8' })
  const names = [machine, other].map(({ cgroup }) => cgroup)
  expect(cgroups.stdout.split('\n').filter((name) => names.includes(name))).toEqual([])
})

test('a test that cannot boot its machine is skipped, says why, and does not count as failed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skips-'))
  try {
    const config = join(folder, 'vitest.config.ts')
    const imports = (name: string, from: string): string =>
      `import { ${name} } from ${JSON.stringify(join(ROOT, from))}\n`
    const reporter = imports('PlainReporter', 'scripts/tests/plain-reporter.ts')
    writeFileSync(config, `${reporter}export default { test: { reporters: [new PlainReporter()] } }\n`)
    writeFileSync(
      join(folder, 'lacking.test.ts'),
      `${imports('test', 'node_modules/vitest/dist/index.js')}${imports('machineOfThisFile', 'test/booted-systemd.ts')}
const machine = machineOfThisFile(async () => undefined)
test('asks for a machine', () => { machine() })\n`,
    )
    writeFileSync(
      join(folder, 'silent.test.ts'),
      `${imports('test', 'node_modules/vitest/dist/index.js')}test.skip('holds nothing', () => {})\n`,
    )
    spawnSync('chown', ['-R', String(NOBODY), folder])
    const vitest = [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      folder,
      '--config',
      config,
      '--configLoader',
      'native',
    ]
    const run = (...files: string[]): string =>
      spawnSync(process.execPath, [...vitest, ...files], {
        encoding: 'utf8',
        ...(process.getuid?.() === 0 && { uid: NOBODY }),
        env: { PATH: process.env['PATH'], HOME: folder },
      }).stdout
    expect(run('lacking')).toMatch(
      /not run: only root may boot a systemd in namespaces\n[\s\S]*\n0 passed, 0 failed\n$/,
    )
    expect(run('silent')).toMatch(/0 passed, 1 failed\n$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

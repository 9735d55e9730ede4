// @module-tag heavy
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { onLastingDisk } from '../lasting-disk.ts'
import { once, spawnSync } from '../waits.ts'
import type { Ran } from './command.ts'
import { BIN, ownConfig, ownTill, removedLater, runDaemon, startDaemon } from './command.ts'

/** A user whose state it is, as the service's. */
const OTHER = 12_345

/** A machine with its own mounts: a process that keeps them, and commands that run with them. */
async function machine(): Promise<{
  run: (...args: string[]) => Ran
  mount: (folder: string) => void
  unmount: (folder: string) => void
}> {
  const keeper = spawn('unshare', ['-m', 'sh', '-c', 'echo kept; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void keeper.kill())
  await once(keeper.stdout, 'data')
  const inside = (command: readonly string[], env = process.env): Ran => {
    const ran = spawnSync('nsenter', ['-m', '-t', String(keeper.pid), ...command], { encoding: 'utf8', env })
    return { code: ran.status, out: ran.stdout, err: ran.stderr }
  }
  const done = ({ code, err }: Ran): void => expect([code, err]).toEqual([0, ''])
  return {
    run: (...args) => inside([process.execPath, BIN, ...args], onLastingDisk()),
    mount: (folder) => done(inside(['mount', '-t', 'tmpfs', 'stick', folder])),
    unmount: (folder) => done(inside(['umount', folder])),
  }
}

/** A journal of a resting agent, and the folder of a stick. */
async function shop(more: object = {}): Promise<{ config: string; state: string; stick: string }> {
  const config = ownTill(undefined, more)
  const folder = dirname(config)
  const daemon = await runDaemon(config)
  daemon.child.kill('SIGTERM')
  await daemon.ended
  mkdirSync(join(folder, 'stick'))
  return { config, state: join(folder, 'state'), stick: join(folder, 'stick') }
}

const isRoot = process.getuid?.() === 0

test.runIf(isRoot)(
  'backup writes to a stick, nothing to its mount point while it is unplugged, and to the next one',
  async () => {
    const { config, stick } = await shop()
    const { run, mount, unmount } = await machine()
    const backup = (...paths: string[]): Ran => run('backup', join(...paths), '--no-secrets', '--config', config)
    mount(stick)
    expect(backup(stick)).toMatchObject({ code: 0, err: '' })
    unmount(stick)
    for (const paths of [[stick], [stick, 'named.backup']]) {
      const { code, err } = backup(...paths)
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/backup_disk_missing: .*stick was on another disk before.*Nothing was written there/),
      ])
    }
    expect(readdirSync(stick)).toEqual([])
    mount(stick)
    expect(backup(stick)).toMatchObject({ code: 0, err: '' })
  },
)

test.runIf(isRoot)('a backup by root of the state of another user remembers the stick as that user', async () => {
  const { config, state, stick } = await shop()
  chmodSync(dirname(config), 0o755)
  for (const path of [
    state,
    ...readdirSync(state, { recursive: true, encoding: 'utf8' }).map((name) => join(state, name)),
  ])
    chownSync(path, OTHER, OTHER)
  const { run, mount, unmount } = await machine()
  mount(stick)
  expect(run('backup', stick, '--no-secrets', '--config', config)).toMatchObject({ code: 0, err: '' })
  expect(statSync(join(state, 'places.json')).uid).toBe(OTHER)
  unmount(stick)
  expect(run('backup', stick, '--no-secrets', '--config', config)).toMatchObject({
    code: 1,
    err: expect.stringContaining('backup_disk_missing: '),
  })
  expect(readdirSync(stick)).toEqual([])
})

test.runIf(isRoot)(
  'doctor fails for a folder whose stick is unplugged, and warns of one that was never elsewhere',
  async () => {
    const { config, state, stick } = await shop({ backup: { folder: 'stick' } })
    const { run, mount, unmount } = await machine()
    const told = (): RegExpExecArray | null => /^(.) place +(.*)$/m.exec(run('doctor', '--config', config).out)
    expect(told()?.slice(1)).toEqual([
      '!',
      expect.stringContaining('is on the disk of the journal: if that disk fails'),
    ])
    mount(stick)
    expect(told()?.slice(1)).toEqual(['✔', expect.stringMatching(/stick \("backup"\) is on another disk$/)])
    writeFileSync(join(state, 'places.json'), JSON.stringify({ v: 1, elsewhere: [stick] }))
    unmount(stick)
    expect(told()?.slice(1)).toEqual([
      '✖',
      expect.stringMatching(/nothing is written there → plug in and mount that disk/),
    ])
    expect(run('doctor', '--config', config).code).toBe(1)
  },
)

test.runIf(isRoot)('a state in memory is a failure of doctor and an alarm of the agent', async () => {
  const { config, state } = await shop()
  // Like the program itself, wherever the tests run.
  const behind = ['-m', 'sh', '-c', `mount -t tmpfs ram ${state} && exec "$0" "$@"`, process.execPath, BIN]
  const doctor = spawnSync('unshare', [...behind, 'doctor', '--config', config], { encoding: 'utf8' })
  expect([doctor.status, doctor.stdout]).toEqual([
    1,
    expect.stringMatching(
      /✖ state disk +.*state is in memory \(tmpfs\): a power cut takes the journal with it → sell nothing/,
    ),
  ])
  const daemon = await startDaemon('unshare', [...behind, 'run', '--config', config], process.env)
  const warnings = async () => {
    const ready = (await (await fetch(`${daemon.url}/readyz`)).json()) as {
      warnings: { code: string; severity: string }[]
    }
    return ready.warnings
  }
  // The disk is looked at after the start.
  await expect.poll(warnings).toContainEqual(expect.objectContaining({ code: 'state_volatile', severity: 'alarm' }))
  daemon.child.kill('SIGTERM')
  await daemon.ended
})

test('a state and copies in a temporary folder are warnings of doctor and of config check', () => {
  const state = removedLater(mkdtempSync('/var/tmp/fiskal-edge-'))
  const file = ownConfig([], { state, backup: { folder: '/var/tmp' } })
  // Like the program itself, wherever the tests run.
  const run = (...args: string[]) => spawnSync(process.execPath, [BIN, ...args], { encoding: 'utf8' })
  const why = 'in /var/tmp, which is emptied when the service or the machine stops'
  const findings = run('doctor', '--config', file).stdout.split('\n')
  expect(findings.filter((line) => line.includes(why))).toEqual([
    expect.stringMatching(/^! state disk .* \(state_volatile\) → fiskal-edge backup FILE --final, .*"state"/),
    expect.stringMatching(/^! place +"backup": .* \(state_volatile\) → name a folder on another disk or a stick/),
  ])
  const checked = run('config', 'check', file)
  expect([checked.status, checked.stdout.match(/^! .*/gm)]).toEqual([
    0,
    [`! "state": ${state} is ${why}`, `! "backup": /var/tmp is ${why}`].map((start) => expect.stringContaining(start)),
  ])
  const { warnings } = JSON.parse(run('config', 'check', file, '--json').stdout) as { warnings: string[] }
  expect(warnings).toHaveLength(2)
})

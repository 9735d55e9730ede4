// @module-tag heavy
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MachineVouching } from '../../agent/devices/machine-vouching.ts'
import { StepWatch } from '../../agent/process/clock-steps.ts'
import { ManualClock } from '../manual-clock.ts'

const NOW = Date.parse('2026-11-20T19:00:00Z')

/** A machine with these commands and no others, each a shell script with that text. */
async function machine(commands: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'path-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const say = async (command: string, script: string): Promise<void> => {
    await writeFile(join(folder, command), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, command), 0o755)
  }
  for (const [command, script] of Object.entries(commands)) await say(command, script)
  const clock = new ManualClock(NOW)
  return { clock, say, vouching: new MachineVouching({ PATH: folder }, clock, new StepWatch(clock)) }
}

/** A line of chronyc(1), whose reference is of that time. */
function tracking(reference: string, leap = 'Normal'): string {
  const seconds = (Date.parse(reference) / 1000).toFixed(9)
  return `echo 'A29FC87B,162.159.200.123,4,${seconds},-0.000004,-0.000129,0.0001,-3.7,0.002,0.03,0.01,0.001,64.2,${leap}'`
}

test('the flag of the kernel vouches for the clock while it is set', async () => {
  const { say, vouching } = await machine({ timedatectl: 'echo NTPSynchronized=yes' })
  expect(await vouching.ask()).toBe('ntp')
  await say('timedatectl', 'echo NTPSynchronized=no')
  expect(await vouching.ask()).toBeUndefined()
  await say('timedatectl', 'echo "Failed to connect to bus" >&2; exit 1')
  expect(await vouching.ask()).toBeUndefined()
})

test('an answer counts for the step that it was asked behind, not for one during it', async () => {
  const { clock, say, vouching } = await machine({ timedatectl: 'echo NTPSynchronized=yes' })
  await say('timedatectl', 'echo yes')
  const asked = vouching.ask()
  clock.jump(-3_600_000)
  expect(await asked).toBeUndefined()
  expect(await vouching.ask()).toBe('ntp')
})

test('without D-Bus chrony vouches once it has updated after the step', async () => {
  const { clock, say, vouching } = await machine({ chronyc: tracking('2026-11-20T18:59:00Z') })
  expect(await vouching.ask()).toBeUndefined()
  await clock.advance(30_000)
  await say('chronyc', tracking('2026-11-20T19:00:20Z'))
  expect(await vouching.ask()).toBe('chrony')
  await say('chronyc', tracking('2026-11-20T19:00:20Z', 'Not synchronised'))
  expect(await vouching.ask()).toBeUndefined()
  await say('chronyc', 'echo 506 Cannot talk to daemon; exit 1')
  expect(await vouching.ask()).toBeUndefined()
})

test('an hour set back by hand leaves chrony the reference of before, which never vouches', async () => {
  const { clock, say, vouching } = await machine({ chronyc: tracking('2026-11-20T19:58:00Z') })
  expect(await vouching.ask()).toBeUndefined()
  await clock.advance(3_540_000)
  expect(await vouching.ask()).toBeUndefined()
  await say('chronyc', tracking('2026-11-20T19:58:30Z'))
  expect(await vouching.ask()).toBe('chrony')
})

test('chrony is not asked if the kernel says no, and the clock is not vouched for if neither exists', async () => {
  const asked = await machine({ timedatectl: 'echo NTPSynchronized=no', chronyc: tracking('2026-11-20T19:00:20Z') })
  expect(await asked.vouching.ask()).toBeUndefined()
  expect(await (await machine({})).vouching.ask()).toBeUndefined()
})

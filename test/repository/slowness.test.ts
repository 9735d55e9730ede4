import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { budgetOf } from '../../scripts/tests/choice.ts'
import type { Costs } from '../../scripts/tests/costs.ts'
import { crowded, slowness, slownessOf } from '../../scripts/tests/slowness.ts'
import type { Running } from '../../scripts/tests/watchdog.ts'
import { Watchdog } from '../../scripts/tests/watchdog.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'

const SPEED = { startMs: 100, memoryMs: 100, computeMs: 100 }
const COSTS: Costs = {
  speed: SPEED,
  lightCpuS: 0,
  dearestLight: { name: 'a.test.ts > cheap', cpuS: 0.1 },
  smoke: {},
  heavy: [{ file: 'a.test.ts', name: 'dear', tests: 1, cpuS: 30, clockS: 30 }],
}

test.each([
  { slowest: 100, factor: 1 },
  { slowest: 120, factor: 1 },
  { slowest: 121, factor: 1.5 },
  { slowest: 260, factor: 3 },
  { slowest: 480, factor: 4 },
  { slowest: 5000, factor: 5 },
])('the largest ratio to the reference decides: $slowest for 100 is slowness $factor', ({ slowest, factor }) => {
  for (const member of ['startMs', 'memoryMs', 'computeMs'] as const)
    expect(slownessOf({ ...SPEED, [member]: slowest }, SPEED)).toBe(factor)
})

test('a slowness that is handed down is a number from 1 to 5', () => {
  expect(slowness({})).toBe(1)
  expect(slowness({ TEST_SLOWNESS: '2.5' })).toBe(2.5)
  for (const wrong of ['0.5', '6', 'fast', '']) expect(() => slowness({ TEST_SLOWNESS: wrong })).toThrow('1 to 5')
})

test.each([
  { load: 0.2, times: 1 },
  { load: 5, times: 2.5 },
  { load: 90, times: 10 },
])('a wait is $times times as long on two cores with a load of $load', ({ load, times }) => {
  expect(crowded(load, 2)).toBe(times)
})

test('a slow machine may compute as much less as it is slower; without a budget a run has all', () => {
  expect(budgetOf(1, 2, undefined)).toBe(918)
  expect(budgetOf(3, 2, undefined)).toBe(306)
  expect(budgetOf(3, 2, 'none')).toBeUndefined()
  expect(() => budgetOf(3, 2, '9')).toThrow('TEST_BUDGET is 9')
})

/** A process that waits for ever, as a process of tests that said what it does; the watchdog by a clock of the test. */
async function watched(tests: readonly string[]) {
  const folder = join(await temporaryDirectory(), 'running')
  mkdirSync(folder)
  const child = spawn('sleep', ['infinity'])
  const running: Running = { file: 'a.test.ts', tests, served: [] }
  writeFileSync(join(folder, String(child.pid)), JSON.stringify(running))
  writeFileSync(join(folder, '1'), '{ "half')
  const at = { nowMs: 0, computedMs: 0 }
  const written: string[] = []
  const here = {
    nowMs: () => at.nowMs,
    computedMs: () => at.computedMs,
    crowded: () => 1,
    isLong: false,
    write: (text: string) => written.push(text),
  }
  const dog = new Watchdog({ ...here, folder: () => folder }, COSTS)
  const look = (nowS: number, computedS: number): boolean => {
    Object.assign(at, { nowMs: nowS * 1000, computedMs: computedS * 1000 })
    dog.look()
    return written.length > 0
  }
  return { child, look, written, ended: once(child, 'exit'), factor: slowness() }
}

test('a process that computes nothing for a minute is ended, with the names of its tests', async () => {
  const { child, look, written, ended, factor } = await watched(['one', 'other'])
  expect(look(0, 1)).toBe(false)
  expect(look(50 * factor, 1.3)).toBe(false)
  expect(look(109 * factor, 1.4)).toBe(false)
  expect(look(111 * factor, 1.4)).toBe(true)
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(written).toEqual([
    expect.stringContaining(`✖ a.test.ts > one, other\n    process ${child.pid} hangs and is ended: it did nothing`),
  ])
})

test('a process that computes twenty times what its test costs is ended, however fast the machine is', async () => {
  const { look, written, ended, factor } = await watched(['dear'])
  expect(look(0, 1)).toBe(false)
  expect(look(1, 1 + 660 * factor)).toBe(false)
  expect(look(2, 1.1 + 660 * factor)).toBe(true)
  expect(await ended).toEqual([null, 'SIGKILL'])
  expect(written[0]).toContain('it computed for')
})

import { expect, test } from 'vitest'
import { KillRun } from './kill-run.ts'

const KILLS = 15
const READY_LIMIT_MS = 1_000
/** A Node with the agent's libraries on a quiet machine; where it takes longer, everything does. */
const BARE_START_MS = 110

test('killed 15 times at seeded moments, the daemon is back within a second and every invariant holds', async () => {
  const { kills, broken, answers, readyMs, bareMs } = await new KillRun(20_261_120).run(KILLS)
  expect(broken).toEqual([])
  expect(kills).toBe(KILLS)
  expect(answers).toBeGreaterThan(KILLS)
  const slowness = Math.max(1, median(bareMs) / BARE_START_MS)
  expect(median(readyMs)).toBeLessThan(READY_LIMIT_MS * slowness)
}, 300_000)

function median(ascending: readonly number[]): number {
  return ascending[Math.floor(ascending.length / 2)] ?? Number.POSITIVE_INFINITY
}

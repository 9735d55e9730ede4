import { expect, test } from 'vitest'
import { KillRun } from './kill-run.ts'

const KILLS = 15

// `node test/crash/kill-loop.ts` reports the duration of a restart, next to a start of Node in the same run.
test('killed 15 times at seeded moments, the daemon is back each time and every invariant holds', async () => {
  const { kills, broken, answers } = await new KillRun(20_261_120).run(KILLS)
  expect(broken).toEqual([])
  expect(kills).toBe(KILLS)
  expect(answers).toBeGreaterThan(KILLS)
})

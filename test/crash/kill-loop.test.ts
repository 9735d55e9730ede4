// @module-tag heavy
import { expect, test } from 'vitest'
import { smoke } from '../tags.ts'
import { KillRun } from './kill-run.ts'

// `node test/crash/kill-loop.ts` reports the duration of a restart, next to a start of Node in the same run.
test.each([15])('killed %i times at seeded moments, the daemon is back each time and every invariant holds', survives)

test('killed a few times, the daemon as it is shipped is back each time and every invariant holds', smoke(), () =>
  survives(4),
)

async function survives(times: number): Promise<void> {
  const { kills, broken, answers } = await new KillRun(20_261_120).run(times)
  expect(broken).toEqual([])
  expect(kills).toBe(times)
  expect(answers).toBeGreaterThan(times)
}

import { expect, test } from 'vitest'
import { progressOf } from '../../agent/till/duty-records.ts'
import type { AuthorityAnswer } from '../../drivers/ports/authority.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { account, answer, deskOf, none, timing, unitDuty } from './duty-bench.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const calm = { ...timing, retryMinMs: 60_000, retryMaxMs: HOUR_MS, checkAgainMs: DAY_MS }
const START_MS = Date.parse('2026-11-27T10:00:00Z')
const duty = unitDuty('aa')

/** One run of the agent on the journal in `directory`. `triedMs`: the times of its tries since its start. */
async function run(directory: string, nowMs: number, answered: Partial<AuthorityAnswer>) {
  const clock = new ManualClock(nowMs)
  const triedMs: number[] = []
  const { account: shop } = account({
    ask: async () => {
      triedMs.push(Number(clock.mono() / 1_000_000n))
      return answer({ effect: 'none', status: none })
    },
    send: async () => answer({ effect: 'none', ...answered }),
  })
  const { desk, journal, close } = await deskOf(shop, () => [duty], { clock, timing: calm, directory })
  const progress = () => progressOf(journal.view, duty.task.id, 'P')
  desk.start()
  return { clock, triedMs, progress, close }
}

async function until(isSo: () => boolean, clock: ManualClock, stepMs = 0): Promise<void> {
  while (!isSo()) await clock.advance(stepMs)
}

test.each([
  ['later', '14', 60_000],
  ['later_day', 'B38', DAY_MS],
] as const)('an answer of the class %s (%s) journals the next try %d ms later', async (kind, rc, ms) => {
  const { clock, progress } = await run(await temporaryDirectory(), START_MS, { class: kind, rc: [rc] })
  await until(() => progress()?.state === 'queued', clock)
  expect(progress()).toMatchObject({ attempts: 0, next_try_at: new Date(START_MS + ms).toISOString() })
})

test('an account that pauses journals no time for its duty', async () => {
  const { clock, progress } = await run(await temporaryDirectory(), START_MS, { class: 'pause', rc: ['-2'] })
  await until(() => progress()?.state === 'queued', clock)
  expect(progress()).not.toHaveProperty('next_try_at')
})

test('a start waits for the journalled time of the next try', async () => {
  const directory = await temporaryDirectory()
  const first = await run(directory, START_MS, { class: 'later_day', rc: ['B38'] })
  await until(() => first.progress()?.state === 'queued', first.clock)
  await first.close()
  const next = await run(directory, START_MS + 20 * HOUR_MS, { class: 'later_day', rc: ['B38'] })
  await until(() => next.triedMs.length > 0, next.clock, 60_000)
  expect(next.triedMs).toEqual([4 * HOUR_MS])
})

test.each([-365 * DAY_MS, 365 * DAY_MS])('a start whose wall clock was set by %d ms tries at once', async (ms) => {
  const directory = await temporaryDirectory()
  const first = await run(directory, START_MS, { class: 'later_day', rc: ['B38'] })
  await until(() => first.progress()?.state === 'queued', first.clock)
  await first.close()
  const next = await run(directory, START_MS + ms, { class: 'later_day', rc: ['B38'] })
  await until(() => next.triedMs.length > 0, next.clock)
  expect(next.triedMs[0]).toBe(0)
})

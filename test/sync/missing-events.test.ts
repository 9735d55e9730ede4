import { expect, test } from 'vitest'
import { MissingEvents } from '../../sync/missing-events.ts'
import { ManualClock } from '../manual-clock.ts'

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE

/** How long something is missing, in minutes, by a clock that is off by `offMs`. */
function bench() {
  const clock = new ManualClock(Date.parse('2028-08-01T10:00:00Z'))
  const off = { ms: 0 }
  const missing = new MissingEvents({
    now: () => clock.now() + off.ms,
    mono: () => clock.mono(),
    after: (delayMs, act) => clock.after(delayMs, act),
  })
  const minutes = () => Math.round((clock.now() + off.ms - (missing.sinceMs ?? 0)) / MINUTE)
  return { clock, off, missing, minutes }
}

test('a clock that jumps a year ahead makes no event a year old that has waited for two minutes', async () => {
  const { clock, off, missing, minutes } = bench()
  missing.since()
  await clock.advance(2 * MINUTE)
  off.ms = YEAR
  expect(minutes()).toBe(2)
  off.ms = 0
  expect(minutes()).toBe(2)
})

test('nor does one that was a year slow and is set right', async () => {
  const { clock, off, missing, minutes } = bench()
  off.ms = -YEAR
  missing.since(clock.now() - YEAR - MINUTE)
  await clock.advance(2 * MINUTE)
  off.ms = 0
  expect(minutes()).toBe(3)
})

test('waiting time counted while the clock ran ahead still counts once it is right', async () => {
  const { clock, off, missing, minutes } = bench()
  const madeMs = clock.now() - 5 * MINUTE
  off.ms = YEAR
  missing.since(madeMs)
  await clock.advance(2 * MINUTE)
  off.ms = 0
  expect(minutes()).toBe(7)
})

import { expect, test } from 'vitest'
import { ClockWatch } from '../../agent/journal/clock-watch.ts'
import { ManualClock } from '../manual-clock.ts'

const BEGIN_MS = Date.parse('2026-11-20T10:00:00Z')

/** A clock, and a watch that has seen an event of its begin. */
function watched() {
  const clock = new ManualClock(BEGIN_MS)
  const watch = new ClockWatch(clock)
  watch.marks(true)
  return { clock, watch }
}

test('a clock that is set back between the time of a document and its event moves neither before the other', () => {
  const { clock, watch } = watched()
  clock.jump(2)
  const given = watch.now()
  expect(given).toBe(BEGIN_MS + 2)
  clock.jump(-50_000)
  expect(watch.now()).toBe(given)
})

test('a time that is more than a minute ahead of the clock is not given again', () => {
  const { clock, watch } = watched()
  clock.jump(59_000)
  expect(watch.now()).toBe(BEGIN_MS + 59_000)
  clock.jump(-61_000)
  expect([watch.now(), watch.isSuspect]).toEqual([BEGIN_MS, false])
})

test('after a confirmation the clock gives its own time', () => {
  const { clock, watch } = watched()
  clock.jump(30_000)
  watch.now()
  clock.jump(-20_000)
  watch.trust(7)
  expect(watch.now()).toBe(BEGIN_MS + 10_000)
})

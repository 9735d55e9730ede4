import { expect, test } from 'vitest'
import { ReconcileRetries } from '../../agent/till/recording/reconcile-retries.ts'
import { ManualClock } from '../manual-clock.ts'

/** A device that explains nothing: when it was asked, in seconds since the first answer. */
function askedAt(clock: ManualClock): { retries: ReconcileRetries; seconds: number[] } {
  const retries = new ReconcileRetries(clock)
  const seconds: number[] = []
  const ask = (): void => {
    seconds.push(Number(clock.mono()) / 1e9)
    retries.later('tse-1', ask)
  }
  retries.later('tse-1', ask)
  return { retries, seconds }
}

test('the question is repeated after 1, 2, 5 and 10 s, then every 20 s, after ten minutes every 2 minutes', async () => {
  const clock = new ManualClock()
  const { seconds } = askedAt(clock)
  await clock.advance(3_600_000)
  const pauses = seconds.map((at, index) => Math.round(1000 * (at - (seconds[index - 1] ?? 0))) / 1000)
  const plain = [1, 2, 5, 10]
  for (const [index, pause] of pauses.entries()) {
    const before = seconds[index - 1] ?? 0
    const wanted = plain[index] ?? (before < 600 ? 20 : 120)
    expect(pause).toBeGreaterThanOrEqual(wanted * 0.8)
    expect(pause).toBeLessThanOrEqual(wanted * 1.2)
  }
  expect(new Set(pauses).size).toBeGreaterThan(5)
})

test('one pause runs at a time, and a device that came back begins again', async () => {
  const clock = new ManualClock()
  const { retries, seconds } = askedAt(clock)
  retries.later('tse-1', () => {
    throw new Error('a second pause')
  })
  await clock.advance(60_000)
  const before = seconds.length
  retries.forget('tse-1')
  await clock.advance(600_000)
  expect(seconds).toHaveLength(before)
})

test('after the stop nothing is asked', async () => {
  const clock = new ManualClock()
  const { retries, seconds } = askedAt(clock)
  retries.stop()
  await clock.advance(60_000)
  retries.later('tse-1', () => seconds.push(0))
  await clock.advance(60_000)
  expect(seconds).toEqual([])
})

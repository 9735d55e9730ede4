import { expect, test } from 'vitest'
import { FiskalError } from '../../agent/errors.ts'
import { RateLimit } from '../../agent/http/rate.ts'
import { ManualClock } from '../manual-clock.ts'

/** How many of so many requests are admitted, and the seconds that the last refused one gets. */
function ask(limit: RateLimit, name: string, times: number): [number, number | undefined] {
  let admitted = 0
  let seconds: number | undefined
  for (let request = 0; request < times; request++) {
    try {
      limit.admit(name)
      admitted += 1
    } catch (error) {
      if (!(error instanceof FiskalError)) throw error
      seconds = error.retryAfterSeconds
    }
  }
  return [admitted, seconds]
}

test('a key has its burst at once, then its rate; a rest earns no more than the burst, and a refusal costs nothing', async () => {
  const clock = new ManualClock()
  const limit = new RateLimit({ perSecond: 2, burst: 5 }, clock)
  expect(ask(limit, 'key', 8)).toEqual([5, 1])
  await clock.advance(1000)
  expect(ask(limit, 'key', 8)).toEqual([2, 1])
  await clock.advance(3_600_000)
  expect(ask(limit, 'key', 8)).toEqual([5, 1])
  expect(ask(limit, 'another', 8)).toEqual([5, 1])
})

test('a till that asks again and again, faster than it may, gets its rate', async () => {
  const clock = new ManualClock()
  const limit = new RateLimit({ perSecond: 2, burst: 5 }, clock)
  ask(limit, 'key', 5)
  let admitted = 0
  for (let looks = 0; looks < 100; looks++) {
    await clock.advance(100)
    admitted += ask(limit, 'key', 1)[0]
  }
  expect(admitted).toBe(20)
})

test('a refused caller gets the seconds until the next request is admitted', async () => {
  const clock = new ManualClock()
  const limit = new RateLimit({ perSecond: 0.1, burst: 1 }, clock)
  expect(ask(limit, 'key', 2)).toEqual([1, 10])
  await clock.advance(10_000)
  expect(ask(limit, 'key', 1)).toEqual([1, undefined])
})

test('of more names than are remembered the longest silent ones are forgotten', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, new ManualClock())
  const names = Array.from({ length: 4097 }, (_, index) => `key-${index}`)
  for (const name of names) expect(ask(limit, name, 1)).toEqual([1, undefined])
  expect(ask(limit, 'key-4096', 1)).toEqual([0, 1])
  expect(ask(limit, 'key-1', 1)).toEqual([0, 1])
  expect(ask(limit, 'key-0', 1)).toEqual([1, undefined])
})

import { expect, test } from 'vitest'
import { every } from '../../base/clock.ts'
import { ManualClock } from '../manual-clock.ts'

/** A call that settles only when the test says so. */
function gated() {
  const calls: { settle: () => void }[] = []
  const act = (): Promise<void> => new Promise((resolve) => calls.push({ settle: resolve }))
  return { calls, act }
}

test('the first pause may have its own length', async () => {
  const clock = new ManualClock()
  let calls = 0
  every(clock, 1000, () => calls++, 50)
  await clock.advance(49)
  expect(calls).toBe(0)
  await clock.advance(1)
  expect(calls).toBe(1)
  await clock.advance(999)
  expect(calls).toBe(1)
  await clock.advance(1001)
  expect(calls).toBe(3)
})

test('a pause begins when the call before it has settled', async () => {
  const clock = new ManualClock()
  const { calls, act } = gated()
  every(clock, 1000, act)
  await clock.advance(10_000)
  expect(calls.length).toBe(1)
  calls[0]?.settle()
  await clock.advance(999)
  expect(calls.length).toBe(1)
  await clock.advance(1)
  expect(calls.length).toBe(2)
})

test('the end waits for a running call, and no other one begins', async () => {
  const clock = new ManualClock()
  const { calls, act } = gated()
  const end = every(clock, 1000, act)
  await clock.advance(1000)
  let isEnded = false
  const ended = end().then(() => {
    isEnded = true
  })
  await clock.advance(5000)
  expect(isEnded).toBe(false)
  calls[0]?.settle()
  await ended
  await clock.advance(5000)
  expect(calls.length).toBe(1)
})

test('a call that ends the repetition is the last one', async () => {
  const clock = new ManualClock()
  let calls = 0
  const end = every(clock, 1000, () => {
    calls++
    void end()
  })
  await clock.advance(5000)
  expect(calls).toBe(1)
})

test('a repetition that ends in its pause calls nothing', async () => {
  const clock = new ManualClock()
  let calls = 0
  const end = every(clock, 1000, () => calls++)
  await clock.advance(500)
  await end()
  await clock.advance(5000)
  expect(calls).toBe(0)
})

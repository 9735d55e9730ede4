import { expect, test } from 'vitest'
import { retry } from '../../base/retry.ts'
import { ManualClock } from '../manual-clock.ts'

const LIMIT = { limitMs: 5000, everyMs: 1000 }

/** Fails `failures` times before it is done. */
function patient(failures: number, limitFor: (error: unknown) => typeof LIMIT | undefined = () => LIMIT) {
  const clock = new ManualClock()
  const stop = new AbortController()
  let tries = 0
  const act = async (): Promise<string> => {
    if (++tries <= failures) throw new Error(`try ${tries}`)
    return 'done'
  }
  const ended = retry(act, limitFor, { clock, signal: stop.signal }).catch((error: Error) => error.message)
  return { clock, stop, ended, tries: () => tries }
}

test('a task that may recover is retried until it succeeds', async () => {
  const { clock, ended, tries } = patient(3)
  await clock.advance(2999)
  expect(tries()).toBe(3)
  await clock.advance(1)
  expect([await ended, tries()]).toEqual(['done', 4])
})

test('after its time the last failure is reported, and any other one at once', async () => {
  const late = patient(99)
  await late.clock.advance(60_000)
  expect([await late.ended, late.tries()]).toEqual(['try 6', 6])
  const hopeless = patient(99, () => undefined)
  expect([await hopeless.ended, hopeless.tries()]).toEqual(['try 1', 1])
})

test('a stopped caller stops waiting, and does nothing afterwards', async () => {
  const { clock, stop, ended, tries } = patient(99)
  await clock.advance(1500)
  stop.abort()
  expect([await ended, tries()]).toEqual([undefined, 2])
})

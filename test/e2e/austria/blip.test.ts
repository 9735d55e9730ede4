// @module-tag heavy
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { deviceStateIn } from '../../device-state.ts'
import { turnedMs } from '../../turning-clock.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { austrianTill, ONE_CARD, receiptOf, sell, TWO_CARDS, verifiedDep } from './shop.ts'

const BLIPS = ['blip-before', 'blip-in', 'blip-after'] as const
const SHORT = [400, 1000, 1900]
const SPEED = 5

function fast(config: typeof ONE_CARD) {
  return Bench.open({ clock: new FastClock(SPEED, systemClock.after), config })
}

/** Milliseconds of the agent's clock: at least the time that passed, at most that of a machine that is not busy. */
async function timed<T>(work: () => Promise<T>): Promise<{ answer: T; leastMs: number; mostMs: number }> {
  const [since, sinceMs] = [performance.now(), turnedMs()]
  const answer = await work()
  return { answer, leastMs: (turnedMs() - sinceMs) * SPEED, mostMs: (performance.now() - since) * SPEED }
}

function outages(bench: Bench): number {
  return bench.journal().filter((event) => deviceStateIn(event) === 'down').length
}

test.each(SHORT.flatMap((ms) => BLIPS.map((name) => [name, ms] as const)))(
  '%s of %i ms at a signature costs no marker',
  async (name, ms) => {
    await using bench = await fast(ONE_CARD)
    const register = await austrianTill(bench)
    await bench.faultAt('card-1', `${name}=${ms}@sign`)
    expect(receiptOf(await sell(register, '5.00')).security_device_failed).toBe(false)
    expect(outages(bench)).toBe(0)
    expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, outageReceipts: 0, receipts: 2 })
  },
)

test('a card that is unplugged for 3 s is an outage: the receipt has the marker, and the Sammelbeleg follows', async () => {
  await using bench = await fast(ONE_CARD)
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'blip-in=3000@sign')
  const { answer, leastMs, mostMs } = await timed(() => sell(register, '5.00'))
  expect(receiptOf(answer).security_device_failed).toBe(true)
  expect(mostMs).toBeGreaterThanOrEqual(1900)
  expect(leastMs).toBeLessThan(5000)
  await bench.untilDevice('ready')
  expect(receiptOf(await sell(register, '6.00')).security_device_failed).toBe(false)
  expect(outages(bench)).toBe(1)
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, outageReceipts: 1 })
})

test('another unit that can sign is taken at once, without a wait', async () => {
  await using bench = await fast(TWO_CARDS)
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'blip-before=60000@sign')
  const { answer, leastMs } = await timed(() => sell(register, '5.00'))
  expect(receiptOf(answer).security_device_failed).toBe(false)
  expect(leastMs).toBeLessThan(1900)
  // Still within the window of the first: the next sale does not wait for it either.
  expect(bench.agent.application.devices()[0]).toMatchObject({ state: 'down' })
  const next = await timed(() => sell(register, '6.00'))
  expect(receiptOf(next.answer).security_device_failed).toBe(false)
  expect(next.leastMs).toBeLessThan(1900)
})

test('with both units silent the receipt waits for the one that comes back', async () => {
  await using bench = await fast(TWO_CARDS)
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'blip-before=60000@sign')
  await bench.faultAt('card-2', 'blip-in=700@sign')
  expect(receiptOf(await sell(register, '5.00')).security_device_failed).toBe(false)
})

import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { event, sell } from '../e2e/goods.ts'
import { LeapClock } from '../e2e/leap-clock.ts'
import { asidesOf, lostNumbers, restored } from './restored-shop.ts'

test('numbers are set aside for what the TSE did not return in time, also after one that may be a count', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const clock = new LeapClock()
  const nothing = (): void => undefined
  // The time is over after the first transaction.
  const info = (_: object, message: string): void => {
    if (message.startsWith('takes over from')) clock.leap(121_000)
  }
  const { shop } = await restored(bench, register, {
    lose: async (till) => {
      await till.till.create(event('session_cash_adjustment', till.id, { cash_amount: '5.00' }))
      await sell(till, '3.00')
    },
    opened: { clock, log: { info, warn: nothing, error: nothing } },
  })
  await using _ = shop
  expect(lostNumbers(shop)).toEqual([2])
  expect(asidesOf(shop)).toMatchObject([
    { kind: 'z', from: 1, to: 1000 },
    { register_id: register.id, kind: 'bon', from: 3, to: 1001, why: 'restore' },
  ])
})

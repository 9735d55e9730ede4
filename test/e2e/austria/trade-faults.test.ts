// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Operation } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { sellVoucher } from '../germany/single-purpose.ts'
import { goods, pay } from '../goods.ts'
import { austrianTill, closingTypes, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'
import type { Case } from './trade.ts'
import { CUP, cases, fields, onAccount, play, playLate } from './trade.ts'

/** A fast clock under another calendar. */
class FastCalendar extends FastClock {
  #offsetMs = 0

  constructor(start: string) {
    super(20)
    this.jump(start)
  }

  jump(to: string): void {
    this.#offsetMs = Date.parse(to) - super.now()
  }

  override now(): number {
    return super.now() + this.#offsetMs
  }
}

const NAMES = ['A1', 'A2', 'A3', 'A4', 'A5'] as const

async function unplug(bench: Bench): Promise<void> {
  await bench.faultAt('card-1', 'unplugged@*')
  await bench.untilDevice('down')
}

/** The card comes back, and the outage has ended with its Sammelbeleg, if it had a receipt. */
async function plugIn(bench: Bench, register: Register, outages: number): Promise<void> {
  await bench.faultAt('card-1', 'clear')
  // One that was away often is unsteady, and signs.
  await bench.until(() =>
    bench.agent.application.devices().some(({ state }) => state === 'ready' || state === 'degraded'),
  )
  await bench.until(
    async () => (await closingTypes(register)).filter((type) => type === 'collective').length === outages,
  )
}

/** The ways in which the card may leave, by the moment in the case. */
const MOMENTS: Readonly<
  Record<'before' | 'between' | 'in' | 'after', (bench: Bench, register: Register, one: Case) => Promise<Operation>>
> = {
  async before(bench, register, one) {
    await unplug(bench)
    return playLate(register, one, async () => undefined)
  },
  between: (bench, register, one) => playLate(register, one, () => unplug(bench)),
  async in(bench, register, one) {
    await bench.faultAt('card-1', 'unplugged@sign#1+')
    return play(register, one)
  },
  async after(bench, register, one) {
    const done = await play(register, one)
    await unplug(bench)
    return done
  },
}

test.each(Object.entries(MOMENTS))('each case is recorded once if the card is taken away %s', async (moment, act) => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new FastClock(20) })
  const register = await austrianTill(bench)
  let outages = 0
  for (const name of NAMES) {
    const one = cases(`EZ-${moment}`)[name]
    const done = await act(bench, register, one)
    // A receipt over 0,00 needs no signature in an outage: it is not in the chain.
    if (moment !== 'after' && name === 'A3') expect(done).toMatchObject({ fiscal: { state: 'not_required' } })
    else {
      expect(fields(done)).toBe(one.fields)
      expect(receiptOf(done).security_device_failed).toBe(moment !== 'after')
      outages += moment === 'after' ? 0 : 1
    }
    await plugIn(bench, register, outages)
  }
  // The voucher is used up, however its receipt came about.
  const again = { path: '/v1/operations', body: goods('sale', register.id, cases(`EZ-${moment}`).A3.lines) }
  expect(await register.till.refused(again)).toMatchObject({ code: 'amount_exceeded' })
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, turnoverCents: 18_900n, findings: [] })
  await bench.stop()
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

test('an outage begins and ends with a negative receipt, over the end of a month', async () => {
  const clock = new FastCalendar('2026-11-30T22:50:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  const { id, till } = register
  const takeCup = async () => {
    const open = await till.create(goods('sale', id, [['-2.50', '0', CUP]]))
    return till.complete(open, [pay('cash', '-2.50')])
  }
  await sell(register, '4.00')
  await unplug(bench)
  expect(receiptOf(await takeCup())).toMatchObject({ receipt_number: '3', security_device_failed: true })
  await sell(register, '1.00')
  const goodsOnAccount = await onAccount(register, '8.00')
  expect(goodsOnAccount.fiscal).toEqual({ state: 'not_required' })
  clock.jump('2026-11-30T23:10:00Z')
  expect(fields(await takeCup())).toBe('0,00 0,00 0,00 -2,50 0,00')
  await plugIn(bench, register, 1)
  const [, ...later] = await till.list(`/v1/registers/${id}/closings`)
  expect(later[0]).toMatchObject({ type: 'collective', outage: { first_number: '3', last_number: '5', receipts: 3 } })
  // A negative receipt is the first of a month, too.
  expect(fields(await takeCup())).toBe('0,00 0,00 0,00 -2,50 0,00')
  expect(await closingTypes(register)).toContain('monthly')
  await sellVoucher(register, '5.00', '0.20')
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, outageReceipts: 3, turnoverCents: 250n })
  await bench.stop()
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
})

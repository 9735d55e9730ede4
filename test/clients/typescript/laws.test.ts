// @module-tag heavy
import { expect, test } from 'vitest'
import { card, cash, line } from '../../../clients/typescript/src/goods.ts'
import type { Till } from '../../../clients/typescript/src/till.ts'
import { austrianTill, ONE_CARD } from '../../e2e/austria/shop.ts'
import { Bench } from '../../e2e/bench.ts'
import { FastClock } from '../../e2e/fast-clock.ts'
import { printerOf } from '../../e2e/italy/printer-beside.ts'
import { italianTill, ONE_PRINTER } from '../../e2e/italy/shop.ts'
import { today } from '../../today.ts'
import { done, openTill } from './fault-line.ts'

/** Cups of 10.00 at that rate. */
function cups(rate: string, quantity = 2) {
  return line({ sku_identifier: 'cup', title: 'Tasse', quantity, unit_price: '10.00', rate })
}

const SPOON = line({ sku_identifier: 'spoon', title: 'Cucchiaio', quantity: 1, unit_price: '5.00', rate: '0.22' })

/** A sale, its return and a reversal, by one till. */
async function trade(till: Till, rate: string): Promise<void> {
  const sale = done(await till.sell({ lines: [cups(rate)], payments: [cash('20.00')] }))
  expect(sale).toMatchObject({ status: 'completed', fiscal: { state: 'succeeded' } })
  const open = done(await till.create({ type: 'return', lines: [cups(rate, -2)], related_operation_id: sale.id }))
  done(await till.complete(open, { payments: [cash('-20.00')] }))
  const wrong = done(await till.sell({ lines: [cups(rate)], payments: [card('20.00')] }))
  expect(done(await till.create({ type: 'void', related_operation_id: wrong.id }))).toMatchObject({
    status: 'completed',
  })
  expect(till.pending()).toEqual([])
}

test('a till in Austria sells, returns and reverses, and closes its shift', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const till = await openTill(bench, await austrianTill(bench))
  await trade(till, '0.2')
  done(await till.count('50.00'))
  done(await till.closeSession(today()))
})

test('a till in Italy sells, returns and reverses, and closes its shift', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const till = await openTill(bench, await italianTill(bench))
  await trade(till, '0.22')
  done(await till.count('50.00'))
  done(await till.closeSession(today()))
})

test('of an Italian exchange half is printed: the same completion prints the rest, and each document is printed once', async () => {
  await using printer = await printerOf('rch')
  await using bench = await printer.agent({ deadlineMs: 2000 })
  const till = await openTill(bench, await italianTill(bench, '50.00'))
  const sold = done(await till.sell({ lines: [cups('0.22')], payments: [cash('20.00')] }))
  const open = done(
    await till.create({ type: 'exchange', lines: [cups('0.22', -2), SPOON], related_operation_id: sold.id }),
  )
  printer.simulator.inject('error=ES0001@=R#2-99')
  const ending = { payments: [cash('-15.00')] }
  const half = await till.complete(open, ending)
  expect(half).toMatchObject({ outcome: 'refused', error: { fiscal_effect: 'recorded' }, open: { status: 'open' } })
  if (half.outcome !== 'refused') throw new Error(half.outcome)
  expect(till.pending()).toMatchObject([{ ref: half.ref, step: 'complete' }])
  printer.simulator.clearFaults()
  expect(done(await till.retry(half.ref))).toMatchObject({ status: 'completed' })
  expect(printer.documents.filter(({ totalCents }) => totalCents === 2000)).toHaveLength(2)
  expect(till.pending()).toEqual([])
})

test('a printer that is unplugged is asked again, and the sale is printed once it is back', async () => {
  await using bench = await Bench.open({ clock: new FastClock(5), config: ONE_PRINTER })
  const till = await openTill(bench, await italianTill(bench), { timeoutMs: 500 })
  await bench.faultAt('rt-1', 'unplugged=60000@*')
  const sale = await till.sell({ lines: [cups('0.22')], payments: [cash('20.00')] })
  expect(sale).toMatchObject({ outcome: 'ask_again', error: { status: 503 } })
  if (sale.outcome !== 'ask_again') throw new Error(sale.outcome)
  await bench.faultAt('rt-1', 'clear')
  const printed = await bench.until(async () => {
    const again = await till.retry(sale.ref)
    return again.outcome === 'done' && again
  })
  expect(printed).toMatchObject({ value: { status: 'completed', fiscal_information: { regime: 'RT' } } })
})

test('a completed sale whose signature is pending is done, not final, and stays in the store until its end was seen', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const till = await openTill(bench, await bench.till())
  await bench.fault('slow=15000@finish')
  const sale = await till.sell({ lines: [cups('0.07')], payments: [cash('20.00')] })
  expect(sale).toMatchObject({ outcome: 'done', final: false, receiptText: 'TSE ausgefallen' })
  expect(till.pending()).toMatchObject([{ step: 'complete' }])
  const final = await till.untilFinal(done(sale))
  expect(final).toMatchObject({ fiscal: { state: 'succeeded' } })
  expect(till.pending()).toEqual([])
  const stop = AbortSignal.abort(new Error('the screen was closed'))
  await expect(till.untilFinal(done(sale), stop)).rejects.toThrow('the screen was closed')
})

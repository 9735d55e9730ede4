// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../e2e/bench.ts'
import { redeemVoucher, sellVoucher, voucher } from '../e2e/germany/single-purpose.ts'
import { event, goods, pay } from '../e2e/goods.ts'
import { verifyJournal } from '../verified-journal.ts'
import { codesAfter, retold, rewriteEvents } from './insider.ts'

// A redeemed voucher of one purpose takes VAT off that was paid when it was sold. No signed text names its number: the insider
// redeems one voucher twice, by another number, by a higher price, or without the mark of the first redemption, and signs the
// journal again.

/** Two vouchers, each redeemed in whole. */
async function day(bench: Bench) {
  const register = await bench.till('50.00')
  const first = await sellVoucher(register, '30.00', '0.19', 'EZ-1')
  const second = await sellVoucher(register, '30.00', '0.19', 'EZ-2')
  await redeemVoucher(register, ['40.00', '30.00'], '0.19', 'EZ-1')
  const redeemed = await redeemVoucher(register, ['40.00', '20.00'], '0.19', 'EZ-2')
  return { register, first, second, redeemed }
}

test('a redemption that was edited to name another voucher, which is used, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { redeemed } = await day(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === redeemed.id ? retold(line, (text) => text.replaceAll('EZ-2', 'EZ-1')) : line,
  )
  expect(codes).toEqual(['used_beyond_itself'])
})

test('the redemption of a voucher whose sale was edited to name another number is one of a voucher from elsewhere', async () => {
  await using bench = await Bench.open({ edits: true })
  const { second } = await day(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === second.id ? retold(line, (text) => text.replaceAll('EZ-2', 'EZ-1')) : line,
  )
  // Its money is on the other number: nothing is used beyond itself, and no tax is gone.
  expect(codes).toEqual([])
})

test('a voucher whose redemption mark was removed, and that was then redeemed again, is found', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, first } = await day(bench)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.filter(({ op, kind }) => op !== first.id || kind !== 'operation.redeemed'),
    ),
  )
  await redeemVoucher(register, ['30.00', '30.00'], '0.19', 'EZ-1')
  await bench.stop()
  const { codes } = await verifyJournal(bench.config.state)
  expect(codes.map(({ code }) => code)).toContain('used_beyond_itself')
})

/** Goods for which EZ-1 had paid come back, and it pays others. */
async function comesBack(bench: Bench) {
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '30.00', '0.19', 'EZ-1')
  const redeemed = await redeemVoucher(register, ['40.00', '30.00'], '0.19', 'EZ-1')
  const lines = [['-40.00', '0.19'], voucher('30.00', '0.19', 'EZ-1')] as const
  const open = await till.create(goods('return', id, lines, { related_operation_id: redeemed.id }))
  const back = await till.complete(open, [pay('card', '-10.00')])
  await redeemVoucher(register, ['40.00', '30.00'], '0.19', 'EZ-1')
  return { redeemed, back }
}

test('a voucher that was made valid again for another one is found by its second use', async () => {
  await using bench = await Bench.open({ edits: true })
  const { back } = await comesBack(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === back.id ? retold(line, (text) => text.replaceAll('EZ-1', 'EZ-2')) : line,
  )
  expect(codes).toEqual(['used_beyond_itself'])
})

test('a voucher that a return of other goods makes valid again is found by its second use', async () => {
  await using bench = await Bench.open({ edits: true })
  const { redeemed } = await comesBack(bench)
  const codes = await codesAfter(bench, (line) =>
    line.op === redeemed.id ? retold(line, (text) => text.replaceAll('EZ-1', 'EZ-3')) : line,
  )
  // What comes back was not redeemed there: it is on the voucher once only.
  expect(codes).toEqual([])
})

test('an honest day of vouchers that are sold, redeemed, freed, given back and sold again has no finding', async () => {
  await using bench = await Bench.open({ edits: true })
  const { register, first, second, redeemed } = await day(bench)
  const { id, till } = register
  await till.create(event('void', id, { related_operation_id: redeemed.id }))
  const back = goods('return', id, [voucher('-30.00', '0.19', 'EZ-2')], { related_operation_id: second.id })
  await till.complete(await till.create(back), [pay('cash', '-30.00')])
  await sellVoucher(register, '45.00', '0.19', 'EZ-2', {
    line_items: [{ ...saleLine('45.00'), unit_price: '50.00', discounts: [{ amount: '5.00' }] }],
  })
  await redeemVoucher(register, ['50.00', '50.00'], '0.19', 'EZ-2')
  await sellVoucher(register, '10.00', '0.07', 'EZ-1')
  await redeemVoucher(register, ['10.00', '10.00'], '0.19', 'EZ-1')
  expect(first.id).not.toBe(second.id)
  expect(await codesAfter(bench, (line) => line)).toEqual([])
})

function saleLine(amount: string) {
  const [total_amount, rate, more] = voucher(amount, '0.19', 'EZ-2')
  return {
    ...more,
    ...{ quantity: 1, total_amount },
    taxes: [{ name: 'USt', rate, tax_amount: '7.18' }],
  }
}

// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { amending, completion, processData } from '../client.ts'
import { elsewhere, event, goods, goodsOf, pay } from '../goods.ts'
import { closeAndReport, endShift } from '../shift.ts'
import { verifiedPackage } from './package-rows.ts'
import { beyond, redeeming, redeemVoucher, sellVoucher, voucher } from './single-purpose.ts'

async function findings(bench: Bench): Promise<unknown> {
  await bench.stop()
  return (await verifyJournal(bench.config.state)).codes
}

test('a voucher of one purpose is taxed when it is sold, and taken off its goods at their rate', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sellVoucher(register, '25.00', '0.07', 'EZ-7')
  expect(processData(sold)).toBe('Beleg^0.00_25.00_0.00_0.00_0.00^25.00:Bar')
  await sellVoucher(register, '30.00', '0.19', 'EZ-19')
  const redeemed = await redeemVoucher(register, ['38.00', '30.00'], '0.19', 'EZ-19')
  expect(processData(redeemed)).toBe('Beleg^8.00_0.00_0.00_0.00_0.00^8.00:Unbar')
  // The whole price: one row with zeros.
  const free = await redeemVoucher(register, ['25.00', '25.00'], '0.07', 'EZ-7')
  expect(processData(free)).toBe('Beleg^0.00_0.00_0.00_0.00_0.00^')
  const paper = async (operation: Members) => {
    const receipt = await till.get(`/v1/operations/${String(operation['id'])}/receipt?language=de`)
    return (receipt['lines'] as Members[]).map(({ label, value }) => [label, value])
  }
  expect(await paper(sold)).toEqual([['Einzweckgutschein EZ-7', '25.00']])
  expect(await paper(redeemed)).toEqual([
    ['Ware', '38.00'],
    ['Einzweckgutschein EZ-19 eingelöst (bereits versteuert)', '-30.00'],
  ])
  const undone = await till.create(event('void', id, { related_operation_id: redeemed.id }))
  expect(processData(undone)).toBe('Beleg^-8.00_0.00_0.00_0.00_0.00^-8.00:Unbar')
  expect(await paper(undone)).toEqual([
    ['Ware', '-38.00'],
    ['Einzweckgutschein EZ-19 eingelöst (bereits versteuert)', '30.00'],
  ])
  await endShift(register)
  const { lines, businessCases, references } = await verifiedPackage(bench)
  const booked = lines.filter(({ GUTSCHEIN_NR }) => GUTSCHEIN_NR !== '')
  expect(booked.map((row) => [row['GV_TYP'], row['GUTSCHEIN_NR'], row['ART_NR'], row['MENGE'], row['STK_BR']])).toEqual(
    [
      ['EinzweckgutscheinKauf', 'EZ-7', 'EZ', '1,000', '25,00000'],
      ['EinzweckgutscheinKauf', 'EZ-19', 'EZ', '1,000', '30,00000'],
      ['EinzweckgutscheinEinloesung', 'EZ-19', '', '', ''],
      ['EinzweckgutscheinEinloesung', 'EZ-7', '', '', ''],
      ['EinzweckgutscheinEinloesung', 'EZ-19', '', '', ''],
    ],
  )
  const sums = businessCases.map((row) => [row['GV_TYP'], row['UST_SCHLUESSEL'], row['Z_UMS_BRUTTO']])
  expect(sums).toEqual(
    expect.arrayContaining([
      ['EinzweckgutscheinKauf', '2', '25,00000'],
      ['EinzweckgutscheinKauf', '1', '30,00000'],
      ['EinzweckgutscheinEinloesung', '2', '-25,00000'],
      ['EinzweckgutscheinEinloesung', '1', '0,00000'],
    ]),
  )
  // Vouchers are linked by their number; the reversal names its original.
  expect(references.map((row) => row['REF_TYP'])).toEqual(['Transaktion'])
  expect(await findings(bench)).toEqual([])
})

test('a voucher of one purpose is redeemed up to what is left of it, from the commit that names it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '30.00')
  // What an open sale names is held; what it no longer names, or a void frees, can be redeemed.
  const open = await till.create(redeeming(register, ['40.00', '20.00']))
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['40.00', '10.01']) })).toMatchObject(
    beyond('10.00', '10.01'),
  )
  const amended = await till.amend(open, redeeming(register, ['40.00', '30.00']))
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['40.00', '0.01']) })).toMatchObject(
    beyond('0.00', '0.01'),
  )
  const without = await till.amend(amended, goods('sale', id, [['40.00', '0.19']]))
  const whole = await till.create(redeeming(register, ['30.00', '30.00']))
  // The goods of a completion are checked, too.
  const last = goodsOf(redeeming(register, ['40.00', '5.00']))
  const ending = { ...completion(without, [pay('cash', '35.00')], last), ifMatch: 3 }
  expect(await till.refused(ending)).toMatchObject(beyond('0.00', '5.00'))
  await till.void(whole)
  expect(await till.call({ ...ending, key: 'complete-again' })).toMatchObject({ status: 200 })
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['40.00', '25.01']) })).toMatchObject(
    beyond('25.00', '25.01'),
  )
  await till.create(event('void', id, { related_operation_id: without.id }))
  await redeemVoucher(register, ['30.00', '30.00'])
  expect(await findings(bench)).toEqual([])
})

test('a voucher is redeemed on articles of its sale at their rate, and never on more than they are', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '50.00', '0.19')
  const sale = (lines: Parameters<typeof goods>[2], more: Members = {}) => ({
    path: '/v1/operations',
    body: goods('sale', id, lines, more),
  })
  const other = [['10.00', '0.19'], ['10.00', '0.07'], voucher('-20.00')] as const
  expect(await till.refused(sale(other))).toMatchObject(beyond('10.00', '20.00'))
  expect(await till.refused(sale([['10.00', '0.07'], voucher('-10.00')]))).toMatchObject(beyond('0.00', '10.00'))
  const deposit = ['10.00', '0.19', { type: 'container_deposit' }] as const
  expect(await till.refused(sale([deposit, voucher('-10.00')]))).toMatchObject(beyond('0.00', '10.00'))
  const parts = [['10.00', '0.19'], voucher('-6.00'), voucher('-4.01', '0.19', 'EZ-2')] as const
  expect(await till.refused(sale([['0.02', '0.07'], ...parts]))).toMatchObject(beyond('10.00', '10.01'))
  // Whatever form the minus has; the discounts of the cart are borne by the goods alone.
  const line = voucher('-15.00', '0.19', 'EZ-1', { quantity: 1, unit_price: '-15.00' })
  const cart = [['18.00', '0.19', { unit_price: '20.00' }], line] as const
  const discounted = await till.create(
    goods('sale', id, cart, { cart_level_discounts: [{ description: 'Rabatt', amount: '2.00' }] }),
  )
  expect(processData(await till.complete(discounted, [pay('cash', '3.00')]))).toBe(
    'Beleg^3.00_0.00_0.00_0.00_0.00^3.00:Bar',
  )
  const sold = voucher('8.00', '0.19', 'EZ-3', { unit_price: '10.00' })
  const shared = { cart_level_discounts: [{ amount: '2.00' }] }
  expect(await till.refused(sale([['20.00', '0.19'], sold], shared))).toMatchObject({ code: 'amount_mismatch' })
  expect(await till.refused(sale([voucher('8.00', '0.19', 'EZ-3')], shared))).toMatchObject({
    code: 'unprocessable_entity',
    details: { pointer: '/cart_level_discounts' },
  })
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  expect(lines.slice(-4, -1).map((row) => row['GV_TYP'])).toEqual(['Umsatz', 'Rabatt', 'EinzweckgutscheinEinloesung'])
  expect(await findings(bench)).toEqual([])
})

test('a voucher line names its number, and belongs to a sale, a return or the goods of a deposit', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const refused = (body: Members) => till.refused({ path: '/v1/operations', body })
  for (const gift_card_id of [undefined, '', '  '])
    expect(await refused(goods('sale', id, [voucher('5.00', '0.19', 'x', { gift_card_id })]))).toMatchObject({
      status: gift_card_id === '' ? 400 : 422,
      ...(gift_card_id !== '' && {
        code: 'gift_card_id_required',
        details: { pointer: '/line_items/0/gift_card_id' },
      }),
    })
  const pointer = '/line_items/0/type'
  expect(await refused(goods('exchange', id, [voucher('-5.00'), ['5.00', '0.19']], elsewhere))).toMatchObject({
    status: 422,
    code: 'unprocessable_entity',
    details: { pointer },
  })
  for (const type of ['transfer', 'employee_benefit'] as const) {
    const { source: _, ...body } = goods(type, id, [voucher('5.00')], { customer: { name: 'Anna' } })
    expect(await refused(body)).toMatchObject({ code: 'unprocessable_entity', details: { pointer } })
  }
  const goodsLine = ['5.00', '0.19'] as const
  expect(
    await refused(goods('sale', id, [goodsLine, voucher('-5.00', '0.19', 'x', { discounts: [{ amount: '1.00' }] })])),
  ).toMatchObject({ status: 422 })
  expect(await refused(goods('sale', id, [voucher('-5.00')]))).toMatchObject({ status: 422 })
  expect(await refused(goods('sale', null, [voucher('5.00')]))).toMatchObject({ status: 403 })
  await till.create(goods('sale', id, [voucher('5.00')]))
})

test('a number of which something is left is not sold again, and a voucher of one purpose is not a payment', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sellOf = (number: string) => ({
    path: '/v1/operations',
    body: goods('sale', id, [voucher('5.00', '0.19', number)]),
  })
  // Two open sales of one number: the second is refused when it is completed.
  const [first, second] = [await till.create(sellOf('EZ-1').body), await till.create(sellOf('EZ-1').body)]
  await till.complete(first, [pay('cash', '5.00')])
  const again = { status: 422, code: 'unprocessable_entity', details: { gift_card_id: 'EZ-1' } }
  expect(await till.refused(completion(second, [pay('cash', '5.00')]))).toMatchObject(again)
  await till.void(second)
  expect(await till.refused(sellOf('EZ-1'))).toMatchObject(again)
  const card = (amount: string, number: string) => [amount, '0', { type: 'gift_card', gift_card_id: number }] as const
  expect(await till.refused({ path: '/v1/operations', body: goods('sale', id, [card('5.00', 'EZ-1')]) })).toMatchObject(
    again,
  )
  const sale = await till.create(goods('sale', id, [['5.00', '0.19']]))
  const paid = pay('gift_card', '5.00', { gift_card_id: 'EZ-1' })
  const refusal = await till.refused(completion(sale, [paid]))
  expect(refusal).toMatchObject({ ...again, details: { pointer: '/payments/0/gift_card_id' } })
  expect(refusal.message).toContain('single_purpose_voucher')
  await till.complete(sale, [pay('gift_card', '5.00', { gift_card_id: 'from-elsewhere' })])
  // Used up, the number is free.
  await redeemVoucher(register, ['5.00', '5.00'])
  await sellVoucher(register, '7.00')
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['9.00', '7.01']) })).toMatchObject(
    beyond('7.00', '7.01'),
  )
  // A gift_card is no voucher of one purpose either.
  await till.complete(await till.create(goods('sale', id, [card('9.00', 'GC-1')])), [pay('cash', '9.00')])
  expect(await till.refused(sellOf('GC-1'))).toMatchObject({ status: 422, details: { gift_card_id: 'GC-1' } })
  const asLine = redeeming(register, ['9.00', '9.00'], '0.19', 'GC-1')
  expect(await till.refused({ path: '/v1/operations', body: asLine })).toMatchObject({ status: 422 })
  const both = [['9.00', '0.19'], voucher('-2.00', '0.19', 'new'), voucher('2.00', '0.19', 'new')] as const
  expect(await till.refused({ path: '/v1/operations', body: goods('sale', id, both) })).toMatchObject({ status: 422 })
  expect(await findings(bench)).toEqual([])
})

test('a number that was not sold here is redeemed without a limit, also if it is sold here later', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await redeemVoucher(register, ['90.00', '90.00'], '0.19', 'other-till')
  await redeemVoucher(register, ['90.00', '90.00'], '0.19', 'other-till')
  await sellVoucher(register, '20.00', '0.19', 'other-till')
  await redeemVoucher(register, ['20.00', '20.00'], '0.19', 'other-till')
  expect(
    await register.till.refused({
      path: '/v1/operations',
      body: redeeming(register, ['20.00', '0.01'], '0.19', 'other-till'),
    }),
  ).toMatchObject(beyond('0.00', '0.01'))
  expect(await findings(bench)).toEqual([])
})

test('a voucher is given back with its sale, at most what is left, and its sale is not reversed once it was used', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sellVoucher(register, '30.00')
  const used = await redeemVoucher(register, ['12.00', '12.00'])
  const giveBack = (amount: string) => goods('return', id, [voucher(amount)], { related_operation_id: sold.id })
  expect(await till.refused({ path: '/v1/operations', body: giveBack('-18.01') })).toMatchObject(
    beyond('18.00', '18.01'),
  )
  const undo = { path: '/v1/operations', body: event('void', id, { related_operation_id: sold.id }) }
  expect(await till.refused(undo)).toMatchObject({ status: 422, code: 'related_operation_invalid' })
  const back = await till.complete(await till.create(giveBack('-18.00')), [pay('cash', '-18.00')])
  expect(processData(back)).toBe('Beleg^-18.00_0.00_0.00_0.00_0.00^-18.00:Bar')
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['9.00', '0.01']) })).toMatchObject(
    beyond('0.00', '0.01'),
  )
  await till.create(event('void', id, { related_operation_id: back.id }))
  await till.create(event('void', id, { related_operation_id: used.id }))
  await till.create(undo.body)
  const report = await closeAndReport(register)
  expect(report['hints'] ?? []).toEqual([])
  const { lines } = await verifiedPackage(bench)
  const given = lines.filter((row) => row['GV_TYP'] === 'EinzweckgutscheinKauf')
  expect(given.map((row) => row['MENGE'])).toEqual(['1,000', '-1,000', '1,000', '-1,000'])
  expect(await findings(bench)).toEqual([])
})

test('what was sold in training is not sold here, and practice takes nothing off a real voucher', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const practice = { training: true }
  await sellVoucher(register, '5.00', '0.19', 'EZ-1', practice)
  expect(await till.refused({ path: '/v1/operations', body: redeeming(register, ['9.00', '5.00']) })).toMatchObject({
    status: 422,
    code: 'related_operation_invalid',
  })
  await sellVoucher(register, '8.00')
  for (const _ of [1, 2]) {
    const open = await till.create(redeeming(register, ['9.00', '9.00'], '0.19', 'EZ-1', practice))
    await till.complete(open, [pay('cash', '0.00')])
  }
  await sellVoucher(register, '8.00', '0.19', 'EZ-1', practice)
  await redeemVoucher(register, ['8.00', '8.00'])
  await till.complete(await till.create(goods('sale', id, [['1.00', '0.19']])), [pay('cash', '1.00')])
  expect(await findings(bench)).toEqual([])
})

test('a voucher is used by at most 100 operations', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sellVoucher(register, '500.00')
  for (let use = 1; use <= 100; use++) await register.till.create(redeeming(register, ['1.00', '1.00']))
  const open = { path: '/v1/operations', body: redeeming(register, ['1.00', '1.00']) }
  expect(await register.till.refused(open)).toMatchObject({
    code: 'unprocessable_entity',
    details: { limit: 100, gift_card_id: 'EZ-1' },
  })
  await sellVoucher(register, '5.00', '0.19', 'EZ-2')
  await redeemVoucher(register, ['5.00', '5.00'], '0.19', 'EZ-2')
})

test('a redemption that is amended away in a completion leaves the voucher as it was', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await sellVoucher(register, '30.00')
  const open = await till.create(redeeming(register, ['40.00', '30.00']))
  const last = goodsOf(goods('sale', id, [['40.00', '0.19']]))
  const done = await till.complete(open, [pay('cash', '40.00')], last)
  expect(processData(done)).toBe('Beleg^40.00_0.00_0.00_0.00_0.00^40.00:Bar')
  expect(done).toMatchObject({ cancelled_line_items: [{ type: 'single_purpose_voucher', gift_card_id: 'EZ-1' }] })
  await redeemVoucher(register, ['30.00', '30.00'])
  await endShift(register)
  const { lines } = await verifiedPackage(bench)
  const cancelled = lines.filter((row) => row['P_STORNO'] === '1')
  expect(cancelled.map((row) => [row['GV_TYP'], row['GUTSCHEIN_NR']])).toEqual([
    ['EinzweckgutscheinEinloesung', 'EZ-1'],
  ])
  expect(await findings(bench)).toEqual([])
})

test('a voucher that is sold and redeemed while the TSE is down counts, and its bons stay unsigned', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  await sellVoucher(register, '30.00', '0.19', 'EZ-0')
  await bench.fault('unplugged@*')
  await sellVoucher(register, '30.00')
  const half = await redeemVoucher(register, ['40.00', '20.00'])
  expect(half.fiscal).toMatchObject({ state: 'failed' })
  await redeemVoucher(register, ['30.00', '30.00'], '0.19', 'EZ-0')
  const more = { path: '/v1/operations', body: redeeming(register, ['40.00', '10.01']) }
  expect(await till.refused(more)).toMatchObject(beyond('10.00', '10.01'))
  // What is left is known after a restart, too.
  await bench.restart()
  expect(await till.refused(more)).toMatchObject(beyond('10.00', '10.01'))
  await bench.fault('clear')
  await redeemVoucher(register, ['10.00', '10.00'])
  await endShift(register)
  const { businessCases } = await verifiedPackage(bench)
  const sums = businessCases.filter((row) => row['GV_TYP']?.startsWith('Einzweck'))
  expect(sums.map((row) => [row['GV_TYP'], row['Z_UMS_BRUTTO']])).toEqual([
    ['EinzweckgutscheinKauf', '60,00000'],
    ['EinzweckgutscheinEinloesung', '-60,00000'],
  ])
  expect(await findings(bench)).toEqual([])
})

test('an amendment is not limited by the goods that it replaces', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { till } = register
  await sellVoucher(register, '30.00')
  const open = await till.create(redeeming(register, ['40.00', '30.00']))
  const same = await till.amend(open, redeeming(register, ['45.00', '30.00']))
  expect(await till.refused(amending(same, redeeming(register, ['45.00', '30.01'])))).toMatchObject(
    beyond('30.00', '30.01'),
  )
  const ending = { ...completion(same, [pay('cash', '15.00')]), ifMatch: 2 }
  expect(await till.call(ending)).toMatchObject({ status: 200 })
})

// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Client, Members, Operation } from '../client.ts'
import { amending, completion, processData } from '../client.ts'
import { event, goods, goodsOf, pay } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { CUSTOMER, onAccount, receivable } from './on-account.ts'
import { verifiedPackage } from './package-rows.ts'

const INVOICE = { external_related_operation: { external_operation_id: '4711', kind: 'invoice' } }

function leftOf({ till }: { till: Client }, { id }: Pick<Operation, 'id'>): Promise<unknown> {
  return till.read(id).then((read) => ('on_account' in read ? read.on_account?.left : undefined))
}

test('an invoice of the office is paid at the till, booked under key 5 and referenced by its line', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const open = await till.create(goods('sale', id, [receivable('119.00', INVOICE)]))
  const done = await till.complete(open, [pay('card', '119.00')])
  expect(processData(done)).toBe('Beleg^0.00_0.00_0.00_0.00_119.00^119.00:Unbar')
  const unknown = { taxes: [{ name: 'USt', rate: '0', tax_amount: '0.00', code: 'not_determinable' }] }
  const delivery = { external_related_operation: { external_operation_id: 'LS-12', kind: 'delivery_note' } }
  const other = { external_related_operation: { external_operation_id: 'X', description: 'Konto Krone' } }
  const mixed = await till.create(
    goods('sale', id, [['10.00', '0.07'], receivable('20.00', { ...delivery, ...unknown }), receivable('5.00', other)]),
  )
  const both = await till.complete(mixed, [pay('cash', '35.00')])
  expect(processData(both)).toBe('Beleg^0.00_10.00_0.00_0.00_25.00^35.00:Bar')
  const paper = await till.get(`/v1/operations/${both.id}/receipt?language=de`)
  expect((paper['lines'] as Members[]).map(({ kind, label }) => [kind, label])).toEqual([
    ['item', 'Ware'],
    ['receivable', 'Zahlung zu Lieferschein LS-12'],
    ['receivable', 'Zahlung zu Konto Krone'],
  ])
  expect(JSON.stringify(await till.get(`/v1/operations/${done.id}/receipt?language=de`))).toContain(
    'Zahlung zu Rechnung 4711',
  )
  const { totals } = await closeAndReport(register)
  expect(totals).toMatchObject({
    business_cases: expect.arrayContaining([{ name: 'Forderungsaufloesung', amount: '144.00' }]),
    claims: { created: { count: 0, amount: '0.00' }, settled: { count: 3, amount: '144.00' } },
  })
  const { lines, references, businessCases, registers } = await verifiedPackage(bench)
  expect(lines.filter((row) => row['GV_TYP'] === 'Forderungsaufloesung')).toHaveLength(3)
  expect(
    references.map(({ POS_ZEILE, REF_TYP, REF_NAME, REF_BON_ID }) => [POS_ZEILE, REF_TYP, REF_NAME, REF_BON_ID]),
  ).toEqual([
    ['1', 'ExterneRechnung', '', '4711'],
    ['2', 'ExternerLieferschein', '', 'LS-12'],
    ['3', 'ExterneSonstige', 'Konto Krone', 'X'],
  ])
  const settled = businessCases.filter((row) => row['GV_TYP'] === 'Forderungsaufloesung')
  expect(settled.map((row) => [row['UST_SCHLUESSEL'], row['Z_UMS_BRUTTO']])).toEqual([
    ['5', '124,00000'],
    ['7', '20,00000'],
  ])
  expect(registers.map((row) => row['KEINE_UST_ZUORDNUNG'])).toEqual(['1'])
  await expectSound(bench)
})

test('a claim of this agent is settled in parts, held from the create on, and free when it is voided or amended away', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await onAccount(register, '80.00')
  const ours = { related_operation_id: sold.id }
  const pays = (amount: string) => goods('sale', id, [receivable(amount, ours)])
  const exceeded = (left: string, wanted: string) => ({
    status: 422,
    code: 'amount_exceeded',
    details: { left, wanted, pointer: '/line_items/0/total_amount' },
  })
  expect(await till.refused({ path: '/v1/operations', body: pays('80.01') })).toMatchObject(exceeded('80.00', '80.01'))
  const twice = goods('sale', id, [receivable('40.00', ours), receivable('40.01', ours)])
  expect(await till.refused({ path: '/v1/operations', body: twice })).toMatchObject(exceeded('80.00', '80.01'))
  const first = await till.create(pays('30.00'))
  expect(await till.read(sold.id)).toMatchObject({ on_account: { amount: '80.00', settled: '30.00', left: '50.00' } })
  expect(await till.refused({ path: '/v1/operations', body: pays('50.01') })).toMatchObject(exceeded('50.00', '50.01'))
  const second = await till.create(pays('50.00'))
  await till.void(second)
  expect(await leftOf(register, sold)).toBe('50.00')
  const third = await till.create(goods('sale', id, []))
  const lines = goodsOf(pays('50.00'))
  const amended = await till.amend(third, lines)
  expect(await leftOf(register, sold)).toBe('0.00')
  // It is not limited by its own former goods.
  const less = await till.amend(amended, goodsOf(pays('45.00')))
  expect(await leftOf(register, sold)).toBe('5.00')
  const bread = goodsOf(goods('sale', id, [['1.00', '0.07']]))
  const without = await till.amend(less, bread)
  expect(await leftOf(register, sold)).toBe('50.00')
  await bench.restart()
  const done = await till.complete(first, [pay('cash', '30.00')])
  expect(processData(done)).toBe('Beleg^0.00_0.00_0.00_0.00_30.00^30.00:Bar')
  const { text } = await till.call({
    path: `/v1/operations/${without.id}/complete`,
    body: { ...lines, payments: [pay('card', '50.00')] },
    key: 'last',
    ifMatch: without.resource_version,
  })
  expect(text).toContain('Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Unbar')
  expect(await till.read(sold.id)).toMatchObject({ on_account: { amount: '80.00', settled: '80.00', left: '0.00' } })
  const paper = await till.get(`/v1/operations/${done.id}/receipt?language=de`)
  expect((paper['lines'] as Members[]).map(({ label }) => label)).toEqual([
    expect.stringMatching(/^Zahlung zu Beleg \d+ vom \d\d\.\d\d\.\d{4}$/),
  ])
  await till.create(event('void', id, { related_operation_id: done.id }))
  expect(await leftOf(register, sold)).toBe('30.00')
  await expectSound(bench)
})

test('a payment for a claim is given back by a return, and the claim is owed again when the return is completed', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await onAccount(register, '80.00')
  const ours = { related_operation_id: sold.id }
  const paid = await till.complete(await till.create(goods('sale', id, [receivable('80.00', ours)])), [
    pay('cash', '80.00'),
  ])
  const back = (amount: string, more: Members = ours) => goods('return', id, [receivable(amount, ours)], more)
  const beyond = { status: 422, code: 'amount_exceeded', details: { left: '80.00', wanted: '80.01' } }
  for (const more of [ours, { related_operation_id: paid.id }, {}])
    expect(await till.refused({ path: '/v1/operations', body: back('-80.01', more) })).toMatchObject(beyond)
  const open = await till.create(back('-50.00', { related_operation_id: paid.id }))
  expect(await leftOf(register, sold)).toBe('0.00')
  expect((await till.refused({ path: '/v1/operations', body: back('-30.01') })).details).toMatchObject({
    left: '30.00',
  })
  const done = await till.complete(open, [pay('cash', '-50.00')])
  expect(processData(done)).toBe('Beleg^0.00_0.00_0.00_0.00_-50.00^-50.00:Bar')
  expect(await leftOf(register, sold)).toBe('50.00')
  const again = await till.create(goods('sale', id, [receivable('20.00', ours)]))
  await till.complete(again, [pay('card', '20.00')])
  // Both would leave the claim beyond itself.
  for (const undone of [done.id, paid.id, sold.id]) {
    const body = event('void', id, { related_operation_id: undone })
    expect((await till.refused({ path: '/v1/operations', body })).code).toBe('related_operation_invalid')
  }
  const invoice = goods('return', id, [receivable('-7.00', INVOICE)], INVOICE)
  await till.complete(await till.create(invoice), [pay('cash', '-7.00')])
  expect(await till.get(`/v1/registers/${id}/session`)).not.toHaveProperty('hints')
  await expectSound(bench)
})

test('a line that settles a claim is refused in another type, form or rate', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await onAccount(register, '80.00')
  const cash = await till.complete(await till.create(goods('sale', id, [['5.00', '0.07']])), [pay('cash', '5.00')])
  const refused = (body: Members) => till.refused({ path: '/v1/operations', body })
  const rule = (pointer: string) => ({ status: 422, code: 'unprocessable_entity', details: { pointer } })
  const sale = (line: [string, string, Members], more: Members = {}) => goods('sale', id, [line], more)
  expect(await refused(sale(receivable('10.00', {})))).toMatchObject(rule('/line_items/0/related_operation_id'))
  const both = { ...INVOICE, related_operation_id: sold.id }
  expect(await refused(sale(receivable('10.00', both)))).toMatchObject(rule('/line_items/0/related_operation_id'))
  expect(await refused(sale(receivable('0.00', INVOICE)))).toMatchObject(rule('/line_items/0/total_amount'))
  expect(await refused(sale(receivable('-1.00', INVOICE)))).toMatchObject(rule('/total_amount'))
  expect(await refused(goods('return', id, [receivable('1.00', INVOICE)], INVOICE))).toMatchObject(
    rule('/total_amount'),
  )
  const reduced = { ...INVOICE, unit_price: '12.00', discounts: [{ amount: '2.00' }] }
  expect(await refused(sale(receivable('10.00', reduced)))).toMatchObject(rule('/line_items/0/discounts'))
  const cart = { cart_level_discounts: [{ amount: '2.00' }] }
  expect(await refused(sale(receivable('10.00', INVOICE), cart))).toMatchObject(rule('/cart_level_discounts'))
  for (const tax of [
    { rate: '0.19', tax_amount: '1.60' },
    { rate: '0', tax_amount: '0.00', code: 'exempt' },
    { rate: '0', tax_amount: '0.00', code: 'zero_rated' },
  ])
    expect(await refused(sale(receivable('10.00', { ...INVOICE, taxes: [{ name: 'USt', ...tax }] })))).toMatchObject({
      status: 422,
      code: 'tax_rate_not_supported',
      details: { line_index: 0, tax_index: 0 },
    })
  const undetermined = { taxes: [{ name: 'USt', rate: '0', tax_amount: '0.00', code: 'not_determinable' }] }
  expect((await refused(sale(['10.00', '0', undetermined]))).code).toBe('tax_rate_not_supported')
  const exchange = goods('exchange', id, [receivable('10.00', INVOICE), ['-1.00', '0.19']], INVOICE)
  expect(await refused(exchange)).toMatchObject(rule('/line_items/0/type'))
  expect(await refused(goods('transfer', id, [receivable('10.00', INVOICE)]))).toMatchObject({ status: 422 })
  expect(await refused(sale(receivable('1.00', { related_operation_id: cash.id })))).toMatchObject({
    status: 422,
    code: 'related_operation_invalid',
  })
  expect(await refused(sale(receivable('1.00', { related_operation_id: 'op_none' })))).toMatchObject({
    code: 'related_operation_invalid',
  })
  const open = await till.create(sale(receivable('10.00', INVOICE)))
  expect(await till.refused(completion(open, [pay('on_account', '10.00')], CUSTOMER))).toMatchObject(
    rule('/payments/0/method'),
  )
  const begun = await till.create(goods('sale', id, []))
  expect(
    await till.refused(amending(begun, goodsOf(sale(receivable('80.01', { related_operation_id: sold.id }))))),
  ).toMatchObject({
    code: 'amount_exceeded',
  })
})

test('a claim is settled by at most 100 operations, of which the voided ones do not count', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await onAccount(register, '80.00')
  const body = goods('sale', id, [receivable('0.10', { related_operation_id: sold.id })])
  const all: Operation[] = []
  for (let count = 0; count < 100; count++) all.push(await till.create(body))
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
    status: 422,
    code: 'unprocessable_entity',
    details: { pointer: '/line_items' },
  })
  const [first] = all
  if (first !== undefined) await till.void(first)
  await till.create(body)
  expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({ code: 'unprocessable_entity' })
})

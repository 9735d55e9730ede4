// @module-tag heavy
import { expect, test } from 'vitest'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { completion, processData } from '../client.ts'
import { event, goods, pay } from '../goods.ts'
import { closeAndReport } from '../shift.ts'
import { expectSound } from '../sound.ts'
import { CUSTOMER, onAccount, receivable } from './on-account.ts'
import { verifiedPackage } from './package-rows.ts'

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const DELIVERY = { external_related_operation: { external_operation_id: 'LS-12', kind: 'delivery_note' } }

test('goods on account are taxed in full, and the claim is a separate line and no payment', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const whole = await onAccount(register, '80.00', DELIVERY)
  expect(processData(whole)).toBe('Beleg^80.00_0.00_0.00_0.00_-80.00^')
  expect(whole).not.toHaveProperty('on_account')
  const part = await till.complete(await till.create(goods('sale', id, [['60.00', '0.07']], CUSTOMER)), [
    pay('cash', '25.00'),
    pay('on_account', '35.00'),
  ])
  expect(processData(part)).toBe('Beleg^0.00_60.00_0.00_0.00_-35.00^25.00:Bar')
  const read = { amount: '35.00', settled: '0.00', left: '35.00' }
  expect(await till.read(part.id)).toMatchObject({ on_account: read })
  expect((await till.list('/v1/operations?type=sale')).map((row) => row['on_account'])).toEqual([
    { amount: '80.00', settled: '0.00', left: '80.00' },
    read,
  ])
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '75.00' })
  const { totals, id: report } = await closeAndReport(register)
  const slip = await till.get(`/v1/closings/${String(report)}/receipt?language=de`)
  expect(slip['header']).toContainEqual({ label: 'Neue Forderungen', value: '2 (115,00)' })
  expect(totals).toMatchObject({
    business_cases: expect.arrayContaining([{ name: 'Forderungsentstehung', amount: '-115.00' }]),
    claims: { created: { count: 2, amount: '115.00' }, settled: { count: 0, amount: '0.00' } },
  })
  const { lines, bons, businessCases } = await verifiedPackage(bench)
  const rows = lines.filter((row) => row['GV_TYP'] === 'Forderungsentstehung')
  expect(rows.map((row) => [row['ARTIKELTEXT'], row['ART_NR'], row['MENGE'], row['STK_BR']])).toEqual([
    ['Auf Rechnung LS-12', '', '', ''],
    ['Auf Rechnung', '', '', ''],
  ])
  expect(bons.find((row) => row['BON_NOTIZ']?.includes(whole.id))).toMatchObject({
    UMS_BRUTTO: '0,00',
    KUNDE_NAME: 'Gasthaus Krone',
  })
  expect(businessCases.find((row) => row['GV_TYP'] === 'Forderungsentstehung')).toMatchObject({
    UST_SCHLUESSEL: '5',
    Z_UMS_BRUTTO: '-115,00000',
  })
  await expectSound(bench)
})

test('the receipt names what is on account below the sum, and is a delivery note if nothing is paid', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const whole = await onAccount(register, '80.00', DELIVERY)
  const paper = await till.get(`/v1/operations/${whole.id}/receipt?language=de`)
  expect(paper).toMatchObject({
    title: 'Lieferschein/Rechnung',
    total: { value: '80.00' },
    offsets: [{ kind: 'on_account', label: 'Auf Rechnung (offen)', value: '-80.00' }],
    payable: { label: 'Zu zahlen', value: '0.00' },
    payments: [],
    notices: expect.arrayContaining(['Bezug: Lieferschein LS-12']),
  })
  const part = await till.complete(
    await till.create(goods('sale', id, [['60.00', '0.07']])),
    [pay('cash', '40.00'), pay('on_account', '35.00'), pay('cash', '-15.00')],
    CUSTOMER,
  )
  const partly = await till.get(`/v1/operations/${part.id}/receipt?language=de`)
  expect(partly).toMatchObject({
    title: 'Kassenbeleg',
    offsets: [{ label: 'Auf Rechnung (offen)', value: '-35.00' }],
    payable: { value: '25.00' },
  })
})

test('a return on account takes back at most what is left of its claim, and frees it when it is reversed', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const sold = await onAccount(register, '80.00', DELIVERY)
  const back = (amount: string, more: Members = {}) =>
    till.create(goods('return', id, [[amount, '0.19']], { related_operation_id: sold.id, ...CUSTOMER, ...more }))
  const first = await till.complete(await back('-30.00'), [pay('on_account', '-30.00')])
  expect(processData(first)).toBe('Beleg^-30.00_0.00_0.00_0.00_30.00^')
  expect(await till.read(sold.id)).toMatchObject({ on_account: { amount: '80.00', settled: '30.00', left: '50.00' } })
  expect(await till.read(first.id)).not.toHaveProperty('on_account')
  const second = await back('-60.00')
  expect(await till.refused(completion(second, [pay('on_account', '-60.00')]))).toMatchObject({
    status: 422,
    code: 'amount_exceeded',
    details: { left: '50.00', wanted: '60.00', pointer: '/payments/0/amount' },
  })
  // The rest is paid out.
  const mixed = await till.complete(second, [pay('on_account', '-50.00'), pay('cash', '-10.00')])
  expect(processData(mixed)).toBe('Beleg^-60.00_0.00_0.00_0.00_50.00^-10.00:Bar')
  const reversal = event('void', id, { related_operation_id: sold.id })
  expect(await till.refused({ path: '/v1/operations', body: reversal })).toMatchObject({
    code: 'related_operation_invalid',
  })
  const undone = await till.create(event('void', id, { related_operation_id: mixed.id }))
  expect(processData(undone)).toBe('Beleg^60.00_0.00_0.00_0.00_-50.00^10.00:Bar')
  expect(await till.read(sold.id)).toMatchObject({ on_account: { left: '50.00' } })
  await till.create(event('void', id, { related_operation_id: first.id }))
  await till.create(reversal)
  expect(await till.read(sold.id)).toMatchObject({ on_account: { amount: '80.00', settled: '80.00', left: '0.00' } })
  await expectSound(bench)
})

test('goods of an unpaid claim that come back for cash are reported by closing and audit, until the claim is paid', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('200.00')
  const { id, till } = register
  const back = async (of: { id: string }, amount: string, method: string) => {
    const open = await till.create(
      goods('return', id, [[amount, '0.19']], { related_operation_id: of.id, ...CUSTOMER }),
    )
    return till.complete(open, [pay(method, amount)])
  }
  const unpaid = await onAccount(register, '80.00')
  await back(unpaid, '-80.00', 'cash')
  // What was paid of one, and what was never paid, come back each in its way.
  const paid = await onAccount(register, '50.00')
  const claim = receivable('30.00', { related_operation_id: paid.id })
  await till.complete(await till.create(goods('sale', id, [claim])), [pay('cash', '30.00')])
  await back(paid, '-20.00', 'on_account')
  await back(paid, '-30.00', 'cash')
  const named = {
    code: 'returned_beyond_sale',
    operation_id: unpaid.id,
    unpaid: '80.00',
    sold: '80.00',
    returned: '80.00',
    articles: [],
  }
  const { hints } = await closeAndReport(register)
  expect(hints).toMatchObject([named])
  const notes = () => bench.agent.administration.auditNotes(EVER, true)
  expect((await notes()).returned_beyond_sale).toMatchObject([named])
  await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  const settled = receivable('80.00', { related_operation_id: unpaid.id })
  await till.complete(await till.create(goods('sale', id, [settled])), [pay('cash', '80.00')])
  expect((await notes()).returned_beyond_sale).toEqual([])
  await expectSound(bench)
})

test('a price reduction on a claim brings no goods back: they may come back after it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('200.00')
  const { id, till } = register
  const sold = await onAccount(register, '80.00')
  const back = async (amount: string, method: string) => {
    const open = await till.create(
      goods('return', id, [[amount, '0.19']], { related_operation_id: sold.id, ...CUSTOMER }),
    )
    return till.complete(open, [pay(method, amount)])
  }
  await back('-1.60', 'on_account')
  await back('-0.40', 'on_account')
  const paid = receivable('78.00', { related_operation_id: sold.id })
  await till.complete(await till.create(goods('sale', id, [paid])), [pay('cash', '78.00')])
  await back('-78.00', 'cash')
  expect(await closeAndReport(register)).not.toHaveProperty('hints')
  expect((await bench.agent.administration.auditNotes(EVER, true)).returned_beyond_sale).toEqual([])
})

test('a payment on account is refused without a customer, in another type, and in another form', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['10.00', '0.19']]))
  const refused = (payments: readonly Members[], more: Members = {}, of = open.id) =>
    till.refused(completion({ id: of }, payments, more))
  const whole = pay('on_account', '10.00')
  expect(await refused([whole])).toMatchObject({
    status: 422,
    code: 'customer_required',
    details: { pointer: '/customer' },
  })
  expect((await refused([whole], { customer: { name: ' ', email: 'a@b.de' } })).code).toBe('customer_required')
  const rule = (pointer: string) => ({ status: 422, code: 'unprocessable_entity', details: { pointer } })
  const other = { external_operation_id: 'X-1', description: 'Auftrag' }
  const of = (external: Members) => [pay('on_account', '10.00', { external_related_operation: external })]
  const kind = '/payments/0/external_related_operation/kind'
  expect(await refused(of(other), CUSTOMER)).toMatchObject(rule(kind))
  expect(await refused(of({ ...other, kind: 'other' }), CUSTOMER)).toMatchObject(rule(kind))
  expect(await refused(of({ external_operation_id: 'X-1' }), CUSTOMER)).toMatchObject({ status: 400 })
  expect(await refused([pay('card', '10.00', DELIVERY)], CUSTOMER)).toMatchObject(
    rule('/payments/0/external_related_operation'),
  )
  for (const status of ['pending', 'authorized', 'failed'])
    expect((await refused([pay('on_account', '10.00', { status })], CUSTOMER)).code).toBe('payment_status_invalid')
  expect(await refused([pay('card', '15.00'), pay('on_account', '-5.00')], CUSTOMER)).toMatchObject(
    rule('/payments/1/amount'),
  )
  expect(await refused([pay('card', '10.00'), pay('on_account', '0.00')], CUSTOMER)).toMatchObject(
    rule('/payments/1/amount'),
  )
  const exchange = await till.create(
    goods(
      'exchange',
      id,
      [
        ['-10.00', '0.19'],
        ['15.00', '0.19'],
      ],
      { external_related_operation: other },
    ),
  )
  expect(await refused([pay('on_account', '5.00')], CUSTOMER, exchange.id)).toMatchObject(rule('/payments/0/method'))
  const deposit = await till.create(goods('deposit', id, [['10.00', '0.19', { type: 'deposit' }]]))
  expect(await refused([whole], CUSTOMER, deposit.id)).toMatchObject(rule('/payments/0/method'))
  const empties = await till.create(goods('return', id, [['-3.00', '0.19', { type: 'container_deposit' }]]))
  expect(await refused([pay('on_account', '-3.00')], CUSTOMER, empties.id)).toMatchObject(rule('/payments/0/method'))
  const elsewhere = await till.create(
    goods('return', id, [['-3.00', '0.19']], { external_related_operation: other, ...CUSTOMER }),
  )
  await till.complete(elsewhere, [pay('on_account', '-3.00')])
  expect(await till.read(open.id)).toMatchObject({ status: 'open', resource_version: 1 })
  await till.complete(open, [whole], CUSTOMER)
})

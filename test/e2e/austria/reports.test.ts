// @module-tag heavy
import { expect, test } from 'vitest'
import { runTasksBy } from '../../../base/child/run.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { NONE } from '../closing-sums.ts'
import { event, goods, pay } from '../goods.ts'
import { austrianTill, closingTypes, dep131Rows, ONE_CARD, receiptOf, sell, verifiedDep } from './shop.ts'

// As the agent itself does it.
runTasksBy()

const NOT_SIGNED = {
  ...{ document_number: null, z_numbers: [], fiscal: { state: 'not_required' }, fiscal_information: null },
}

test('a daily closing is a report over its date, without signature or number, also with an open session', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new CalendarClock('2026-12-20T09:00:00Z') })
  const register = await austrianTill(bench)
  const { id, till } = register
  const path = `/v1/registers/${id}/closings`
  const lines = [
    ['12.00', '0.20'],
    ['5.50', '0.10'],
    ['0.98', '0.19'],
    ['2.00', '0.049'],
  ] as const
  const open = await till.create(goods('sale', id, lines, { tip_amount: '1.00' }))
  expect(await till.refused({ path, body: {} })).toMatchObject({ code: 'open_operations' })
  await till.complete(open, [pay('cash', '25.00'), pay('cash', '-5.00'), pay('card', '1.48')])
  const transferred = await till.create(goods('sale', id, [['3.00', '0.20']]))
  await till.complete(transferred, [pay('bank_transfer', '3.00')])
  const wrong = await sell(register, '7.00', '0.10')
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  await sell(register, '99.00', '0.20', { training: true })
  const report = await till.post(path, {})
  expect(report).toMatchObject({ ...NOT_SIGNED, type: 'daily', business_date: '2026-12-20' })
  expect(report['totals']).toEqual({
    vat: [
      { name: 'Betrag-Satz-Normal', rate: '0.2', amount: '15.00', tax_amount: '2.50' },
      { name: 'Betrag-Satz-Ermaessigt-1', rate: '0.1', amount: '5.50', tax_amount: '0.50' },
      { name: 'Betrag-Satz-Null', rate: '0', amount: '1.00', tax_amount: '0.00' },
      { name: 'Betrag-Satz-Besonders', rate: '0.049', amount: '2.00', tax_amount: '0.09' },
      { name: 'Betrag-Satz-Besonders', rate: '0.19', amount: '0.98', tax_amount: '0.16' },
    ],
    payments: [
      { name: 'Bargeld', amount: '20.00' },
      { name: 'Karte', amount: '1.48' },
      { name: 'Überweisung', amount: '3.00' },
    ],
    business_cases: [
      { name: 'Umsatz', amount: '23.48' },
      { name: 'Trinkgeld', amount: '1.00' },
    ],
    ...{ reversals: { count: 1, amount: '-7.00' }, returns: NONE, cancelled_lines: NONE },
    training: { count: 1, amount: '99.00' },
  })
  expect(await till.post(path, { business_date: '2026-12-20' })).toEqual(report)
  expect(receiptOf(await sell(register, '1.00')).receipt_number).toBe('6')
  const later = await till.post(path, {})
  expect(later['id']).not.toBe(report['id'])
  expect(later['totals']).toMatchObject({ vat: [{ amount: '16.00' }, {}, {}, {}, {}] })
  expect(await till.get(`/v1/closings/${String(report['id'])}`)).toEqual(report)
  const printed = await till.get(`/v1/operations/${String(report['id'])}/receipt`)
  expect(printed).toMatchObject({ title: 'Tagesabschluss', qr: null, fiscal: [], total: { value: '24.48' } })
  expect(await closingTypes(register)).toEqual(['start', 'daily', 'daily'])
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 6, findings: [] })
  const rows = (await dep131Rows(bench, id)).filter(({ kind }) => kind === 'daily')
  expect(rows).toMatchObject([
    { operation: report['id'], document_number: '', gross: '24.48', reason: '2026-12-20' },
    { operation: later['id'], document_number: '', gross: '25.48', reason: '2026-12-20' },
  ])
})

test('a daily closing covers its date across sessions, a shift closing its session across dates', async () => {
  const clock = new CalendarClock('2026-11-20T22:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  const { id, till } = register
  const path = `/v1/registers/${id}/closings`
  const figures = async (body: object) => {
    const { business_date: date, totals } = await till.post(path, body)
    return [date, (totals as { payments: { amount: string }[] }).payments.map(({ amount }) => amount)]
  }
  await sell(register, '1.00')
  clock.jump('2026-11-20T23:30:00Z')
  await sell(register, '2.00')
  expect(await figures({ type: 'shift' })).toEqual(['2026-11-20', ['3.00']])
  await till.create(event('session_cash_count', id, { counted_closing_amount: '53.00' }))
  await till.create(event('session_close', id, { business_date: '2026-11-20' }))
  expect(await figures({ type: 'shift' })).toEqual(['2026-11-20', ['3.00']])
  await till.create(event('session_open', id, { opening_balance_amount: '53.00' }))
  expect(await figures({ type: 'shift' })).toEqual(['2026-11-21', []])
  await sell(register, '4.00')
  expect(await figures({})).toEqual(['2026-11-21', ['6.00']])
  expect(await figures({ business_date: '2026-11-20' })).toEqual(['2026-11-20', ['1.00']])
  expect(await figures({ business_date: '2026-11-22' })).toEqual(['2026-11-22', []])
  expect(await till.refused({ path, body: { type: 'shift', business_date: '2026-11-20' } })).toMatchObject({
    code: 'session_invalid_state',
  })
  const count = (await closingTypes(register)).length
  expect(await figures({ type: 'shift' })).toEqual(['2026-11-21', ['4.00']])
  expect(await figures({ type: 'shift' })).toEqual(['2026-11-21', ['4.00']])
  expect(await figures({ business_date: '2026-11-22' })).toEqual(['2026-11-22', []])
  expect((await closingTypes(register)).length).toBe(count + 1)
  expect(await verifiedDep(bench, id)).toMatchObject({ valid: true, receipts: 4 })
})

test('a Monatsbeleg is made early once, a receipt opens the month again, and daily closings change nothing of it', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const register = await austrianTill(bench)
  const { till } = register
  const path = `/v1/registers/${register.id}/closings`
  await sell(register, '1.00')
  await till.post(path, { type: 'daily' })
  expect(await till.post(path, { type: 'monthly' })).toMatchObject({ type: 'monthly', document_number: '3' })
  await till.post(path, { type: 'daily' })
  await till.post(path, { type: 'shift' })
  expect(await till.refused({ path, body: { type: 'monthly' } })).toMatchObject({ code: 'already_closed' })
  await sell(register, '1.00')
  clock.jump('2026-12-05T09:00:00Z')
  await sell(register, '1.00')
  expect(await till.post(path, { type: 'monthly' })).toMatchObject({ type: 'annual', period: '2026' })
  expect(await till.refused({ path, body: { type: 'annual' } })).toMatchObject({ code: 'already_closed' })
  const types = (await closingTypes(register)).filter((type) => type !== 'daily' && type !== 'shift')
  expect(types).toEqual(['start', 'monthly', 'monthly', 'annual'])
  expect(await verifiedDep(bench, register.id)).toMatchObject({ valid: true, receipts: 7 })
})

test('a report is made while the signature unit is down', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'unplugged@*')
  await sell(register, '2.00')
  const path = `/v1/registers/${register.id}/closings`
  expect(await register.till.post(path, {})).toMatchObject({ ...NOT_SIGNED, totals: { vat: [{ amount: '2.00' }] } })
})

test('a report names a sale of which more came back than it had', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new CalendarClock('2026-12-20T09:00:00Z') })
  const register = await austrianTill(bench)
  const { id, till } = register
  const sold = await sell(register, '10.00')
  const back = { related_operation_id: sold.id }
  for (const amount of ['-10.00', '-4.00']) {
    const open = await till.create(goods('return', id, [[amount, '0.20']], back))
    await till.complete(open, [pay('cash', amount)])
  }
  for (const type of ['daily', 'shift']) {
    const report = await till.post(`/v1/registers/${id}/closings`, { type })
    expect(report['hints']).toMatchObject([
      { code: 'returned_beyond_sale', operation_id: sold.id, sold: '10.00', returned: '14.00' },
    ])
  }
})

test('a shift report of an open session is the day so far, and the close makes another report', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new CalendarClock('2026-12-20T09:00:00Z') })
  const register = await austrianTill(bench)
  const { id, till } = register
  await sell(register, '10.00')
  const path = `/v1/registers/${id}/closings`
  const open = await till.create(goods('sale', id, [['4.00', '0.20']]))
  const first = await till.post(path, { type: 'shift' })
  expect(first).toMatchObject({ ...NOT_SIGNED, type: 'shift', interim: { receipts: 1, pending_receipts: 0 } })
  expect(await till.get(`/v1/closings/${String(first['id'])}/receipt`)).toMatchObject({ title: 'Zwischenbericht' })
  expect(await till.post(path, { type: 'shift' })).toEqual(first)
  await till.complete(open, [pay('cash', '4.00')])
  const second = await till.post(path, { type: 'shift' })
  expect(second).toMatchObject({ interim: { receipts: 2 }, totals: { payments: [{ amount: '14.00' }] } })
  await till.create(event('session_cash_count', id, { counted_closing_amount: '64.00' }))
  await till.create(event('session_close', id, { business_date: '2026-12-20' }))
  const last = await till.post(path, { type: 'shift' })
  expect(last).not.toHaveProperty('interim')
  expect(last['totals']).toEqual(second['totals'])
  expect(await till.get(`/v1/closings/${String(last['id'])}/receipt`)).toMatchObject({ title: 'Schichtabschluss' })
})

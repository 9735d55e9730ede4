import { expect, test } from 'vitest'
import { verifyQr } from '../../drivers/tr03151/qr.ts'
import { verifyTar } from '../../verify/tse/verify-tar.ts'
import { today } from '../today.ts'
import { Bench } from './bench.ts'
import type { Operation } from './client.ts'
import { processData, signed } from './client.ts'
import { event, goods, pay } from './goods.ts'

test('the bakery shift: every amount, every signed byte, two signatures after the last sale', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till, clientId } = await bench.register(locationId)
  const done: Operation[] = []

  done.push(await till.create(event('session_open', id, { opening_balance_amount: '50.00' })))
  const roll = await till.create(goods('sale', id, [['4.50', '0.07']]))
  done.push(await till.complete(roll, [pay('cash', '4.50')]))
  const cake = goods('sale', id, [
    ['80.00', '0.07', { quantity: 2, unit_price: '40.00' }],
    ['18.00', '0.19'],
  ])
  done.push(await till.complete(await till.create(cake), [pay('cash', '100.00'), pay('cash', '-2.00')]))
  done.push(await till.create(event('session_cash_adjustment', id, { cash_amount: '-20.00' })))
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '132.50' })
  const counted = await till.create(event('session_cash_count', id, { counted_closing_amount: '127.50' }))
  expect(counted).toMatchObject({ expected_closing_amount: '132.50', closing_cashcount_diff: '-5.00' })
  const closing = { business_date: today(), closing_adjustment_amount: '-100.00' }
  const closed = await till.create(event('session_close', id, closing))
  expect(closed).toMatchObject({ amount_left: '27.50', status: 'completed', resource_version: 1 })
  done.push(counted, closed)

  expect(done.map(processData)).toEqual([
    'Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Bar',
    'Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar',
    'Beleg^18.00_80.00_0.00_0.00_0.00^98.00:Bar',
    'Beleg^0.00_0.00_0.00_0.00_-20.00^-20.00:Bar',
    'Beleg^0.00_0.00_0.00_0.00_-5.00^-5.00:Bar',
    'Beleg^0.00_0.00_0.00_0.00_-100.00^-100.00:Bar',
  ])
  expect(done.map((operation) => signed(operation).receipt_number)).toEqual(['1', '2', '3', '4', '5', '6'])
  expect(done.map((operation) => signed(operation).transaction_number)).toEqual([1, 2, 3, 4, 5, 6])
  const counters = done.map((operation) => signed(operation).end_event.transaction_counter)
  expect(counters.map((counter) => counter - (counters[0] ?? 0))).toEqual([0, 2, 4, 6, 8, 10])
  for (const operation of done) {
    const facts = signed(operation)
    expect(operation.fiscal.state).toBe('succeeded')
    expect(facts.pos_client_serial_number).toBe(clientId)
    expect(verifyQr(facts.verification.qr_data)).toMatchObject({ valid: true, findings: [] })
  }
  const session = await till.get(`/v1/sessions/${String(closed.session_id)}`)
  expect(session).toMatchObject({
    state: 'closed',
    opening_balance_amount: '50.00',
    expected_closing_amount: '132.50',
    counted_closing_amount: '127.50',
    closing_cashcount_diff: '-5.00',
    closing_adjustment_amount: '-100.00',
    amount_left: '27.50',
    business_date: today(),
  })

  const report = await verifyTar(
    (async function* () {
      yield await bench.exported('tse_tar')
    })(),
  )
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ valid: true, firstCounter: 1, serial: signed(closed).tss_serial_number })
  expect(report.lastCounter).toBe(report.logs)
})

test('sums of amounts of nine digits are answered as the contract says: drawer, closing, explanation, receipt', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const { id, till } = await bench.register(locationId)
  await till.create(event('session_open', id, { opening_balance_amount: '999999999.99' }))
  const twice = { quantity: 2, unit_price: '999999999.99', discounts: [{ amount: '999999999.99' }] }
  const most = goods('sale', id, [['999999999.99', '0.19', twice]])
  const sold = await till.complete(await till.create(most), [pay('cash', '999999999.99')])
  expect(await till.get(`/v1/operations/${sold.id}/explain`)).toMatchObject({
    lines: [{ item: { list: '1999999999.98' } }],
  })
  await till.complete(await till.create(most), [pay('cash', '999999999.99')])
  expect(await till.get(`/v1/registers/${id}/session`)).toMatchObject({ expected_closing_amount: '2999999999.97' })
  expect(await bench.office.get('/v1/overview')).toMatchObject({
    registers: [{ session: { expected_closing_amount: '2999999999.97' } }],
  })
  const counted = await till.create(event('session_cash_count', id, { counted_closing_amount: '999999999.99' }))
  expect(counted).toMatchObject({ expected_closing_amount: '2999999999.97', closing_cashcount_diff: '-1999999999.98' })
  const closing = { business_date: today(), closing_adjustment_amount: '999999999.99' }
  const closed = await till.create(event('session_close', id, closing))
  expect(closed).toMatchObject({ amount_left: '1999999999.98' })
  await till.get(`/v1/sessions/${String(closed.session_id)}`)
  expect(await bench.office.post(`/v1/registers/${id}/closings`, {})).toMatchObject({
    totals: { payments: [{ amount: '1999999999.98' }] },
  })
  for (const { id: each } of [sold, counted, closed]) {
    await till.get(`/v1/operations/${each}/receipt`)
    await till.get(`/v1/operations/${each}/explain`)
  }
  await bench.office.get('/v1/overview')
})

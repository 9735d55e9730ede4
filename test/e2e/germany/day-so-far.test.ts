// @module-tag heavy
import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { sums } from '../closing-sums.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'

function report({ id, till }: Register, body: Members = { type: 'shift' }): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, body)
}

async function printed({ till }: Register, closingId: unknown, type: string): Promise<string> {
  const path = `/v1/closings/${String(closingId)}/receipt`
  return (await till.call({ path, headers: { Accept: type } })).text
}

test('a shift report of an open session is the day so far, and is printed as Zwischenbericht', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sell(register, '50.00')
  const open = await register.till.create(goods('sale', register.id, [['9.00', '0.07']]))
  const first = await report(register)
  expect(first).toMatchObject({
    type: 'shift',
    z_numbers: [],
    document_number: null,
    fiscal: { state: 'not_required' },
    fiscal_information: null,
    interim: { receipts: 2, pending_receipts: 0 },
  })
  expect(sums(first)).toEqual({
    'key 2': '50.00',
    'key 5': '100.00',
    Bargeld: '150.00',
    Anfangsbestand: '100.00',
    Umsatz: '50.00',
  })
  expect(await report(register)).toEqual(first)
  await register.till.complete(open, [pay('card', '9.00')])
  const second = await report(register)
  expect(second['id']).not.toBe(first['id'])
  expect(sums(second)).toMatchObject({ Umsatz: '59.00', Bargeld: '150.00', Karte: '9.00' })
  for (const type of ['text/plain', 'text/html', 'application/json', 'application/vnd.escpos'])
    expect(await printed(register, second['id'], type)).toContain('Zwischenbericht')
  expect(await printed(register, second['id'], 'text/plain')).not.toContain('Z-Nummern')
  await counted(register, '150.00')
  expect(sums(await report(register))).toMatchObject({ Umsatz: '59.00', DifferenzSollIst: '0.00' })
  await register.till.create(closing(register, '0.00'))
  const last = await report(register)
  expect(last).toMatchObject({ z_numbers: [1] })
  expect(last).not.toHaveProperty('interim')
  expect(await printed(register, last['id'], 'text/plain')).toContain('Schichtabschluss')
})

test('the day so far has the float of its session as what the one before left and what was moved', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sell(register, '10.00')
  await counted(register, '110.00')
  await register.till.create(closing(register, '-60.00'))
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '80.00' }))
  expect(sums(await report(register))).toEqual({
    'key 5': '80.00',
    Bargeld: '80.00',
    Anfangsbestand: '50.00',
    Geldtransit: '30.00',
  })
  await sell(register, '4.00')
  const now = sums(await report(register))
  expect(now).toMatchObject({ Umsatz: '4.00', Bargeld: '84.00', Anfangsbestand: '50.00', Geldtransit: '30.00' })
})

test('training and voided sales are not in the day so far and make no other report of it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('10.00')
  await sell(register, '3.00')
  const before = await report(register)
  const lesson = await register.till.create(goods('sale', register.id, [['7.00', '0.07']], { training: true }))
  await register.till.complete(lesson, [pay('cash', '7.00')])
  await register.till.void(await register.till.create(goods('sale', register.id, [['2.00', '0.07']])))
  expect(await report(register)).toEqual(before)
  const even = await sell(register, '0.00')
  expect(even.status).toBe('completed')
  const after = await report(register)
  expect(after['id']).not.toBe(before['id'])
  expect(sums(after)).toMatchObject({ Umsatz: '3.00' })
})

test('other reports are refused while a session is open, and the day so far has the date of its session alone', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('10.00')
  const path = `/v1/registers/${register.id}/closings`
  for (const type of ['daily', 'monthly', 'annual'])
    expect(await register.till.refused({ path, body: { type } })).toMatchObject({ code: 'session_invalid_state' })
  const wrong = { type: 'shift', business_date: '2020-01-01' }
  expect(await register.till.refused({ path, body: wrong })).toMatchObject({ code: 'session_invalid_state' })
  const { business_date: date } = await report(register)
  expect(await report(register, { type: 'shift', business_date: date })).toMatchObject({ business_date: date })
})

test('a receipt whose signature is still pending is in no sum of the day so far, which says how many there are', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10), config: { deadlineMs: 500 } })
  const register = await bench.till('10.00')
  await sell(register, '1.00')
  const open = await register.till.create(goods('sale', register.id, [['5.00', '0.07']]))
  await bench.fault('lost-request@finish')
  const done = await register.till.complete(open, [pay('cash', '5.00')])
  expect(done.fiscal.state).toBe('pending')
  const first = await report(register)
  expect(first['interim']).toEqual({ receipts: 2, pending_receipts: 1 })
  expect(sums(first)).toMatchObject({ Umsatz: '1.00', Bargeld: '11.00' })
  expect(await printed(register, first['id'], 'text/plain')).toMatch(/Noch ohne Ergebnis: +1/)
  await bench.fault('clear')
  await bench.until(async () => (await register.till.read(done.id)).fiscal.state !== 'pending')
  const later = await report(register)
  expect(later['interim']).toEqual({ receipts: 3, pending_receipts: 0 })
  expect(sums(later)).toMatchObject({ Umsatz: '6.00', Bargeld: '16.00' })
})

test('the day so far names what its open session brought to light', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('5.00')
  const { id, till } = register
  const card = await till.create(goods('sale', id, [['30.00', '0.07']]))
  const sale = await till.complete(card, [pay('card', '30.00')])
  const back = goods('return', id, [['-30.00', '0.07', { quantity: -1, unit_price: '30.00' }]], {
    related_operation_id: sale.id,
  })
  await till.complete(await till.create(back), [pay('cash', '-30.00')])
  expect((await report(register))['hints']).toMatchObject([
    { code: 'drawer_below_zero', session_id: sale.session_id, expected_amount: '-25.00' },
  ])
})

import { expect, test } from 'vitest'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { event, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'

type Sum = { name: string; key?: number; amount: string }
type Totals = { vat: Sum[]; payments: Sum[]; business_cases: Sum[] }

function open({ id, till }: Register, float: string): Promise<unknown> {
  return till.create(event('session_open', id, { opening_balance_amount: float }))
}

async function close(register: Register, amount: string, adjustment = '0.00'): Promise<void> {
  await counted(register, amount)
  await register.till.create(closing(register, adjustment))
}

function report({ id, till }: Register, body: Members = {}): Promise<Members> {
  return till.post(`/v1/registers/${id}/closings`, body)
}

/** Amounts by name, of VAT by key. */
function sums(report: Members): Record<string, string> {
  const { vat, payments, business_cases: cases } = report['totals'] as Totals
  return Object.fromEntries([
    ...vat.map(({ key, amount }) => [`key ${key}`, amount]),
    ...[...payments, ...cases].map(({ name, amount }) => [name, amount]),
  ])
}

test('a report over several Zs has the float of the first one and the cash that the last one leaves', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await sell(register, '50.00')
  await close(register, '150.00')
  await open(register, '150.00')
  await sell(register, '30.00')
  await close(register, '180.00')
  const expected = {
    'key 2': '80.00',
    'key 5': '100.00',
    Bargeld: '180.00',
    Keine: '0.00',
    Anfangsbestand: '100.00',
    Umsatz: '80.00',
    DifferenzSollIst: '0.00',
  }
  const daily = await report(register)
  expect(daily['z_numbers']).toEqual([1, 2])
  expect(sums(daily)).toEqual(expected)
  expect(sums(await report(register, { type: 'monthly' }))).toEqual(expected)
  expect(sums(await report(register, { type: 'annual' }))).toEqual(expected)
  expect(sums(await report(register, { type: 'shift' }))).toMatchObject({ Anfangsbestand: '150.00', Bargeld: '180.00' })
  const paper = await register.till.call({
    path: `/v1/closings/${String(daily['id'])}/receipt`,
    headers: { Accept: 'text/plain' },
  })
  expect(paper.text).toMatch(/Anfangsbestand +100,00/)
  expect(paper.text).toMatch(/Bargeld +180,00/)
  expect(paper.text).toMatch(/Summe EUR +180,00/)
})

test('money between drawer and safe at a later opening stays in the report', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  await close(register, '100.00')
  await open(register, '0.00')
  await close(register, '0.00', '40.00')
  await open(register, '25.00')
  await sell(register, '5.00')
  await close(register, '30.00')
  expect(sums(await report(register))).toEqual({
    'key 2': '5.00',
    'key 5': '25.00',
    Bargeld: '30.00',
    Keine: '0.00',
    Anfangsbestand: '100.00',
    Geldtransit: '-75.00',
    DifferenzSollIst: '0.00',
    Umsatz: '5.00',
  })
})

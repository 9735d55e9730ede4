// @module-tag heavy
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD, receiptOf } from './austria/shop.ts'
import { Bench } from './bench.ts'
import type { Client, Members } from './client.ts'
import { event, goods, pay } from './goods.ts'
import { italianTill, ONE_PRINTER } from './italy/shop.ts'
import { recordedBefore } from './older-record.ts'

const GERMAN = [
  ...['exempt', 'not_taxable', 'zero_rated', 'small_business', 'intra_community', 'export', 'reverse_charge'],
  ...['margin_scheme', 'margin_scheme_art', 'margin_scheme_antiques', 'margin_scheme_travel'],
]
const AUSTRIAN = [
  ...['exempt', 'not_taxable', 'zero_rated', 'small_business', 'pass_through', 'margin_scheme', 'margin_scheme_art'],
  ...['margin_scheme_antiques', 'margin_scheme_travel', 'reverse_charge', 'intra_community', 'export'],
]
const ITALIAN = ['N1', 'N2', 'N3', 'N4', 'N5', 'N6', 'VI']

function untaxed(code?: string, more: Members = {}): Members {
  return { taxes: [{ name: '0 %', rate: '0', tax_amount: '0.00', ...(code !== undefined && { code }) }], ...more }
}

/** An intra_community supply needs one, in Austria one under reverse charge too. */
const BUYER = { customer: { name: 'Kundin', vat_id: 'ATU12345675' } }

type Till = { id: string; till: Client }

async function refusedCodes({ id, till }: Till, codes: readonly (string | undefined)[]): Promise<unknown[]> {
  const refused: unknown[] = []
  for (const code of codes) {
    const body = goods('sale', id, [['3.00', '0', untaxed(code)]], BUYER)
    const { status, code: error, message } = await till.refused({ path: '/v1/operations', body })
    expect([status, error]).toEqual([422, 'tax_rate_not_supported'])
    refused.push(message)
  }
  return refused
}

async function takeCodes({ id, till }: Till, codes: readonly (string | undefined)[]): Promise<void> {
  for (const code of codes) await till.void(await till.create(goods('sale', id, [['3.00', '0', untaxed(code)]], BUYER)))
}

test('a German register takes the codes of its law alone', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await takeCodes(register, [undefined, ...GERMAN])
  const unknown = ['N1', 'VI', 'pass_through', 'not_determinable', 'Exempt', 'whatever']
  expect(await refusedCodes(register, unknown)).toEqual(
    unknown.map((code) => `Line 0 has rate 0 with code ${code}. Codes of this law: ${GERMAN.join(', ')}.`),
  )
})

test('an Austrian register takes the codes of its law alone', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await takeCodes(register, [undefined, ...AUSTRIAN])
  const unknown = ['N1', 'not_determinable', 'whatever']
  expect(await refusedCodes(register, unknown)).toEqual(
    unknown.map((code) => `Line 0 has rate 0 with code ${code}. Codes of this law: ${AUSTRIAN.join(', ')}.`),
  )
  const online = goods('sale', null, [['3.00', '0', untaxed('N1')]])
  expect(await bench.office.refused({ path: '/v1/operations', body: online })).toMatchObject({
    code: 'tax_rate_not_supported',
  })
})

test('an Italian register takes natures alone, and names them for a rate of 0 without one', async () => {
  const printer = {
    ...ONE_PRINTER.devices[0],
    departments: { '0.22': 1, N1: 2, N2: 3, N3: 4, N4: 5, N5: 6, N6: 7, VI: 8 },
  }
  await using bench = await Bench.open({ config: { devices: [printer] } })
  const register = await italianTill(bench)
  await takeCodes(register, ITALIAN)
  const names = `Codes of this law: ${ITALIAN.join(', ')}.`
  expect(await refusedCodes(register, [undefined, 'exempt', 'N7', 'zero_rated'])).toEqual([
    `Line 0 has rate 0 without a code. ${names}`,
    `Line 0 has rate 0 with code exempt. ${names}`,
    `Line 0 has rate 0 with code N7. ${names}`,
    `Line 0 has rate 0 with code zero_rated. ${names}`,
  ])
})

test('goods sold with a code that is refused now can be read, returned and reversed', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  const sold: string[] = []
  for (let sales = 0; sales < 2; sales++) {
    const open = await till.create(goods('sale', id, [['3.00', '0', untaxed()]]))
    const done = await till.complete(open, [pay('cash', '3.00')])
    const lines = 'line_items' in done ? done.line_items : []
    const older = lines.map((line) => ({ ...line, taxes: line.taxes.map((tax) => ({ ...tax, code: 'former' })) }))
    await recordedBefore(bench, open.id, { line_items: older })
    sold.push(open.id)
  }
  const [returned = '', reversed = ''] = sold
  expect(await till.get(`/v1/operations/${returned}`)).toMatchObject({
    line_items: [{ taxes: [{ code: 'former' }] }],
  })
  expect(await till.get(`/v1/operations/${returned}/receipt`)).toMatchObject({ taxes: [{ gross: '3.00' }] })
  const back = (code: string) =>
    goods('return', id, [['-3.00', '0', untaxed(code)]], { related_operation_id: returned })
  expect(await till.refused({ path: '/v1/operations', body: back('N1') })).toMatchObject({ status: 422 })
  const paid = await till.complete(await till.create(back('former')), [pay('cash', '-3.00')])
  expect(receiptOf(paid).document_type).toBe('standard')
  const voided = await till.create(event('void', id, { related_operation_id: reversed }))
  expect(receiptOf(voided).document_type).toBe('void')
})

// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { austrianTill, ONE_CARD } from '../austria/shop.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { amending, completion, processData, signed } from '../client.ts'
import { goods, order, pay } from '../goods.ts'
import { italianTill, ONE_PRINTER } from '../italy/shop.ts'
import { closeExpected } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

type Lines = Parameters<typeof order>[1]

const CUP = { title: 'Eisbecher "Himbeere"', sku_identifier: 'cup', unit_price: '3.99' }
const TWO_CUPS: Lines = [['7.98', '0.19', { ...CUP, quantity: 2 }]]
const ONE_CUP: Lines = [['3.99', '0.19', { ...CUP, quantity: 1 }]]
const STAFF = { customer: { name: 'Ada' } }

/** The package of everything; it must verify, and so must the journal. */
async function verifiedBooks(bench: Bench): ReturnType<typeof exportedPackage> {
  expect((await verifyJournal(bench.config.state)).findings).toEqual([])
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [] })
  return books
}

async function amended(till: Register['till'], open: Operation, body: Members): Promise<Operation> {
  const { status, json, text } = await till.call(amending(open, body))
  expect(status, text).toBe(200)
  return json as unknown as Operation
}

test('an order that begins empty is amended, and what was taken away is neither signed nor in a sum', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const empty = await till.create(order(id, []))
  expect(empty).toMatchObject({ status: 'open', total_amount: '0.00', line_items: [] })
  expect(await till.refused(completion(empty, []))).toMatchObject({ code: 'unprocessable_entity' })
  const first = await amended(till, empty, { line_items: order(id, TWO_CUPS)['line_items'] })
  expect(first).toMatchObject({ resource_version: 2, total_amount: '7.98', tax_amount: '1.27' })
  const second = await amended(till, first, { line_items: order(id, ONE_CUP)['line_items'] })
  const done = await till.call({ ...completion(second, []), body: {}, ifMatch: 3 })
  const completed = done.json as unknown as Operation
  expect(processData(completed)).toBe('1;"Eisbecher ""Himbeere""";3.99')
  await closeExpected(register)
  const { rowsOf } = await verifiedBooks(bench)
  expect(rowsOf('lines.csv', completed).map((row) => [row['MENGE'], row['P_STORNO']])).toEqual([
    ['1,000', '0'],
    ['1,000', '1'],
  ])
  expect(rowsOf('transactions.csv', completed)).toMatchObject([{ UMS_BRUTTO: '3,99' }])
})

test('a transfer and a benefit take their goods with the completion, with every rule of their create', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  const lines: Lines = [['9.90', '0.07']]
  for (const [type, more] of [
    ['transfer', {}],
    ['employee_benefit', STAFF],
  ] as const) {
    const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods(type, id, lines)
    const last = { line_items, pretax_amount, tax_amount, tip_amount, total_amount }
    const open = await till.create(goods(type, id, [], more))
    const tip = { ...last, tip_amount: '1.00', total_amount: '10.90' }
    expect(await till.refused(completion(open, [], tip))).toMatchObject({ code: 'unprocessable_entity' })
    const back = goods(type, id, [['9.90', '0.07', { quantity: -1, unit_price: '9.90' }]])
    expect((await till.refused(completion(open, [], { ...last, line_items: back['line_items'] }))).status).toBe(422)
    const { json } = await till.call(completion(open, [], last))
    expect(json).toMatchObject({ status: 'completed', total_amount: '9.90' })
    expect(json).not.toHaveProperty('payments')
  }
  await closeExpected(register)
  await verifiedBooks(bench)
})

test('a benefit keeps a recipient: no completion and no amendment takes it away', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const open = await till.create(goods('employee_benefit', id, [['9.90', '0.07']], STAFF))
  const nobody = { customer: { email: 'ada@example.org' } }
  const refusal = { code: 'customer_required', fiscal_effect: 'none' }
  expect(await till.refused(completion(open, [], nobody))).toMatchObject(refusal)
  const { line_items, pretax_amount, tax_amount, tip_amount, total_amount } = goods('sale', id, [['9.90', '0.07']])
  const body = { line_items, pretax_amount, tax_amount, tip_amount, total_amount, ...nobody }
  expect(await till.refused(amending(open, body))).toMatchObject(refusal)
  expect(await till.complete(open, [], { customer: { id: 'u7' } })).toMatchObject({ customer: { id: 'u7' } })
})

test('in an outage an order goes out unsigned, its slip names the outage and its bon the failure', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const { id, till } = register
  await bench.fault('unplugged@*')
  const done = await till.complete(await till.create(order(id, TWO_CUPS)), [])
  expect(done).toMatchObject({ status: 'completed', fiscal: { state: 'failed' }, fiscal_information: null })
  const { text } = await till.call({ path: `/v1/operations/${done.id}/receipt.txt` })
  expect(text).toMatch(/Kein Kassenbeleg/i)
  expect(text).toContain(String(done.fiscal.receipt_text))
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await closeExpected(register)
  const { rowsOf } = await verifiedBooks(bench)
  expect(rowsOf('transactions.csv', done)).toMatchObject([{ BON_TYP: 'AVBestellung', UMS_BRUTTO: '7,98' }])
  expect(rowsOf('transactions_tse', done)).toEqual([])
  expect(rowsOf('transactions_tse.csv', done)[0]?.['TSE_TA_FEHLER']).toContain('unavailable')
})

test('every form of the slip is drawn, for completed, voided and practised orders', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const done = await till.complete(await till.create(order(id, TWO_CUPS)), [])
  const voided = await till.void(await till.create(order(id, TWO_CUPS)))
  const practised = await till.complete(await till.create(order(id, TWO_CUPS, { training: true })), [])
  for (const operation of [done, voided, practised])
    for (const form of ['pdf', 'png', 'html', 'txt', 'escpos']) {
      const { status } = await till.call({ path: `/v1/operations/${operation.id}/receipt.${form}` })
      expect([operation.status, form, status]).toEqual([operation.status, form, 200])
    }
  const { status } = await till.call({ path: `/v1/operations/${done.id}/code` })
  expect(status).toBe(200)
  const slip = await till.get(`/v1/operations/${voided.id}/receipt`)
  expect(slip).toMatchObject({ total: { value: '0.00' }, taxes: [] })
})

test('explain and a dry run show an order by its lines, and the text that is signed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const headers = { Prefer: 'dry-run' }
  const dry = await till.call({ path: '/v1/operations', body: order(id, TWO_CUPS), headers })
  expect(dry.json).toMatchObject({ explanation: { document_type: 'AVBestellung', total: '7.98', payments: [] } })
  const open = await till.create(order(id, TWO_CUPS))
  const end = await till.call({ ...completion(open, []), headers: { ...headers, 'Idempotency-Key': undefined } })
  const process_data = '2;"Eisbecher ""Himbeere""";3.99'
  expect(end.json).toMatchObject({ status: 'completed', explanation: { process_data } })
  const done = await till.complete(open, [])
  const explained = await till.get(`/v1/operations/${done.id}/explain`)
  expect(explained).toMatchObject({ document_type: 'AVBestellung', process_data, total: '7.98' })
  expect(explained['lines']).toMatchObject([{ business_case: 'Umsatz', item: { list: '7.98', sent_total: '7.98' } }])
})

test('the last operation of a register skips orders, unless a request names their type', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const sold = await till.complete(await till.create(goods('sale', id, [['4.00', '0.07']])), [pay('cash', '4.00')])
  const done = await till.complete(await till.create(order(id, TWO_CUPS)), [])
  const last = (query: string) => till.get(`/v1/registers/${id}/last-operation${query}`)
  expect(await last('')).toMatchObject({ id: sold.id })
  expect(await last('?type=order')).toMatchObject({ id: done.id })
  const moved = await till.complete(await till.create(goods('transfer', id, [['4.00', '0.07']])), [])
  expect(await last('')).toMatchObject({ id: moved.id })
  expect(await till.list('/v1/operations?allocation_group=Tisch%207')).toMatchObject([{ id: done.id }])
})

test('an order of 6,000 bytes is signed, one of 6,001 is refused before anything is recorded', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till('50.00')
  const titles = (last: number) => [...Array.from({ length: 22 }, () => 'x'.repeat(255)), 'x'.repeat(last)]
  const body = (last: number) =>
    order(
      id,
      titles(last).map((title) => ['1.00', '0.07', { title }] as const),
    )
  // 23 lines of nine characters each and 22 CRs, beside the titles.
  const last = 6000 - 23 * 9 - 22 - 22 * 255
  const head = bench.head()
  expect(await till.refused({ path: '/v1/operations', body: body(last + 1) })).toMatchObject({
    code: 'unprocessable_entity',
    fiscal_effect: 'none',
    details: { pointer: '/line_items', bytes: 6001, limit: 6000 },
  })
  expect(bench.requestedSince(head)).toEqual([])
  const done = await till.complete(await till.create(body(last)), [])
  expect(Buffer.byteLength(processData(done))).toBe(6000)
  expect(signed(done).document_type).toBe('AVBestellung')
})

test('Austria and Italy have no goods without payments and no tables, and say which member', async () => {
  await using vienna = await Bench.open({ config: ONE_CARD })
  await using turin = await Bench.open({ config: ONE_PRINTER })
  for (const { id, till } of [await austrianTill(vienna), await italianTill(turin)]) {
    const rate = '0.10'
    const bodies = [
      order(id, [['1.00', rate]]),
      goods('transfer', id, [['1.00', rate]]),
      goods('employee_benefit', id, [['1.00', rate]], STAFF),
    ]
    for (const body of bodies)
      expect(await till.refused({ path: '/v1/operations', body })).toMatchObject({
        code: 'not_supported_by_law',
        fiscal_effect: 'none',
        details: { member: 'type', pointer: '/type' },
      })
    const bill = goods('sale', id, [['1.00', rate]], { allocation_group: 'Tisch 7' })
    expect(await till.refused({ path: '/v1/operations', body: bill })).toMatchObject({
      code: 'not_supported_by_law',
      details: { member: 'allocation_group' },
    })
  }
})

test('an opening of the drawer for a practised order is unattended, as one for practised goods is', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { id, till } = await bench.till('50.00')
  const practised = await till.complete(await till.create(order(id, TWO_CUPS, { training: true })), [])
  const real = await till.complete(await till.create(order(id, TWO_CUPS)), [])
  const opened = (operation: Operation) =>
    till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', operation_id: operation.id })
  expect(await opened(practised)).toMatchObject({ fiscal: { document_type: 'AVSonstige' } })
  expect(await opened(real)).toMatchObject({ fiscal: null })
})

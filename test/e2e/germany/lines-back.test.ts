// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory, table } from '../../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../../verified-journal.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members, Operation } from '../client.ts'
import { processData, signed } from '../client.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { closing, counted } from '../shift.ts'

type Lines = Parameters<typeof goods>[2]
type Rows = (bon: Operation) => Record<string, string>[]

let bench: Bench
let register: Register

beforeAll(async () => {
  bench = await Bench.open()
  register = await bench.till('100.00')
})
afterAll(() => bench[Symbol.asyncDispose]())

/** Pieces at their price. */
function pieces(quantity: number | string, price: string, rate: string, more: Members = {}): Lines[number] {
  const total = (Number(quantity) * Number(price)).toFixed(2)
  return [total, rate, { quantity, unit_price: price, ...more }]
}

function empties(quantity: number, price: string, more: Members = {}): Lines[number] {
  return pieces(quantity, price, '0.19', {
    type: 'container_deposit',
    sku_identifier: 'pfand',
    title: 'Flasche',
    ...more,
  })
}

async function done(type: 'sale' | 'return', lines: Lines, method: string, more: Members = {}): Promise<Operation> {
  const open = await register.till.create(goods(type, register.id, lines, more))
  const total = String((open as Operation & { total_amount: string }).total_amount)
  return register.till.complete(open, [pay(method, total)])
}

async function receipt(id: string): Promise<string> {
  const path = `/v1/operations/${id}/receipt`
  return (await register.till.call({ path, headers: { Accept: 'text/plain' } })).text
}

/** The rows of the package by BON_ID, which verifies. */
async function packaged(): Promise<{ lines: Rows; references: Rows; payments: Rows }> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const files = await filesOf(file)
    const rowsOf = (name: string) => {
      const rows = table(files, name)
      return (bon: Operation) => rows.filter((row) => row['BON_ID'] === signed(bon).receipt_number)
    }
    return { lines: rowsOf('lines.csv'), references: rowsOf('references.csv'), payments: rowsOf('datapayment.csv') }
  })
}

function shownLines(rows: Rows, operation: Operation): string[] {
  return rows(operation).map((row) => ['GV_TYP', 'MENGE', 'STK_BR', 'P_STORNO'].map((name) => row[name]).join(' '))
}

function shownReferences(rows: Rows, operation: Operation): string[] {
  return rows(operation).map((row) =>
    ['POS_ZEILE', 'REF_TYP', 'REF_NAME', 'REF_Z_NR', 'REF_BON_ID'].map((name) => row[name]).join('|'),
  )
}

test('lines that go the other way are signed, booked, printed and reversed as DSFinV-K asks', async () => {
  const { id, till } = register
  const earlier = await sell(register, '30.00')
  const purchase = await done('sale', [pieces(4, '5.00', '0.07'), empties(-13, '0.25')], 'cash')
  expect(processData(purchase)).toBe('Beleg^-3.25_20.00_0.00_0.00_0.00^16.75:Bar')
  const byPrice = await done('sale', [pieces(4, '5.00', '0.07'), empties(13, '-0.25')], 'cash')
  expect(processData(byPrice)).toBe('Beleg^-3.25_20.00_0.00_0.00_0.00^16.75:Bar')
  const crate = [empties(-12, '0.08'), empties(-1, '1.50', { sku_identifier: 'kasten', title: 'Kasten' })]
  const sold = await done('sale', crate, 'cash')
  const returned = await done('return', crate, 'cash')
  for (const operation of [sold, returned])
    expect(processData(operation)).toBe('Beleg^-2.46_0.00_0.00_0.00_0.00^-2.46:Bar')
  const more = await done('sale', [pieces(1, '1.00', '0.07'), empties(-10, '0.25')], 'cash')
  expect(processData(more)).toBe('Beleg^-2.50_1.00_0.00_0.00_0.00^-1.50:Bar')
  const coffee = { sku_identifier: 'coffee', title: 'Kaffee' }
  const cancelled = await done('sale', [pieces(3, '2.80', '0.19', coffee), pieces(-1, '2.80', '0.190', coffee)], 'card')
  expect(processData(cancelled)).toBe('Beleg^5.60_0.00_0.00_0.00_0.00^5.60:Unbar')
  const elsewhere = { external_related_operation: { description: 'Filiale Süd', external_operation_id: 'B-17' } }
  const former = await done('sale', [pieces(-1, '20.00', '0.16', elsewhere), pieces(1, '80.00', '0.19')], 'card')
  expect(processData(former)).toBe('Beleg^60.00_0.00_0.00_0.00_0.00^60.00:Unbar')
  const references = [
    pieces(1, '50.00', '0.07'),
    pieces(-1, '30.00', '0.07', { related_operation_id: earlier.id }),
    pieces(1, '2.00', '0.07', { external_related_operation: { kind: 'invoice', external_operation_id: 'RE-4711' } }),
    pieces(1, '1.00', '0.07', {
      external_related_operation: { kind: 'delivery_note', external_operation_id: 'LS-9', description: 'Großmarkt' },
    }),
  ] as const
  const swapped = await done('sale', references, 'cash')
  const undone: Operation[] = []
  for (const { id: original } of [purchase, sold, returned, cancelled, former])
    undone.push(await till.create(event('void', id, { related_operation_id: original })))
  expect(undone.map(processData)).toEqual([
    'Beleg^3.25_-20.00_0.00_0.00_0.00^-16.75:Bar',
    'Beleg^2.46_0.00_0.00_0.00_0.00^2.46:Bar',
    'Beleg^2.46_0.00_0.00_0.00_0.00^2.46:Bar',
    'Beleg^-5.60_0.00_0.00_0.00_0.00^-5.60:Unbar',
    'Beleg^-60.00_0.00_0.00_0.00_0.00^-60.00:Unbar',
  ])

  expect(await receipt(purchase.id)).toMatch(/Pfandrückgabe Flasche\n +-13 x 0,25 +-3,25/)
  expect(await receipt(String(undone[0]?.id))).toMatch(/Pfandrückgabe Flasche\n +13 x 0,25 +3,25/)
  expect(await receipt(returned.id)).toMatch(/Pfandrückgabe Kasten\n +-1 x 1,50 +-1,50/)
  expect(await receipt(cancelled.id)).toMatch(/Kaffee\n +3 x 2,80 +8,40 A\nKaffee\n +-1 x 2,80 +-2,80 A/)
  expect(await receipt(swapped.id)).toContain(`Bezug: ${earlier.id}`)
  expect(await receipt(swapped.id)).toContain('Bezug: Rechnung RE-4711')
  expect(await receipt(swapped.id)).toContain('Bezug: Lieferschein LS-9, Großmarkt')

  await counted(register, '100.00')
  await till.create(closing(register, '0.00'))
  const { lines, references: rows, payments } = await packaged()
  const bottles = ['Umsatz 4,000 5,00000 0', 'PfandRueckzahlung -13,000 0,25000 0']
  expect(shownLines(lines, purchase)).toEqual(bottles)
  expect(shownLines(lines, byPrice)).toEqual(bottles)
  const back = ['PfandRueckzahlung -12,000 0,08000 0', 'PfandRueckzahlung -1,000 1,50000 0']
  for (const operation of [sold, returned]) expect(shownLines(lines, operation)).toEqual(back)
  expect(shownLines(lines, cancelled)).toEqual(['Umsatz 3,000 2,80000 0', 'Umsatz -1,000 2,80000 0'])
  expect(payments(more)).toMatchObject([{ ZAHLART_TYP: 'Bar', BASISWAEH_BETRAG: '-1,50' }])
  for (const operation of [purchase, sold, returned, cancelled]) expect(shownReferences(rows, operation)).toEqual([])
  expect(shownReferences(rows, former)).toEqual(['1|ExterneSonstige|Filiale Süd||B-17'])
  expect(shownReferences(rows, swapped)).toEqual([
    `2|Transaktion||1|${signed(earlier).receipt_number}`,
    '3|ExterneRechnung|||RE-4711',
    '4|ExternerLieferschein|||LS-9',
  ])
  const report = await verifyJournal(bench.config.state)
  expect(report.findings.filter(({ code }) => code !== 'tse_rate_undated')).toEqual([])
})

async function ended({ id, till }: Register, cash: string): Promise<Members> {
  await counted(register, cash)
  await till.create(closing(register, '0.00'))
  return till.post(`/v1/registers/${id}/closings`, { type: 'shift' })
}

test('a closing names sales of which more came back by lines of other sales, without pieces that were taken off', async () => {
  const { id, till } = register
  await till.create(event('session_open', id, { opening_balance_amount: '100.00' }))
  const tea = { sku_identifier: 'tea', title: 'Tee' }
  const sale = await done('sale', [pieces(3, '2.00', '0.07', tea), pieces(-1, '2.00', '0.07', tea)], 'cash')
  const other = await done('sale', [pieces(2, '2.00', '0.07', tea)], 'cash')
  const free = await done('sale', [pieces(3, '2.00', '0.07', tea), pieces(-3, '2.00', '0.07', tea)], 'cash')
  const back = (quantity: number, from: Operation) =>
    pieces(quantity, '2.00', '0.07', { ...tea, related_operation_id: from.id })
  const swapped = await done('sale', [pieces(1, '9.00', '0.07'), back(-2, sale), back(-2, other)], 'cash')
  const refused = await till.refused({
    path: '/v1/operations',
    body: event('void', id, { related_operation_id: sale.id }),
    key: 'void-sale',
  })
  expect(refused).toMatchObject({ code: 'related_operation_invalid' })
  expect(refused.message).toContain(swapped.id)
  const undone = await done('sale', [pieces(1, '9.00', '0.07'), back(-1, other)], 'cash')
  await till.create(event('void', id, { related_operation_id: undone.id }))
  await done('sale', [pieces(1, '9.00', '0.07'), back(-1, sale), back(-1, free)], 'cash')
  const report = await ended(register, '150.00')
  const hint = (operation: Operation, sold: string, returned: string) => ({
    code: 'returned_beyond_sale',
    operation_id: operation.id,
    articles: [{ type: 'item', sku_identifier: 'tea', rate: '0.07', sold, returned }],
  })
  expect(report['hints']).toMatchObject([hint(sale, '2', '3'), hint(free, '0', '1')])
})

test('empties are paid out of any drawer, and the closing names one that should hold less than 0.00', async () => {
  const { id, till } = register
  await till.create(event('session_open', id, { opening_balance_amount: '1.00' }))
  await done('sale', [empties(-10, '0.25')], 'cash')
  const report = await ended(register, '0.00')
  expect(report['hints']).toMatchObject([{ code: 'drawer_below_zero', expected_amount: '-1.50' }])
})

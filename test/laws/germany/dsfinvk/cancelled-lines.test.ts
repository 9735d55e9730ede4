import { expect, test } from 'vitest'
import type { GoodsDocument } from '../../../../agent/journal/documents/document.ts'
import type { Members } from '../../../../agent/journal/events.ts'
import type { Bon } from '../../../../agent/laws/germany/dsfinvk/bon.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { documentBon } from '../../../../agent/laws/germany/dsfinvk/document-bon.ts'
import { explain } from '../../../../agent/laws/germany/explain.ts'
import { documentOf } from '../../../some-document.ts'
import { filesOf, inDirectory, packageOf } from './package.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

const DATE = '2026-03-02'
const times = { start: `${DATE}T08:00:00+01:00`, end: `${DATE}T08:00:01+01:00` }
const frame = {
  vat: new ClosingVat(DATE),
  leftCents: undefined,
  defaultOperator: 'POS',
  tseSerial: '',
  refer: () => undefined,
}

function line(title: string, quantity: number | string, price: string, total: string, more: Members = {}): Members {
  const taxes = [{ name: 'USt', rate: '0.07', tax_amount: '0.00' }]
  return {
    type: 'item',
    sku_identifier: title.toUpperCase(),
    title,
    quantity,
    unit_price: price,
    total_amount: total,
    taxes,
    ...more,
  }
}

const at19 = { taxes: [{ name: 'USt', rate: '0.19', tax_amount: '0.00' }] }
const cancelledAt = { cancelled_at: `${DATE}T07:00:00.500Z` }

function document(set: Members): GoodsDocument {
  const more = { id: 'op_1', type: 'sale', status: 'completed', tip_amount: '0.00', cart_level_discounts: [], ...set }
  return documentOf(more['type'] as GoodsDocument['kind'], { set: more, own: { counted_statuses: ['captured'] } })
}

function bonOf(set: Members): Bon {
  const bon = documentBon(document(set), frame, 1, times)
  if (bon === undefined) throw new Error('no bon')
  return bon
}

/** The rows of a package with that bon alone, without the members of the closing. */
async function packaged(bon: Bon): Promise<{ processData: string; rows: (file: string) => string[] }> {
  const signer = new Signer('EDGE-000123')
  const { tse: _, ...draft } = bon
  const signed = signer.sign(draft, Date.parse(times.start), Date.parse(times.end))
  const files = await inDirectory(async (directory) => {
    const closing = closingOf({ number: 1, createdAt: `${DATE}T17:00:00+01:00` }, [signed], [signer])
    return filesOf(await packageOf(sourceOf(closing), directory))
  })
  return {
    processData: signed.tse.state === 'signed' ? signed.tse.processData : '',
    rows: (file) =>
      (files.get(`${file}.csv`) ?? '')
        .split('\r\n')
        .slice(1, -1)
        .map((row) => row.split(';').slice(3).join(';')),
  }
}

const cash = { payment_id: 'p', method: 'cash', status: 'captured', amount: '4.00', currency: 'EUR' }
const breakfast = {
  line_items: [line('Brezel', 1, '1.20', '1.20'), line('Kaffee', 1, '2.80', '2.80', at19)],
  cancelled_line_items: [line('Brezel', '1', '1.20', '1.20', cancelledAt)],
  payments: [cash],
}

test('a line taken away before the end is a cancelled row after the goods, in no sum', async () => {
  const { processData, rows } = await packaged(bonOf(breakfast))
  expect(processData).toBe('Beleg^2.80_1.20_0.00_0.00_0.00^4.00:Bar')
  expect(rows('lines')).toEqual([
    '"1";"1";;"Brezel";;"Umsatz";;;"0";0;"BREZEL";;;;1,000;;;1,20000',
    '"1";"2";;"Kaffee";;"Umsatz";;;"0";0;"KAFFEE";;;;1,000;;;2,80000',
    '"1";"3";;"Brezel";;"Umsatz";;;"1";0;"BREZEL";;;;1,000;;;1,20000',
  ])
  expect(rows('lines_vat')).toEqual(['"1";"1";2;1,20000;;', '"1";"2";1;2,80000;;', '"1";"3";2;1,20000;;'])
  expect(rows('itemamounts')).toEqual([])
  expect(rows('transactions_vat')).toEqual(['"1";1;2,80000;2,35000;0,45000', '"1";2;1,20000;1,12000;0,08000'])
  expect(rows('businesscases')).toEqual([
    '"Umsatz";;0;2;1,20000;1,12000;0,08000',
    '"Umsatz";;0;1;2,80000;2,35000;0,45000',
  ])
})

test('cancelled lines come after all goods and before deposits, service charge, tip, discounts and vouchers', () => {
  const voucher = { ...cash, payment_id: 'v', method: 'gift_card', gift_card_id: 'GC-1', amount: '1.00' }
  const bon = bonOf({
    line_items: [
      line('Bedienung', 1, '2.00', '2.00', { type: 'service_charge' }),
      line('Torte', 1, '20.00', '19.00'),
      line('Gutschein', 1, '5.00', '5.00', { type: 'gift_card', gift_card_id: 'GC-2', taxes: [] }),
    ],
    cancelled_line_items: [
      line('Bedienung', '1', '2.00', '2.00', { type: 'service_charge' }),
      line('Kasten', '-1', '3.10', '-3.10', { type: 'container_deposit', ...at19 }),
      line('Gutschein', '1', '5.00', '5.00', { type: 'gift_card', gift_card_id: 'GC-3', taxes: [] }),
      line('Salami', '0.333', '17.77', '5.92'),
    ],
    cart_level_discounts: [{ amount: '1.00' }],
    tip_amount: '1.00',
    payments: [voucher, { ...cash, amount: '26.00' }],
  })
  expect(bon.lines.map(({ businessCase, text, cancelled = false }) => [businessCase, text, cancelled])).toEqual([
    ['Umsatz', 'Torte', false],
    ['MehrzweckgutscheinKauf', 'Gutschein', false],
    ['TrinkgeldAG', 'Bedienung', true],
    ['PfandRueckzahlung', 'Kasten', true],
    ['MehrzweckgutscheinKauf', 'Gutschein', true],
    ['Umsatz', 'Salami', true],
    ['TrinkgeldAG', 'Bedienung', false],
    ['TrinkgeldAN', 'Trinkgeld', false],
    ['Rabatt', 'Rabatt', false],
    ['MehrzweckgutscheinEinloesung', 'Gutschein GC-1', false],
  ])
  const [, , , crate, voucherLine, salami] = bon.lines
  expect(crate).toMatchObject({ article: { quantity: -1000n, unitPrice: 310_000n }, vat: [{ key: 1, cents: -310n }] })
  expect(voucherLine).toMatchObject({ voucher: 'GC-3', vat: [{ key: 5, cents: 500n }] })
  expect(salami).toMatchObject({ article: { quantity: 333n, unitPrice: 1_777_000n }, vat: [{ key: 2, cents: 592n }] })
})

test('the reference of a capture is that of the deposit it takes off, not of one that was taken away', () => {
  const refer = () => ({ registerId: 'reg', closing: 1, bonId: '7', date: times.end })
  const deposit = { type: 'deposit', ...at19 }
  const set = {
    type: 'deposit_capture',
    related_operation_id: 'op_0',
    line_items: [line('Rad', 1, '400.00', '400.00', at19), line('Anzahlung', 1, '-50.00', '-50.00', deposit)],
    cancelled_line_items: [line('Anzahlung', '1', '-100.00', '-100.00', deposit)],
    payments: [{ ...cash, amount: '350.00' }],
  }
  const bon = documentBon(document(set), { ...frame, refer }, 1, times)
  expect(bon?.lines.map(({ businessCase, cancelled = false }) => [businessCase, cancelled])).toEqual([
    ['Umsatz', false],
    ['Anzahlungsaufloesung', true],
    ['Anzahlungsaufloesung', false],
  ])
  expect(bon?.references?.map((reference) => reference.line)).toEqual([3])
})

test('an operation that is voided after an amendment is an abort of its lines and of those taken away', async () => {
  const { processData, rows } = await packaged(bonOf({ ...breakfast, payments: [], status: 'voided' }))
  expect(processData).toBe('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^')
  expect(rows('lines').map((row) => row.split(';')[8])).toEqual(['"1"', '"1"', '"1"'])
  expect(rows('lines_vat')).toHaveLength(3)
  expect(rows('transactions_vat')).toEqual([])
  expect(rows('datapayment')).toEqual(['"1";"Keine";;"EUR";;0,00'])
})

test('an operation that is voided while it is empty is an abort without lines', async () => {
  const { processData, rows } = await packaged(bonOf({ line_items: [], status: 'voided' }))
  expect(processData).toBe('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^')
  expect(rows('transactions')).toHaveLength(1)
  expect([rows('lines'), rows('lines_vat'), rows('transactions_vat')]).toEqual([[], [], []])
})

test('training has its cancelled lines, too', async () => {
  const { processData, rows } = await packaged(bonOf({ ...breakfast, training: true }))
  expect(processData).toBe('AVTraining^2.80_1.20_0.00_0.00_0.00^')
  expect(rows('lines').map((row) => row.split(';')[8])).toEqual(['"0"', '"0"', '"1"'])
})

test('an explanation has no line that was taken away', () => {
  const sale = document({ ...breakfast, fiscal_information: null })
  const { lines, taxes, total } = explain(sale, bonOf(breakfast), new ClosingVat(DATE))
  expect(lines.map(({ number, text }) => [number, text])).toEqual([
    [1, 'Brezel'],
    [2, 'Kaffee'],
  ])
  expect(taxes.map(({ gross, parts }) => [gross, parts])).toEqual([
    ['2.80', [{ business_case: 'Umsatz', amount: '2.80' }]],
    ['1.20', [{ business_case: 'Umsatz', amount: '1.20' }]],
  ])
  expect(total).toBe('4.00')
})

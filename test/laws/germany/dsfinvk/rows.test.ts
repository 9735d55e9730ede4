import { describe, expect, test } from 'vitest'
import type { GoodsDocument, OperationDocument } from '../../../../agent/journal/documents/document.ts'
import type { OperationKind } from '../../../../agent/journal/documents/kind.ts'
import { soldGoods } from '../../../../agent/journal/documents/sold-goods.ts'
import type { Members } from '../../../../agent/journal/events.ts'
import { articleOf } from '../../../../agent/laws/germany/article.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import { decimalComma, record } from '../../../../agent/laws/germany/dsfinvk/csv.ts'
import { documentBon } from '../../../../agent/laws/germany/dsfinvk/document-bon.ts'
import { LocalTime } from '../../../../agent/laws/germany/dsfinvk/local-time.ts'
import { bonPayments } from '../../../../agent/laws/germany/dsfinvk/payments.ts'
import { sessionLines } from '../../../../agent/laws/germany/dsfinvk/session-lines.ts'
import { TABLES } from '../../../../agent/laws/germany/dsfinvk/tables.ts'
import { cut, writtenText } from '../../../../agent/laws/germany/written-text.ts'
import { reversed } from '../../../../agent/register/reversal.ts'
import { documentOf } from '../../../some-document.ts'
import { filesOf, inDirectory, packageOf } from './package.ts'
import type { Draft } from './signer.ts'
import { closingOf, Signer, sourceOf } from './signer.ts'

function line(more: Members): Members {
  return {
    sku_identifier: 'sku',
    title: 'Ware',
    quantity: 1,
    type: 'item',
    taxes: [{ name: 'USt', rate: '0.07', tax_amount: '0' }],
    ...more,
  }
}
const frame = {
  vat: new ClosingVat('2026-03-02'),
  leftCents: undefined,
  defaultOperator: 'POS',
  tseSerial: '',
  refer: () => undefined,
}
const times = { start: '2026-03-02T08:00:00+01:00', end: '2026-03-02T08:00:01+01:00' }

function sale(more: Members): GoodsDocument {
  const set: Members = {
    id: 'op_1',
    type: 'sale',
    status: 'completed',
    tip_amount: '0.00',
    cart_level_discounts: [],
    ...more,
  }
  return documentOf(set['type'] as GoodsDocument['kind'], { set, own: { counted_statuses: ['captured'] } })
}

function movementOf(shown: Members): OperationDocument {
  return documentOf(shown['type'] as OperationKind, { set: shown })
}

function paid(method: string, amount: string, more: Members = {}): Members {
  return { payment_id: 'p', method, status: 'captured', amount, currency: 'EUR', ...more }
}

test.each([
  ['beside what is left at another rate', ['-5.00', '0.00']],
  ['alone', ['0.00']],
])('a deposit of which 0.00 is taken off, %s, is one taken off, and its line refers to it', (_, totals) => {
  const taken = totals.map((total) => line({ type: 'deposit', unit_price: total, total_amount: total }))
  const bought = line({ unit_price: '9.00', total_amount: '9.00' })
  const date = times.end
  const refer = () => ({ registerId: 'reg', closing: 1, bonId: '7', date })
  const document = (more: Members) =>
    sale({ line_items: [...taken, bought], payments: [], related_operation_id: 'op_0', ...more })
  const bon = documentBon(document({ type: 'deposit_capture' }), { ...frame, refer }, 1, times)
  const cases = ['Umsatz', ...totals.map(() => 'Anzahlungsaufloesung')]
  expect(bon?.lines.map(({ businessCase }) => businessCase)).toEqual(cases)
  expect(bon?.references?.map((reference) => reference.line)).toEqual(totals.map((_total, index) => index + 2))

  const reversal = documentBon(
    document({ ...reversed(soldGoods(document({}).shown)), type: 'void' }),
    { ...frame, refer },
    2,
    times,
  )
  expect(reversal?.lines.map(({ businessCase }) => businessCase)).toEqual(cases)
})

test('goods that come back for nothing, their discount being all of the price, have the sign of their quantity', () => {
  const back = line({
    quantity: -1,
    unit_price: '10.00',
    total_amount: '0.00',
    discounts: [{ amount: '10.00' }],
  })
  const bon = documentBon(sale({ type: 'return', line_items: [back], payments: [] }), frame, 1, times)
  expect(bon?.lines[0]).toMatchObject({
    article: { quantity: -1000n },
    pricing: [
      { type: 'base_amount', cents: -1000n },
      { type: 'discount', cents: 1000n },
    ],
  })
})

test('a discount of the cart leaves Pfand at its price and is taken off the goods', () => {
  const document = sale({
    line_items: [
      line({ title: 'Brot', unit_price: '1.98', total_amount: '1.98' }),
      line({
        title: 'Pfand',
        type: 'container_deposit',
        unit_price: '0.25',
        total_amount: '0.25',
        taxes: [{ name: 'USt', rate: '0.19', tax_amount: '0' }],
      }),
    ],
    cart_level_discounts: [{ amount: '0.17' }],
    payments: [paid('cash', '2.23')],
  })
  const lines = documentBon(document, frame, 1, times)?.lines
  expect(lines?.map(({ businessCase, article, vat }) => [businessCase, article?.unitPrice, vat])).toEqual([
    ['Umsatz', 215_000n, [{ key: 2, cents: 215n }]],
    ['Pfand', 25_000n, [{ key: 1, cents: 25n }]],
    ['Rabatt', undefined, [{ key: 2, cents: -17n }]],
  ])
})

test('cart discount and voucher: the lines before the discount, the discount by key, the voucher as no payment', async () => {
  const document = sale({
    line_items: [
      line({ title: 'Torte', sku_identifier: 'TORTE', unit_price: '30.00', total_amount: '27.00' }),
      line({
        title: 'Sekt',
        sku_identifier: 'SEKT',
        quantity: 2,
        unit_price: '10.00',
        total_amount: '18.00',
        taxes: [{ name: 'USt', rate: '0.19', tax_amount: '0' }],
      }),
    ],
    cart_level_discounts: [{ description: 'Gutschein-Aktion', amount: '5.00' }],
    payments: [paid('gift_card', '20.00', { gift_card_id: 'GC-0001' }), paid('cash', '25.00')],
  })
  const bon = documentBon(document, frame, 1, times)
  if (bon === undefined) throw new Error('no bon')
  const signer = new Signer('EDGE-000123')
  const { tse: _, ...draft } = bon
  const signed = signer.sign(draft satisfies Draft, Date.parse(times.start), Date.parse(times.end))
  expect(signed.tse).toMatchObject({ processData: 'Beleg^18.00_27.00_0.00_0.00_-20.00^25.00:Bar' })
  await inDirectory(async (directory) => {
    const closing = closingOf({ number: 1, createdAt: '2026-03-02T17:00:00+01:00' }, [signed], [signer])
    const files = await filesOf(await packageOf(sourceOf(closing), directory))
    const rows = (file: string) =>
      (files.get(`${file}.csv`) ?? '')
        .split('\r\n')
        .slice(1, -1)
        .map((row) => row.split(';').slice(3).join(';'))
    expect(rows('lines')).toEqual([
      '"1";"1";;"Torte";;"Umsatz";;;"0";0;"TORTE";;;;1,000;;;30,00000',
      '"1";"2";;"Sekt";;"Umsatz";;;"0";0;"SEKT";;;;2,000;;;10,00000',
      '"1";"3";;"Gutschein-Aktion";;"Rabatt";;;"0";0;;;;;;;;',
      '"1";"4";"GC-0001";"Gutschein GC-0001";;"MehrzweckgutscheinEinloesung";;;"0";0;;;;;;;;',
    ])
    expect(rows('lines_vat')).toEqual([
      '"1";"1";2;30,00000;;',
      '"1";"2";1;20,00000;;',
      '"1";"3";2;-3,00000;;',
      '"1";"3";1;-2,00000;;',
      '"1";"4";5;-20,00000;;',
    ])
    expect(rows('transactions_vat')).toEqual([
      '"1";1;18,00000;15,13000;2,87000',
      '"1";2;27,00000;25,23000;1,77000',
      '"1";5;-20,00000;-20,00000;0,00000',
    ])
    expect(rows('datapayment')).toEqual(['"1";"Bar";"Bargeld";"EUR";;25,00'])
    expect(rows('businesscases')).toEqual([
      '"Umsatz";;0;2;30,00000;28,04000;1,96000',
      '"Umsatz";;0;1;20,00000;16,81000;3,19000',
      '"Rabatt";;0;2;-3,00000;-2,81000;-0,19000',
      '"Rabatt";;0;1;-2,00000;-1,68000;-0,32000',
      '"MehrzweckgutscheinEinloesung";;0;5;-20,00000;-20,00000;0,00000',
    ])
  })
})

describe('MENGE and STK_BR', () => {
  const article = (quantity: string | number, price: string, cents: bigint) =>
    articleOf(line({ quantity, unit_price: price, total_amount: '0' }) as never, cents)

  test('the sign of a returned line is that of the quantity, the price is never negative', () => {
    expect(article(1, '-12.00', -1200n)).toMatchObject({ quantity: -1000n, unitPrice: 1_200_000n })
    expect(article(-1, '12.00', -1200n)).toMatchObject({ quantity: -1000n, unitPrice: 1_200_000n })
  })

  test('a quantity of six decimals is rounded, never to 0, and the price is made to fit', () => {
    expect(article('1.333333', '3.00', 400n)).toMatchObject({ quantity: 1333n, unitPrice: 300_000n })
    expect(article('0.000001', '50000.00', 5n)).toMatchObject({ quantity: 1000n, unitPrice: 5000n })
  })

  test('if five decimals of a price are too few, FAKTOR carries more', () => {
    const { quantity, unitPrice, factor } = article('99999', '0.001', 9999n)
    expect(factor).toBe(1_000_000n)
    expect((quantity * unitPrice * 2n + 1_000_000_000n) / 2_000_000_000n).toBe(9999n)
  })
})

test('after the goods come deposits taken off, service charge, tip and vouchers, in whatever order sent', () => {
  const document = sale({
    type: 'deposit_capture',
    tip_amount: '1.00',
    related_operation_id: 'op_0',
    line_items: [
      line({ type: 'service_charge', title: 'Bedienung', unit_price: '2.00', total_amount: '2.00' }),
      line({ type: 'deposit', title: 'Anzahlung', unit_price: '-5.00', total_amount: '-5.00' }),
      line({ title: 'Torte', unit_price: '20.00', total_amount: '20.00' }),
      line({ type: 'container_deposit', title: 'Platte', unit_price: '3.00', total_amount: '3.00' }),
    ],
    payments: [paid('gift_card', '4.00', { gift_card_id: 'GC-1' }), paid('cash', '17.00')],
  })
  const refer = () => ({ registerId: 'reg-1', closing: 1, bonId: '7', date: '2026-03-01T08:00:00+01:00' })
  const bon = documentBon(document, { ...frame, refer }, 8, times)
  expect(bon?.lines.map(({ businessCase, text }) => [businessCase, text])).toEqual([
    ['Umsatz', 'Torte'],
    ['Pfand', 'Platte'],
    ['Anzahlungsaufloesung', 'Anzahlung'],
    ['TrinkgeldAG', 'Bedienung'],
    ['TrinkgeldAN', 'Trinkgeld'],
    ['MehrzweckgutscheinEinloesung', 'Gutschein GC-1'],
  ])
  expect(bon?.references).toMatchObject([{ line: 3, bonId: '7', closing: 1 }])
})

test.each([
  [{ scheme: 'EC-Karte' }, 'ECKarte', 'girocard'],
  [{ scheme: 'V PAY' }, 'ECKarte', 'V PAY'],
  [{ card_brand: 'VISA_VPAY' }, 'ECKarte', 'V PAY'],
  [{ card_brand: 'mc' }, 'Kreditkarte', 'Mastercard'],
  [{ scheme: ' ', card_brand: 'visa' }, 'Kreditkarte', 'Visa'],
  [{ scheme: 'Hauskarte' }, 'Unbar', 'Hauskarte'],
  // A property of every object is not a scheme: without a type of payment no package of the register could be made.
  [{ card_brand: 'Constructor' }, 'Unbar', 'Constructor'],
] as const)('a card paid with %o is %s, %s', (more, type, name) => {
  const card = {
    payment_id: 'a',
    method: 'card' as const,
    status: 'captured' as const,
    amount: '1.00',
    currency: 'EUR',
  }
  expect(bonPayments([{ ...card, ...more }])).toEqual([{ type, name, currency: 'EUR', cents: 100n }])
})

test('names of payments that are equal as they are written are one payment of the closing', () => {
  const long = 'x'.repeat(60)
  const rows = bonPayments([
    { payment_id: 'a', method: 'card', status: 'captured', amount: '1.00', currency: 'EUR', scheme: `${long} one` },
    { payment_id: 'b', method: 'card', status: 'captured', amount: '2.00', currency: 'EUR', scheme: `${long} two` },
  ])
  expect(rows).toEqual([{ type: 'Unbar', name: long, currency: 'EUR', cents: 300n }])
})

test('split tender nets to one row for each kind; a kind that nets to zero is omitted', () => {
  const payments = (...all: Members[]) =>
    documentBon(
      sale({ line_items: [line({ unit_price: '98.00', total_amount: '98.00' })], payments: all }),
      frame,
      1,
      times,
    )?.payments.map(({ type, name, cents }) => [type, name, cents])
  expect(payments(paid('cash', '100.00'), paid('cash', '-2.00'))).toEqual([['Bar', 'Bargeld', 9800n]])
  expect(
    payments(
      paid('cash', '10.00'),
      paid('cash', '-10.00'),
      paid('card', '50.00', { scheme: 'girocard' }),
      paid('card', '20.00', { card_brand: 'VISA' }),
      paid('card', '20.00', { scheme: 'Hauskarte' }),
      paid('mobile', '8.00'),
      { ...paid('card', '98.00'), status: 'failed' },
    ),
  ).toEqual([
    ['ECKarte', 'girocard', 5000n],
    ['Kreditkarte', 'Visa', 2000n],
    ['Unbar', 'Hauskarte', 2000n],
    ['ElZahlungsdienstleister', 'Mobile Zahlung', 800n],
  ])
  expect(payments(paid('gift_card', '98.00', { gift_card_id: 'GC' }))).toEqual([['Keine', undefined, 0n]])
})

test('the float is the remaining cash, and the amount to or from the safe', () => {
  const opened = (float: string, left: bigint | undefined) =>
    sessionLines(movementOf({ type: 'session_open', opening_balance_amount: float }), left)?.lines.map((one) => [
      one.businessCase,
      one.vat[0]?.cents,
    ])
  expect(opened('50.00', undefined)).toEqual([['Anfangsbestand', 5000n]])
  expect(opened('27.50', 2750n)).toEqual([['Anfangsbestand', 2750n]])
  expect(opened('100.00', 2750n)).toEqual([
    ['Anfangsbestand', 2750n],
    ['Geldtransit', 7250n],
  ])
  expect(opened('20.00', 0n)).toEqual([['Geldtransit', 2000n]])
  expect(opened('0.00', undefined)).toEqual([['Anfangsbestand', 0n]])
})

test('a movement of the drawer bears its note, or the name of its kind where nothing of the note is seen', () => {
  const text = (document: Members) => sessionLines(movementOf(document), undefined)?.lines[0]?.text
  const movement = { type: 'session_cash_adjustment', movement_type: 'bank_deposit', cash_amount: '-1.00' }
  const close = { type: 'session_close', closing_adjustment_amount: '-1.00' }
  expect(text({ ...movement, note: 'Sparkasse' })).toBe('Sparkasse')
  expect(text({ ...close, closing_adjustment_note: 'Tresor' })).toBe('Tresor')
  for (const blank of [undefined, ' ', '\u0001', '\u200b']) {
    expect(text({ ...movement, note: blank })).toBe('Bankeinzahlung')
    expect(text({ ...close, closing_adjustment_note: blank })).toBe('Entnahme bei Sitzungsende')
  }
})

test('VAT keys are those of the day; a rate of another time has its own key', () => {
  const keyOn = (date: string, rate: string, code?: string) => new ClosingVat(date).keyOf({ rate, code }, [])
  expect(keyOn('2026-03-02', '0.19')).toBe(1)
  expect(keyOn('2026-03-02', '0.190')).toBe(1)
  expect(keyOn('2026-03-02', '0.16')).toBe(21)
  expect(keyOn('2020-08-01', '0.16')).toBe(1)
  expect(keyOn('2020-08-01', '0.19')).toBe(11)
  expect(keyOn('2026-03-02', '0.05')).toBe(22)
  expect(keyOn('2026-03-02', '0.078')).toBe(3)
  expect(keyOn('2026-03-02', '0.084')).toBe(43)
  expect(keyOn('2026-03-02', '0')).toBe(6)
  expect(keyOn('2026-03-02', '0.00', 'not_taxable')).toBe(5)
  expect(keyOn('2026-03-02', '0', 'zero_rated')).toBe(8)
  expect(keyOn('2026-03-02', '0.21')).toBeUndefined()
})

test.each([
  ['DE123456789', 'DE123456789'],
  ['ATU 123.456-78', 'ATU123.456-78'],
  ['FR 12 345 678 901', 'FR12345678901'],
  ['NL 1234.56.789.B-01', 'NL123456789B01'],
  ['number not yet known', undefined],
])('the VAT number of a customer, %s, is never cut into another one', (sent, written) => {
  const goods = { line_items: [line({ unit_price: '1.00', total_amount: '1.00' })], payments: [paid('cash', '1.00')] }
  const bon = documentBon(sale({ ...goods, customer: { name: 'Kundin', vat_id: sent } }), frame, 1, times)
  expect(bon?.customer?.vatId).toBe(written)
})

describe('cells', () => {
  test('text is quoted and cut to its characters, numbers have a comma and no negative zero', () => {
    const columns = TABLES.location.columns
    const row = {
      LOC_NAME: 'Laden "Süd"\r\nHof\u0007',
      LOC_STRASSE: `${'x'.repeat(59)}🍵`,
      LOC_PLZ: '',
      LOC_ORT: 'a;b',
    }
    expect(record(columns, row)).toBe(`"Laden ""Süd"" Hof";"${'x'.repeat(59)}";;"a;b";;`)
    expect(cut('🍵🍵', 3)).toBe('🍵')
    expect(decimalComma(-5n, 2)).toBe('-0,05')
    expect(decimalComma(-0n, 2)).toBe('0,00')
    expect(decimalComma(123_456_789n, 2)).toBe('1234567,89')
  })

  test('an identifier that is too long is never cut into another one', () => {
    const columns = TABLES.allocation_groups.columns.filter(({ name }) => name === 'BON_ID')
    const [one, other] = ['a', 'b'].map((end) => record(columns, { BON_ID: 'x'.repeat(60) + end }))
    expect(one).toHaveLength(42)
    expect(one).not.toBe(other)
  })

  test('a field without text is empty if it may be, and never if it must not be', () => {
    const { columns } = TABLES.lines
    const row = { BON_ID: '1', POS_ZEILE: '1', ARTIKELTEXT: '\u0007', GV_TYP: 'Umsatz', ART_NR: ' ', EINHEIT: '\t' }
    expect(record(columns, row)).toMatch(/^"1";"1";;"-";;"Umsatz";;;;;"~[0-9a-f]{16}";;;;;;;$/)
  })

  test('times have the offset of the place, in summer and in winter', () => {
    const berlin = new LocalTime('Europe/Berlin')
    expect(berlin.text(Date.parse('2026-03-29T00:59:59.999Z'))).toBe('2026-03-29T01:59:59+01:00')
    expect(berlin.text(Date.parse('2026-03-29T01:00:00Z'))).toBe('2026-03-29T03:00:00+02:00')
    expect(new LocalTime('America/St_Johns').text(Date.parse('2026-01-01T00:00:00Z'))).toBe('2025-12-31T20:30:00-03:30')
  })
})

test('a text of a till does not change the direction of a later field, and a name keeps its own marks', () => {
  expect(writtenText('Brot\u202e 05,4\u2066 x\u2069', 60)).toBe('Brot 05,4 x')
  expect(writtenText('خبز\u200f', 60)).toBe('خبز\u200f')
})

import { expect, test } from 'vitest'
import { fiscalInformation } from '../../agent/contract/fiscal-information.ts'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { receipt } from '../../agent/contract/receipt.ts'
import type { Members } from '../../agent/journal/events.ts'
import { closingModel } from '../../agent/receipts/closing.ts'
import { drawerOpeningModel } from '../../agent/receipts/drawer-opening.ts'
import { copyOf } from '../../agent/receipts/model.ts'
import { renderText } from '../../agent/receipts/text.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import { CONTRACT } from '../contract.ts'
import { documentOf } from '../some-document.ts'
import { austrianSale, drawerDocuments, italianExchange, italianSale, romanShop, vienneseShop } from './laws.ts'
import { completed, shop as germanShop, line, modelOf, pay, sessionEvent, shopDocuments } from './shop.ts'

function austrian(kind?: string, failed?: boolean, language: ReceiptModel['language'] = 'de') {
  return modelOf(austrianSale(kind, failed), language, false, vienneseShop)
}

function rowsOf(model: ReceiptModel) {
  return model.fiscal.map(({ label, value }) => `${label}: ${value}`)
}

test("the documents of these tests fit the contract's fiscal information", () => {
  for (const operation of [austrianSale(), italianSale(), italianExchange()]) {
    expect(CONTRACT.of(fiscalInformation).safeParse(operation['fiscal_information']).error).toBeUndefined()
  }
})

test('§ 132a BAO, § 11 RKSV: Kassen-ID, the signed number and time, the machine-readable code', () => {
  const model = austrian()
  expect(model.header.slice(0, 2)).toEqual([
    { label: 'Datum', value: '02.01.2026 08:07:00' },
    { label: 'Belegnummer', value: '2' },
  ])
  expect(rowsOf(model)).toEqual([
    'Kassen-ID: GW-AT-001',
    'Umsatzzähler verschlüsselt: WQssGYHP2/o=',
    'Zertifikat-Seriennummer: 2a91f3c4',
    'Sig-Voriger-Beleg: +a8ze0SW1UU=',
    'Signaturwert: qUV45VQqJ9pJnUwODSrqdQ63YbMgo6j3430yCr98LGuAOucLJ0rPPjnF9NrTa/X3AG5GS1k+TPAlpZSa7IupGw==',
  ])
  expect(model.qr).toBe((austrianSale()['fiscal_information'] as { machine_code: string }).machine_code)
  expect(model.taxes.map(({ label, gross }) => [label, gross])).toEqual([
    ['USt 20 %', '19.90'],
    ['USt 10 %', '4.50'],
  ])
  expect(model.notices).toEqual([])
})

test.each([
  ['Austria', austrianSale(), vienneseShop],
  ['Italy', italianSale(), romanShop],
])('a voucher that is redeemed is a way to pay in %s: the taxes are those of the goods in full', (_, sale, shop) => {
  const [, ...cash] = modelOf(sale, 'de', false, shop).payments
  const [first] = sale['payments'] as readonly Members[]
  const payments = [{ ...first, method: 'gift_card', gift_card_id: 'GC-1' }, ...(sale['payments'] as []).slice(1)]
  const model = modelOf({ ...sale, payments }, 'de', false, shop)
  expect(model.taxes).toEqual(modelOf(sale, 'de', false, shop).taxes)
  expect([model.offsets, model.payable.value]).toEqual([[], model.total.value])
  expect(model.payments.map(({ label }) => label)).toEqual(['Gutschein', ...cash.map(({ label }) => label)])
})

test('the number of an Austrian shop for VAT is called as Austria calls it', () => {
  expect(austrian().merchant.identifiers).toContainEqual({ label: 'UID-Nr.', value: 'ATU12345678' })
})

test('§ 17 RKSV: a paper receipt that is entered later keeps its number on the receipt', () => {
  const model = modelOf({ ...austrianSale(), external_id: 'Block 7/12' }, 'de', false, vienneseShop)
  expect(model.header).toContainEqual({ label: 'Nummer der Vorlage', value: 'Block 7/12' })
})

test("the number that a reso needs is above the till's, which is named as such", () => {
  const numbers = (model: ReceiptModel) => model.header.slice(1, 3)
  const own = { label: 'Numero interno della cassa', value: '2' }
  const sale = modelOf(italianSale(), 'it', false, romanShop)
  expect(numbers(sale)).toEqual([{ label: 'Documento n.', value: '0142-0002' }, own])
  expect(numbers(modelOf(italianExchange(), 'it', false, romanShop))[0]?.value).toBe('0142-0002')
  // Nothing is printed yet, or a printer never had it.
  const open = { ...italianSale(), fiscal_information: null, fiscal: { state: 'pending' } }
  expect(numbers(modelOf(open, 'it', false, romanShop))[0]).toEqual(own)
  const entry = { document_type: 'emergency', document_number: null, z_number: null, printed_at: null }
  const emergency = { id: 'em-3', entry: 7, recorded_at: '2026-03-02T07:14:41Z' }
  const facts = { ...(italianSale()['fiscal_information'] as Members), ...entry, emergency }
  expect(numbers(modelOf({ ...italianSale(), fiscal_information: facts }, 'it', false, romanShop))[0]).toEqual(own)
})

test('the code can be printed for OCR instead, in BASE32', () => {
  const joined = renderText(austrian(), 42, 'ocr').replaceAll('\n', '')
  expect(joined).toContain('_LEFSYGMBZ7N7U===_2a91f3c4_7GXTG62ES3KUK===_VFCXRZKUFIT5')
  expect(joined).not.toContain('QR-Code')
})

test('§ 17 RKSV: a failed signature unit is stated in the words of the law, once, in every language', () => {
  for (const language of ['de', 'en', 'it'] as const) {
    expect(austrian('standard', true, language).notices).toEqual(['Sicherheitseinrichtung ausgefallen'])
  }
})

test('§ 11 RKSV: each of the combined notices appears separately, and once', () => {
  const words = ['Stornobuchung', 'Sicherheitseinrichtung ausgefallen']
  const operation = { ...austrianSale('void', true), fiscal: { state: 'succeeded', receipt_text: words.join('\n') } }
  const model = modelOf(operation, 'de', false, vienneseShop)
  expect(model.notices).toEqual(words)
  expect(renderText(model)).toMatch(/\*{3} Stornobuchung \*{3}\n\*{3} Sicherheitseinrichtung ausgefallen \*{3}/)
})

test('§ 11 RKSV: training and void receipts and the special receipts are called so', () => {
  const words = ['training', 'void', 'zero', 'start', 'monthly', 'annual', 'final', 'collective'].map(
    (kind) => austrian(kind).notices[0],
  )
  const expected =
    'Trainingsbuchung Stornobuchung Nullbeleg Startbeleg Monatsbeleg Jahresbeleg Schlussbeleg Sammelbeleg'
  expect(words).toEqual(expected.split(' '))
})

test('a receipt keeps the journalled words of the law after the words of the program have changed', () => {
  for (const kind of ['standard', 'training', 'void']) {
    const fiscal = { state: 'succeeded', receipt_text: 'Former words' }
    const model = modelOf({ ...austrianSale(kind, true), fiscal }, 'de', false, vienneseShop)
    expect(model.notices).toEqual(['Former words'])
  }
})

test('an unsigned Austrian receipt mentions no TSE', () => {
  const operation = { ...sessionEvent('session_open', { opening_balance_amount: '50.00' }), fiscal_information: null }
  const model = modelOf({ ...operation, fiscal: { state: 'not_required' } }, 'de', false, vienneseShop)
  expect([model.fiscal, model.qr, model.notices]).toEqual([[], null, []])
  expect(renderText(model)).not.toMatch(/TSE|Kassen-Seriennummer/)
})

test('an Italian receipt names the place of the printed document and says that only that one is fiscal', () => {
  const model = modelOf(italianSale(), 'it', false, romanShop)
  expect(rowsOf(model)).toEqual([
    'Documento commerciale: di vendita o prestazione',
    'Documento n.: 0142-0002',
    'Chiusura (Z) n.: 0142',
    'Matricola RT: 72IV6000001',
    'Stampato il: 14/09/2026 10:00:00',
    'Codice lotteria: ABCD1234',
  ])
  expect([model.qr, model.notices]).toEqual([null, ['Non fiscale: vale la stampa del RT']])
})

test('an Italian exchange names both printed documents, the return first', () => {
  const rows = rowsOf(modelOf(italianExchange(), 'it', false, romanShop))
  expect(rows.filter((row) => row.startsWith('Documento'))).toEqual([
    'Documento commerciale: emesso per RESO MERCE',
    'Documento n.: 0142-0001',
    'Documento di riferimento: 0141-0007 13-09-2026 72IV6000001',
    'Documento commerciale: di vendita o prestazione',
    'Documento n.: 0142-0002',
  ])
})

function untaxed(tax: object, more: object = {}) {
  return line('Posten', '10.00', '0', { taxes: [{ rate: '0', tax_amount: '0.00', ...tax }], ...more })
}

function saleOf(...lines: object[]): Members {
  const total_amount = `${lines.length * 10}.00`
  return completed('sale', { total_amount, line_items: lines }, [pay('cash', total_amount)])
}

function untaxedSale(...lines: object[]) {
  const { fiscal = null, fiscal_information: information = null } = austrianSale()
  return modelOf({ ...saleOf(...lines), fiscal, fiscal_information: information }, 'de', false, vienneseShop)
}

function notesOf({ taxes }: ReceiptModel) {
  return taxes.map(({ key, note, gross }) => [key, note, gross])
}

test('Austria explains a rate of 0 by the words of its code', () => {
  const words = {
    exempt: 'steuerfrei',
    not_taxable: 'nicht steuerbar',
    small_business: 'steuerfrei, Kleinunternehmer (§ 6 Abs. 1 Z 27 UStG)',
    pass_through: 'Durchlaufender Posten (§ 4 Abs. 3 UStG)',
    margin_scheme: 'Differenzbesteuerung (§ 24 UStG)',
    margin_scheme_art: 'Differenzbesteuerung (§ 24 UStG)',
    margin_scheme_antiques: 'Differenzbesteuerung (§ 24 UStG)',
    margin_scheme_travel: 'Reiseleistung, Differenzbesteuerung (§ 23 UStG)',
    reverse_charge: 'Übergang der Steuerschuld (§ 19 UStG)',
    intra_community: 'steuerfreie innergemeinschaftliche Lieferung (Art. 7 BMR)',
    export: 'steuerfreie Ausfuhrlieferung (§ 7 UStG)',
  }
  for (const [code, note] of Object.entries(words)) {
    expect(untaxedSale(untaxed({ name: '0 %', code })).taxes).toMatchObject([{ note, net: '10.00', tax: '0.00' }])
  }
  expect(notesOf(untaxedSale(untaxed({ name: '0 %' })))).toEqual([['F', 'steuerfrei', '10.00']])
  const margins = ['margin_scheme_art', 'margin_scheme'].map((code) => untaxed({ name: '0', code }))
  expect(notesOf(untaxedSale(...margins))).toEqual([['H', 'Differenzbesteuerung (§ 24 UStG)', '20.00']])
})

test('an older Austrian record with the code of another law prints no paragraph of that law', () => {
  for (const code of ['zero_rated', 'N2', 'whatever'])
    expect(notesOf(untaxedSale(untaxed({ name: '0 %', code })))).toEqual([['F', 'steuerfrei', '10.00']])
})

test("in Austria the till's own name of a rate of 0 replaces these words, once, if it has a letter", () => {
  const invoice = untaxed({ name: 'Zahlung zu Rechnung RE-4711', code: 'not_taxable' })
  const plain = untaxed({ name: '0 %', code: 'not_taxable' })
  const model = untaxedSale(invoice, invoice, plain, untaxed({ name: ' 0.00 ' }))
  expect(notesOf(model)).toEqual([
    ['E', 'nicht steuerbar', '10.00'],
    ['F', 'steuerfrei', '10.00'],
    ['H', 'Zahlung zu Rechnung RE-4711', '20.00'],
  ])
  expect(model.lines.map(({ tax_key }) => tax_key)).toEqual(['H', 'H', 'E', 'F'])
  const text = renderText(model).replaceAll('\n', ' ')
  expect(text.split('RE-4711')).toHaveLength(2)
  const voucher = untaxed({ name: 'Mehrzweck' }, { type: 'gift_card' })
  expect(notesOf(untaxedSale(voucher))).toEqual([['H', 'Mehrzweck', '10.00']])
})

test('elsewhere the words of the law are printed, whatever the till calls the rate', () => {
  const model = modelOf(saleOf(untaxed({ name: 'Spende', code: 'zero_rated' })), 'de', false, germanShop)
  expect(notesOf(model)).toEqual([['G', 'Nullsteuersatz, § 12 Abs. 3 UStG', '10.00']])
})

test('an online sale of an Austrian shop has the words of Austria', () => {
  const sold = saleOf(untaxed({ name: '0', code: 'reverse_charge' }))
  const { merchant } = vienneseShop
  const online = { ...sold, source: 'ONLINE', fiscal_information: null, fiscal: { state: 'not_required' } }
  const model = modelOf(online, 'de', false, { merchant, location: {}, register: {} })
  expect(model.taxes.map(({ note }) => note)).toEqual(['Übergang der Steuerschuld (§ 19 UStG)'])
})

test('Italian turnover without VAT is listed by its natura', () => {
  const { taxes } = modelOf(italianSale(), 'it', false, romanShop)
  expect(taxes.map(({ key, label, note, gross }) => [key, label, note, gross])).toEqual([
    ['A', 'IVA 22 %', null, '10.00'],
    ['H', 'IVA 0 %', 'escluso (N1)', '2.50'],
  ])
})

test('a natura of finer division is shown as its class', () => {
  const { taxes } = modelOf(italianSale('N2.1'), 'it', false, romanShop)
  expect(taxes.map(({ note }) => note)).toEqual([null, 'non soggetto (N2)'])
})

test('an Italian closing totals sales less returns, by rate and nature', () => {
  const closing = {
    ...{ id: 'cls_1', type: 'daily', created_at: '2026-09-14T18:00:00.000Z', z_numbers: [142] },
    fiscal: { state: 'succeeded' },
    totals: {
      business_cases: [
        { name: 'Vendite', amount: '50.00' },
        { name: 'Resi', amount: '-10.00' },
        { name: 'Annulli', amount: '-5.50' },
      ],
      vat: [
        { name: 'IVA 22 %', rate: '0.22', amount: '24.40', tax_amount: '4.40' },
        { name: 'N2.1', amount: '10.10', tax_amount: '0.00' },
      ],
      payments: [{ name: 'Contanti', amount: '34.50' }],
    },
  }
  const { total, taxes } = closingModel(
    {
      ...shopDocuments(romanShop),
      laws: BUILT_IN_LAWS.map((law) => law.receipt),
      isUncertified: () => false,
      subject: documentOf('closing', { set: closing }),
    },
    'it',
  )
  expect(total.value).toBe('34.50')
  expect(taxes.map(({ note, gross }) => [note, gross])).toEqual([
    [null, '24.40'],
    ['non soggetto (N2)', '10.10'],
  ])
})

test('special receipts have their Austrian names only in Austria; elsewhere a closing is called one, in its language', () => {
  const titles = (shop: Parameters<typeof shopDocuments>[0], type: string) =>
    (['de', 'en', 'it'] as const).map((language) => {
      const closing = {
        id: 'cls_1',
        type,
        business_date: '2026-03-02',
        z_numbers: [143],
        created_at: '2026-03-02T19:00:00.000Z',
      }
      const made = { ...closing, fiscal: { state: 'succeeded' }, fiscal_information: null, totals: null }
      const documents = {
        ...shopDocuments(shop),
        laws: BUILT_IN_LAWS.map((law) => law.receipt),
        isUncertified: () => false,
      }
      return closingModel({ ...documents, subject: documentOf('closing', { set: made }) }, language).title
    })
  expect(titles(romanShop, 'final')).toEqual(['Letzter Tagesabschluss', 'Last closing', 'Ultima chiusura'])
  expect(titles(germanShop, 'monthly')).toEqual(['Abschluss des Monats', 'Monthly closing', 'Chiusura mensile'])
  expect(titles(germanShop, 'annual')).toEqual(['Abschluss des Jahres', 'Annual closing', 'Chiusura annuale'])
  expect(titles(vienneseShop, 'monthly')).toEqual(['Monatsbeleg', 'Monatsbeleg', 'Monatsbeleg'])
  expect(titles(vienneseShop, 'final')).toEqual(['Schlussbeleg', 'Schlussbeleg', 'Schlussbeleg'])
})

test('the letter of a rate is the same on every receipt of a shop, with any other goods', () => {
  const only = { ...austrianSale(), line_items: [line('Mehlspeise', '4.50', '0.10')], total_amount: '4.50' }
  const paid = { ...only, payments: [pay('cash', '4.50')] } as unknown as Members
  expect(modelOf(paid, 'de', false, vienneseShop).taxes.map(({ key }) => key)).toEqual(['B'])
  expect(austrian().taxes.map(({ key }) => key)).toEqual(['A', 'B'])
})

test('an opening of the drawer has a slip without a price, and its note stays in the shop', async () => {
  const model = receipt.parse(drawerOpeningModel(drawerDocuments, 'de'))
  const text = renderText(model)
  expect(text).not.toMatch(/Verdacht|Summe|EUR/)
  await expect(text).toMatchFileSnapshot('golden/drawer-opening.txt')
})

test('the slip of an opening has its time also if the till has lost it', () => {
  const subject = drawerDocuments.subject.with({ set: { occurred_at: '0001-01-01T00:00:00Z' } })
  const [date] = drawerOpeningModel({ ...drawerDocuments, subject }, 'de').header
  expect(date).toEqual({ label: 'Datum', value: '01.01.0001 00:53:28' })
})

test('a copy is the same receipt with the same code, marked before all else', () => {
  const original = austrian('standard', true)
  const copy = copyOf(original)
  expect({ ...copy, copy: false, notices: copy.notices.slice(1) }).toEqual(original)
  expect(copy.notices[0]).toBe('KOPIE')
  expect(copyOf(copy)).toEqual(copy)
})

test.each([
  ['rksv-sale', () => austrian('standard', true)],
  ['rt-sale', () => modelOf(italianSale(), 'it', false, romanShop)],
] as const)('the text of %s is the golden one', async (name, model) => {
  await expect(renderText(model())).toMatchFileSnapshot(`golden/${name}.txt`)
})

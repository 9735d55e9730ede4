import { expect, test } from 'vitest'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { formatCents, toCents } from '../../base/money.ts'
import { fc } from '../properties.ts'
import { completed, line, modelOf, openSale, pay, sessionEvent, shop, voided } from './shop.ts'

const breadAndWater = {
  total_amount: '6.50',
  line_items: [
    line('Roggenbrot', '4.50', '0.07', { quantity: 1.5, unit_price: '3.00', unit: 'kg' }),
    line('Wasser', '2.00', '0.19'),
  ],
}
const cash = [pay('cash', '6.50')]

function row(model: ReceiptModel, label: string): string | undefined {
  return [...model.header, ...model.fiscal].find((one) => one.label === label)?.value
}

test('§ 6 no. 1: name and address of the business, with tax number and VAT id of § 14 (4) UStG', () => {
  const { merchant } = modelOf(completed('sale', breadAndWater, cash))
  expect(merchant).toEqual({
    name: 'Bäckerei Muster GmbH',
    address: ['Hauptstraße 1', '10115 Berlin'],
    identifiers: [
      { label: 'Steuernummer', value: '27/123/45678' },
      { label: 'USt-IdNr.', value: 'DE123456789' },
    ],
    location: { name: 'Filiale Mitte', address: [] },
  })
})

test('a shop at another address than the business shows both', () => {
  const address = { ...shop.location.address, line1: 'Am Markt 2', line2: 'Hof' }
  const documents = { ...shop, location: { ...shop.location, address } }
  const { merchant } = modelOf(completed('sale', breadAndWater, cash), 'de', false, documents)
  expect(merchant.address).toEqual(['Hauptstraße 1', '10115 Berlin'])
  expect(merchant.location?.address).toEqual(['Am Markt 2', 'Hof', '10115 Berlin'])
})

test('§ 6 no. 2: date of the receipt in the time of the law, begin and end exactly as the TSE gave them', () => {
  const model = modelOf(completed('sale', breadAndWater, cash))
  expect(model.issued_at).toBe('2026-03-02T07:14:41.120Z')
  expect(row(model, 'Datum')).toBe('02.03.2026 08:14:41')
  expect(row(model, 'Vorgangsbeginn')).toBe('2026-03-02T07:14:00.000Z')
  expect(row(model, 'Vorgangsende')).toBe('2026-03-02T07:14:41.000Z')
})

test('§ 6 no. 3: quantity and kind of the goods', () => {
  const { lines } = modelOf(completed('sale', breadAndWater, cash))
  expect(lines[0]).toEqual({
    kind: 'item',
    label: 'Roggenbrot',
    value: '4.50',
    quantity: '1.5',
    unit: 'kg',
    unit_price: '3.00',
    tax_key: 'B',
  })
})

test.each([' ', '\u0001\t', '\u200b\u2060'])('a line whose title is %j is called by its article number', (title) => {
  const sold = { total_amount: '1.00', line_items: [line(title, '1.00', '0.07', { sku_identifier: 'BROT-1' })] }
  expect(modelOf(completed('sale', sold, [pay('cash', '1.00')])).lines[0]?.label).toBe('BROT-1')
})

test('§ 6 no. 4, 6 and 7: transaction number, serial numbers, signature and its counter', () => {
  const model = modelOf(completed('sale', breadAndWater, cash))
  expect(row(model, 'TSE-Transaktionsnummer')).toBe('13')
  expect(row(model, 'TSE-Seriennummer')).toBe('bf1b13c1cf8a6f7958c190201daf9e18b850cf2cdc0885078d48868f625955e3')
  expect(row(model, 'Kassen-Seriennummer')).toBe('EDGE-000123')
  expect(row(model, 'Signaturzähler')).toBe('44131')
  expect(row(model, 'TSE-Signatur')).toMatch(/^AAECAwQF[A-Za-z0-9+/]{120}$/)
  expect(model.qr).toMatch(/^V0;EDGE-000123;Kassenbeleg-V1;Beleg\^2\.00_4\.50_0\.00_0\.00_0\.00\^6\.50:Bar;13;44131;/)
  expect(row(model, 'Belegnummer')).toBe('2')
})

test('§ 6 no. 5: consideration, tax and rate; the reason if there is no tax', () => {
  const sold = {
    total_amount: '9.50',
    line_items: [
      line('Brot', '4.50', '0.07'),
      line('Kurs', '3.00', '0.00'),
      line('Modul', '1.00', '0', { taxes: [{ name: 'USt', rate: '0', tax_amount: '0', code: 'zero_rated' }] }),
      line('Pfand', '1.00', '0', { taxes: [{ name: 'USt', rate: '0', tax_amount: '0', code: 'not_taxable' }] }),
    ],
  }
  expect(modelOf(completed('sale', sold, [pay('cash', '9.50')])).taxes).toEqual([
    { key: 'B', label: 'USt 7 %', rate: '0.07', note: null, net: '4.21', tax: '0.29', gross: '4.50' },
    { key: 'E', label: 'USt 0 %', rate: '0', note: 'nicht steuerbar', net: '1.00', tax: '0.00', gross: '1.00' },
    { key: 'F', label: 'USt 0 %', rate: '0', note: 'steuerfrei', net: '3.00', tax: '0.00', gross: '3.00' },
    {
      key: 'G',
      label: 'USt 0 %',
      rate: '0',
      note: 'Nullsteuersatz, § 12 Abs. 3 UStG',
      net: '1.00',
      tax: '0.00',
      gross: '1.00',
    },
  ])
})

test('§ 14 (4) UStG: a named customer is on the receipt', () => {
  const customer = {
    name: 'Anna Kunde',
    address: shop.merchant.address,
    vat_id: 'DE999999999',
    tax_number: '29/815/08155',
  }
  const model = modelOf(completed('sale', { ...breadAndWater, customer }, cash))
  expect(row(model, 'Kunde')).toBe('Anna Kunde')
  expect(row(model, 'Anschrift')).toBe('Hauptstraße 1, 10115 Berlin')
  expect(row(model, 'USt-IdNr. des Kunden')).toBe('DE999999999')
  expect(row(model, 'Steuernummer des Kunden')).toBe('29/815/08155')
})

test('tax is rounded once per rate and receipt, half away from zero', () => {
  const two = [line('A', '1.03', '0.19'), line('B', '1.03', '0.19')]
  const [tax] = modelOf(completed('sale', { total_amount: '2.06', line_items: two }, [pay('cash', '2.06')])).taxes
  expect(tax).toMatchObject({ net: '1.73', tax: '0.33', gross: '2.06' })
})

test('rates of other years get their own keys, highest rate first', () => {
  const back = ['0.16', '0.05', '0.19', '0.084'].map((rate) => line(rate, '-1.00', rate))
  const returned = { total_amount: '-4.00', related_operation_id: 'op_1', line_items: back }
  const { lines, taxes } = modelOf(completed('return', returned, [pay('cash', '-4.00')]))
  expect(lines.map(({ label, tax_key }) => `${label} ${tax_key}`)).toEqual(['0.16 H', '0.05 J', '0.19 A', '0.084 I'])
  expect(taxes.map(({ key, label }) => `${key} ${label}`)).toEqual([
    'A USt 19 %',
    'H USt 16 %',
    'I USt 8,4 %',
    'J USt 5 %',
  ])
})

test('a rate whose turnover is zero has a row only if it is the only one', () => {
  const even = (rate: string) => [line('zurück', '-5.00', rate), line('neu', '5.00', rate)]
  const swap = (rates: string[]) => {
    const sent = { total_amount: '0.00', related_operation_id: 'op_1', line_items: rates.flatMap(even) }
    return modelOf(completed('exchange', sent, [pay('cash', '0.00')])).taxes
  }
  expect(swap(['0.19', '0.07']).map(({ key, gross }) => key + gross)).toEqual(['A0.00'])
  const crossed = [line('zurück', '-5.00', '0.19'), line('neu', '5.00', '0.07')]
  const sent = { total_amount: '0.00', related_operation_id: 'op_1', line_items: crossed }
  const { taxes } = modelOf(completed('exchange', sent, [pay('cash', '0.00')]))
  expect(taxes.map(({ key, gross }) => key + gross)).toEqual(['A-5.00', 'B5.00'])
})

test('an open operation has no receipt yet', () => {
  expect(() => modelOf(openSale(breadAndWater))).toThrow(expect.objectContaining({ code: 'operation_invalid_state' }))
})

test('an outage is stated in the words of the law in every language, with the times of the till and both serials', () => {
  const operation = completed('sale', breadAndWater, cash, { start: 'failed' })
  for (const language of ['de', 'en', 'it'] as const) {
    expect(modelOf(operation, language).notices).toEqual(['TSE ausgefallen'])
  }
  const model = modelOf(operation)
  expect(model.fiscal).toEqual([
    { label: 'Vorgangsbeginn (Kassenuhr)', value: '2026-03-02T07:13:59.310Z' },
    { label: 'Vorgangsende (Kassenuhr)', value: '2026-03-02T07:14:41.120Z' },
    { label: 'TSE-Seriennummer', value: shop.register.fiscalization.tse_serial },
    { label: 'Kassen-Seriennummer', value: 'EDGE-000123' },
  ])
  expect(model.qr).toBeNull()
  expect(row(model, 'Belegnummer')).toBe('2')
})

test('a start that the TSE signed keeps its time when the end failed', () => {
  const model = modelOf(completed('sale', breadAndWater, cash, { end: 'failed' }))
  expect(model.fiscal[0]).toEqual({ label: 'Vorgangsbeginn', value: '2026-03-02T07:14:00.000Z' })
})

test('an outcome that is still being reconciled is shown as a missing signature', () => {
  const { notices } = modelOf(completed('sale', breadAndWater, cash, { end: 'pending' }))
  expect(notices).toEqual(['TSE ausgefallen', 'Noch ohne TSE-Signatur'])
})

test('copy, training and reference are stated', () => {
  const back = { total_amount: '-1.00', related_operation_id: 'op_1', line_items: [line('Brot', '-1.00', '0.07')] }
  const operation = completed('return', back, [pay('cash', '-1.00')], {}, { training: true })
  expect(modelOf(operation, 'de', true).notices).toEqual(['KOPIE', 'TRAINING, kein Verkauf', 'Bezug: op_1'])
})

test('a voucher that is redeemed in training is a payment: no tax and no total differs from the signed text', () => {
  const paid = [pay('gift_card', '4.50', { gift_card_id: 'GC-1' }), pay('cash', '2.00')]
  const model = modelOf(completed('sale', breadAndWater, paid, {}, { training: true }))
  expect(model.qr).toContain(';AVTraining^2.00_4.50_0.00_0.00_0.00^;')
  expect(model.taxes.map(({ key, gross }) => key + gross)).toEqual(['A2.00', 'B4.50'])
  expect([model.total.value, model.offsets, model.payable.value]).toEqual(['6.50', [], '6.50'])
  expect(model.payments.map(({ label, value }) => [label, value])).toEqual([
    ['Gutschein', '4.50'],
    ['Bar', '2.00'],
  ])
})

test('a cancelled operation shows its lines and sums nothing', () => {
  const model = modelOf(voided(breadAndWater))
  expect(model.notices).toEqual(['ABGEBROCHEN: vom Kunden'])
  expect(model.lines.map(({ label, value, tax_key }) => [label, value, tax_key])).toEqual([
    ['Roggenbrot', '4.50', null],
    ['Wasser', '2.00', null],
  ])
  expect([model.total.value, model.payable.value, model.taxes, model.payments]).toEqual(['0.00', '0.00', [], []])
  expect(model.qr).toContain(';AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^;')
})

test('ONLINE has neither register nor signature, but still a receipt', () => {
  const operation = {
    ...completed('sale', breadAndWater, [pay('online', '6.50')]),
    source: 'ONLINE',
    fiscal: { state: 'not_required' },
    fiscal_information: null,
    own: {},
  }
  const model = modelOf(operation, 'de', false, { merchant: shop.merchant, location: {}, register: {} })
  expect([model.fiscal, model.qr, model.notices, model.merchant.location]).toEqual([[], null, [], null])
  // A sale without a register has no title of a register receipt.
  expect(model.title).toBe('Online-Verkauf')
  expect(model.header.map(({ label }) => label)).toEqual(['Datum', 'Vorgang', 'Bediener'])
  expect(row(model, 'Datum')).toBe('02.03.2026 08:14:41')
})

test('cash that goes back on cash is change, cash that goes back on a return is not', () => {
  const sold = modelOf(completed('sale', breadAndWater, [pay('cash', '10.00'), pay('cash', '-3.50')]))
  expect(sold.payments.map(({ label, value, change }) => [label, value, change])).toEqual([
    ['Bar', '10.00', false],
    ['Rückgeld', '-3.50', true],
  ])
  const back = { total_amount: '-1.00', related_operation_id: 'op_1', line_items: [line('Brot', '-1.00', '0.07')] }
  expect(modelOf(completed('return', back, [pay('cash', '-1.00')])).payments).toMatchObject([
    { label: 'Bar', value: '-1.00', change: false },
  ])
})

test('only payments that were signed are on the receipt', () => {
  const tried = pay('card', '6.50', { status: 'failed' })
  const model = modelOf(completed('sale', breadAndWater, [tried, ...cash]))
  expect(model.payments.map(({ label }) => label)).toEqual(['Bar'])
})

test('a redeemed gift card is not a payment but untaxed turnover, as it is signed', () => {
  const operation = completed('sale', breadAndWater, [pay('gift_card', '6.50', { gift_card_id: 'GC-1' })])
  const model = modelOf(operation)
  expect(model.qr).toContain(';Beleg^2.00_4.50_0.00_0.00_-6.50^;')
  expect(model.offsets).toEqual([
    { kind: 'gift_card_redeemed', label: 'Gutschein GC-1 eingelöst', value: '-6.50', tax_key: 'E' },
  ])
  expect([model.total.value, model.payable.value, model.payments]).toEqual(['6.50', '0.00', []])
})

test('store credit returned on a gift card is an issued gift card', () => {
  const back = { total_amount: '-1.00', related_operation_id: 'op_1', line_items: [line('Brot', '-1.00', '0.07')] }
  const { offsets, payable } = modelOf(completed('return', back, [pay('gift_card', '-1.00', { gift_card_id: 'G' })]))
  expect(offsets).toMatchObject([{ kind: 'gift_card_issued', value: '1.00', tax_key: 'E' }])
  expect(payable.value).toBe('0.00')
})

test('every movement of the drawer has its own name in every language', () => {
  const movements = 'safe_drop float_in bank_deposit transfer owner_withdrawal owner_deposit pay_in pay_out wage'
  const types = [...movements.split(' '), 'tip_payout', 'correction']
  for (const language of ['de', 'en', 'it'] as const) {
    const labels = types.map((movement_type) => {
      const operation = sessionEvent('session_cash_adjustment', { cash_amount: '-1.00', movement_type, note: null })
      return modelOf(operation, language).lines[0]?.label
    })
    expect(new Set(labels).size).toBe(types.length)
  }
})

test('a count that is right is signed with zero and has no payment', () => {
  const model = modelOf(
    sessionEvent('session_cash_count', {
      expected_closing_amount: '50.00',
      counted_closing_amount: '50.00',
      closing_cashcount_diff: '0.00',
    }),
  )
  expect([model.total.value, model.payments]).toEqual(['0.00', []])
  expect(model.taxes).toMatchObject([{ key: 'E', gross: '0.00' }])
  expect(row(model, 'TSE-Transaktionsnummer')).toBe('13')
})

const cents = fc.integer({ min: 0, max: 500_000 })
const sold = fc.record({
  total: cents,
  rate: fc.constantFrom('0.19', '0.07', '0.055', '0', '0.107'),
  type: fc.constantFrom('item', 'gift_card', 'container_deposit', 'service_charge'),
  unitPrice: cents,
  discounts: fc.array(cents, { maxLength: 2 }),
})
function money(amount: number) {
  return formatCents(BigInt(amount))
}

test('lines, taxes and payments of a sale add up to the same', () => {
  const sale = fc.record({
    lines: fc.array(sold, { minLength: 1, maxLength: 6 }),
    tip: cents,
    giftCard: cents,
    coupons: fc.array(fc.integer({ min: 1, max: 9_000 }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(sale, ({ lines, tip, giftCard, coupons }) => {
      const total = lines.reduce((sum, one) => sum + one.total, tip)
      const request = {
        total_amount: money(total),
        tip_amount: money(tip),
        cart_level_discounts: coupons.map((amount) => ({ amount: money(amount) })),
        line_items: lines.map(({ total: amount, rate, type, unitPrice, discounts }) =>
          line('x', money(amount), type === 'gift_card' ? '0' : rate, {
            type,
            unit_price: money(unitPrice),
            discounts: discounts.map((one) => ({ amount: money(one) })),
          }),
        ),
      }
      const paid = [pay('gift_card', money(giftCard), { gift_card_id: 'G' }), pay('cash', money(total - giftCard))]
      const model = modelOf(completed('sale', request, paid))
      const sum = (values: readonly string[]) => formatCents(values.reduce((all, value) => all + toCents(value), 0n))
      const payable = money(total - giftCard)
      expect(sum(model.lines.map(({ value }) => value))).toBe(money(total))
      expect(sum([money(total), ...model.offsets.map(({ value }) => value)])).toBe(payable)
      expect(sum(model.payments.map(({ value }) => value))).toBe(payable)
      expect(sum(model.taxes.map(({ gross }) => gross))).toBe(payable)
      for (const { net, tax, gross } of model.taxes) expect(sum([net, tax])).toBe(gross)
      for (const { key } of model.taxes) {
        const keyed = [...model.lines, ...model.offsets].filter(({ tax_key }) => tax_key === key)
        expect(sum(keyed.map(({ value }) => value))).toBe(model.taxes.find((one) => one.key === key)?.gross)
      }
    }),
    { numRuns: 200 },
  )
})

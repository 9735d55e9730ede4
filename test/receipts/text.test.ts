import { expect, test } from 'vitest'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import type { Members } from '../../agent/journal/events.ts'
import { onPage } from '../../agent/receipts/code-page.ts'
import { gridOf, printable } from '../../agent/receipts/layout.ts'
import { renderText } from '../../agent/receipts/text.ts'
import { fc } from '../properties.ts'
import { completed, line, modelOf, pay, sessionEvent, shop, voided } from './shop.ts'

const { centred, labelledRows, wrapped } = gridOf(42)

const cakeAndCoffee = {
  total_amount: '98.00',
  line_items: [
    line('Kuchenplatte', '80.00', '0.07', { quantity: 2, unit_price: '40.00' }),
    line('Kaffeekanne 2 l', '18.00', '0.19'),
  ],
}
const cash98 = [pay('cash', '100.00'), pay('cash', '-2.00')]
const bread = { total_amount: '4.50', line_items: [line('Roggenbrot', '4.50', '0.07')] }

const goldens: Record<string, () => ReceiptModel> = {
  'bakery-sale': () => modelOf(completed('sale', cakeAndCoffee, cash98)),
  'bakery-sale-en': () => modelOf(completed('sale', cakeAndCoffee, cash98), 'en'),
  'bakery-sale-it-copy': () => modelOf(completed('sale', cakeAndCoffee, cash98), 'it', true),
  return: () =>
    modelOf(
      completed(
        'return',
        {
          total_amount: '-11.50',
          related_operation_id: 'op_01JNB8V6W7E0S5T4R3Q2P1M0N0',
          line_items: [line('Menü', '-11.50', '0.07', { unit_price: '-12.00', discounts: [{ amount: '0.50' }] })],
        },
        [pay('cash', '-11.50')],
      ),
    ),
  'exchange-two-rates': () =>
    modelOf(
      completed(
        'exchange',
        {
          total_amount: '12.50',
          external_related_operation: { description: 'Bestellung im Netz', external_operation_id: 'shop-4711' },
          line_items: [line('Sekt (zurück)', '-47.50', '0.19'), line('Torte', '60.00', '0.07')],
        },
        [pay('card', '12.50', { scheme: 'girocard' })],
      ),
    ),
  'gift-card-sale': () =>
    modelOf(
      completed(
        'sale',
        {
          total_amount: '50.00',
          line_items: [line('Gutschein', '50.00', '0', { type: 'gift_card', gift_card_id: 'GC-0001' })],
        },
        [pay('card', '50.00')],
      ),
    ),
  'gift-card-redemption': () =>
    modelOf(
      completed(
        'sale',
        {
          total_amount: '46.00',
          tip_amount: '1.00',
          cart_level_discounts: [{ description: 'Coupon', amount: '5.00' }],
          line_items: [
            line('Torte', '27.00', '0.07', { unit_price: '30.00' }),
            line('Sekt', '18.00', '0.19', { quantity: '2', unit_price: '10.00', unit: 'Fl.' }),
          ],
        },
        [pay('gift_card', '20.00', { gift_card_id: 'GC-0001' }), pay('cash', '50.00'), pay('cash', '-24.00')],
      ),
    ),
  voided: () => modelOf(voided(cakeAndCoffee)),
  outage: () => modelOf(completed('sale', cakeAndCoffee, cash98, { start: 'failed' })),
  'outage-at-the-end': () => modelOf(completed('sale', bread, [pay('cash', '4.50')], { end: 'failed' })),
  pending: () => modelOf(completed('sale', bread, [pay('cash', '4.50')], { end: 'pending' })),
  'session-open': () => modelOf(sessionEvent('session_open', { opening_balance_amount: '50.00' })),
  'session-cash-adjustment': () =>
    modelOf(
      sessionEvent('session_cash_adjustment', { cash_amount: '-20.00', movement_type: 'safe_drop', note: 'Mittag' }),
    ),
  'session-cash-count': () =>
    modelOf(
      sessionEvent('session_cash_count', {
        expected_closing_amount: '132.50',
        counted_closing_amount: '127.50',
        closing_cashcount_diff: '-5.00',
        discrepancy_note: 'Wechselgeld falsch herausgegeben',
      }),
    ),
  'session-close': () =>
    modelOf(
      sessionEvent('session_close', {
        business_date: '2026-03-02',
        closing_adjustment_amount: '-100.00',
        closing_adjustment_note: 'Bank',
        amount_left: '27.50',
      }),
    ),
  'session-close-unsigned': () =>
    modelOf(
      sessionEvent('session_close', {
        business_date: '2026-03-02',
        closing_adjustment_amount: null,
        closing_adjustment_note: null,
        amount_left: '127.50',
      }),
    ),
  'title-of-200-characters': () => modelOf(soldAs(`${'Apfel-Streusel-Kuchen, '.repeat(9).slice(0, 199)}!`)),
  'emoji-and-umlauts': () => modelOf(soldAs('Süße Überraschung 🧁👩‍🍳 „Für Jörg & Zoë“ — ½ Stück')),
}

function soldAs(title: string): Members {
  return completed('sale', { total_amount: '4.50', line_items: [line(title, '4.50', '0.07')] }, [pay('cash', '4.50')])
}

for (const [name, model] of Object.entries(goldens)) {
  test(`the text of ${name} is the golden one`, async () => {
    const text = renderText(model())
    tooWide(text)
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`)
  })
}

function tooWide(text: string): void {
  expect(text.split('\n').filter((one) => [...one].length > 42)).toEqual([])
}

/** The value below its label: until the first line that is not full. */
function valueBelow(text: string, label: string): string {
  const lines = text.split('\n')
  let value = ''
  for (let at = lines.indexOf(`${label}:`) + 1; at < lines.length; at++) {
    value += lines[at]
    if ([...(lines[at] ?? '')].length < 42) break
  }
  return value
}

test('a value too long for its line joins again exactly, at every length', () => {
  for (const length of [30, 41, 42, 43, 84, 85, 126, 300]) {
    const value = Array.from({ length }, (_, index) => ['a', 'ä', '🧁'][index % 3]).join('')
    const rows = labelledRows('TSE-Signatur', value).join('\n')
    expect(valueBelow(`before\n${rows}\nnext:`, 'TSE-Signatur')).toBe(value)
  }
})

test('signature, key and QR text of a receipt join again and nothing else runs into them', () => {
  fc.assert(
    fc.property(fc.base64String({ minLength: 60, maxLength: 400 }), (signature) => {
      const model = modelOf(completed('sale', bread, [pay('cash', '4.50')]))
      const fiscal = model.fiscal.map((row) => (row.label === 'TSE-Signatur' ? { ...row, value: signature } : row))
      const qr = `${model.qr};${signature}`
      const text = renderText({ ...model, fiscal, qr })
      expect(valueBelow(text, 'TSE-Signatur')).toBe(signature)
      expect(valueBelow(text, 'TSE-Schlüssel')).toBe(model.fiscal.at(-1)?.value)
      expect(valueBelow(text, 'QR-Code')).toBe(qr)
    }),
    { numRuns: 50 },
  )
})

test('a long name is broken between its words, and a word longer than a line at the edge', () => {
  expect(wrapped('Zwiebelrostbraten mit Bratkartoffeln und Speckbohnen')).toEqual([
    'Zwiebelrostbraten mit Bratkartoffeln und ',
    'Speckbohnen',
  ])
  expect(wrapped(`Zum ${'ä'.repeat(50)} Eck`)).toEqual(['Zum ', 'ä'.repeat(42), `${'ä'.repeat(8)} Eck`])
  expect(centred('Käse & Wein „Zum Goldenen Löwen“ Inh. Maxi Muster')).toEqual([
    '  Käse & Wein „Zum Goldenen Löwen“ Inh.',
    '               Maxi Muster',
  ])
})

const words = fc.string({ unit: 'grapheme', maxLength: 130 })

test('no line is wider than 42 columns, for any text and any amounts', () => {
  const amounts = fc.integer({ min: -99_999_999_999, max: 99_999_999_999 })
  fc.assert(
    fc.property(words, words, amounts, words, (title, name, cents, note) => {
      const amount = `${cents < 0 ? '-' : ''}${String(Math.abs(cents)).padStart(3, '0').replace(/..$/, '.$&')}`
      const model = modelOf(
        completed(
          'exchange',
          {
            total_amount: amount,
            external_related_operation: { description: `a${note}`, external_operation_id: `b${name}` },
            line_items: [line(title, amount, '0.107', { quantity: '123456789.123456', unit: `u${name}` })],
          },
          [pay('card', amount, { scheme: `c${name}` })],
        ),
        'it',
        true,
        { ...shop, merchant: { ...shop.merchant, legal_name: name }, location: { ...shop.location, name } },
      )
      tooWide(renderText(model))
      expect(wrapped(title).join('')).toBe(printable(title))
    }),
    { numRuns: 200 },
  )
})

test('the same model gives the same bytes, each line ended by LF', () => {
  const model = modelOf(completed('sale', cakeAndCoffee, cash98))
  expect(renderText(model)).toBe(renderText(structuredClone(model)))
  expect(renderText(model)).toMatch(/[^\r]\n$/)
})

test('no control character of a title reaches the printer', () => {
  const text = renderText(modelOf(soldAs('Brot\u001b@\u001dV0\r\nGesamt \u202e0,00')))
  expect(text).toContain('\nBrot @ V0  Gesamt  0,00\n')
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
})

test('a rate whose amounts are too wide for the table is shown in rows', () => {
  const sold = { total_amount: '1234567.89', line_items: [line('Haus', '1234567.89', '0.19')] }
  const text = renderText(modelOf(completed('sale', sold, [pay('bank_transfer', '1234567.89')])))
  expect(text).toMatch(/\nA 19 %\n {2}Netto +1037452,01\n {2}Steuer +197115,88\n {2}Brutto +1234567,89\n/)
})

test('puts letters that no printer has on its page in about the time of those that it has', () => {
  const took = (letter: string): number => {
    const text = letter.repeat(400)
    const startMs = performance.now()
    for (let line = 0; line < 300; line++) onPage(text)
    return performance.now() - startMs
  }
  for (const letter of ['א', '漢', 'ﷺ']) {
    let [known, other] = [took('ä'), took(letter)]
    // A busy machine stretches either one: the best of many rounds counts.
    for (let round = 0; round < 40 && other / known >= 10; round++) {
      known = Math.min(known, took('ä'))
      other = Math.min(other, took(letter))
    }
    // One by one they took twenty to fifty times as long, and every till waited.
    expect(other / known).toBeLessThan(10)
  }
})

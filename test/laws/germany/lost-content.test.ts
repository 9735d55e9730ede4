import { expect, test } from 'vitest'
import { foreignOf, isCashOnly, lostContent, sharesValue } from '../../../agent/laws/germany/lost-content.ts'

test.each([
  ['Beleg^18.00_80.00_0.00_0.00_0.00^98.00:Bar', { type: 'Beleg', cash: 9800n, cashless: 0n }],
  ['Beleg^60.00_0.00_0.00_0.00_-50.00^10.00:Unbar', { type: 'Beleg', cash: 0n, cashless: 1000n }],
  ['Beleg^9.00_0.00_0.00_0.00_1.00^-2.00:Bar_12.00:Unbar', { cash: -200n, cashless: 1200n }],
  ['Beleg^20.00_0.00_0.00_0.00_-20.00^', { cash: 0n, cashless: 0n }],
  ['AVTraining^10.00_0.00_0.00_0.00_0.00^', { type: 'AVTraining', cash: 0n }],
  ['AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^', { type: 'AVBelegabbruch' }],
])('the text signed by a TSE shows what was sold and paid: %s', (text, content) => {
  expect(lostContent('Kassenbeleg-V1', text)).toMatchObject(content)
})

test.each([
  ['Kassenbeleg-V1', 'Beleg^18.00_80.00_0.00_0.00_0.00^97.00:Bar'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Bar:EUR'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^0.00:Bar:CHF'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^5.00:Bar:USD_20.00:Bar:CHF'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Bar:CHF_1.00:Bar'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^1.00:Unbar_20.00:Bar:CHF'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Bar:CHF_1.00:Bar:CHF'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Bar:CHF_'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Bar:chf'],
  ['Kassenbeleg-V1', 'Beleg^18.00_0.00_0.00_0.00_0.00^20.00:Unbar:CHF'],
  ['Kassenbeleg-V1', 'Beleg^-0.00_1.00_0.00_0.00_0.00^1.00:Bar'],
  ['Kassenbeleg-V1', 'Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar_0.00:Unbar'],
  ['Kassenbeleg-V1', 'Beleg^1.00_0.00_0.00_0.00_0.00^_1.00:Unbar'],
  ['Kassenbeleg-V1', 'AVTraining^1.00_0.00_0.00_0.00_0.00^1.00:Bar'],
  ['Kassenbeleg-V1', 'AVRechnung^1.00_0.00_0.00_0.00_0.00^1.00:Bar'],
  ['SonstigerVorgang', 'Tagesabschluss Z-Nr 17'],
  ['Kassenbeleg-V1', 'AVTransfer^24.00_6.50_0.00_0.00_0.00^30.50:Bar'],
  ['Bestellung-V1', ''],
  ['Bestellung-V1', '2;Eisbecher;3.99'],
  ['Bestellung-V1', '2.0;"Eisbecher";3.99'],
  ['Bestellung-V1', '02;"Eisbecher";3.99'],
  ['Bestellung-V1', '-0;"Eisbecher";3.99'],
  ['Bestellung-V1', '0;"Eisbecher";3.99'],
  ['Bestellung-V1', '1;"Eisbecher";-3.99'],
  ['Bestellung-V1', '1;"Eisbecher";3.9'],
  ['Bestellung-V1', '1;"Eis"becher";3.99'],
  ['Bestellung-V1', '1;" ";3.99'],
  ['Bestellung-V1', '1;"Eis\nbecher";3.99'],
  ['Bestellung-V1', `1;"${'x'.repeat(256)}";3.99`],
  ['Bestellung-V1', '1;"Eisbecher";3.99\r'],
  ['Bestellung-V1', '1;"Eisbecher";3.99\r\n1;"Eiskaffee";2.99'],
])('no bon is made of a text that this till would not have signed: %s %s', (processType, text) => {
  expect(lostContent(processType, text)).toBeUndefined()
})

test.each([
  ['Beleg^15.00_0.00_0.00_0.00_0.00^-3.60:Bar_20.00:Bar:CHF', -360n, [['CHF', 2000n, 1860n]], true],
  ['Beleg^0.00_0.00_0.00_0.00_-1.86^-2.00:Bar:CHF', 0n, [['CHF', -200n, -186n]], false],
  [
    'Beleg^40.00_0.00_0.00_0.00_0.00^23.00:Bar:CHF_10.00:Bar:USD_10.00:Unbar',
    0n,
    [
      ['CHF', 2300n, 3000n],
      ['USD', 1000n, 0n],
    ],
    true,
  ],
] as const)(
  'foreign cash that was signed has its units again, and together the value that is left: %s',
  (text, cash, sorts, isSale) => {
    const content = lostContent('Kassenbeleg-V1', text)
    if (content === undefined) throw new Error('not read')
    expect(content.cash).toBe(cash)
    expect(foreignOf(content).map(({ currency, units, cents }) => [currency, units, cents])).toEqual(sorts)
    expect(isCashOnly(content)).toBe(!isSale)
    expect(sharesValue(content)).toBe(sorts.length > 1)
  },
)

test('an order that was signed has its lines again, cut prices included', () => {
  const text = '2;"Eisbecher ""Himbeere""";3.99\r-0.5;"Käseplatte (1/2)";12.40\r1;"-";0.00'
  expect(lostContent('Bestellung-V1', text)).toEqual({
    type: 'AVBestellung',
    cash: 0n,
    lines: [
      { quantity: 2000n, text: 'Eisbecher "Himbeere"', priceCents: 399n },
      { quantity: -500n, text: 'Käseplatte (1/2)', priceCents: 1240n },
      { quantity: 1000n, text: '-', priceCents: 0n },
    ],
  })
})

test.each([
  ['AVTransfer^24.00_6.50_0.00_0.00_-30.50^', { type: 'AVTransfer', cash: 0n, cashless: 0n }],
  // As earlier versions signed it.
  ['AVTransfer^24.00_6.50_0.00_0.00_0.00^', { type: 'AVTransfer', cash: 0n, cashless: 0n }],
  ['AVSachbezug^0.00_9.90_0.00_0.00_0.00^', { type: 'AVSachbezug', cash: 0n, cashless: 0n }],
])('goods without a payment that a TSE signed are themselves again: %s', (text, content) => {
  expect(lostContent('Kassenbeleg-V1', text)).toMatchObject(content)
})

test('an opening of the drawer that was secured is one again', () => {
  expect(lostContent('SonstigerVorgang', 'Kassenladenöffnung: Wechselgeld')).toMatchObject({ type: 'AVSonstige' })
})

test.each([
  ['Umbuchung;"Tisch 7";"Tisch 12"\r1;"Eiskaffee";2.99', 'Umbuchung'],
  ['Kassenladenöffnung: Wechselgeld', 'Kassenladenöffnung'],
])('the text %j is an AVSonstige that moves nothing', (text, name) => {
  expect(lostContent('SonstigerVorgang', text)).toEqual({ type: 'AVSonstige', name, cash: 0n })
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { processData, signed } from '../client.ts'
import { elsewhere, event, goods, pay } from '../goods.ts'

let bench: Bench
let shop: Register

beforeAll(async () => {
  bench = await Bench.open()
  shop = await bench.till('1000.00')
})
afterAll(() => bench[Symbol.asyncDispose]())

type Lines = Parameters<typeof goods>[2]
type Case = [
  name: string,
  processData: string,
  type: Parameters<typeof goods>[0],
  lines: Lines,
  payments: Members[],
  more?: Members,
]

function gift(amount: string): Lines[number] {
  return [amount, '0', { type: 'gift_card', gift_card_id: 'GC-1' }]
}

function deposit(amount: string, rate: string): Lines[number] {
  return [amount, rate, { type: 'container_deposit' }]
}

function redeem(amount: string) {
  return pay('gift_card', amount, { gift_card_id: 'GC-1' })
}

// The examples of DSFinV-K Annex I that a till in EUR can produce, and our own in addition.
const cases: Case[] = [
  ['bread, cash', 'Beleg^0.00_2.55_0.00_0.00_0.00^2.55:Bar', 'sale', [['2.55', '0.07']], [pay('cash', '2.55')]],
  [
    'a drink and an untaxed deposit, card',
    'Beleg^4.50_0.00_0.00_0.00_2.50^7.00:Unbar',
    'sale',
    [['4.50', '0.19'], deposit('2.50', '0')],
    [pay('card', '7.00')],
  ],
  [
    'a return, cash back',
    'Beleg^-19.99_0.00_0.00_0.00_0.00^-19.99:Bar',
    'return',
    [['-19.99', '0.19']],
    [pay('cash', '-19.99')],
    elsewhere,
  ],
  [
    'an exchange, the difference by card',
    'Beleg^10.00_0.00_0.00_0.00_0.00^10.00:Unbar',
    'exchange',
    [
      ['-19.99', '0.19'],
      ['29.99', '0.19'],
    ],
    [pay('card', '10.00')],
    elsewhere,
  ],
  [
    'a gift card sold, card',
    'Beleg^0.00_0.00_0.00_0.00_50.00^50.00:Unbar',
    'sale',
    [gift('50.00')],
    [pay('card', '50.00')],
  ],
  [
    'a gift card redeemed, the rest cash',
    'Beleg^60.00_0.00_0.00_0.00_-50.00^10.00:Bar',
    'sale',
    [['60.00', '0.19']],
    [redeem('50.00'), pay('cash', '10.00')],
  ],
  [
    'paid by gift card alone: no payment part',
    'Beleg^20.00_0.00_0.00_0.00_-20.00^',
    'sale',
    [['20.00', '0.19']],
    [redeem('20.00')],
  ],
  [
    'a tip to the employee',
    'Beleg^9.00_0.00_0.00_0.00_1.00^10.00:Unbar',
    'sale',
    [['9.00', '0.19']],
    [pay('card', '10.00')],
    { tip_amount: '1.00' },
  ],
  [
    'store credit instead of money back',
    'Beleg^-19.99_0.00_0.00_0.00_19.99^',
    'return',
    [['-19.99', '0.19']],
    [redeem('-19.99')],
    elsewhere,
  ],
  [
    'a container brought back',
    'Beleg^0.00_-0.40_0.00_0.00_0.00^-0.40:Bar',
    'return',
    [deposit('-0.40', '0.07')],
    [pay('cash', '-0.40')],
    elsewhere,
  ],
  [
    'an exchange over two rates keeps a negative bucket',
    'Beleg^-19.99_19.99_0.00_0.00_0.00^',
    'exchange',
    [
      ['-19.99', '0.19'],
      ['19.99', '0.07'],
    ],
    [pay('other', '0.00')],
    elsewhere,
  ],
  [
    'an even swap is all zeros',
    'Beleg^0.00_0.00_0.00_0.00_0.00^',
    'exchange',
    [
      ['-50.00', '0.19'],
      ['50.00', '0.19'],
    ],
    [pay('cash', '0.00')],
    elsewhere,
  ],
  [
    'split tender, change and a failed try: net sums, Bar before Unbar',
    'Beleg^0.00_30.00_0.00_0.00_0.00^17.50:Bar_12.50:Unbar',
    'sale',
    [['30.00', '0.07']],
    [
      pay('card', '10.00'),
      pay('card', '30.00', { status: 'failed' }),
      pay('cash', '20.00'),
      pay('digital_wallet', '2.50', { status: 'authorized' }),
      pay('cash', '-2.50'),
    ],
  ],
  [
    'pending payments are signed where only they make the total',
    'Beleg^5.00_0.00_0.00_0.00_0.00^2.00:Bar_3.00:Unbar',
    'sale',
    [['5.00', '0.19']],
    [pay('cash', '2.00'), pay('bank_transfer', '3.00', { status: 'pending' })],
  ],
  [
    'all five kinds of turnover',
    'Beleg^1.19_1.07_1.08_1.06_1.00^5.40:Bar',
    'sale',
    [
      ['1.19', '0.190'],
      ['1.07', '0.07'],
      ['1.08', '0.078'],
      ['1.06', '0.055'],
      ['1.00', '0', { taxes: [{ name: 'frei', rate: '0.00', tax_amount: '0.00', code: 'exempt' }] }],
    ],
    [pay('cash', '5.40')],
  ],
  [
    'a cart discount and a gift card',
    'Beleg^18.00_27.00_0.00_0.00_-20.00^25.00:Bar',
    'sale',
    [
      ['27.00', '0.07', { unit_price: '30.00' }],
      ['18.00', '0.19', { unit_price: '10.00', quantity: 2 }],
    ],
    [redeem('20.00'), pay('cash', '25.00')],
    { cart_level_discounts: [{ description: 'Coupon', amount: '5.00' }] },
  ],
  [
    'a rate of an old sale keeps its kind when it comes back',
    'Beleg^-11.60_0.00_0.00_0.00_0.00^-11.60:Bar',
    'return',
    [['-11.60', '0.16']],
    [pay('cash', '-11.60')],
    elsewhere,
  ],
]

for (const [name, expected, type, lines, payments, more] of cases) {
  test(`${name}: ${expected}`, async () => {
    const open = await shop.till.create(goods(type, shop.id, lines, more))
    expect(open).toMatchObject({ status: 'open', resource_version: 1, fiscal_information: null })
    expect(open.fiscal).toEqual({ state: 'pending', start_event: { signed_at: expect.any(String) } })
    const done = await shop.till.complete(open, payments)
    expect(done).toMatchObject({ status: 'completed', resource_version: 2, fiscal: { state: 'succeeded' } })
    expect(processData(done)).toBe(expected)
    const facts = signed(done)
    expect(facts).toMatchObject({ document_type: 'Beleg', pos_client_serial_number: shop.clientId })
    expect(facts.start_event).toEqual(open.fiscal.start_event)
    expect(facts.end_event.process_type).toBe('Kassenbeleg-V1')
    const report = verifyQr(facts.verification.qr_data)
    expect(report).toMatchObject({ valid: true, findings: [], serial: facts.tss_serial_number })
    expect(report.fields).toMatchObject({ processData: expected, transaction: facts.transaction_number })
    expect(await shop.till.read(open.id)).toEqual(done)
  })
}

test('a void before completion is signed as AVBelegabbruch, with the zeros of an abort', async () => {
  const open = await shop.till.create(goods('sale', shop.id, [['4.50', '0.07']]))
  const voided = await shop.till.void(open, 'customer_abandoned_checkout')
  expect(voided).toMatchObject({ status: 'voided', resource_version: 2, completed_at: null })
  expect(voided).toMatchObject({ void_reason: 'customer_abandoned_checkout', fiscal: { state: 'succeeded' } })
  expect(processData(voided)).toBe('AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^')
  expect(signed(voided).document_type).toBe('AVBelegabbruch')
  expect(verifyQr(signed(voided).verification.qr_data).valid).toBe(true)
})

test('cash in and out of the drawer is balanced: B5 equals the payment', async () => {
  const adjust = (cash_amount: string, movement_type?: string) =>
    shop.till.create(
      event('session_cash_adjustment', shop.id, { cash_amount, ...(movement_type && { movement_type }) }),
    )
  expect(processData(await adjust('200.00'))).toBe('Beleg^0.00_0.00_0.00_0.00_200.00^200.00:Bar')
  await adjust('500.00')
  expect(processData(await adjust('-500.00', 'bank_deposit'))).toBe('Beleg^0.00_0.00_0.00_0.00_-500.00^-500.00:Bar')
  expect(processData(await adjust('-0.05', 'correction'))).toBe('Beleg^0.00_0.00_0.00_0.00_-0.05^-0.05:Bar')
})

import { describe, expect, test } from 'vitest'
import type { EuroPayment, SentPayment } from '../../agent/contract/payment.ts'
import { cashCents, checkPayments, signedPayments } from '../../agent/register/payments.ts'
import { formatCents } from '../../base/money.ts'
import { fc } from '../properties.ts'
import { refusalOf } from './refusal.ts'

function pay(amount: string, more: Partial<EuroPayment> = {}): EuroPayment {
  return { payment_id: 'p-1', method: 'cash', status: 'captured', amount, currency: 'EUR', ...more }
}

function signedOf(payments: readonly SentPayment[], totalCents: bigint, source: 'POS' | 'ONLINE') {
  return checkPayments(payments, totalCents, source, undefined).signed
}

function codeOf(payments: SentPayment[], totalCents: bigint) {
  return refusalOf(() => signedOf(payments, totalCents, 'POS')).code
}

describe('the payments of a completion', () => {
  test('match in the published examples', () => {
    expect(signedOf([pay('15.00'), pay('32.50', { method: 'card' })], 4750n, 'POS')).toHaveLength(2)
    expect(signedOf([pay('-12.00')], -1200n, 'POS')).toHaveLength(1)
    expect(signedOf([pay('-10.00', { method: 'card' })], -1000n, 'POS')).toHaveLength(1)
  })

  test('tendered cash and change are two payments', () => {
    expect(signedOf([pay('50.00'), pay('-2.50')], 4750n, 'POS')).toHaveLength(2)
  })

  test('are one of 0.00 for an even swap', () => {
    expect(signedOf([pay('0.00')], 0n, 'POS')).toHaveLength(1)
  })

  test('captured and authorized payments are taken if they match, else the pending ones with them', () => {
    const sure = [pay('10.00'), pay('5.00', { method: 'card', status: 'authorized' })]
    const pending = pay('5.00', { method: 'bank_transfer', status: 'pending' })
    expect(signedOf([...sure, pending], 1500n, 'POS')).toEqual(sure)
    expect(signedOf([pending, ...sure], 2000n, 'POS')).toEqual([pending, ...sure])
  })

  test('of more than the total are refused with the payment of the change', () => {
    const refused = (payments: SentPayment[]) => refusalOf(() => signedOf(payments, 1280n, 'POS')).message
    expect(refused([pay('20.00')])).toBe(
      'Captured and authorized payments are 20.00, total_amount is 12.80. Change goes back as a cash payment of -7.20.',
    )
    expect(refused([pay('10.00')])).toBe('Captured and authorized payments are 10.00, total_amount is 12.80.')
  })

  test.each(['failed', 'voided', 'refunded'] as const)('%s ones count nowhere', (status) => {
    expect(signedOf([pay('10.00'), pay('10.00', { status })], 1000n, 'POS')).toEqual([pay('10.00')])
    expect(codeOf([pay('10.00'), pay('10.00', { status })], 2000n)).toBe('payment_total_mismatch')
  })

  test.each(['authorized', 'pending'] as const)(
    'cash that is only %s is refused, with any other payments',
    (status) => {
      const cash = pay('5.00', { status })
      const all = [[cash], [pay('5.00', { method: 'card' }), cash], [pay('-5.00', { status }), pay('10.00')]]
      for (const payments of all) {
        const { code, details } = refusalOf(() => signedOf(payments, 500n, 'POS'))
        const at = payments.findIndex((payment) => payment.status === status)
        expect(code).toBe('payment_status_invalid')
        expect(details).toEqual({ pointer: `/payments/${at}/status`, method: 'cash', status })
      }
    },
  )

  test('are never cash in a web shop, in part or back', () => {
    const online = (payments: SentPayment[], cents: bigint) => refusalOf(() => signedOf(payments, cents, 'ONLINE'))
    const card = pay('5.00', { method: 'card' })
    for (const [payments, cents, at] of [
      [[pay('5.00')], 500n, 0],
      [[card, pay('5.00')], 1000n, 1],
      [[pay('-5.00')], -500n, 0],
      [[pay('0.00')], 0n, 0],
      [[pay('5.00', { status: 'authorized' })], 500n, 0],
    ] as const) {
      const { code, details } = online([...payments], cents)
      expect(code).toBe('payment_method_not_supported')
      expect(details).toEqual({ pointer: `/payments/${at}/method`, method: 'cash', source: 'ONLINE' })
    }
    const tried = [card, pay('5.00', { status: 'failed' })]
    expect(signedOf(tried, 500n, 'ONLINE')).toEqual([card])
  })

  test('match in an old operation with cash that was only authorized', () => {
    const old = [pay('5.00', { status: 'authorized' })]
    expect(signedPayments(old, 500n)).toEqual(old)
  })

  test('that do not add up are refused with both sums', () => {
    const pending = pay('1.00', { method: 'card', status: 'pending' })
    const { code, details } = refusalOf(() => signedOf([pay('10.00'), pending], 4750n, 'POS'))
    expect(code).toBe('payment_total_mismatch')
    expect(details).toEqual({ total_amount: '47.50', captured_and_authorized: '10.00', with_pending: '11.00' })
  })

  test.each([undefined, '', ' \t'])('by gift card need the id of the card: %j is not one', (gift_card_id) => {
    const sent = gift_card_id === undefined ? {} : { gift_card_id }
    expect(codeOf([pay('10.00', { method: 'gift_card', ...sent })], 1000n)).toBe('gift_card_id_required')
    expect(signedOf([pay('10.00', { method: 'gift_card', gift_card_id: 'GC-1' })], 1000n, 'POS')).toHaveLength(1)
  })

  test('are in euro and in whole cents', () => {
    expect(codeOf([pay('10.00', { currency: 'CHF' })], 1000n)).toBe('currency_not_supported')
    expect(codeOf([pay('5.005'), pay('4.995')], 1000n)).toBe('amount_mismatch')
  })
})

test('the drawer counts captured cash alone', () => {
  const payments = [
    pay('50.00'),
    pay('-2.50'),
    pay('7.00', { status: 'pending' }),
    pay('8.00', { status: 'authorized' }),
    pay('9.00', { method: 'card' }),
  ]
  expect(cashCents(payments)).toBe(4750n)
})

test('any split of any total matches, and a deviation of one cent does not', () => {
  const parts = fc.array(fc.bigInt({ min: -99_999_999n, max: 99_999_999n }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(parts, (cents) => {
      const total = cents.reduce((sum, part) => sum + part, 0n)
      const payments = cents.map((part) => pay(formatCents(part)))
      expect(signedOf(payments, total, 'POS')).toHaveLength(cents.length)
      expect(cashCents(payments)).toBe(total)
      expect(codeOf(payments, total + 1n)).toBe('payment_total_mismatch')
    }),
  )
})

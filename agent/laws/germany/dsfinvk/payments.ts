import { said } from '../../../../base/text.ts'
import type { ForeignSums } from '../../../contract/foreign-cash.ts'
import type { Payment } from '../../../contract/payment.ts'
import { euroCents, foreignCents } from '../../../register/payments.ts'
import { METHOD_NAMES } from '../../../texts/receipts.ts'
import { writtenText } from '../written-text.ts'
import type { BonPayment, PaymentType } from './bon.ts'

type Kind = { type: PaymentType; name: string }

/** A redeemed voucher of the shop is a negative turnover, not a payment: § 3 (15) UStG. A claim is not paid, and cash not rounded. */
type Paid = Payment & { method: Exclude<Payment['method'], 'gift_card' | 'on_account' | 'rounding'> }

const TYPES: Readonly<Record<Paid['method'], PaymentType>> = {
  cash: 'Bar',
  card: 'Unbar',
  mobile: 'ElZahlungsdienstleister',
  online: 'ElZahlungsdienstleister',
  digital_wallet: 'ElZahlungsdienstleister',
  bank_transfer: 'Unbar',
  voucher: 'Unbar',
  store_credit: 'Unbar',
  other: 'Unbar',
}

/** Characters of ZAHLART_NAME. */
const NAME_SIZE = 60

const SCHEMES: Readonly<Record<string, Kind>> = {
  girocard: { type: 'ECKarte', name: 'girocard' },
  ec: { type: 'ECKarte', name: 'girocard' },
  eckarte: { type: 'ECKarte', name: 'girocard' },
  eccard: { type: 'ECKarte', name: 'girocard' },
  eccash: { type: 'ECKarte', name: 'girocard' },
  elv: { type: 'ECKarte', name: 'girocard' },
  maestro: { type: 'ECKarte', name: 'Maestro' },
  vpay: { type: 'ECKarte', name: 'V PAY' },
  visavpay: { type: 'ECKarte', name: 'V PAY' },
  visadebit: { type: 'ECKarte', name: 'Visa Debit' },
  visaelectron: { type: 'ECKarte', name: 'Visa Electron' },
  mastercarddebit: { type: 'ECKarte', name: 'Debit Mastercard' },
  debitmastercard: { type: 'ECKarte', name: 'Debit Mastercard' },
  visa: { type: 'Kreditkarte', name: 'Visa' },
  visacredit: { type: 'Kreditkarte', name: 'Visa' },
  mastercard: { type: 'Kreditkarte', name: 'Mastercard' },
  mc: { type: 'Kreditkarte', name: 'Mastercard' },
  mastercardcredit: { type: 'Kreditkarte', name: 'Mastercard' },
  amex: { type: 'Kreditkarte', name: 'American Express' },
  americanexpress: { type: 'Kreditkarte', name: 'American Express' },
  diners: { type: 'Kreditkarte', name: 'Diners Club' },
  dinersclub: { type: 'Kreditkarte', name: 'Diners Club' },
  discover: { type: 'Kreditkarte', name: 'Discover' },
  jcb: { type: 'Kreditkarte', name: 'JCB' },
  unionpay: { type: 'Kreditkarte', name: 'UnionPay' },
}

/** The payments of a bon, without redeemed vouchers of the shop (§ 3 (15) UStG) and claims, which are lines. */
export function bonPayments(payments: readonly Payment[]): BonPayment[] {
  return netted(payments.filter(isPaid).map(bonPayment), 'EUR')
}

function bonPayment(payment: Paid): BonPayment {
  const euro = { ...kindOf(payment), currency: payment.currency, cents: euroCents(payment) }
  return payment.base_amount === undefined ? euro : { ...euro, foreignCents: foreignCents(payment) }
}

/** A movement of the drawer. */
export function cashPayments(cents: bigint, currency: string, foreign: ForeignSums = {}): BonPayment[] {
  const cash = { type: 'Bar', name: METHOD_NAMES.cash } as const
  const sorts = Object.entries(foreign).map(([name, { units, base }]) => {
    return { ...cash, currency: name, foreignCents: BigInt(units), cents: BigInt(base) }
  })
  return netted([{ ...cash, currency, cents }, ...sorts], currency)
}

/** The payment of a reversal. */
export function turnedPayment({ foreignCents: units, ...payment }: BonPayment): BonPayment {
  return { ...payment, cents: -payment.cents, ...(units !== undefined && { foreignCents: -units }) }
}

/** One row for each type, name and currency, with the net amount; rows of 0 are omitted, `Keine` means no payment. */
export function netted(payments: readonly BonPayment[], baseCurrency: string): BonPayment[] {
  const rows = new Map<string, BonPayment>()
  for (const payment of payments) {
    const id = JSON.stringify([payment.type, payment.name, payment.currency])
    const before = rows.get(id)
    const foreign = payment.foreignCents
    rows.set(id, {
      ...payment,
      cents: payment.cents + (before?.cents ?? 0n),
      ...(foreign !== undefined && { foreignCents: foreign + (before?.foreignCents ?? 0n) }),
    })
  }
  const remaining = [...rows.values()].filter(({ cents, foreignCents }) => cents !== 0n || (foreignCents ?? 0n) !== 0n)
  return remaining.length > 0 ? remaining : noPayment(baseCurrency)
}

export function noPayment(currency: string): BonPayment[] {
  return [{ type: 'Keine', currency, cents: 0n }]
}

function isPaid(payment: Payment): payment is Paid {
  return payment.method !== 'gift_card' && payment.method !== 'on_account'
}

function kindOf({ method, scheme, card_brand }: Paid): Kind {
  // A newer program may have written a method that this one does not know.
  const kind: Kind = { type: TYPES[method] ?? TYPES.other, name: METHOD_NAMES[method] ?? METHOD_NAMES.other }
  const brand = said(scheme) ?? said(card_brand)
  if (method !== 'card' || brand === undefined) return kind
  const plain = brand.toLowerCase().replace(/[^a-z]/g, '')
  const known = Object.hasOwn(SCHEMES, plain) ? SCHEMES[plain] : undefined
  // As it will be written: names that are equal there share one row of the closing.
  const name = writtenText(brand, NAME_SIZE).trim()
  return known ?? { type: 'Unbar', name: name === '' ? kind.name : name }
}

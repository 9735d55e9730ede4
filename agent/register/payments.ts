import { absolute, formatCents, toAtoms, toCents } from '../../base/money.ts'
import type { ForeignSums } from '../contract/foreign-cash.ts'
import type { EuroPayment, ForeignCash, Payment, SentPayment } from '../contract/payment.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { centsOf, foreignCurrency, refuseForeignCurrency } from './amounts.ts'
import type { LawMembers } from './law-members.ts'

const ONE = toAtoms('1')

/** States that can be part of the total; payments in other states are stored and not counted. */
const COUNTED: readonly SentPayment['status'][] = ['captured', 'authorized', 'pending']

/** Two digits of a printer's command. */
const TICKETS_MAX = 99
const FIVE_CENTS = 5n
const ROUNDING_MAX = 2n

/**
 * Checks the payments of a completion and returns them with those that are signed; `members`: those that the law of the
 * operation has. Throws `currency_not_supported`, `not_supported_by_law`, `amount_mismatch` (not whole cents),
 * `gift_card_id_required`, `payment_method_not_supported`, `payment_status_invalid`, `payment_total_mismatch`;
 * `unprocessable_entity` for the value of foreign cash, for a number of tickets and for a rounding.
 */
export function checkPayments(
  payments: readonly SentPayment[],
  totalCents: bigint,
  source: 'POS' | 'ONLINE',
  members: Pick<LawMembers, 'checkPayments'> | undefined,
): { payments: readonly Payment[]; signed: readonly Payment[] } {
  members?.checkPayments(payments)
  for (const [index, payment] of payments.entries()) checkPayment(payment, source, `/payments/${index}`)
  const rounding = payments.findLastIndex(({ method }) => method === 'rounding')
  if (rounding >= 0) checkRounding(payments, rounding)
  // Each that has a value in euro is foreign cash.
  const checked = payments as readonly unknown[] as readonly Payment[]
  return { payments: checked, signed: signedPayments(checked, totalCents) }
}

/**
 * The payments that add up to the total and are signed: captured and authorized, else these with the pending ones.
 * Throws `payment_total_mismatch`.
 */
export function signedPayments<Paid extends Payment>(payments: readonly Paid[], totalCents: bigint): readonly Paid[] {
  const sure = payments.filter(({ status }) => status === 'captured' || status === 'authorized')
  if (sumCents(sure) === totalCents) return sure
  const withPending = payments.filter((payment) => payment.status === 'pending' || sure.includes(payment))
  if (sumCents(withPending) === totalCents) return withPending
  const details = {
    total_amount: formatCents(totalCents),
    captured_and_authorized: formatCents(sumCents(sure)),
    with_pending: formatCents(sumCents(withPending)),
  }
  const over = sumCents(sure) - totalCents
  const change = over > 0n && totalCents > 0n ? ` Change goes back as a cash payment of -${formatCents(over)}.` : ''
  throw new FiskalError(
    'payment_total_mismatch',
    `Captured and authorized payments are ${details.captured_and_authorized}, total_amount is ${details.total_amount}.${change}`,
    details,
  )
}

function checkPayment(payment: SentPayment, source: 'POS' | 'ONLINE', pointer: string): void {
  if (payment.base_amount !== undefined || payment.exchange_rate !== undefined) checkForeign(payment, pointer)
  else refuseForeignCurrency(payment.currency)
  centsOf(payment.amount, `${pointer}/amount`)
  if (payment.method === 'gift_card' && (payment.gift_card_id ?? '').trim() === '') {
    throw new FiskalError('gift_card_id_required', 'A gift_card payment needs the gift_card_id.', {
      pointer: `${pointer}/gift_card_id`,
    })
  }
  if (payment.count !== undefined) checkCount(payment, payment.count, pointer)
  if (payment.method === 'on_account') checkStatusOnAccount(payment, pointer)
  else if (payment.external_related_operation !== undefined) {
    const place = `${pointer}/external_related_operation`
    throw unprocessable(`${place} belongs to a payment on account.`, place)
  }
  if (payment.method === 'cash' && payment.tid !== undefined)
    throw unprocessable('Cash is taken at no card terminal: leave its tid out.', `${pointer}/tid`)
  if (payment.method === 'cash' && COUNTED.includes(payment.status)) checkCash(payment, source, pointer)
}

/** Cash must be captured at a register: the signed cash is then the cash that the drawer should hold. */
function checkCash({ method, status }: SentPayment, source: 'POS' | 'ONLINE', pointer: string): void {
  if (source === 'ONLINE') {
    throw new FiskalError('payment_method_not_supported', 'An ONLINE operation has no drawer and takes no cash.', {
      pointer: `${pointer}/method`,
      method,
      source,
    })
  }
  if (status === 'captured') return
  throw new FiskalError('payment_status_invalid', `Cash cannot be ${status}: send it as captured, or as failed.`, {
    pointer: `${pointer}/status`,
    method,
    status,
  })
}

/** Tickets of one value each. */
function checkCount({ amount }: SentPayment, count: number, pointer: string): void {
  if (count < 1 || count > TICKETS_MAX)
    throw unprocessable(`A payment has 1 to ${TICKETS_MAX} tickets.`, `${pointer}/count`)
  const cents = centsOf(amount, `${pointer}/amount`)
  if (cents > 0n && cents % BigInt(count) === 0n) return
  const words = `${amount} is not ${count} tickets of whole cents: send a payment for each value of a ticket.`
  throw unprocessable(words, `${pointer}/count`)
}

/** An amount that is paid wholly in cash is rounded to the nearest 5 cents (D.L. 50/2017 art. 13-quater). */
function checkRounding(payments: readonly SentPayment[], index: number): void {
  const pointer = `/payments/${index}`
  const { amount, status, tender, count } = payments[index] as SentPayment
  const cents = absolute(centsOf(amount, `${pointer}/amount`))
  if (cents === 0n || cents > ROUNDING_MAX) throw unprocessable('A rounding is ±0.01 or ±0.02.', pointer)
  if (status !== 'captured') throw unprocessable(`A rounding cannot be ${status}: send it as captured.`, pointer)
  if (tender !== undefined || count !== undefined)
    throw unprocessable('A rounding has neither tender nor count.', pointer)
  const rest = payments.filter((_, at) => at !== index)
  const others = rest.filter(({ status }) => COUNTED.includes(status))
  if (rest.some(({ method }) => method === 'rounding') || others.some(({ method }) => method !== 'cash'))
    throw unprocessable('An amount is rounded once, and only if it is paid wholly in cash.', pointer)
  const cash = others.reduce((sum, { amount: paid }) => sum + toCents(paid), 0n)
  if (cash % FIVE_CENTS !== 0n) throw unprocessable(`${formatCents(cash)} in cash is not a multiple of 0.05.`, pointer)
}

/** Nothing is paid that could still fail. */
function checkStatusOnAccount({ method, status }: SentPayment, pointer: string): void {
  if (status === 'captured') return
  throw new FiskalError('payment_status_invalid', `A payment on account cannot be ${status}: send it as captured.`, {
    pointer: `${pointer}/status`,
    method,
    status,
  })
}

/** Foreign money is cash: other methods pay in euro. */
function checkForeign(payment: SentPayment, pointer: string): void {
  const { currency, method, amount, base_amount: base, exchange_rate: rate } = payment
  const member = base === undefined ? 'exchange_rate' : 'base_amount'
  if (currency === 'EUR') throw unprocessable(`${member} is for cash in a foreign currency.`, `${pointer}/${member}`)
  if (base === undefined || method !== 'cash') throw foreignCurrency(currency)
  const units = centsOf(amount, `${pointer}/amount`)
  const cents = centsOf(base, `${pointer}/base_amount`)
  if (signOf(units) !== signOf(cents))
    throw unprocessable(`base_amount ${base} must have the sign of the amount, ${amount}.`, `${pointer}/base_amount`)
  if (rate === undefined || absolute(units * toAtoms(rate) - cents * ONE) <= ONE) return
  throw unprocessable(
    `${amount} ${currency} at ${rate} differ by more than 0.01 from base_amount ${base}.`,
    `${pointer}/exchange_rate`,
  )
}

function signOf(cents: bigint): number {
  return cents < 0n ? -1 : Number(cents > 0n)
}

/** The change of the drawer in euro by these payments (negative: cash goes out): captured cash only. */
export function cashCents(payments: readonly Payment[]): bigint {
  return sumCents(payments.filter((payment) => isInDrawer(payment) && payment.base_amount === undefined))
}

function isInDrawer({ method, status }: Payment): boolean {
  return method === 'cash' && status === 'captured'
}

/** The change of the drawer in foreign currencies; undefined without any. */
export function foreignSums(payments: readonly Payment[]): ForeignSums | undefined {
  let sums: Record<string, { units: number; base: number }> | undefined
  for (const payment of payments) {
    if (payment.base_amount === undefined || !isInDrawer(payment)) continue
    sums ??= {}
    const { units, base } = sums[payment.currency] ?? { units: 0, base: 0 }
    const cents = { units: units + Number(foreignCents(payment)), base: base + Number(euroCents(payment)) }
    sums[payment.currency] = cents
  }
  return sums && withoutNothing(sums)
}

function withoutNothing(sums: ForeignSums): ForeignSums | undefined {
  const moved = Object.entries(sums).filter(([, { units, base }]) => units !== 0 || base !== 0)
  return moved.length === 0 ? undefined : Object.fromEntries(moved)
}

function sumCents(payments: readonly Payment[]): bigint {
  return payments.reduce((sum, payment) => sum + euroCents(payment), 0n)
}

/** The value in euro of any payment, in cents. */
export function euroCents(payment: Payment): bigint {
  return toCents(payment.base_amount === undefined ? payment.amount : payment.base_amount)
}

/** The payment as money in euro; for laws without foreign cash. */
export function inEuro(payment: Payment): EuroPayment {
  if (payment.base_amount === undefined) return payment
  const { base_amount: amount, exchange_rate: _rate, ...paid } = payment
  return { ...paid, amount, currency: 'EUR' }
}

/** Cents of the currency in which it was handed over. */
export function foreignCents({ amount }: ForeignCash): bigint {
  return toCents(amount as unknown as string)
}

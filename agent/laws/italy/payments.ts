import { formatCents, toCents } from '../../../base/money.ts'
import type { RtPayment } from '../../../drivers/ports/rt-printer.ts'
import type { EuroPayment, Payment } from '../../contract/payment.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, GoodsDocument } from '../../journal/documents/document.ts'
import { sumOf } from '../../register/cart-discount.ts'
import { inEuro } from '../../register/payments.ts'

/** A payment of an operation: tender number of the printer and amount (negative: change or money back). */
export type Tendered = { tender: number; cents: bigint }

const CASH = 1
const TICKETS = 5
/** Contanti and assegni give change. Printers give it for tickets too, which the law forbids (D.M. 122/2017 art. 4). */
const CHANGE = [CASH, 3]
/** Classes of a transfer and of other money, of which the shop must choose one. */
const CHOICES = '2 or 6 (goods or services not collected), 3 (cheque), 4 (electronic), 7 (an invoice follows)'

/** Payments that make up the total, each with its index in the request. */
function countedPayments({ shown, own }: GoodsDocument): [number, EuroPayment][] {
  const counted = own.counted_statuses
  return (shown.payments ?? []).flatMap((payment, index) =>
    counted.includes(payment.status) ? [[index, inEuro(payment)]] : [],
  )
}

export type TenderSettings = {
  /** Payment method of the API → number of the printer's payment table. */
  tenders: Readonly<Partial<Record<Payment['method'], number | undefined>>>
  /** True for a number that the register's printer prints. */
  hasTender: (tender: number) => boolean
}

/** Throws `payment_method_not_supported` for a payment without a class on the printer. */
export function tenderedOf(operation: GoodsDocument, settings: TenderSettings): Tendered[] {
  return countedPayments(operation).map(([index, payment]) => tenderOf(payment, index, settings))
}

export function tenderOf(
  { method, amount }: EuroPayment,
  index: number,
  { tenders, hasTender }: TenderSettings,
): Tendered {
  const tender = tenders[method]
  if (tender !== undefined && hasTender(tender)) return { tender, cents: toCents(amount) }
  const why =
    tender === undefined
      ? `Payment method ${method} has no tender: name one in "rt.tenders": ${CHOICES}.`
      : `The printer has no payment number ${tender}, which "rt.tenders" names for ${method}.`
  const details = { payment_index: index, method, tender: tender ?? null }
  throw new FiskalError('payment_method_not_supported', why, details)
}

/**
 * In the order that printers accept: exact amounts first, then tickets, then tenders that give change, cash last; change
 * is the excess of the last one. Throws `unprocessable_entity` for change from another tender: electronic payments must
 * be printed as they were made, and tickets give none.
 */
export function rtPayments(payments: readonly Tendered[]): RtPayment[] {
  demandChange(payments)
  const paid = payments.filter(({ cents }) => cents > 0n).sort((one, other) => rank(one) - rank(other))
  let change = -sum(payments.filter(({ cents }) => cents < 0n))
  for (let last = paid.at(-1); last !== undefined && change > 0n && last.cents <= change; last = paid.at(-1)) {
    change -= last.cents
    paid.pop()
  }
  return paid.map(({ tender, cents }) => ({ tender, amountCents: cents }))
}

/**
 * An exchange is two documents: the return pays out, the sale takes in. The amount common to both passes in cash, so
 * that the amounts of cards stay correct; `soldCents` and `returnedCents` are positive.
 */
export function exchangePayments(
  payments: readonly Tendered[],
  soldCents: bigint,
  returnedCents: bigint,
): { sale: RtPayment[]; refund: RtPayment[] } {
  const passed = soldCents < returnedCents ? soldCents : returnedCents
  const cash = { tender: CASH, cents: passed }
  // Nor may the cash that passes between the documents be the change of a ticket.
  demandChange(soldCents >= returnedCents ? payments : payments.map(turned))
  if (soldCents >= returnedCents) return { sale: rtPayments([...payments, cash]), refund: rtPayments([cash]) }
  return { sale: rtPayments([cash]), refund: rtPayments([...payments.map(turned), cash]) }
}

/**
 * The payments of an exchange's reso, by the methods of the API and negative, as {@link exchangePayments} prints them:
 * the exchange's own payments if the returned goods are worth more, otherwise cash alone.
 */
export function paidOut(operation: DocumentOf<'exchange'>, soldCents: bigint, returnedCents: bigint): EuroPayment[] {
  const isRefund = soldCents < returnedCents
  const own = isRefund ? countedPayments(operation).map(([, payment]) => payment) : []
  const isCash = ({ method }: EuroPayment): boolean => method === 'cash'
  const ownCash = own.filter(isCash)
  const cash = sumOf(ownCash.map(({ amount }) => toCents(amount))) - (isRefund ? soldCents : returnedCents)
  const others = own.filter((payment) => !isCash(payment))
  if (cash === 0n && others.length > 0) return others
  const paymentId = ownCash[0]?.payment_id ?? 'cash'
  const paid = { payment_id: paymentId, method: 'cash' as const, status: 'captured' as const }
  return [...others, { ...paid, amount: formatCents(cash), currency: 'EUR' }]
}

/**
 * The payments of a return, divided among its resi, which have these totals: cash last, so that the amounts of cards stay
 * whole as long as possible. Change that the customer gave reduces the last ones.
 */
export function paidOutParts(operation: DocumentOf<'return'>, totals: readonly bigint[]): EuroPayment[][] {
  const counted = countedPayments(operation).map(([, payment]) => payment)
  const isCash = ({ method }: EuroPayment): boolean => method === 'cash'
  const out = [...counted.filter((payment) => !isCash(payment)), ...counted.filter(isCash)]
    .map((payment) => ({ payment, cents: -toCents(payment.amount) }))
    .filter(({ cents }) => cents > 0n)
  let change = sumOf(counted.map(({ amount }) => toCents(amount)).filter((cents) => cents > 0n))
  for (const part of out.toReversed()) {
    const taken = part.cents < change ? part.cents : change
    part.cents -= taken
    change -= taken
  }
  return totals.map((total) => {
    let rest = total
    return out.flatMap((part) => {
      const cents = part.cents < rest ? part.cents : rest
      part.cents -= cents
      rest -= cents
      return cents === 0n ? [] : [{ ...part.payment, amount: formatCents(-cents) }]
    })
  })
}

/** The parts of a divided payment as one again. */
export function joinedPayments(parts: readonly EuroPayment[]): EuroPayment[] {
  const joined = new Map<string, EuroPayment>()
  for (const part of parts) {
    const name = `${part.method} ${part.payment_id}`
    const amount = sumOf([joined.get(name)?.amount ?? '0', part.amount].map(toCents))
    joined.set(name, { ...part, amount: formatCents(amount) })
  }
  return [...joined.values()]
}

/** True if both pay out the same amount by each method. */
export function isPaidAlike(one: readonly EuroPayment[], other: readonly EuroPayment[]): boolean {
  const sumsOf = (payments: readonly EuroPayment[]): string =>
    [...new Set(payments.map(({ method }) => method))]
      .sort()
      .map((wanted) => {
        const own = payments.filter(({ method }) => method === wanted)
        return `${wanted} ${sumOf(own.map(({ amount }) => toCents(amount)))}`
      })
      .join()
  return sumsOf(one) === sumsOf(other)
}

export function turned({ tender, cents }: Tendered): Tendered {
  return { tender, cents: -cents }
}

function demandChange(payments: readonly Tendered[]): void {
  const change = -sum(payments.filter(({ cents }) => cents < 0n))
  const isChangeable = ({ tender, cents }: Tendered): boolean => cents > 0n && CHANGE.includes(tender)
  if (change <= sum(payments.filter(isChangeable))) return
  throw new FiskalError('unprocessable_entity', 'Change is given out of cash or cheques only, not of meal tickets.', {
    pointer: '/payments',
  })
}

function rank({ tender }: Tendered): number {
  if (tender === CASH) return 3
  if (CHANGE.includes(tender)) return 2
  return tender === TICKETS ? 1 : 0
}

function sum(payments: readonly Tendered[]): bigint {
  return payments.reduce((total, { cents }) => total + cents, 0n)
}

import { formatCents, toCents } from '../../../base/money.ts'
import { said } from '../../../base/text.ts'
import type { RtPayment } from '../../../drivers/ports/rt-printer.ts'
import type { EuroPayment } from '../../contract/payment.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf, GoodsDocument } from '../../journal/documents/document.ts'
import { sumOf } from '../../register/cart-discount.ts'
import { inEuro } from '../../register/payments.ts'
import type { TwoSided } from './sides.ts'
import type { TenderSettings } from './tenders.ts'
import { NUMBERS, tenderNumber } from './tenders.ts'

/**
 * A payment of an operation: tender number of the printer and amount (negative: change or money back). `rounding`: its
 * index in the request, if it is what cash was rounded by.
 */
export type Tendered = { tender: number; cents: bigint; count?: number; voucher?: string; rounding?: number }
/**
 * The end of a document: its payments, the numbers of their vouchers as texts, and what was rounded up, which is a line:
 * printers have no payment for it.
 */
export type Paid = { payments: RtPayment[]; texts: string[]; roundedUp: RoundedUp | undefined }
export type RoundedUp = { readonly cents: bigint; readonly index: number }

const { contanti: CASH, assegni: CHEQUES, ticket: TICKETS } = NUMBERS
/** Contanti and assegni give change. Printers give it for tickets too, which the law forbids (D.M. 122/2017 art. 4). */
const CHANGE: readonly number[] = [CASH, CHEQUES]

/** Payments that make up the total, each with its index in the request. */
function countedPayments({ shown, own }: GoodsDocument): [number, EuroPayment][] {
  const counted = own.counted_statuses
  return (shown.payments ?? []).flatMap((payment, index) =>
    counted.includes(payment.status) ? [[index, inEuro(payment)]] : [],
  )
}

function isCash({ method }: EuroPayment): boolean {
  return method === 'cash'
}

/** Cash of an operation, change deducted; negative if it is paid out. */
export function paidInCash(operation: GoodsDocument): bigint {
  const counted = countedPayments(operation).map(([, payment]) => payment)
  return sumOf(counted.filter(isCash).map(({ amount }) => toCents(amount)))
}

/** The amount by which documents exceed their operation, signed as its total: rounding up is a payment of the other sign. */
export function roundedUpCents(operation: GoodsDocument): bigint {
  const counted = countedPayments(operation).map(([, { method, amount }]) => ({ method, cents: toCents(amount) }))
  const sumIn = (payments: typeof counted): bigint => sumOf(payments.map(({ cents }) => cents))
  const [paid, rounding] = [sumIn(counted), sumIn(counted.filter(({ method }) => method === 'rounding'))]
  return paid < 0n === rounding < 0n ? 0n : -rounding
}

/** Throws `payment_method_not_supported`, and `unprocessable_entity` for a class of another method. */
export function tenderedOf(operation: GoodsDocument, settings: TenderSettings): Tendered[] {
  return countedPayments(operation).map(([index, payment]) => tenderOf(payment, index, settings))
}

export function tenderOf(payment: EuroPayment, index: number, settings: TenderSettings): Tendered {
  const { method, amount, count, gift_card_id: id } = payment
  const [tender, voucher] = [tenderNumber(payment, index, settings), said(id)]
  const more = { ...(count !== undefined && { count }), ...(voucher !== undefined && { voucher }) }
  return { tender, cents: toCents(amount), ...more, ...(method === 'rounding' && { rounding: index }) }
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
  return paid.map(({ tender, cents, count }) => ({ tender, amountCents: cents, ...(count !== undefined && { count }) }))
}

/** The payments of a document, and the numbers of its vouchers, which belong on it (interpello 167/2020). */
export function paidWith(payments: readonly Tendered[]): Paid {
  const vouchers = new Set(payments.flatMap(({ voucher }) => voucher ?? []))
  const up = payments.find(isRoundedUp)
  return {
    payments: rtPayments(payments.filter((payment) => !isRoundedUp(payment))),
    texts: [...vouchers].map((id) => `BUONO ${id}`),
    roundedUp: up && { cents: -up.cents, index: up.rounding ?? 0 },
  }
}

/** True if the cash was rounded up. An amount that was rounded down is a payment of the class sconto a pagare. */
function isRoundedUp({ rounding, cents }: Tendered): boolean {
  return rounding !== undefined && cents < 0n
}

/**
 * An operation with two sides is two documents: the return pays out, the sale takes in. The amount common to both passes in cash, so
 * that the amounts of cards stay correct; `soldCents` and `returnedCents` are positive.
 */
export function exchangePayments(
  payments: readonly Tendered[],
  soldCents: bigint,
  returnedCents: bigint,
): { sale: Paid; refund: Paid } {
  const passed = soldCents < returnedCents ? soldCents : returnedCents
  const cash = { tender: CASH, cents: passed }
  // A ticket gives no change, not even as the cash that passes between the documents.
  const own = soldCents >= returnedCents ? payments : payments.map(turned)
  refuseChange(own)
  if (soldCents >= returnedCents) return { sale: paidWith([...own, cash]), refund: paidWith([cash]) }
  return { sale: paidWith([cash]), refund: paidWith([...own, cash]) }
}

/**
 * The payments of the reso of an operation with two sides, by the methods of the API and negative, as {@link exchangePayments} prints them:
 * its own payments if the returned goods are worth more, otherwise cash alone.
 */
export function paidOut(operation: TwoSided, soldCents: bigint, returnedCents: bigint): EuroPayment[] {
  const isRefund = soldCents < returnedCents
  const own = isRefund ? countedPayments(operation).map(([, payment]) => payment) : []
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

/** True if both pay out the same amount by each method and class. */
export function isPaidAlike(one: readonly EuroPayment[], other: readonly EuroPayment[]): boolean {
  const sumsOf = (payments: readonly EuroPayment[]): string =>
    [...new Set(payments.map(classOf))]
      .sort()
      .map((wanted) => {
        const own = payments.filter((payment) => classOf(payment) === wanted)
        return `${wanted} ${sumOf(own.map(({ amount }) => toCents(amount)))}`
      })
      .join()
  return sumsOf(one) === sumsOf(other)
}

/** Cash has one class, named or not. */
function classOf({ method, tender }: EuroPayment): string {
  return method === 'cash' || tender === undefined ? method : `${method} ${tender}`
}

export function turned(payment: Tendered): Tendered {
  return { ...payment, cents: -payment.cents }
}

/** Throws `unprocessable_entity` for change from a payment that gives none; what was rounded up is not change. */
export function refuseChange(payments: readonly Tendered[]): void {
  demandChange(payments.filter((payment) => !isRoundedUp(payment)))
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

import type { RtPayment } from '../ports/rt-printer.ts'
import { refusal } from './document-rules.ts'

/**
 * The last payment, and no earlier one, completes the document, and only tenders that give change exceed the rest.
 * Throws `refused` none.
 */
function checkPayments(payments: readonly RtPayment[], totalCents: bigint, changeTenders: readonly number[]): void {
  if (payments.length === 0 && totalCents !== 0n) throw refusal('a payment is missing')
  let rest = totalCents
  for (const [index, { tender, amountCents }] of payments.entries()) {
    const isLast = index === payments.length - 1
    if (rest === 0n && index > 0) throw refusal('the document is paid before its last payment')
    if (isLast && amountCents < rest) throw refusal('the payments do not reach the total')
    if (amountCents > rest && !(isLast && changeTenders.includes(tender)))
      throw refusal('more is paid than the document comes to')
    rest -= amountCents
  }
}

const nothingPaid: readonly RtPayment[] = [{ tender: 1, amountCents: 0n }]

/** A printer ends a document after a payment, even if nothing is due. Throws `refused` none. */
export function endingPayments(
  payments: readonly RtPayment[],
  totalCents: bigint,
  changeTenders: readonly number[],
): readonly RtPayment[] {
  checkPayments(payments, totalCents, changeTenders)
  return payments.length > 0 ? payments : nothingPaid
}

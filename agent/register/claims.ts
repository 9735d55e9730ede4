import type { Payment } from '../contract/payment.ts'
import { euroCents } from './payments.ts'

/** True for goods that are not paid: the customer owes them (DSFinV-K Anhang C, Forderungsentstehung). */
export function isOnAccount({ method }: Pick<Payment, 'method'>): boolean {
  return method === 'on_account'
}

/** The claim by the payments of an operation, in cents; below 0 if a return takes some of an earlier one back. */
export function claimCents(payments: readonly Payment[]): bigint {
  return payments.reduce((sum, payment) => (isOnAccount(payment) ? sum + euroCents(payment) : sum), 0n)
}

import type { CompleteOperation } from '../../contract/operation.ts'
import { unprocessable } from '../../errors.ts'
import type { OpenPart } from '../../journal/books/open-lines.ts'
import type { UnpaidDocument } from '../../journal/documents/document.ts'
import { refuseIrreversible } from '../../journal/event-limit.ts'
import { requireRecipient } from '../../register/unpaid.ts'

/** Throws `unprocessable_entity` for a payment: money that no receipt names would be in the drawer. */
export function refusePayments({ kind, id }: UnpaidDocument, { payments = [] }: CompleteOperation): void {
  if (payments.length === 0) return
  throw unprocessable(
    `Operation ${id} is of type ${kind} and takes no payment. Complete it without payments; the bill takes the money.`,
    '/payments',
  )
}

/** The members that its completion sets. Throws `customer_required`, and `payload_too_large` if it could not be reversed. */
export function unpaidEnd(
  document: UnpaidDocument,
  { customer }: CompleteOperation,
  settled: readonly OpenPart[] | undefined,
) {
  refuseIrreversible(document.shown, [], settled)
  if (document.kind === 'employee_benefit' && customer !== undefined) requireRecipient(customer)
  return {
    status: 'completed' as const,
    ...(customer !== undefined && { customer }),
    resource_version: document.shown.resource_version + 1,
  }
}

import { toCents } from '../../../base/money.ts'
import type { LineType } from '../../contract/goods.ts'
import type { ForeignUnits, SentPayment } from '../../contract/payment.ts'
import type { StoredParts } from '../documents/document.ts'
import type { Members } from '../events.ts'

export type { LineType }
/** The members of an operation's lines and payments that the books read. */
export type Line = {
  readonly type?: string
  readonly sku_identifier?: string
  readonly title?: string
  readonly quantity?: number | string
  readonly unit_price?: string
  readonly total_amount: string
  readonly taxes: readonly { readonly rate: string; readonly code?: string | undefined }[]
  readonly related_operation_id?: string
  readonly external_related_operation?: object
}
/** In euro, or foreign cash: `base_amount` is its value in euro. */
export type Payment =
  | { readonly method: string; readonly status: string; readonly amount: string; readonly base_amount?: undefined }
  | Foreign
type Foreign = {
  readonly method: string
  readonly status: string
  readonly currency: string
  readonly amount: ForeignUnits
  readonly base_amount: string
}

/** Paid by transfer, by the internet, or later: no turnover of a till in Austria, a second time. */
const IS_ELSEWHERE: ReadonlyMap<string, boolean> = new Map(
  Object.entries({
    ...{ bank_transfer: true, online: true, on_account: true },
    ...{ cash: false, card: false, mobile: false, digital_wallet: false, voucher: false, gift_card: false },
    ...{ store_credit: false, other: false, rounding: false },
  } satisfies { readonly [Method in SentPayment['method']]: boolean }),
)

export function isPaidElsewhere(method: string): boolean {
  return IS_ELSEWHERE.get(method) === true
}

export function linesIn({ line_items: lines = [] }: Members): readonly Line[] {
  return lines as unknown as readonly Line[]
}

/**
 * The payments that were part of the total when it was signed or printed. `untold`: the result for an operation without
 * that information.
 */
export function countedPayments({ shown, own }: StoredParts, untold: 'all' | 'none'): readonly Payment[] {
  const { payments = [] } = shown
  const all = payments as unknown as readonly Payment[]
  const { counted_statuses: counted } = own
  if (counted === undefined) return untold === 'all' ? all : []
  return all.filter(({ status }) => counted.includes(status))
}

/** The value of a payment in cents of the euro. */
export function paidCents(payment: Payment): bigint {
  return toCents(payment.base_amount === undefined ? payment.amount : payment.base_amount)
}

/** Cents of the currency of foreign cash. */
export function paidUnits({ amount }: Foreign): bigint {
  return toCents(amount as unknown as string)
}

import type { LineType } from '../../contract/goods.ts'
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
  readonly taxes: readonly { readonly rate: string }[]
  readonly related_operation_id?: string
  readonly external_related_operation?: object
}
export type Payment = { readonly method: string; readonly status: string; readonly amount: string }

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
  const { countedStatuses: counted } = own
  if (counted === undefined) return untold === 'all' ? all : []
  return all.filter(({ status }) => counted.includes(status))
}

import type { NewId } from '../../base/ids.ts'
import type { CreateGoods } from '../contract/goods.ts'
import type { KeyOf, Operation } from '../contract/operation.ts'
import type { Payment } from '../contract/payment.ts'
import { DEFAULT_LINE_TYPE } from './line-types.ts'

/** A line of an amendment may have an id, which it keeps. */
type Line = CreateGoods['line_items'][number] & { id?: string | undefined }
type Discount = NonNullable<Line['discounts']>[number]

/** Members that others write: those of every operation, and what finds the original. */
type OfOthers =
  | ('type' | 'source' | 'register_id' | 'currency' | 'external_id' | 'related_external_id')
  | ('operator_id' | 'operator_name' | 'terminal_id' | 'note' | 'metadata')

/** A payment in a response. */
export type PaymentDocument = Payment & { id: string }

/**
 * Returns the amounts and lines of a request unchanged, with an id for every line, tax and discount. A line that has an id
 * keeps it.
 */
export function goodsDocument(request: CreateGoods, newId: NewId) {
  const { pretax_amount, tax_amount, tip_amount, total_amount } = request
  const document = {
    pretax_amount,
    tax_amount,
    tip_amount,
    total_amount,
    line_items: request.line_items.map((line) => lineDocument(line, newId)),
    ...(request.type === 'sale' && { cart_level_discounts: discounts(request.cart_level_discounts ?? [], newId) }),
    ...(request.related_operation_id !== undefined && { related_operation_id: request.related_operation_id }),
    ...(request.external_related_operation !== undefined && {
      external_related_operation: request.external_related_operation,
    }),
    ...('allocation_group' in request &&
      request.allocation_group !== undefined && { allocation_group: request.allocation_group }),
    ...(request.customer !== undefined && { customer: request.customer }),
    ...(request.in_house !== undefined && { in_house: request.in_house }),
    ...(request.training === true && { training: true as const }),
  }
  type Written = keyof typeof document
  return document satisfies { [Name in Exclude<KeyOf<CreateGoods>, Written | OfOthers>]: unknown } & {
    [Name in Exclude<Written, KeyOf<Operation>>]: 'an answer has no such member'
  }
}

/** The payments of a completion, with an id each. */
export function paymentDocuments(payments: readonly Payment[], newId: NewId): PaymentDocument[] {
  return payments.map((payment) => ({ id: newId('pay'), ...payment }))
}

export function lineDocument({ discounts: sent, id, ...line }: Line, newId: NewId) {
  return {
    id: id ?? newId('li'),
    ...line,
    type: line.type ?? DEFAULT_LINE_TYPE,
    taxes: line.taxes.map((tax) => ({ id: newId('tax'), ...tax })),
    ...(sent !== undefined && { discounts: discounts(sent, newId) }),
  }
}

function discounts(sent: readonly Discount[], newId: NewId) {
  return sent.map((discount) => ({ id: newId('disc'), ...discount }))
}

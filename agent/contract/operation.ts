import * as z from 'zod'
import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { explanation } from './explanation.ts'
import { fiscalInformation } from './fiscal-information.ts'
import {
  amounts,
  createDeposit,
  createDepositCapture,
  createExchange,
  createReturn,
  createSale,
  createVoid,
  customer,
  discount,
  ENTRIES_MAX,
  externalRelatedOperation,
  lineItem,
  lineType,
  payment,
  source,
  tax,
} from './goods.ts'
import { drawerBelowZero, hint } from './hint.ts'
import { keyedIdExample } from './key-ids.ts'
import { createdAt, locationId, merchantId, ownId, registerId, sessionId, updatedAt } from './members.ts'
import { pageMembers } from './page.ts'
import {
  calendarDate,
  currency,
  deviceFailure,
  id,
  listOf,
  metadata,
  money,
  moneySum,
  referenceTo,
  resourceVersion,
  timestamp,
} from './scalars.ts'
import {
  createSessionCashAdjustment,
  createSessionCashCount,
  createSessionClose,
  createSessionOpen,
  movementType,
} from './session-event.ts'

export const createOperation = z.discriminatedUnion('type', [
  createSale,
  createReturn,
  createExchange,
  createDeposit,
  createDepositCapture,
  createVoid,
  createSessionOpen,
  createSessionCashAdjustment,
  createSessionCashCount,
  createSessionClose,
])
export type CreateOperation = z.output<typeof createOperation>

export const completeOperation = z.strictObject({
  payments: z.array(payment).min(1, 'must hold at least one payment; of an even swap one of "0.00"').max(ENTRIES_MAX),
  customer: customer.optional(),
})
export type CompleteOperation = z.output<typeof completeOperation>

export const voidOperation = z.strictObject({
  reason: z.enum(['void_before_completion', 'customer_abandoned_checkout', 'operator_cancelled', 'payment_failed']),
})
export type VoidOperation = z.output<typeof voidOperation>

const status = z.enum(['open', 'completed', 'voided'])

const operationType = z.enum([
  'sale',
  'return',
  'exchange',
  'deposit',
  'deposit_capture',
  'void',
  'session_open',
  'session_cash_adjustment',
  'session_cash_count',
  'session_close',
])

/** Filter of the list of operations: `from` is included, `to` is not, both compared with created_at. */
export const operationQuery = z
  .strictObject({
    ...pageMembers,
    register_id: referenceTo('register')
      .optional()
      .meta({ example: keyedIdExample('register') }),
    session_id: referenceTo('session')
      .optional()
      .meta({ example: keyedIdExample('session') }),
    type: operationType.optional().meta({ example: 'sale' }),
    status: status.optional().meta({ example: 'completed' }),
    from: timestamp
      .optional()
      .describe('Created then or later. In a query a `+` is written `%2B`.')
      .meta({ example: '2026-01-01T00:00:00Z' }),
    to: timestamp.optional().describe('Created before that.').meta({ example: '2100-01-01T00:00:00Z' }),
  })
  .transform((query) => ({
    limit: query.limit,
    cursor: query.cursor,
    registerId: query.register_id,
    sessionId: query.session_id,
    type: query.type,
    status: query.status,
    from: inUtc(query.from),
    to: inUtc(query.to),
  }))

/** Times of the journal are UTC with three decimals, so that their text sorts like time. */
function inUtc(text: string | undefined): string | undefined {
  const ms = text === undefined ? undefined : parseRfc3339(text)
  return ms === undefined ? undefined : rfc3339(ms)
}

export const fiscal = z
  .strictObject({
    state: z
      .enum(['pending', 'succeeded', 'failed', 'not_required'])
      .describe('`pending` until the outcome is known: while the operation is open, or while the device is asked.'),
    start_event: z.strictObject({ signed_at: timestamp }).optional().describe('DE: when the TSE signed the begin.'),
    error: deviceFailure.optional().describe('Why nothing was signed.'),
    receipt_text: z.string().optional().describe('The words that the receipt must carry.'),
  })
  .describe('How far the fiscal record of a document is.')

const envelope = {
  id: ownId,
  merchant_id: merchantId,
  location_id: locationId.nullable(),
  register_id: registerId.nullable().describe('Id of the register; null for ONLINE.'),
  session_id: sessionId.nullable(),
  status: status.describe('`open` until it is completed, which signs it, or voided.'),
  source,
  currency,
  external_id: z.string().nullable().describe('As sent; null without.'),
  operator_id: z.string().optional().describe('As sent.'),
  operator_name: z.string().optional().describe('As sent.'),
  note: z.string().nullable().describe('As sent; null without.'),
  resource_version: resourceVersion,
  created_at: createdAt,
  updated_at: updatedAt,
  completed_at: timestamp.nullable().describe('When it was completed; null before.'),
  voided_at: timestamp.nullable().describe('When it was voided; null if it was not.'),
  metadata: metadata.nullable().describe('As sent; null without.'),
  fiscal,
  fiscal_information: fiscalInformation.nullable().describe('Null until a signature exists.'),
  hints: z.array(hint).optional().describe('Hints for the shop; they refuse nothing. Absent without hints.'),
  sync_status: z
    .enum(['pending', 'acknowledged'])
    .describe('`acknowledged` when a sync target outside of the shop has confirmed it.'),
  synced_at: timestamp.nullable().describe('When that target confirmed it.'),
  explanation: explanation.optional().describe('Only in a dry run.'),
}

export const operationEnvelope = z.strictObject(envelope).describe('The members of every operation.')

export const answeredDiscount = discount
  .extend({ id: ownId })
  .describe('A discount of a line or of the cart, as recorded.')
export const answeredTax = tax.extend({ id: ownId }).describe('A tax of a line, as recorded.')
export const answeredPayment = payment.extend({ id: ownId }).describe('A payment, as recorded.')
export const answeredLineItem = lineItem
  .extend({
    id: ownId,
    type: lineType.describe('`item` where none was sent.'),
    taxes: z.array(answeredTax).describe('As sent, each with an id.'),
    discounts: z.array(answeredDiscount).optional().describe('As sent, each with an id.'),
  })
  .describe('A line of a goods movement, as recorded.')

const goods = {
  ...envelope,
  ...amounts,
  line_items: z.array(answeredLineItem).describe('In the order in which they were sent.'),
  customer: customer.optional(),
  payments: z.array(answeredPayment).optional().describe('As completed.'),
  void_reason: z.string().optional().describe('Why it was voided.'),
  training: z.literal(true).optional().describe('Practice; missing in real operations.'),
}
export const goodsMovement = z.strictObject(goods).describe('The members of every operation that moves goods.')

const related = {
  related_operation_id: id.optional().describe('Id of the operation to which it belongs.'),
  external_related_operation: externalRelatedOperation.optional(),
}

export const saleOperation = z.strictObject({
  type: z.literal('sale'),
  ...goods,
  cart_level_discounts: z.array(answeredDiscount).describe('Empty without discounts.'),
})
export const returnOperation = z.strictObject({ type: z.literal('return'), ...goods, ...related })
export const exchangeOperation = z.strictObject({ type: z.literal('exchange'), ...goods, ...related })
export const depositOperation = z.strictObject({ type: z.literal('deposit'), ...goods })
export const depositCaptureOperation = z.strictObject({ type: z.literal('deposit_capture'), ...goods, ...related })
export const reversalOperation = z.strictObject({
  type: z.literal('void'),
  ...goods,
  cart_level_discounts: z.array(answeredDiscount).optional().describe('Those of the reversed sale, negative.'),
  related_operation_id: id.describe('Id of the operation that it reverses.'),
  reason: z.string().optional().describe('As sent.'),
})
export const sessionOpenOperation = z.strictObject({
  type: z.literal('session_open'),
  ...envelope,
  opening_balance_amount: money,
})
export const sessionCashAdjustmentOperation = z.strictObject({
  type: z.literal('session_cash_adjustment'),
  ...envelope,
  cash_amount: money,
  movement_type: movementType,
})
export const sessionCashCountOperation = z.strictObject({
  type: z.literal('session_cash_count'),
  ...envelope,
  counted_closing_amount: money,
  expected_closing_amount: moneySum,
  closing_cashcount_diff: moneySum.describe('Counted minus expected.'),
  discrepancy_note: z.string().optional(),
  hints: z.array(drawerBelowZero).optional().describe('Missing without hints.'),
})
export const sessionCloseOperation = z.strictObject({
  type: z.literal('session_close'),
  ...envelope,
  business_date: calendarDate,
  closing_adjustment_amount: money.nullable().optional(),
  closing_adjustment_note: z.string().nullable().optional(),
  amount_left: moneySum.describe('For the next shift: counted plus adjustment.'),
})

export const operation = z.discriminatedUnion('type', [
  saleOperation,
  returnOperation,
  exchangeOperation,
  depositOperation,
  depositCaptureOperation,
  reversalOperation,
  sessionOpenOperation,
  sessionCashAdjustmentOperation,
  sessionCashCountOperation,
  sessionCloseOperation,
])
export type Operation = z.output<typeof operation>
export type SaleOperation = z.output<typeof saleOperation>
export const operationList = listOf(operation)

import * as z from 'zod'
import { cancelledLineItem, completedGoods } from './amendment.ts'
import { amounts } from './amounts.ts'
import { explanation } from './explanation.ts'
import { fiscalInformation } from './fiscal-information.ts'
import { foreignCashList } from './foreign-cash.ts'
import {
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
  source,
  tax,
} from './goods.ts'
import { drawerBelowZero, hint } from './hint.ts'
import { issuedAs } from './issued.ts'
import { allocationGroup, createdAt, inHouse, merchantId, ownId, sessionId, typeOf, updatedAt } from './members.ts'
import { status } from './operation-query.ts'
import { createOrderMove, moved, settled } from './order-lines.ts'
import type { Payment } from './payment.ts'
import { payment } from './payment.ts'
import {
  calendarDate,
  currency,
  deviceFailure,
  id,
  listOf,
  metadata,
  money,
  moneySum,
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
import { createEmployeeBenefit, createOrder, createTransfer } from './unpaid.ts'

export const createOperation = z
  .discriminatedUnion('type', [
    createSale,
    createReturn,
    createExchange,
    createDeposit,
    createDepositCapture,
    createVoid,
    createOrder,
    createTransfer,
    createEmployeeBenefit,
    createOrderMove,
    createSessionOpen,
    createSessionCashAdjustment,
    createSessionCashCount,
    createSessionClose,
  ])
  .describe('A goods movement or an event of a session; `type` says which.')
export type CreateOperation = z.output<typeof createOperation>

export const completeOperation = z
  .strictObject({
    payments: z
      .array(payment)
      .max(ENTRIES_MAX)
      .optional()
      .describe(
        'How it was paid; their sum is the total of the operation. Required; an `order`, a `transfer` and an `employee_benefit` take no payments.',
      ),
    customer: customer
      .optional()
      .describe('The buyer, if the till learns only now who it is; replaces the one of the create.'),
    issued_as: issuedAs
      .optional()
      .describe('How its receipt will be issued, if the till knows it already; else `POST …/issued` says it.'),
    ...completedGoods,
  })
  .describe(
    'The payments that end an open operation, and its last goods if they change; an order, transfer or benefit ends without payments.',
  )
export type CompleteOperation = z.output<typeof completeOperation>

const voidReason = z.enum([
  'void_before_completion',
  'customer_abandoned_checkout',
  'operator_cancelled',
  'payment_failed',
])
export const voidOperation = z
  .strictObject({ reason: voidReason.describe('Why nothing was sold.') })
  .describe('The reason to cancel an open operation.')
export type VoidOperation = z.output<typeof voidOperation>

export const fiscal = z
  .strictObject({
    state: z
      .enum(['pending', 'succeeded', 'failed', 'not_required'])
      .describe('`pending` until the outcome is known: while the operation is open, or while the device is asked.'),
    start_event: z
      .strictObject({ signed_at: timestamp.describe('Time of the TSE.') })
      .optional()
      .describe('Germany: the begin of the transaction, signed by the TSE.'),
    error: deviceFailure.optional().describe('Why nothing was signed.'),
    receipt_text: z.string().optional().describe('The words that the receipt must carry.'),
  })
  .describe('How far the fiscal record of a document is.')

const envelope = {
  id: ownId,
  merchant_id: merchantId,
  location_id: id.nullable().describe('The shop in which the register was; null for ONLINE.'),
  register_id: id.nullable().describe('The register; null for ONLINE.'),
  session_id: sessionId.nullable().describe('The session in which it happened; null for ONLINE.'),
  status,
  source,
  currency,
  external_id: z.string().nullable().describe('Your number of the operation.'),
  operator_id: z.string().optional().describe('Your number of the cashier.'),
  operator_name: z.string().optional().describe('Name of the cashier.'),
  terminal_id: z.string().optional().describe('The terminal that sent it; absent for the register itself.'),
  note: z.string().nullable().describe('Your remark.'),
  resource_version: resourceVersion,
  created_at: createdAt,
  updated_at: updatedAt,
  completed_at: timestamp.nullable().describe('When it was completed; null before.'),
  voided_at: timestamp.nullable().describe('When it was voided; null unless it was.'),
  metadata: metadata.nullable().describe('Your own data, as it was sent; null without any.'),
  fiscal: fiscal.describe('How far the fiscal record is, and what the receipt must say about it.'),
  fiscal_information: fiscalInformation
    .nullable()
    .describe('The signed or printed data, in the form of the law. Null until a signature exists.'),
  hints: z.array(hint).optional().describe('Hints for the shop; they refuse nothing. Absent without hints.'),
  sync_status: z
    .enum(['pending', 'acknowledged'])
    .describe(
      '`acknowledged` once every remote target of the sync has the operation; `pending` before, and without a target.',
    ),
  synced_at: timestamp.nullable().describe('When the last of these targets had it; null before.'),
  issued_as: issuedAs.nullable().describe('How its receipt was issued; null while it is not recorded.'),
  explanation: explanation.optional().describe('Germany: how the amounts were calculated. Only in a dry run.'),
}

export const operationEnvelope = z.strictObject(envelope).describe('The members of every operation.')

export const answeredDiscount = discount
  .extend({ id: ownId })
  .describe('A discount of a line or of the cart, as recorded.')
export const answeredTax = tax
  .extend({ id: ownId, code: tax.shape.code.describe('The reason of a zero rate.') })
  .describe('A tax of a line, as recorded.')
/** A payment is recorded after its check: it is in euro, or foreign cash with its value. */
export const answeredPayment = payment
  .extend({ id: ownId })
  .describe('A payment, as recorded.') as unknown as z.ZodType<Payment & { id: string }>
export const answeredLineItem = lineItem
  .extend({
    id: ownId,
    type: lineType,
    taxes: z.array(answeredTax).describe('The taxes in the total of the line.'),
    discounts: z.array(answeredDiscount).optional().describe('Deductions from this line.'),
  })
  .describe('A line of a goods movement, as recorded.')

const goods = {
  ...envelope,
  ...amounts,
  line_items: z.array(answeredLineItem).describe('The goods that are sold or come back.'),
  cancelled_line_items: z
    .array(cancelledLineItem)
    .optional()
    .describe('Goods that amendments took away, since the begin. Absent without any.'),
  customer: customer.nullable().optional().describe('The buyer, if one was sent; null if it was taken off again.'),
  in_house: inHouse.optional(),
  tip_recipient: z
    .literal('owner')
    .optional()
    .describe('The tip went to the owner: it is in the lines. Absent otherwise.'),
  payments: z
    .array(answeredPayment)
    .optional()
    .describe('How it was paid; missing while it is open, and of an order, transfer or benefit.'),
  void_reason: voidReason.optional().describe('Why it was voided; only in a voided one.'),
  training: z.literal(true).optional().describe('Present in practice: signed as such, never in revenue or drawer.'),
}
export const goodsMovement = z.strictObject(goods).describe('The members of every operation that moves goods.')

/** The claim of an operation, computed for each read. */
export const onAccount = z
  .strictObject({
    amount: moneySum.describe('The amount that was not paid.'),
    settled: moneySum.describe('Paid, taken back or reversed since, or named by open operations.'),
    left: moneySum.describe('The rest: the most that another operation may settle.'),
  })
  .describe('The claim by the payments `on_account`. Only in reads; absent without any.')
export type OnAccount = z.output<typeof onAccount>

const related = {
  related_operation_id: id.optional().describe('The original operation of this agent.'),
  external_related_operation: externalRelatedOperation
    .optional()
    .describe('The original that another system recorded.'),
}

const billGroup = allocationGroup.optional().describe('Table, room or person whose bill it is, if one was sent.')

export const saleOperation = z
  .strictObject({
    type: typeOf('sale'),
    ...goods,
    cart_level_discounts: z
      .array(answeredDiscount)
      .describe('Deductions from the whole cart. Empty without discounts.'),
    allocation_group: billGroup,
    ...settled,
    on_account: onAccount.optional().describe('The claim by its payments `on_account`; only in reads.'),
  })
  .describe('Goods or services are sold.')
export const returnOperation = z
  .strictObject({ type: typeOf('return'), ...goods, ...related })
  .describe('Goods come back and money goes out; the amounts are negative.')
export const exchangeOperation = z
  .strictObject({ type: typeOf('exchange'), ...goods, ...related })
  .describe('Goods come back, others are sold; the total is the difference.')
export const depositOperation = z
  .strictObject({ type: typeOf('deposit'), ...goods })
  .describe('Money that is paid before the goods are handed over.')
export const depositCaptureOperation = z
  .strictObject({
    type: typeOf('deposit_capture'),
    ...goods,
    ...related,
    allocation_group: billGroup,
    ...settled,
    on_account: onAccount.optional().describe('The claim by its payments `on_account`; only in reads.'),
  })
  .describe('The goods of a deposit are handed over; the deposit is deducted.')
export const reversalOperation = z
  .strictObject({
    type: typeOf('void'),
    ...goods,
    cart_level_discounts: z.array(answeredDiscount).optional().describe('Those of the reversed sale, negative.'),
    related_operation_id: id.describe('The operation that it reverses.'),
    reason: z.string().optional().describe('Why it was reversed.'),
  })
  .describe('A completed operation was reversed as a whole; the amounts are those of the original, negative.')
export const orderOperation = z
  .strictObject({
    type: typeOf('order'),
    ...goods,
    allocation_group: allocationGroup.describe('Table, room or person that ordered.'),
  })
  .describe('Goods are ordered, cancelled or sent back; no money moves.')
export const transferOperation = z
  .strictObject({
    type: typeOf('transfer'),
    ...goods,
    external_related_operation: externalRelatedOperation
      .optional()
      .describe('The bill or delivery note of the other system.'),
    allocation_group: allocationGroup.optional().describe('Table, room or person whose order it settles.'),
    ...settled,
  })
  .describe('Goods are recorded here and billed by another system.')
export const employeeBenefitOperation = z
  .strictObject({
    type: typeOf('employee_benefit'),
    ...goods,
    allocation_group: allocationGroup.optional().describe('Table, room or person whose order it settles.'),
    ...settled,
  })
  .describe('A benefit in kind for a member of staff, such as a meal.')
export const orderMoveOperation = z
  .strictObject({ type: typeOf('order_move'), ...envelope, ...moved, training: goods.training })
  .describe('Open orders moved to another table, room or person; no money moved.')
export const sessionOpenOperation = z
  .strictObject({
    type: typeOf('session_open'),
    ...envelope,
    opening_balance_amount: money.describe('The float: cash in the drawer at the beginning.'),
  })
  .describe('A session was opened: the shift begins.')
export const sessionCashAdjustmentOperation = z
  .strictObject({
    type: typeOf('session_cash_adjustment'),
    ...envelope,
    cash_amount: money.describe('Negative was taken out, positive was put in.'),
    movement_type: movementType,
  })
  .describe('Cash was put into the drawer or taken out.')
export const sessionCashCountOperation = z
  .strictObject({
    type: typeOf('session_cash_count'),
    ...envelope,
    counted_closing_amount: money.describe('Cash that was counted.'),
    expected_closing_amount: moneySum.describe('Cash that should be in the drawer according to the journal.'),
    closing_cashcount_diff: moneySum.describe('Counted minus expected.'),
    interim: z.literal(true).optional().describe('A note: the shift stayed open.'),
    corrects_operation_id: id.optional().describe('The count before, if this one corrects it.'),
    correction_amount: moneySum
      .optional()
      .describe('Counted minus what the corrected count had: this amount is signed and booked.'),
    foreign_cash: foreignCashList,
    discrepancy_note: z.string().optional().describe('Why the count differs.'),
    open_allocation_groups: z
      .int()
      .min(1)
      .optional()
      .describe('Tables, rooms and persons of the location with orders that are not billed; absent without any.'),
    hints: z.array(drawerBelowZero).optional().describe('Findings about the drawer; missing without hints.'),
  })
  .describe('The drawer was counted at the end of the shift.')
export const sessionCloseOperation = z
  .strictObject({
    type: typeOf('session_close'),
    ...envelope,
    business_date: calendarDate.describe('The date that the shift counts by.'),
    closing_adjustment_amount: money
      .nullable()
      .optional()
      .describe('Cash moved after the count: negative was taken out.'),
    closing_adjustment_note: z.string().nullable().optional().describe('The destination of that cash.'),
    amount_left: moneySum.describe('For the next shift: counted plus adjustment.'),
    foreign_cash: foreignCashList,
  })
  .describe('The session was closed: the shift has ended.')

export const operation = z
  .discriminatedUnion('type', [
    saleOperation,
    returnOperation,
    exchangeOperation,
    depositOperation,
    depositCaptureOperation,
    reversalOperation,
    orderOperation,
    transferOperation,
    employeeBenefitOperation,
    orderMoveOperation,
    sessionOpenOperation,
    sessionCashAdjustmentOperation,
    sessionCashCountOperation,
    sessionCloseOperation,
  ])
  .describe('A goods movement or an event of a session; `type` says which.')
export type Operation = z.output<typeof operation>
/** Each member that one of its types has. */
export type KeyOf<Union> = Union extends unknown ? keyof Union : never
export type SaleOperation = z.output<typeof saleOperation>
export const operationList = listOf(operation, 'In the `order` of the query')

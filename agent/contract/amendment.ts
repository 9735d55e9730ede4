import * as z from 'zod'
import { sentAmounts } from './amounts.ts'
import {
  cartLevelDiscounts,
  customer,
  externalRelatedOperation,
  LINES_MAX,
  lineItem,
  lineType,
  source,
  tax,
} from './goods.ts'
import { agencyId, allocationGroup, caller, inHouse, operatorId, shopNote } from './members.ts'
import { currency, id, metadata, moneySum, referenceTo, timestamp } from './scalars.ts'

/** A line that stays keeps its id. */
export const amendLineItem = lineItem
  .extend({
    id: id.optional().describe('That of a line which the operation has now: it keeps it. Leave it out for a new line.'),
  })
  .describe('A line of the goods that replace the present ones.')

const lines = z
  .array(amendLineItem)
  .max(LINES_MAX)
  .describe('All goods, in the order of the receipt; they replace the present ones.')

const SAME = 'Only the value that the operation has: it never changes.'

export const amendOperation = z
  .strictObject({
    ...sentAmounts,
    line_items: lines,
    cart_level_discounts: cartLevelDiscounts,
    customer: customer.nullable().optional().describe('The buyer; replaces the one of before, and null takes it off.'),
    ...caller,
    allocation_group: allocationGroup
      .optional()
      .describe('Germany: table, room or person; of a sale, an order, a transfer and a benefit.'),
    in_house: inHouse.optional(),
    note: shopNote.optional(),
    metadata: metadata.optional(),
    type: z
      .enum(['sale', 'return', 'exchange', 'deposit', 'deposit_capture', 'order', 'transfer', 'employee_benefit'])
      .optional()
      .describe(SAME),
    source: source.optional().describe(SAME),
    register_id: referenceTo('register', SAME).nullable().optional(),
    currency: currency.optional().describe(SAME),
    training: z.boolean().optional().describe(SAME),
    related_operation_id: referenceTo('operation', SAME).optional(),
    external_related_operation: externalRelatedOperation.optional().describe(SAME),
  })
  .describe(
    'All goods of an open operation: lines, amounts and discounts replace the present ones. Every other member that is left out keeps its value.',
  )
export type AmendOperation = z.output<typeof amendOperation>

/** The last amendment, sent with the completion: all of it or nothing. */
export const completedGoods = {
  line_items: lines
    .optional()
    .describe('The last amendment: all goods, with their amounts. They replace the present ones when it is completed.'),
  pretax_amount: sentAmounts.pretax_amount.describe('Only with `line_items`.'),
  tax_amount: sentAmounts.tax_amount.describe('Only with `line_items`.'),
  tip_amount: sentAmounts.tip_amount.describe(
    'The whole tip; it replaces the one before. Also without `line_items`, in a sale, an exchange or a capture: 0 or more, and the payments make up lines and tip.',
  ),
  tip_recipient: z
    .enum(['employee', 'owner'])
    .optional()
    .describe(
      'Recipient of the tip: `employee` (default), not taxed, or in Germany `owner`: it is turnover, and the answer has it as lines of type `service_charge` at the rates of the articles.',
    ),
  total_amount: sentAmounts.total_amount.describe('Only with `line_items`.'),
  cart_level_discounts: cartLevelDiscounts.describe('Only with `line_items`, and only in a sale.'),
}

type AmountName = keyof typeof sentAmounts
/** Goods that replace those of an operation, as sent: the amounts of an order may be left out. */
export type SentGoods = Pick<AmendOperation, 'line_items' | 'cart_level_discounts' | AmountName>

export const cancelledTax = tax
  .pick({ name: true, rate: true, code: true, tax_amount: true })
  .extend({ code: tax.shape.code.describe('The reason of a zero rate.') })
  .describe('A tax of a cancelled line.')

export const cancelledLineItem = z
  .strictObject({
    type: lineType,
    sku_identifier: lineItem.shape.sku_identifier,
    title: lineItem.shape.title,
    quantity: z.string().describe('The pieces that were taken away, as a decimal string.'),
    unit_price: lineItem.shape.unit_price.describe('Gross, for one unit.'),
    total_amount: moneySum.describe('Gross: quantity × unit_price.'),
    taxes: z.array(cancelledTax).describe('The taxes in the total.'),
    gift_card_id: id.optional().describe('Number of the voucher that was taken away.'),
    agency_id: agencyId.optional().describe('The agency of the line.'),
    cancelled_at: timestamp.describe('When it was taken away.'),
    operator_id: operatorId.optional(),
  })
  .describe('Goods that an amendment took away, or whose price it corrected. They are in no amount, and on no receipt.')
export type CancelledLineItem = z.output<typeof cancelledLineItem>

import * as z from 'zod'
import { moneySum } from './scalars.ts'

const taxKey = z.int().min(1).describe('UST_SCHLUESSEL of the DSFinV-K.')
const decimal = z.string().describe('Decimal with up to 8 places.')

/** How the amount of a line item results from the request; its values in the request and in the books. */
const itemSteps = z.strictObject({
  line_item_id: z.string().nullable(),
  list: moneySum.describe(
    'quantity × unit_price before the discounts of the cart, rounded to the cent, with the sign of the line.',
  ),
  line_discounts: moneySum.describe('Zero or negative.'),
  rounding: moneySum.describe('Difference of the sent total from price, quantity and discounts.'),
  cart_discounts: moneySum.describe('Share of the discounts of the cart that is in the sent total, zero or negative.'),
  sent_total: moneySum.describe('total_amount as sent: list + line_discounts + rounding + cart_discounts.'),
})

const line = z.strictObject({
  number: z.int().min(1).describe('POS_ZEILE.'),
  business_case: z.string().describe('GV_TYP.'),
  text: z.string(),
  amounts: z.array(z.strictObject({ tax_key: taxKey, amount: moneySum })),
  item: itemSteps.optional(),
})

const taxShare = z.strictObject({
  tax_key: taxKey,
  name: z.string(),
  rate: z.string().describe('"0.19" for 19 %.'),
  container: z.int().min(1).max(5).describe('The one of the five amounts of processData that contains it.'),
  parts: z
    .array(z.strictObject({ business_case: z.string(), amount: moneySum }))
    .describe('Goods, discounts, tip, vouchers: the parts of the gross.'),
  gross: moneySum,
  exact_tax: decimal.describe('gross × rate / (1 + rate), unrounded but for the eighth place.'),
  tax: moneySum.describe('Rounded once for the receipt and the key, half away from zero.'),
  rounding: decimal.describe('tax − exact_tax.'),
  net: moneySum,
})

/** How discounts, tip, vouchers and rounding are part of each VAT key of a receipt, and of the signed data. */
export const explanation = z.strictObject({
  operation_id: z.string(),
  document_type: z.string().nullable().describe('BON_TYP; null if it is not a receipt.'),
  lines: z.array(line).describe('As the books have them, in their order.'),
  taxes: z.array(taxShare),
  total: moneySum.describe('UMS_BRUTTO: the sum of the payments.'),
  payments: z.array(z.strictObject({ type: z.string(), name: z.string().nullable(), amount: moneySum })),
  process_data: z.string().nullable().describe('The signed data; null while the payments are unknown.'),
  notes: z.array(z.string()).describe('The rules that applied, one sentence each.'),
})
export type Explanation = z.output<typeof explanation>
export type ExplainedLine = z.output<typeof line>
export type ExplainedItem = z.output<typeof itemSteps>
export type ExplainedTax = z.output<typeof taxShare>

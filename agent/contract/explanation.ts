import * as z from 'zod'
import { moneySum } from './scalars.ts'

const taxKey = z.int().min(1).describe('UST_SCHLUESSEL of the DSFinV-K.')
const decimal = z.string().describe('Decimal with up to 8 places.')

/** How a line item of the request came to its amount; what was sent, and what the books make of it. */
const itemSteps = z.strictObject({
  line_item_id: z.string().nullable(),
  list: moneySum.describe(
    'quantity × unit_price before the discounts of the cart, rounded to the cent, with the sign of the line.',
  ),
  line_discounts: moneySum.describe('Zero or negative.'),
  rounding: moneySum.describe('What the sent total differs by from price, quantity and discounts.'),
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
  container: z.int().min(1).max(5).describe('Which of the five amounts of processData it goes into.'),
  parts: z
    .array(z.strictObject({ business_case: z.string(), amount: moneySum }))
    .describe('Goods, discounts, tip, vouchers: what makes up the gross.'),
  gross: moneySum,
  exact_tax: decimal.describe('gross × rate / (1 + rate), unrounded but for the eighth place.'),
  tax: moneySum.describe('Rounded once for the receipt and the key, half away from zero.'),
  rounding: decimal.describe('tax − exact_tax.'),
  net: moneySum,
})

/** How discounts, tip, vouchers and rounding flow into each VAT key of a receipt, and into what is signed. */
export const explanation = z.strictObject({
  operation_id: z.string(),
  document_type: z.string().nullable().describe('BON_TYP; null for what is no receipt.'),
  lines: z.array(line).describe('As the books have them, in their order.'),
  taxes: z.array(taxShare),
  total: moneySum.describe('UMS_BRUTTO: what the payments add up to.'),
  payments: z.array(z.strictObject({ type: z.string(), name: z.string().nullable(), amount: moneySum })),
  process_data: z.string().nullable().describe('What is signed; null while the payments are not known.'),
  notes: z.array(z.string()).describe('The rules that applied, one sentence each.'),
})

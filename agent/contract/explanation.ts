import * as z from 'zod'
import { issuedAs } from './issued.ts'
import { moneySum } from './scalars.ts'

const vatKey = z.int().min(1).describe('Number of the tax rate: UST_SCHLUESSEL of the DSFinV-K.')
const decimal = z.string().describe('Decimal with up to 8 places.')

const itemSteps = z
  .strictObject({
    line_item_id: z.string().nullable().describe('Id of the line of the operation; null before it is recorded.'),
    list: moneySum.describe(
      'quantity × unit_price before the discounts of the cart, rounded to the cent, with the sign of the line.',
    ),
    line_discounts: moneySum.describe('Zero or negative.'),
    rounding: moneySum.describe('Difference of the sent total from price, quantity and discounts.'),
    cart_discounts: moneySum.describe(
      'Share of the discounts of the cart that is in the sent total, zero or negative.',
    ),
    sent_total: moneySum.describe('total_amount as sent: list + line_discounts + rounding + cart_discounts.'),
  })
  .describe('How the amount of a line results from the request: what was sent, and what the books have.')

const line = z
  .strictObject({
    number: z.int().min(1).describe('Number of the line: POS_ZEILE of the DSFinV-K.'),
    business_case: z.string().describe('Kind of business case, such as `Umsatz`: GV_TYP of the DSFinV-K.'),
    text: z.string().describe('Text of the line.'),
    amounts: z
      .array(
        z
          .strictObject({ vat_key: vatKey, amount: moneySum.describe('The amount, gross.') })
          .describe('A part of the line at one tax.'),
      )
      .describe('The amount of the line, divided by tax.'),
    item: itemSteps
      .optional()
      .describe('The steps for a line that was sent; missing for a tip or a discount of the cart.'),
  })
  .describe('A line of the receipt as the books have it.')

const taxShare = z
  .strictObject({
    vat_key: vatKey,
    name: z.string().describe('Name of the tax.'),
    rate: z.string().describe('"0.19" for 19 %.'),
    bucket: z.int().min(1).max(5).describe('The one of the five amounts of processData that contains it.'),
    parts: z
      .array(
        z
          .strictObject({
            business_case: z.string().describe('Kind of business case, such as `Umsatz`: GV_TYP of the DSFinV-K.'),
            amount: moneySum.describe('The amount, gross.'),
          })
          .describe('A part of the gross of one tax.'),
      )
      .describe('Goods, discounts, tip, vouchers: the parts of the gross.'),
    gross: moneySum.describe('The sum of the parts, with the tax.'),
    exact_tax: decimal.describe('gross × rate / (1 + rate), unrounded but for the eighth place.'),
    tax: moneySum.describe('Rounded once for the receipt and the key, half away from zero.'),
    rounding: decimal.describe('tax − exact_tax.'),
    net: moneySum.describe('gross − tax.'),
  })
  .describe('The sums of one tax, as the receipt and the signed data have them.')

export const explanation = z
  .strictObject({
    operation_id: z.string().describe('The explained operation.'),
    document_type: z
      .string()
      .nullable()
      .describe('Kind of receipt, such as `Beleg`: BON_TYP of the DSFinV-K. Null if it is not a receipt.'),
    lines: z.array(line).describe('As the books have them, in their order.'),
    taxes: z.array(taxShare).describe('The sums by tax.'),
    total: moneySum.describe('Sum of the payments: UMS_BRUTTO of the DSFinV-K.'),
    payments: z
      .array(
        z
          .strictObject({
            type: z.string().describe('Kind of payment, such as `Bar`: ZAHLART_TYP of the DSFinV-K.'),
            name: z.string().nullable().describe('Name of the payment; null without one.'),
            amount: moneySum.describe('Negative for money that goes out.'),
          })
          .describe('The payments of one type.'),
      )
      .describe('The payments as the books have them.'),
    issued_as: issuedAs
      .nullable()
      .optional()
      .describe('How its receipt was issued; null if it is not recorded. Absent in a dry run.'),
    process_data: z.string().nullable().describe('The signed data; null while the payments are unknown.'),
    notes: z.array(z.string()).describe('The rules that applied, one sentence each.'),
  })
  .describe(
    'Germany: how discounts, tip, vouchers and rounding become the amounts of each tax, on the receipt and in the signed data.',
  )
export type Explanation = z.output<typeof explanation>
export type ExplainedLine = z.output<typeof line>
export type ExplainedItem = z.output<typeof itemSteps>
export type ExplainedTax = z.output<typeof taxShare>

import * as z from 'zod'
import { address } from './address.ts'
import { keyedIdWords } from './key-ids.ts'
import { externalId, note, operatorId, operatorName } from './members.ts'
import { currency, id, metadata, moment, money, referenceTo, text } from './scalars.ts'

const LINES_MAX = 1000
type GoodsType = 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture'
export const ENTRIES_MAX = 100

const QUANTITY = /^-?\d{1,9}(\.\d{1,6})?$/
const QUANTITY_WORDS = 'must be a JSON number or a decimal string with at most 9 digits and 6 decimals'
/** Up to 9 digits and 6 decimals, as a JSON number or as text; echoed in the sent form. */
const quantity = z
  .union(
    // Separate messages: a value of one of the two types gets the message for that type.
    [
      z
        .number()
        .refine((value) => QUANTITY.test(String(value)), QUANTITY_WORDS)
        .meta({ exclusiveMinimum: -1e9, exclusiveMaximum: 1e9 }),
      z.string().regex(QUANTITY, QUANTITY_WORDS),
    ],
    QUANTITY_WORDS,
  )
  .describe(
    'A number or text of up to 9 digits and 6 decimals, echoed in the sent form. Not 0, and not below 0.0005, which the books round to 0: send grams instead of kilogrammes.',
  )

/** `"0.19"` for 19 %. */
const rate = z
  .string('must be a decimal string such as "0.19"')
  .regex(/^(0|[1-9]\d{0,2})(\.\d{1,8})?$/, 'must be a decimal string such as "0.19"')
  .describe("`0.19` for 19 %; a rate of the register's law at that date.")

export const tax = z.strictObject({
  name: text(255).describe(
    'AT: for a rate of 0, if it contains a letter, it is printed on the receipt instead of the text of `code`.',
  ),
  rate,
  tax_amount: money.describe(
    'Contained in the total of the line: total × rate ÷ (1 + all rates of the line), rounded to the 2 to 8 decimals it is sent with.',
  ),
  code: text(40)
    .optional()
    .describe(
      'The reason of a zero rate. DE: `exempt` (default), `not_taxable`, `zero_rated`. IT: the natura, `N1` to `N6`, or `VI`; required there. AT: `exempt` (default), `not_taxable`, `small_business`, `pass_through`, `margin_scheme`, `margin_scheme_art`, `margin_scheme_antiques`, `margin_scheme_travel`, `reverse_charge`, `intra_community`, `export`. Any other: 422 `tax_rate_not_supported`.',
    ),
})

export const discount = z.strictObject({
  description: text(1000).optional().describe('Printed next to the amount.'),
  amount: money.describe('The deducted amount: more than 0.'),
})

export const lineType = z.enum(['item', 'gift_card', 'container_deposit', 'service_charge', 'deposit'])
export type LineType = z.output<typeof lineType>

export const lineItem = z.strictObject({
  sku_identifier: text(255).describe('The article, as the till names it: goods that come back are recognised by it.'),
  title: z
    .string()
    .max(1000)
    .describe(
      'Without a visible letter the receipt has the `sku_identifier` instead; in Italy also without one that the printer has.',
    ),
  quantity,
  unit_price: money.describe(
    'Gross, for one unit, before the discounts of the line. For returned goods the quantity or the price is negative: `-1` × `12.00` or `1` × `-12.00`.',
  ),
  total_amount: money.describe(
    'Gross: quantity × unit_price less the discounts of the line and its share of those of the cart, within half a cent for each unit (at least half a cent). Negative for goods that come back.',
  ),
  type: lineType
    .optional()
    .describe(
      '`item` when left out; a `gift_card` has the rate 0; `deposit` on a deposit, its capture and the return of either only.',
    ),
  gift_card_id: id.optional().describe('Number of the voucher that is sold.'),
  discounts: z.array(discount).max(ENTRIES_MAX).optional().describe('Of this line alone; its total is after them.'),
  gtin: text(50).optional().describe('Number of its bar code (EAN).'),
  unit: text(50).optional().describe('Unit of the quantity, such as `kg`; printed after it.'),
  group: text(255).optional().describe('Group of goods, for reports.'),
  taxes: z.array(tax).max(10).describe('The taxes that its total contains; usually one.'),
})

export const customer = z.strictObject({
  id: id.optional().describe('Number of the customer, as the till names it.'),
  name: text(500).optional().describe('Printed on the receipt.'),
  type: text(50).optional().describe('Kind of customer, as the till names it.'),
  email: text(255).optional().describe('Stored with the operation, never printed.'),
  phone: text(255).optional().describe('Stored with the operation, never printed.'),
  address: address.optional(),
  vat_id: text(40)
    .optional()
    .describe(
      'Printed on the receipt. Italy: checked like a `tax_number`, and printed on the document of the printer without a `tax_number`.',
    ),
  tax_number: text(40)
    .optional()
    .describe(
      'Printed on the receipt. Italy: a codice fiscale (16 characters) or a partita IVA (11 digits) is printed as such on the document of the printer, a foreign number, which begins with its country, as text after `CLIENTE`. Check characters are verified, any other text is refused. Not allowed together with a `lottery_code`.',
    ),
  lottery_code: text(40)
    .optional()
    .describe(
      'Italy: the 8 letters and digits that the customer shows at the till. On a return this and the tax code are printed if the original is in the memory of another printer, else refused.',
    ),
})

export const externalRelatedOperation = z.strictObject({
  description: text(1000).describe('How it was sold, and by which system.'),
  external_operation_id: id.describe('Kept whole; the DSFinV-K column REF_BON_ID shows at most 40 characters of it.'),
})

/** Amounts of an operation; their arithmetic is `register/goods.ts`. */
export const amounts = {
  pretax_amount: money.describe('The total less tax and tip.'),
  tax_amount: money.describe('Sum of the taxes of the lines, each rounded or not.'),
  tip_amount: money.describe(
    'Part of the total, but of no line; `0.00` without a tip. Not negative in a sale, not positive in a return.',
  ),
  total_amount: money.describe(
    'All lines and the tip, to the cent. Not negative in a sale, not positive in a return; in an exchange the amount still to be paid, or paid back.',
  ),
}

export const source = z
  .enum(['POS', 'ONLINE'])
  .describe('`POS`: at a register, in its session. `ONLINE`: sold elsewhere, with the key of the office.')

function goodsRequest<Type extends GoodsType>(type: Type) {
  return z.strictObject({
    type: z.literal(type),
    source,
    register_id: z
      .string()
      .nullable()
      .optional()
      .describe(keyedIdWords(['register'], 'Required for POS; absent or null for ONLINE.')),
    currency,
    ...amounts,
    line_items: z
      .array(lineItem)
      .min(1, 'must hold at least one line')
      .max(LINES_MAX)
      .describe('Printed in this order.'),
    cart_level_discounts: z
      .array(discount)
      .max(ENTRIES_MAX)
      .optional()
      .describe('Only in a sale. The totals of the lines are after them, the unit prices before or after them.'),
    related_operation_id: referenceTo(
      'operation',
      'The original of a return or exchange, if it is in this journal; the deposit of a capture, or of a return of the deposit. The return of a capture names the capture.',
    ).optional(),
    external_related_operation: externalRelatedOperation.optional(),
    customer: customer.optional(),
    external_id: externalId.optional(),
    note: note.optional(),
    operator_id: operatorId.optional(),
    operator_name: operatorName.optional(),
    metadata: metadata.optional(),
    training: z.boolean().optional().describe('Practice: signed as such, never in revenue or drawer.'),
  })
}

export const createSale = goodsRequest('sale')
export const createReturn = goodsRequest('return')
export const createExchange = goodsRequest('exchange')
export const createDeposit = goodsRequest('deposit')
export const createDepositCapture = goodsRequest('deposit_capture')
/** A goods movement in a request. */
export type CreateGoods =
  | z.output<typeof createSale>
  | z.output<typeof createReturn>
  | z.output<typeof createExchange>
  | z.output<typeof createDeposit>
  | z.output<typeof createDepositCapture>

/** Reverses a completed operation of the register as a whole; lines and payments are derived. */
export const createVoid = z.strictObject({
  type: z.literal('void'),
  register_id: referenceTo('register'),
  currency,
  source: z.literal('POS', 'a void is always POS').optional().describe('Always `POS`; may be left out.'),
  related_operation_id: referenceTo(
    'operation',
    'A completed goods movement of this register of which nothing came back, once; until its session is closed, in Italy until its Z. Italy: no return and no exchange, since a return has no annullo.',
  ),
  reason: text(1000).optional().describe('Why it is reversed.'),
  external_id: externalId.optional(),
  operator_id: operatorId.optional(),
  operator_name: operatorName.optional(),
  metadata: metadata.optional(),
})
export type CreateVoid = z.output<typeof createVoid>

export const payment = z.strictObject({
  payment_id: id.describe('Id of the payment, as the till names it.'),
  method: z
    .enum([
      'cash',
      'card',
      'voucher',
      'gift_card',
      'bank_transfer',
      'digital_wallet',
      'store_credit',
      'other',
      'mobile',
      'online',
    ])
    .describe(
      '`cash` at a register only: an ONLINE operation has no drawer. Italy: printed as the class that `rt.tenders` configures for it; `other` has a class only if one is configured (422 `payment_method_not_supported`).',
    ),
  status: z
    .enum(['pending', 'authorized', 'captured', 'failed', 'voided', 'refunded'])
    .describe(
      'Those captured and authorized make up the total, else these with the pending ones; the others are only kept. Cash is never `authorized` or `pending`: the drawer counts captured cash.',
    ),
  amount: money.describe('Signed: change and money back are negative.'),
  currency,
  processor: text(255).optional().describe('Who processed it, such as the bank of the terminal.'),
  processor_reference: text(255).optional().describe('Its number there.'),
  card_brand: text(255).optional().describe('Brand of the card.'),
  scheme: text(255).optional().describe('Scheme of the card, such as `girocard`.'),
  processed_at: moment.optional().describe('When it was processed, by the clock of the till.'),
  gift_card_id: z
    .string()
    .max(255)
    .optional()
    .describe('Needed for method gift_card. A number that was sold in training only: 422 `related_operation_invalid`.'),
})
/** A payment in a request. */
export type Payment = z.output<typeof payment>

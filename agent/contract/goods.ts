import * as z from 'zod'
import { address } from './address.ts'
import { requiredAmounts, wholeAmounts } from './amounts.ts'
import { keyedIdWords } from './key-ids.ts'
import { agencyId, allocationGroup, caller, department, externalId, inHouse, shopNote, typeOf } from './members.ts'
import { currency, id, metadata, money, referenceTo, text } from './scalars.ts'

export const LINES_MAX = 1000
type GoodsType = 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture'
export const ENTRIES_MAX = 100

const QUANTITY = /^-?\d{1,9}(\.\d{1,6})?$/
const QUANTITY_WORDS = 'must be a JSON number or a decimal string with at most 9 digits and 6 decimals'
/** Up to 9 digits and 6 decimals, as a JSON number or as text; echoed in the sent form. */
export const quantity = z
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

const rate = z
  .string('must be a decimal string such as "0.19"')
  .regex(/^(0|[1-9]\d{0,2})(\.\d{1,8})?$/, 'must be a decimal string such as "0.19"')
  .describe("`0.19` for 19 %; a rate of the register's law at that date.")

export const tax = z
  .strictObject({
    name: text(255).describe(
      'Your name of the tax, such as `USt 7%`. AT: for a rate of 0, if it contains a letter, it is printed on the receipt instead of the text of `code`.',
    ),
    rate,
    tax_amount: money.describe(
      'Contained in the total of the line: total × rate ÷ (1 + all rates of the line), rounded to the 2 to 8 decimals it is sent with.',
    ),
    code: text(40)
      .optional()
      .describe(
        'The reason of a zero rate; left out otherwise. IT: the natura, `N1` to `N6`, or `VI`; required there. DE and AT: `exempt` (default), `not_taxable`, `small_business`, `margin_scheme`, `margin_scheme_art`, `margin_scheme_antiques`, `margin_scheme_travel`, `reverse_charge` and `intra_community` (the latter, in AT both: needs `customer.vat_id`), `export`, `zero_rated`. DE also codes of agent.json, AT also `pass_through`. Any other: 422 `tax_rate_not_supported`.',
      ),
  })
  .describe('A tax that the price of a line contains.')

export const discount = z
  .strictObject({
    description: text(1000).optional().describe('Why the price is lower, for the receipt.'),
    amount: money.describe('The deducted amount: more than 0.'),
  })
  .describe('A deduction from a line or from the whole cart.')

export const lineType = z
  .enum([
    'item',
    'gift_card',
    'container_deposit',
    'service_charge',
    'deposit',
    'receivable',
    'single_purpose_voucher',
    'omaggio',
  ])
  .describe(
    '`item`: goods or a service · `gift_card`: the sale of a voucher · `container_deposit`: Pfand · `service_charge`: a fee · `deposit`: money paid before the goods · `receivable`: money paid after them · `single_purpose_voucher`: a voucher that is taxed when it is sold · `omaggio`: given away.',
  )
export type LineType = z.output<typeof lineType>

/** An invoice and a delivery note need no `description`: the kind names them. */
export const externalRelatedOperation = z
  .strictObject({
    description: text(1000)
      .optional()
      .describe(
        'Words for the other document, such as `Receipt of the web shop`. Required, unless `kind` is `invoice` or `delivery_note`.',
      ),
    external_operation_id: id.describe('Kept whole; the DSFinV-K column REF_BON_ID shows at most 40 characters of it.'),
    kind: z
      .enum(['other', 'invoice', 'delivery_note'])
      .optional()
      .describe(
        '`other` (default) is a sale that another system recorded, `invoice` an invoice and `delivery_note` a delivery note. In the DSFinV-K the column REF_TYP: `ExterneSonstige`, `ExterneRechnung`, `ExternerLieferschein`.',
      ),
  })
  .check(({ value: { description, kind = 'other' }, issues }) => {
    if (description === undefined && kind === 'other')
      issues.push({ code: 'custom', path: ['description'], message: 'is required', input: description })
  })
  .describe('A sale or document of another system. Use `related_operation_id` for an operation of this agent.')
export type ExternalRelatedOperation = z.output<typeof externalRelatedOperation>

export const lineItem = z
  .strictObject({
    sku_identifier: text(255).describe('Your number of the article. Reports count sold and returned pieces by it.'),
    title: z
      .string()
      .max(1000)
      .describe(
        'Name of the article on the receipt. Without a visible letter the receipt has the `sku_identifier` instead; in Italy also without one that the printer has.',
      ),
    quantity,
    unit_price: money.describe(
      'Gross, for one unit, before the discounts of the line. For returned goods the quantity or the price is negative: `-1` × `12.00` or `1` × `-12.00`.',
    ),
    total_amount: money.describe(
      'Gross: quantity × unit_price less the discounts of the line and its share of those of the cart, within half a cent for each unit (at least half a cent). Negative for what comes back, is taken off or is redeemed.',
    ),
    type: lineType
      .optional()
      .describe(
        '`item` when left out. A `gift_card` has the rate 0; `deposit` on a deposit, its capture and the return of either only. `receivable` (DE, AT; sale and return) settles a claim: the line names the sale `on_account`, or the invoice; its rate is 0, with the code `not_determinable` if the VAT of the claim is not known. `single_purpose_voucher` (not in an exchange) is a voucher at the rate of what it is good for: positive it is sold, negative in a sale it is redeemed on goods of that rate. `omaggio` (IT, sale) is given away: it has a price, and the total 0.00.',
      ),
    gift_card_id: id
      .optional()
      .describe('Number of the voucher of a `gift_card` or `single_purpose_voucher` line; the latter needs it.'),
    discounts: z
      .array(discount)
      .max(ENTRIES_MAX)
      .optional()
      .describe('Deductions from this line. `total_amount` is after them, `unit_price` before.'),
    gtin: text(50).optional().describe('Number of the bar code (EAN, UPC).'),
    unit: text(50).optional().describe('Unit of the quantity, such as `kg` or `h`; pieces when left out.'),
    order_line_id: id
      .optional()
      .describe(
        'Germany: the line of an order that this line settles or, if negative, cancels. Without it the lines of the article: of a bill the oldest first, of an order the youngest.',
      ),
    group: text(255).optional().describe('Group of goods; in the DSFinV-K the column WARENGR.'),
    agency_id: agencyId
      .optional()
      .describe(
        'Germany: an `id` of the `agencies` of the merchant, for whose account goods, Pfand or a voucher is sold.',
      ),
    in_house: inHouse.optional(),
    department: department.optional(),
    taxes: z.array(tax).max(10).describe('The taxes in the total of the line; usually one.'),
    related_operation_id: referenceTo(
      'operation',
      'The operation that the goods of this line come from; such a line may have a former tax rate. For `deposit`: the deposit that it takes off or gives back; without it that of the operation.',
    ).optional(),
    external_related_operation: externalRelatedOperation
      .optional()
      .describe('The same, recorded by another system, or the document that the line belongs to.'),
  })
  .describe('A line of a goods movement: an article, a voucher, Pfand, a fee or a deposit.')

export const customer = z
  .strictObject({
    id: id.optional().describe('Your number of the customer.'),
    name: text(500).optional().describe('Printed on the receipt.'),
    type: text(50)
      .optional()
      .describe('Your kind of customer, such as `business`; in the DSFinV-K the column KUNDE_TYP.'),
    email: text(255).optional().describe('Stored with the operation, never printed.'),
    phone: text(255).optional().describe('Stored with the operation, never printed.'),
    address: address.optional().describe('Printed on the receipt.'),
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
        'Italy: the 8 letters and digits that the customer shows at the till. On a return this and the tax code are printed if the original is in the memory of another printer, the tax code also if it names no document, else refused.',
      ),
  })
  .describe('The buyer. Leave it out unless the receipt must name the buyer, as an invoice does.')

export const source = z.enum(['POS', 'ONLINE']).describe('`ONLINE`: in a web shop, only recorded, with a platform key.')

/** The discounts of a cart, as a request has them. */
export const cartLevelDiscounts = z
  .array(discount)
  .max(ENTRIES_MAX)
  .optional()
  .describe('Only in a sale. The totals of the lines are after them.')

const relatedExternalId = externalId.describe(
  'The original by its `external_id`, which one completed operation alone may have.',
)

/** The members of each goods movement with payments. */
function goodsShape<Type extends GoodsType>(type: Type) {
  return {
    type: typeOf(type),
    source,
    register_id: z
      .string()
      .nullable()
      .optional()
      .describe(keyedIdWords(['register'], 'Required for POS; absent or null for ONLINE.')),
    currency,
    ...wholeAmounts,
    line_items: z
      .array(lineItem)
      .max(LINES_MAX)
      .describe('The goods, in the order of the receipt; `[]` begins with nothing.'),
    cart_level_discounts: cartLevelDiscounts,
    related_operation_id: referenceTo(
      'operation',
      'The original of a return or exchange, or the deposit of a capture or its return.',
    ).optional(),
    related_external_id: relatedExternalId.optional(),
    external_related_operation: externalRelatedOperation
      .optional()
      .describe('The original of a return or exchange that another system recorded.'),
    customer: customer.optional().describe('The buyer, if the receipt must name one.'),
    in_house: inHouse.optional(),
    ...caller,
    note: shopNote.optional(),
    metadata: metadata.optional(),
    training: z.boolean().optional().describe('Practice: signed as such, never in revenue or drawer.'),
  }
}

function goodsRequest<Type extends GoodsType>(type: Type, words: string) {
  return z.strictObject(goodsShape(type)).check(requiredAmounts).describe(words)
}

function billRequest<Type extends 'sale' | 'deposit_capture'>(type: Type, words: string) {
  const group = allocationGroup
    .optional()
    .describe('Germany: table, room or person whose bill it is. The books and the receipt name it.')
  return z
    .strictObject({ ...goodsShape(type), allocation_group: group })
    .check(requiredAmounts)
    .describe(words)
}

export const createSale = billRequest(
  'sale',
  'Begins a sale. It stays open until `/complete` with the payments, or `/void`.',
)
export const createReturn = goodsRequest(
  'return',
  'Begins a return: goods come back, money goes out. Amounts are negative.',
)
export const createExchange = goodsRequest(
  'exchange',
  'Begins an exchange: negative lines come back, positive lines are new. The total is the difference.',
)
export const createDeposit = goodsRequest(
  'deposit',
  'Begins a deposit: the customer pays before the goods are handed over.',
)
export const createDepositCapture = billRequest(
  'deposit_capture',
  'Begins the capture of a deposit: the goods are handed over, and the deposit is deducted.',
)
/** A movement without payments as the rules of a shop take it: whole, and at a register (unpaid.ts, register/unpaid.ts). */
export type UnpaidGoods = Omit<
  z.output<typeof createSale>,
  'type' | 'source' | 'register_id' | 'cart_level_discounts' | 'related_operation_id'
> & {
  type: 'order' | 'transfer' | 'employee_benefit'
  source: 'POS'
  register_id: string
  cart_level_discounts?: undefined
  related_operation_id?: undefined
}
/** A goods movement in a request. */
export type CreateGoods =
  | z.output<typeof createSale>
  | z.output<typeof createReturn>
  | z.output<typeof createExchange>
  | z.output<typeof createDeposit>
  | z.output<typeof createDepositCapture>
  | UnpaidGoods

/** Reports a missing reference next to the other problems of a request. */
const requiredOriginal = z.core._check<{ related_operation_id?: unknown; related_external_id?: unknown }>(
  ({ value: { related_operation_id: own, related_external_id: named }, issues }) => {
    if (own === undefined && named === undefined)
      issues.push({ code: 'custom', message: 'is required', path: ['related_operation_id'], input: undefined })
  },
)
requiredOriginal._zod.def.when = ({ value }) => typeof value === 'object' && value !== null

/** Lines and payments are derived. */
export const createVoid = z
  .strictObject({
    type: typeOf('void'),
    register_id: referenceTo('register', 'The register that completed the operation.'),
    currency,
    source: z.literal('POS', 'a void is always POS').optional().describe('Always `POS`.'),
    related_operation_id: referenceTo(
      'operation',
      'Required without `related_external_id`. A completed goods movement of this register of which nothing came back, once; until its session is closed, in Italy until its Z. Italy: no return and no exchange, since a return has no annullo.',
    ).optional(),
    related_external_id: relatedExternalId.optional(),
    reason: text(1000).optional().describe('Why it is reversed; kept with the operation.'),
    ...caller,
    metadata: metadata.optional(),
  })
  .check(requiredOriginal)
  .describe(
    'Reverses a completed operation as a whole, for one that was rung up by mistake. It is complete at once; lines and payments are those of the original, negative.',
  )
export type CreateVoid = z.output<typeof createVoid>

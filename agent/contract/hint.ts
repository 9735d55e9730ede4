import * as z from 'zod'
import { id, moneySum } from './scalars.ts'

const message = z.string().describe('For a person.')

export const hint = z
  .strictObject({ code: z.string().describe('Stable code.'), message })
  .describe('A finding that refuses nothing.')

/** Pieces of an article that were sold and came back; quantities as decimal strings. */
const returnedArticle = z.strictObject({
  type: z.string(),
  sku_identifier: z.string(),
  rate: z.string(),
  sold: z.string(),
  returned: z.string(),
})

export const returnedBeyondSale = z.strictObject({
  code: z.literal('returned_beyond_sale'),
  message,
  operation_id: id.describe('The sale.'),
  receipt_number: z.string().nullable(),
  sold: moneySum.describe('Gross, of the lines that were sold, with the tip.'),
  returned: moneySum.describe('Gross sum of its returns, exchanges and voids.'),
  articles: z.array(returnedArticle).describe('The articles of which more pieces were returned than sold.'),
})
export type ReturnedBeyondSale = z.output<typeof returnedBeyondSale>

export const drawerBelowZero = z.strictObject({
  code: z.literal('drawer_below_zero'),
  message,
  session_id: id,
  expected_amount: moneySum,
})
export type DrawerBelowZero = z.output<typeof drawerBelowZero>

export const voucherBeyondSale = z.strictObject({
  code: z.literal('voucher_beyond_sale'),
  message,
  gift_card_id: z.string(),
  put_on: moneySum.describe('Sold or given as change, without what was reversed or given back.'),
  taken_off: moneySum.describe('Paid with it, without what was reversed.'),
})
export type VoucherBeyondSale = z.output<typeof voucherBeyondSale>

export const closedByPrinter = z.strictObject({ code: z.literal('closed_by_printer'), message })

export const rtDocumentsUnknown = z.strictObject({
  code: z.literal('rt_documents_unknown'),
  message,
  documents: z.array(z.string()).describe('`ZZZZ-NNNN`, at most 100.'),
  documents_count: z.int().min(0),
  amount: moneySum
    .nullable()
    .describe("The printer's sums less those of the journal; null if the printer does not report them."),
})

/** Findings that refuse nothing. */
export const closingHint = z.discriminatedUnion('code', [
  returnedBeyondSale,
  drawerBelowZero,
  voucherBeyondSale,
  closedByPrinter,
  rtDocumentsUnknown,
])
export type ClosingHint = z.output<typeof closingHint>

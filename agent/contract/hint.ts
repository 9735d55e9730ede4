import * as z from 'zod'
import { calendarDate, id, moneySum } from './scalars.ts'

const message = z.string().describe('The finding, for a person.')

export const hint = z
  .strictObject({
    code: z.string().describe('Stable code.'),
    reason: z.string().optional().describe('Of `lottery_not_counted` (Italy): `not_electronic`, or `below_one_euro`.'),
    message,
    operation_ids: z
      .array(id)
      .optional()
      .describe(
        'Of `other_deposits_open`: the deposits of the same customer that are not used up. Of `empties_slip_twice`: those that paid the slip out before. At most 20.',
      ),
  })
  .describe('A finding that refuses nothing.')
export type Hint = z.output<typeof hint>

const returnedArticle = z
  .strictObject({
    type: z.string().describe('Type of the lines.'),
    sku_identifier: z.string().describe('Number of the article.'),
    rate: z.string().describe('Tax rate of the lines, such as `0.19`.'),
    sold: z.string().describe('Pieces that were sold, as a decimal string.'),
    returned: z.string().describe('Pieces that came back, as a decimal string.'),
    paid: moneySum.optional().describe('Paid in a sale with a discount for pieces that came back for more.'),
    given_back: moneySum.optional().describe('Given back for these pieces.'),
  })
  .describe('An article of which more came back than was sold, or for more than was paid.')

export const returnedBeyondSale = z
  .strictObject({
    code: z.literal('returned_beyond_sale').describe('Stable code.'),
    message,
    operation_id: id.describe('The sale.'),
    receipt_number: z.string().nullable().describe('Number on the receipt of the sale; null if it has no number.'),
    sold: moneySum.describe('Gross, of the lines that were sold, with the tip.'),
    returned: moneySum.describe('Gross sum of its returns, exchanges and voids.'),
    unpaid: moneySum.optional().describe('Given back beyond what was paid of its claim.'),
    articles: z.array(returnedArticle).describe('The articles of which more pieces were returned than sold.'),
  })
  .describe('More came back of a sale than it had. Look for a return that was recorded twice.')
export type ReturnedBeyondSale = z.output<typeof returnedBeyondSale>

export const drawerBelowZero = z
  .strictObject({
    code: z.literal('drawer_below_zero').describe('Stable code.'),
    message,
    session_id: id.describe('The session of the drawer.'),
    expected_amount: moneySum.describe('Cash that should be in the drawer; below zero.'),
  })
  .describe('More cash was taken out than the drawer can have held. A movement into it was not recorded.')
export type DrawerBelowZero = z.output<typeof drawerBelowZero>

export const voucherBeyondSale = z
  .strictObject({
    code: z.literal('voucher_beyond_sale').describe('Stable code.'),
    message,
    gift_card_id: z.string().describe('Number of the voucher.'),
    put_on: moneySum.describe('Sold or given as change, without what was reversed or given back.'),
    taken_off: moneySum.describe('Paid with it, without what was reversed.'),
  })
  .describe('More was paid with a voucher than was put on it.')
export type VoucherBeyondSale = z.output<typeof voucherBeyondSale>

export const closedByPrinter = z
  .strictObject({
    code: z.literal('closed_by_printer').describe('Stable code.'),
    message,
  })
  .describe('Italy: the printer made this Z without a request, at its keys or automatically.')

export const emergencyEntries = z
  .strictObject({
    code: z.literal('emergency_entries').describe('Stable code.'),
    message,
    date: calendarDate.describe('Day of the entries.'),
    amount: moneySum.describe('Sum of the entries.'),
  })
  .describe('Italy: entries in the emergency register are in no report.')

export const rtDocumentsUnknown = z
  .strictObject({
    code: z.literal('rt_documents_unknown').describe('Stable code.'),
    message,
    documents: z.array(z.string()).describe('`ZZZZ-NNNN`, at most 100.'),
    documents_count: z.int().min(0).describe('How many there are.'),
    amount: moneySum
      .nullable()
      .describe("The printer's sums less those of the journal; null if the printer does not report them."),
  })
  .describe('Italy: the printer has documents that this agent did not print.')

/** Findings that refuse nothing. */
export const closingHint = z.discriminatedUnion('code', [
  returnedBeyondSale,
  drawerBelowZero,
  voucherBeyondSale,
  closedByPrinter,
  emergencyEntries,
  rtDocumentsUnknown,
])
export type ClosingHint = z.output<typeof closingHint>

import * as z from 'zod'
import { fiscalInformation } from './fiscal-information.ts'
import { closingHint } from './hint.ts'
import { agencyId, createdAt, department, sentMetadata } from './members.ts'
import { calendarDate, currency, id, listOf, metadata, moneySum, timestamp } from './scalars.ts'
import { interimCount } from './session.ts'

const closingType = z.enum(['daily', 'shift', 'monthly', 'annual', 'zero'])

export const createClosing = z
  .strictObject({
    business_date: calendarDate
      .optional()
      .describe(
        'By default the last one. A closing that is a receipt (Austria `monthly`, `annual`, `zero`; Italy) has the date of today: another one is refused.',
      ),
    type: closingType
      .default('daily')
      .describe(
        '`daily` when left out. DE: a report over the closed sessions of the date (`daily`), the last of them (`shift`), its month or year; no session may be open, except for `shift`, which is then the report of the day so far (`interim`, printed as Zwischenbericht). Over several sessions the float is that of the first one, and the cash what the last one leaves. AT: `daily` and `shift` are reports over the date, and over the running or last session, also while it is open (`shift` is then `interim`); nothing is signed. `monthly` and `annual` make the Monats- or Jahresbeleg that is due, or make it early, once until the next receipt (`annual` in any month, for a shop whose season ends before December); `zero` is the Nullbeleg, any time. IT: the Z of the printer, also while a session is open.',
      ),
    metadata: sentMetadata,
  })
  .prefault({})
  .describe('Which period to close; without a body the day.')
export type CreateClosing = z.output<typeof createClosing>

const named = {
  name: z.string().describe('Name of the sum, in the words of the report.'),
  amount: moneySum.describe('The sum, gross.'),
}
export const namedSum = z
  .strictObject({
    ...named,
    count: z.int().optional().describe('Italy: how many meal vouchers, if payments have a `count`.'),
  })
  .describe('A sum of what was closed, gross.')

export const claimSum = z
  .strictObject({
    count: z.int().min(0).describe('How many lines, with those of returns and reversals.'),
    amount: moneySum.describe('Their sum.'),
  })
  .describe('Claims of one kind.')

export const countedSum = z
  .strictObject({ count: z.int().min(0).describe('How many.'), amount: moneySum.describe('Their sum, gross.') })
  .describe('A number and its sum; both may be 0.')

const totals = z.strictObject({
  vat: z
    .array(
      z.strictObject({
        ...named,
        key: z.int().optional().describe('Germany: VAT key of the DSFinV-K.'),
        rate: z.string().optional().describe('Rate as a fraction, "0.19" for 19 %.'),
        department: department.optional(),
        tax_amount: moneySum.optional().describe('The tax in the sum.'),
      }),
    )
    .describe('Turnover by rate of VAT.'),
  payments: z.array(namedSum).describe('Payments by method; Italy: by class of the printer.'),
  business_cases: z
    .array(
      z.strictObject({
        ...named,
        agency_id: agencyId.optional().describe('Germany: sold for this agency; a sum without it is own turnover.'),
      }),
    )
    .describe('By kind of business case, such as turnover, tips or deposits.'),
  unpaid_operations: z
    .array(
      z.strictObject({
        type: z.enum(['order', 'transfer', 'employee_benefit']).describe('The type of the operations.'),
        count: z.int().min(1).describe('How many were completed.'),
        amount: moneySum.describe('Their sum, gross; cancellations are negative.'),
      }),
    )
    .optional()
    .describe('Germany: operations without payments, which are in none of the other sums. Missing without any.'),
  claims: z
    .strictObject({
      created: claimSum.describe('Goods on account: the debt of the customers, less what was taken back.'),
      settled: claimSum.describe('Claims that were paid at the till, less what was given back.'),
    })
    .optional()
    .describe('Germany: both are in `business_cases`, too. Missing without any.'),
  foreign_cash: z
    .array(
      z.strictObject({
        currency: currency.describe('ISO 4217, not `EUR`.'),
        amount: moneySum.describe('In that currency: what the drawer should hold of it, and 0.00 after the close.'),
      }),
    )
    .optional()
    .describe('Germany: foreign cash that moved; `payments` have its value in euro. Missing without any.'),
  cancelled_lines: countedSum
    .optional()
    .describe(
      'Lines that were taken away before their operation was completed (`cancelled_line_items`): in none of the other sums.',
    ),
  reversals: countedSum.optional().describe('Voids: in the other sums, too.'),
  returns: countedSum.optional().describe('Returns: in the other sums, too.'),
  training: countedSum.optional().describe('Practice: in none of the other sums.'),
  sent_back_order_lines: countedSum
    .optional()
    .describe('Germany: lines of orders with a negative quantity; in `unpaid_operations`, too. Missing without any.'),
  cancelled_order_lines: countedSum
    .optional()
    .describe('Germany: lines that were taken away before their order was completed. Missing without any.'),
})
export const closingTotals = totals.describe('Sums of what was closed, gross.')

const interim = z.strictObject({
  receipts: z.int().min(0).describe('How many receipts its sums have; in Germany session events have receipts, too.'),
  pending_receipts: z
    .int()
    .min(0)
    .describe('How many receipts are in no sum, because their device has not reported the outcome yet.'),
  cash_counts: z.array(interimCount).optional().describe('Counts with `interim`, at most 100; absent without any.'),
})

export const closing = z
  .strictObject({
    id: id.describe('Id of the closing.'),
    merchant_id: id.describe('The merchant.'),
    register_id: id.describe('The register that was closed.'),
    type: z
      .enum([...closingType.options, 'start', 'collective', 'final'])
      .describe(
        'Austria also has receipts that the agent makes automatically: `start` (Startbeleg), `collective` (Sammelbeleg after an outage), `final` (Schlussbeleg).',
      ),
    period: z.string().optional().describe('Month `YYYY-MM` or year `YYYY` that it closes.'),
    business_date: calendarDate.nullable().describe('The date that it counts by.'),
    document_number: z.string().nullable().describe('Number of its receipt; null if the closing is only a report.'),
    z_numbers: z.array(z.int().min(1)).describe('Numbers of the closings (Z) that it reports.'),
    totals: closingTotals
      .nullable()
      .describe(
        'Italy: `vat` and `payments` are those of the documents in the journal. `business_cases` are the sums of the printer if it reports them and a register requested the Z, else those of the journal.',
      ),
    interim: interim
      .optional()
      .describe('A report of the day so far: its session was open. Missing in every other closing.'),
    hints: z
      .array(closingHint)
      .optional()
      .describe('Findings in its sessions or, in Italy, in the period of the printer; missing without findings.'),
    outage: z
      .strictObject({
        first_number: z.string().describe('Number of the first receipt without a signature.'),
        last_number: z.string().describe('Number of the last one.'),
        receipts: z.int().min(1).optional().describe('How many there are from the first number to the last.'),
        began_at: z.string().describe('Local time of the first receipt.'),
        ended_at: z.string().describe('Local time at which a signature unit was back.'),
      })
      .optional()
      .describe('Austria: the outage of the signature unit that a Sammelbeleg ends.'),
    fiscal: z
      .strictObject({
        state: z
          .enum(['pending', 'succeeded', 'failed', 'not_required'])
          .describe(
            '`pending`: the device has not answered yet. `failed`: recorded without a signature. `not_required`: nothing is signed.',
          ),
        receipt_text: z.string().optional().describe('Words that the law requires on its receipt.'),
      })
      .describe('The fiscal record of the closing.'),
    fiscal_information: fiscalInformation.nullable().describe('The record of the device; null without one.'),
    transmission_status: z
      .enum(['not_required', 'pending', 'transmitted', 'failed'])
      .nullable()
      .optional()
      .describe(
        'Whether the tax office has it. AT, Start- and Jahresbeleg: whether it was checked there. IT: as the printer reports, null if it does not.',
      ),
    transmitted_at: timestamp.nullable().optional().describe('When that was first seen.'),
    metadata: metadata.optional().describe('Your own data, as sent.'),
    created_at: createdAt,
  })
  .describe('A report over closed shifts, or a receipt that the law requires in addition to sales.')
export type Closing = z.output<typeof closing>
export const closingList = listOf(closing)

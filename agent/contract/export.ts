import * as z from 'zod'
import { dayBounds, isCalendarDate, parseRfc3339, rfc3339, SHOP_ZONE } from '../../base/clock.ts'
import { createdAt, sentMetadata } from './members.ts'
import { openPart } from './open-part.ts'
import { calendarDate, id, metadata, moment, moneySum, referenceTo, timestamp } from './scalars.ts'

/** A date is that day by the clocks of the shop, whole, as of the command. */
function rangeEnd(ofDay: keyof ReturnType<typeof dayBounds>) {
  return z
    .string()
    .max(40)
    .refine(
      (value) => isCalendarDate(value) || parseRfc3339(value) !== undefined,
      'must be a date such as "2026-02-25" or an RFC 3339 date-time',
    )
    .transform((value) => (isCalendarDate(value) ? rfc3339(dayBounds(value, SHOP_ZONE)[ofDay]) : moment.parse(value)))
}

/** An export of a law, or the journal. */
export const exportType = openPart<string>()

export const createExport = z
  .strictObject({
    type: exportType.describe('Which file: that of a law, or `journal`.'),
    from: rangeEnd('firstMs').describe(
      'Begin of the range, inclusive: a date or an RFC 3339 time; for `dsfinvk` by the business dates of the closed sessions, for `dep7` by the time in the codes of the receipts.',
    ),
    to: rangeEnd('lastMs').describe(
      'End of the range, inclusive; for `dsfinvk` the closed sessions with an earlier business date (a date or `23:59:59` includes the whole day). A range that covers everything gives the whole archive.',
    ),
    register_id: referenceTo(
      'register',
      'Only this register; all of the merchant without it. `journal` has all registers with it, too.',
    ).optional(),
    metadata: sentMetadata,
  })
  .refine(({ from, to }) => (parseRfc3339(from) ?? 0) <= (parseRfc3339(to) ?? 0), {
    message: 'must not be before from',
    path: ['to'],
  })
  .describe('A file to be written in the background.')
export type CreateExport = z.output<typeof createExport>

const leftOutSession = z.strictObject({
  register_id: id.describe('Its register.'),
  session_id: id.describe('The session.'),
  opened_at: timestamp.describe('When the shift began.'),
  bons: z.int().min(0).describe('How many receipt numbers of its closing are used already.'),
  total_amount: moneySum.describe('Sum of its completed goods movements and voids; no cash movements, no training.'),
  z_number: z.int().optional().describe('The closing of a closed session, which is posted outside of the range.'),
  business_date: calendarDate.optional().describe('The date that the closing of a closed session counts by.'),
})
/** A session of the range that its package does not contain: not closed yet, or posted elsewhere. */
export type LeftOutSession = z.output<typeof leftOutSession>

export const exportJob = z
  .strictObject({
    id: id.describe('Id of the export.'),
    type: exportType.describe('Which file.'),
    status: z
      .enum(['pending', 'completed', 'failed'])
      .describe('`pending`: being written. `completed`: fetch the file. `failed`: see `error`.'),
    from: timestamp.describe('Begin of the range.'),
    to: timestamp.describe('End of the range.'),
    register_id: z.string().optional().describe('The register that the request named.'),
    metadata: metadata.optional().describe('Your own data, as sent.'),
    created_at: createdAt,
    completed_at: timestamp.optional().describe('When the file was complete.'),
    open_session_excluded: z
      .boolean()
      .optional()
      .describe('`dsfinvk`: a session of the range is not closed yet, and not part of the package.'),
    left_out: z
      .array(leftOutSession)
      .optional()
      .describe(
        '`dsfinvk`: sessions of the range that the package does not contain: opened before `to` and not closed, or closed and posted on a business date outside of the range (then with `z_number` and `business_date`).',
      ),
    findings: z
      .array(z.string())
      .optional()
      .describe(
        '`tse_tar`: faults in the memory of the TSE itself, which is exported unchanged. `dsfinvk`: the number of bons that a wrong clock had dated outside their closing. `dep7`: the findings of the check of the file (form, chain and every signature); it is exported unchanged.',
      ),
    other_tses: z
      .array(z.string())
      .optional()
      .describe(
        '`tse_tar`: serial numbers of other TSEs that signed for these registers. Their logs are not in this file: `fiskal-edge audit` writes the archives taken out of them.',
      ),
    unread: z
      .strictObject({
        serial: z.string().describe('Serial number of the TSE.'),
        code: z.string().describe('Stable reason code.'),
        message: z.string().describe('For a person.'),
        counters: z
          .array(
            z.strictObject({ from: z.int().describe('First signature counter.'), to: z.int().describe('Last one.') }),
          )
          .describe('The signature counters in the file.'),
        until: timestamp.optional().describe('Time of the newest log in the file.'),
      })
      .optional()
      .describe(
        '`tse_tar`: the TSE signs but can no longer be read, so the file has only the logs that were read back before: these signature counters, until the time of the newest of these logs. Later logs are only in the TSE.',
      ),
    download_url: z
      .string()
      .optional()
      .describe(
        'Absolute, signed and expiring; works with and without a key. A completed export has it as long as its file exists, for seven days; create a new export after that.',
      ),
    error: z
      .strictObject({
        message: z.string().describe('For a person.'),
        details: z.record(z.string(), z.unknown()).optional().describe('For programs, as in an ErrorDto.'),
      })
      .optional()
      .describe('Why it failed.'),
  })
  .describe('A file for an authority or for your own records: requested, written in the background, then fetched.')

/** Query of a signed download link, for a request without a key. */
export const linkQuery = z.strictObject({ signature: z.string().max(200), expires: z.string().max(40) })

const OF_LINK = 'As in the `download_url`; needed only without a key.'
/** The same for a request with a key. */
export const fileQuery = z.strictObject({
  signature: linkQuery.shape.signature.optional().describe(OF_LINK).meta({ example: '' }),
  expires: linkQuery.shape.expires.optional().describe(OF_LINK).meta({ example: '' }),
})

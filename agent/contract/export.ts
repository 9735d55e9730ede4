import * as z from 'zod'
import { parseRfc3339 } from '../../base/clock.ts'
import { openPart } from './open-part.ts'
import { id, metadata, moment, moneySum, reference, timestamp } from './scalars.ts'

/** An export of a law, or the journal. */
export const exportType = openPart<string>()

export const createExport = z
  .strictObject({
    type: exportType,
    from: moment.describe(
      'What was recorded then or later; of `dsfinvk` the closed sessions by their business dates, of `dep7` the receipts by the time in their codes.',
    ),
    to: moment.describe(
      'What was recorded until then, that moment included; of `dsfinvk` the closed sessions whose business date is before (§ 4.1; `23:59:59` takes the whole day). A range that covers everything gives the whole archive.',
    ),
    register_id: reference.optional(),
    metadata: metadata.optional(),
  })
  .refine(({ from, to }) => (parseRfc3339(from) ?? 0) <= (parseRfc3339(to) ?? 0), {
    message: 'must not be before from',
    path: ['to'],
  })
export type CreateExport = z.output<typeof createExport>

const leftOutSession = z.strictObject({
  register_id: id,
  session_id: id,
  opened_at: timestamp,
  bons: z.int().min(0).describe('Receipt numbers of its closing that are given already.'),
  total_amount: moneySum.describe('Of its completed goods movements and voids; no cash movements, no training.'),
})
/** A session that no closing has yet, and so no package. */
export type LeftOutSession = z.output<typeof leftOutSession>

export const exportJob = z.strictObject({
  id,
  type: exportType,
  status: z.enum(['pending', 'completed', 'failed']),
  from: timestamp,
  to: timestamp,
  register_id: z.string().optional(),
  metadata: metadata.optional(),
  created_at: timestamp,
  completed_at: timestamp.optional(),
  open_session_excluded: z
    .boolean()
    .optional()
    .describe('Of `dsfinvk`: a session of the range is not closed yet, and no part of the package.'),
  left_out: z
    .array(leftOutSession)
    .optional()
    .describe(
      'Of `dsfinvk`: sessions that were opened before `to` and are not closed. The package does not have them.',
    ),
  findings: z
    .array(z.string())
    .optional()
    .describe(
      'Of `tse_tar`: what is wrong in the memory of the TSE itself, which is handed over as it is. Of `dsfinvk`: how many bons a wrong clock had dated out of their closing. Of `dep7`: what is wrong in the file by its own check (form, chain and every signature); it is handed over as it is.',
    ),
  other_tses: z
    .array(z.string())
    .optional()
    .describe(
      'Of `tse_tar`: serial numbers of other TSEs that signed for these registers. Their logs are not in this file: `fiskal-edge audit` writes what was taken out of them.',
    ),
  unread: z
    .strictObject({
      serial: z.string(),
      code: z.string(),
      message: z.string(),
      counters: z.array(z.strictObject({ from: z.int(), to: z.int() })),
      until: timestamp.optional(),
    })
    .optional()
    .describe(
      'Of `tse_tar`: the TSE signs and cannot be read any more, so that the file has only what was read back from it before: these signature counters, until the time of the newest of these logs. What was signed later is in the TSE alone.',
    ),
  download_url: z
    .string()
    .optional()
    .describe(
      'Absolute, signed and expiring; works with and without a key. Of a completed export as long as its file is there, seven days: make it again then.',
    ),
  error: z.strictObject({ message: z.string(), details: z.record(z.string(), z.unknown()).optional() }).optional(),
})

/** Of the signed link of a finished export: signature, and when it expires. */
export const fileQuery = z.strictObject({ signature: z.string().max(200), expires: z.string().max(40) })

import * as z from 'zod'
import { issuedAs } from './issued.ts'
import { currency, id, moneySum, law as regime, timestamp } from './scalars.ts'
import { certified, device, syncTarget, warning } from './status.ts'

const selling = z
  .enum(['yes', 'outage', 'no'])
  .describe('`outage`: sells, and each receipt carries the outage text of the fiscal device.')

const sellingReason = z
  .enum([
    'starting',
    'stopping',
    'no_storage',
    'journal_damaged',
    'not_fiscalized',
    'fiscalization_pending',
    'fiscalization_failed',
    'device_down',
    'emergency_open',
    'clock_behind',
    'key_lost',
    'no_register',
  ])
  .nullable()
  .describe(
    'The reason of `no` or `outage`. `clock_behind`: the last receipt of the register has a time in the future; `key_lost`: its AES key is lost (both Austria).',
  )

const registerOverview = z.strictObject({
  id: id.describe('Id of the register.'),
  name: z.string().describe('Name of the till.'),
  location: z.string().describe('Name of its shop.'),
  merchant: z.string().describe('Name of its company.'),
  regime: regime.nullable().describe('The law that it follows; null before it is fiscalized.'),
  fiscal_device: z.string().nullable().describe('Id of its fiscal device; null without one.'),
  selling,
  reason: sellingReason,
  reconciling: z.int().min(0).describe('Acts whose outcome the device has not reported yet.'),
  session: z
    .strictObject({
      id: id.describe('Id of the session.'),
      state: z.enum(['open', 'counted']).describe('`counted`: the drawer is counted, and the close comes next.'),
      opened_at: timestamp.describe('When the shift began.'),
      currency,
      expected_closing_amount: moneySum.describe('The expected cash in the drawer.'),
      foreign_cash: z
        .array(
          z.strictObject({
            currency,
            expected_amount: moneySum.describe('Cash that the drawer should hold, in that currency.'),
          }),
        )
        .optional()
        .describe('Foreign cash in the drawer; missing without any.'),
    })
    .nullable()
    .describe('The shift that is running; null between shifts.'),
  unsigned: z
    .strictObject({
      count: z.int().min(1).describe('How many.'),
      since: timestamp.describe('When the first of them was made.'),
    })
    .optional()
    .describe('Receipts of the last 24 hours that no device signed, in Austria those with the marker of an outage.'),
})

const documentOverview = z.strictObject({
  id: id.describe('Id of the operation.'),
  merchant_id: id.describe('The merchant.'),
  register_id: id.nullable().describe('The register; null for an operation without one.'),
  type: z.string().describe('The type.'),
  status: z.enum(['open', 'completed', 'voided']).describe('Its state.'),
  at: timestamp.describe('When it was completed or voided; of an open one when it was made.'),
  amount: moneySum.nullable().describe('Its total; null for an event without money.'),
  currency,
  fiscal_state: z.enum(['pending', 'succeeded', 'failed', 'not_required']).describe('State of its fiscal record.'),
  signed: z.boolean().nullable().describe('False in an outage; null: not yet, not required, or printed.'),
  document_number: z.string().nullable().describe('Number that its device gave it; null without one.'),
  issued_as: issuedAs.nullable().describe('How its receipt was issued; null while it is not recorded.'),
  has_code: z.boolean().describe('GET /v1/operations/{id}/code gives it as a picture.'),
})

export const overview = z
  .strictObject({
    at: timestamp.describe('When it was made.'),
    version: z.string().describe('Version of the agent.'),
    started_at: timestamp.describe('When the agent started.'),
    state: z
      .enum(['starting', 'ready', 'degraded', 'stopping', 'no_storage'])
      .describe('State of the agent. `degraded`: it sells, and a device is down.'),
    selling: selling.describe('The best state of the registers of the caller: `no` only if none may sell.'),
    reason: sellingReason,
    certified,
    head_seq: z.int().min(0).describe('The newest event of the journal.'),
    registers: z.array(registerOverview).describe('The first 200, without decommissioned ones.'),
    more_registers: z.boolean().describe('There are more than these 200: GET /v1/registers lists all.'),
    documents: z.array(documentOverview).describe('The newest operations, newest first.'),
    devices: z.array(device).describe('The fiscal devices.'),
    sync: z.array(syncTarget).describe('The sync targets.'),
    warnings: z.array(warning).describe('Faults that a person should fix.'),
    authorities: z.looseObject({}).optional().describe('Duties to authorities, for the page of the same version.'),
    upkeep: z
      .looseObject({})
      .optional()
      .describe('Backup, duties, disk and certificates, for the page of the same version.'),
    alerts: z.looseObject({}).optional().describe('Open alerts and channels, for the page of the same version.'),
  })
  .describe('The shop at a glance, limited to what the caller may see.')
export type Overview = z.output<typeof overview>

import * as z from 'zod'
import { currency, id, law, moneySum, timestamp } from './scalars.ts'
import { device, syncTarget, warning } from './status.ts'

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
    'pending',
    'failed',
    'device_down',
    'clock_behind',
    'key_lost',
    'no_register',
  ])
  .nullable()
  .describe(
    'The reason of `no` or `outage`. `clock_behind`: the last receipt of the register has a time in the future; `key_lost`: its AES key is lost (both Austria).',
  )

const registerOverview = z.strictObject({
  id,
  name: z.string(),
  location: z.string(),
  merchant: z.string(),
  law: law.nullable(),
  device: z.string().nullable(),
  selling,
  reason: sellingReason,
  reconciling: z.int().min(0).describe('Acts whose outcome the device has not reported yet.'),
  session: z
    .strictObject({
      id,
      state: z.enum(['open', 'counted']),
      opened_at: timestamp,
      currency,
      expected_amount: moneySum.describe('The expected cash in the drawer.'),
    })
    .nullable(),
})

const documentOverview = z.strictObject({
  id,
  merchant_id: id,
  register_id: id.nullable(),
  type: z.string(),
  status: z.enum(['open', 'completed', 'voided']),
  at: timestamp,
  amount: moneySum.nullable(),
  currency,
  fiscal_state: z.enum(['pending', 'succeeded', 'failed', 'not_required']),
  document_number: z.string().nullable(),
  has_code: z.boolean().describe('GET /v1/operations/{id}/code gives it as a picture.'),
})

/** A summary for one look, limited to what the caller may see. */
export const overview = z.strictObject({
  at: timestamp,
  version: z.string(),
  started_at: timestamp,
  state: z.enum(['starting', 'ready', 'degraded', 'stopping', 'no_storage']),
  selling: selling.describe('The best state of the registers of the caller: `no` only if none may sell.'),
  reason: sellingReason,
  head_seq: z.int().min(0),
  registers: z.array(registerOverview).describe('The first 200, without decommissioned ones.'),
  more_registers: z.boolean().describe('There are more than these 200: GET /v1/registers lists all.'),
  documents: z.array(documentOverview).describe('The newest operations, newest first.'),
  devices: z.array(device),
  sync: z.array(syncTarget),
  warnings: z.array(warning),
})
export type Overview = z.output<typeof overview>

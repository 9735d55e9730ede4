import * as z from 'zod'
import { createdAt, externalId, locationId, merchantId, ownId, updatedAt } from './members.ts'
import {
  deviceFailure,
  id,
  law,
  listOf,
  metadata,
  PATCH_WORDS,
  pendingChanges,
  referenceTo,
  text,
  timestamp,
} from './scalars.ts'

export const createRegister = z.strictObject({
  location_id: referenceTo('location'),
  name: text(500).describe('As the office names it.'),
  external_id: externalId.optional(),
  fiscal_device: id.optional().describe('Device id of GET /v1/devices; may be omitted if exactly one fits.'),
  metadata: metadata.optional(),
})
export type CreateRegister = z.output<typeof createRegister>

export const updateRegister = z
  .strictObject({
    name: text(500).optional(),
    external_id: externalId.nullable().optional(),
    location_id: referenceTo(
      'location',
      'The present place of the till: a location of the same merchant and country. Its serial number stays.',
    ).optional(),
    fiscal_device: id
      .optional()
      .describe(
        'The device that signs or prints for it from now on, of the same kind (409 `fiscalization_conflict` if it must not). DE: the register is registered there and deregistered at the TSE before, each as soon as it answers. IT: only without documents in a period that is still open at the printer before.',
      ),
    metadata: metadata.optional(),
  })
  .describe(PATCH_WORDS)
export type UpdateRegister = z.output<typeof updateRegister>

/** The serial number of the register on the fiscal device, permanent; made if omitted. */
export const fiscalizeRegister = z
  .strictObject({
    pos_client_serial_number: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,30}$/, 'must have 1 to 30 letters, digits and hyphens')
      .optional()
      .describe(
        'Serial number of the till on the TSE; in Austria its Kassen-ID. If omitted, the agent makes one, EDGE-… or, on a unit that is not certified, NC-…. It is permanent. A certified unit accepts no number that begins with NC- (409).',
      ),
  })
  .default({})
export type FiscalizeRegister = z.output<typeof fiscalizeRegister>

export const fiscalization = z
  .strictObject({
    regime: law,
    fiscalized_at: timestamp.nullable(),
    tse_serial: z.string().nullable(),
    client_id: z.string().nullable(),
    error: deviceFailure.optional().describe('Why it failed; the next try takes it away.'),
  })
  .describe('How the register is known to its fiscal device.')

const registerMembers = {
  id: ownId,
  merchant_id: merchantId,
  location_id: locationId,
  name: z.string().describe('As the office names it.'),
  external_id: z.string().nullable().describe('As sent; null without.'),
  fiscal_device: z.string().nullable().describe('Id of the device that signs or prints for it.'),
  status: z.enum(['active', 'inactive']),
  fiscalization_status: z
    .enum(['not_fiscalized', 'pending', 'failed', 'fiscalized', 'decommissioned'])
    .describe('`pending` ends automatically; after `failed` call `fiscalize` again.'),
  fiscalization: fiscalization.nullable(),
  fiscalizedAt: timestamp.nullable().describe('When it was made known to its fiscal device; null before.'),
  decommissionedAt: timestamp.nullable().describe('When it was retired for good; null before.'),
  metadata: metadata.nullable().describe('As sent; null without.'),
  pending_changes: pendingChanges.optional(),
  created_at: createdAt,
  updated_at: updatedAt,
}

export const register = z.strictObject(registerMembers)
export type Register = z.output<typeof register>
export const registerList = listOf(register)

export const fiscalizedRegister = z.strictObject({
  ...registerMembers,
  register_api_key: z
    .string()
    .optional()
    .describe(
      'Shown this once: a repeated request is answered without it. A lost one is replaced on the machine of the agent, with `fiskal-edge key create register` and the id.',
    ),
})

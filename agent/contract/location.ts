import * as z from 'zod'
import { address } from './address.ts'
import { createdAt, merchantId, ownId, updatedAt } from './members.ts'
import { listOf, metadata, PATCH_WORDS, pendingChanges, text, timeZone } from './scalars.ts'

export const createLocation = z.strictObject({
  name: text(500).describe('As on the receipt.'),
  address,
  timezone: timeZone,
  metadata: metadata.optional(),
})
export type CreateLocation = z.output<typeof createLocation>

/** Omitted members keep their value. */
export const updateLocation = createLocation.partial().describe(PATCH_WORDS)
export type UpdateLocation = z.output<typeof updateLocation>

export const location = z.strictObject({
  id: ownId,
  merchant_id: merchantId,
  name: z.string().describe('As on the receipt.'),
  address,
  timezone: z.string(),
  metadata: metadata.nullable().describe('As sent; null without.'),
  pending_changes: pendingChanges.optional(),
  created_at: createdAt,
  updated_at: updatedAt,
})
export type Location = z.output<typeof location>
export const locationList = listOf(location)

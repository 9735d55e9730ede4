import * as z from 'zod'
import { address } from './address.ts'
import { id, listOf, metadata, PATCH_WORDS, pendingChanges, text, timestamp, timeZone } from './scalars.ts'

export const createLocation = z.strictObject({
  name: text(500),
  address,
  timezone: timeZone,
  metadata: metadata.optional(),
})
export type CreateLocation = z.output<typeof createLocation>

/** Omitted members keep their value. */
export const updateLocation = createLocation.partial().describe(PATCH_WORDS)
export type UpdateLocation = z.output<typeof updateLocation>

export const location = z.strictObject({
  id,
  merchant_id: id,
  name: z.string(),
  address,
  timezone: z.string(),
  metadata: metadata.nullable(),
  pending_changes: pendingChanges.optional(),
  created_at: timestamp,
  updated_at: timestamp,
})
export type Location = z.output<typeof location>
export const locationList = listOf(location)

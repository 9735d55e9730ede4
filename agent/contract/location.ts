import * as z from 'zod'
import { address } from './address.ts'
import { createdAt, sentMetadata, shownMetadata, updatedAt } from './members.ts'
import { id, listOf, PATCH_WORDS, pendingChanges, text, timeZone } from './scalars.ts'

const name = text(500).describe('Name of the shop, for people; receipts show it next to the address.')
const place = address.describe('Address of the shop. Its country decides which law the registers there follow.')

export const createLocation = z
  .strictObject({ name, address: place, timezone: timeZone, metadata: sentMetadata })
  .describe('A new place in which the merchant sells.')
export type CreateLocation = z.output<typeof createLocation>

/** Omitted members keep their value. */
export const updateLocation = createLocation.partial().describe(PATCH_WORDS)
export type UpdateLocation = z.output<typeof updateLocation>

export const location = z
  .strictObject({
    id: id.describe('Id of the location, for `location_id` of its registers.'),
    merchant_id: id.describe('The merchant that sells here.'),
    name: z.string().describe('Name of the shop.'),
    address: place,
    timezone: z.string().describe('IANA name of its time zone: times on receipts are local.'),
    metadata: shownMetadata,
    pending_changes: pendingChanges.optional(),
    created_at: createdAt,
    updated_at: updatedAt,
  })
  .describe('A place in which the merchant sells, such as a branch.')
export type Location = z.output<typeof location>
export const locationList = listOf(location)

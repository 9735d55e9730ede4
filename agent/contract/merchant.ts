import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { address } from './address.ts'
import { createdAt, legalName, ownId, updatedAt } from './members.ts'
import { openPart } from './open-part.ts'
import { countryCode, listOf, metadata, PATCH_WORDS, pendingChanges } from './scalars.ts'

/** A tax identity of a country: all code but its law reads only the country. */
export type FiscalIdentity = { readonly country_code: string; readonly [member: string]: Json | undefined }

/** In requests, and in answers. */
export const sentIdentities = openPart<readonly FiscalIdentity[]>()
export const shownIdentities = openPart<readonly FiscalIdentity[]>()

const status = z.enum(['active', 'inactive'])

export const createMerchant = z.strictObject({
  legal_name: legalName,
  country_code: countryCode,
  address,
  fiscal_identities: sentIdentities
    .default([])
    .describe('At most one of a country, none when left out; a register needs that of its location.'),
  metadata: metadata.optional(),
})
export type CreateMerchant = z.output<typeof createMerchant>

export const updateMerchant = z
  .strictObject({
    legal_name: legalName.optional(),
    country_code: countryCode.optional(),
    address: address.optional(),
    fiscal_identities: sentIdentities.optional(),
    status: status
      .optional()
      .describe(
        '`inactive` if the merchant has no fiscalized register any longer: it stays readable and makes nothing new. `active` takes it back.',
      ),
    metadata: metadata.optional(),
  })
  .describe(PATCH_WORDS)
export type UpdateMerchant = z.output<typeof updateMerchant>

const hint = z.strictObject({ code: z.literal('country_without_law'), message: z.string() })

export const merchant = z.strictObject({
  id: ownId,
  legal_name: z.string().describe('Name of the company or the person who sells.'),
  country_code: countryCode,
  address,
  fiscal_identities: shownIdentities,
  status,
  hints: z
    .array(hint)
    .optional()
    .describe(
      '`country_without_law`: no law of its country is built in, and it has no fiscal identity of another one.',
    ),
  metadata: metadata.nullable().describe('As sent; null without.'),
  /** Accepted while a session is open; takes effect when it is closed. */
  pending_changes: pendingChanges.optional(),
  created_at: createdAt,
  updated_at: updatedAt,
})
export type Merchant = z.output<typeof merchant>
export const merchantList = listOf(merchant)

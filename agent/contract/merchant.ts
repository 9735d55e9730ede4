import * as z from 'zod'
import type { Json } from '../../base/canonical.ts'
import { showsNothing } from '../../base/text.ts'
import { address } from './address.ts'
import { agencyId, createdAt, legalName, sentMetadata, shownMetadata, updatedAt } from './members.ts'
import { openPart } from './open-part.ts'
import { countryCode, id, listOf, PATCH_WORDS, pendingChanges, text } from './scalars.ts'

/** A tax identity of a country: all code but its law reads only the country. */
export type FiscalIdentity = { readonly country_code: string; readonly [member: string]: Json | undefined }

/** In requests, and in answers. */
export const sentIdentities = openPart<readonly FiscalIdentity[]>()
export const shownIdentities = openPart<readonly FiscalIdentity[]>()

const status = z.enum(['active', 'inactive'])

const seat = countryCode.describe('Country in which the company has its seat, ISO 3166-1 alpha-3.')
const seatAddress = address.describe('Address of the company; every receipt shows it.')

/** A merchant has at most that many. */
const AGENCIES_MAX = 100

/** A column of the books that must not be empty. */
function named(max: number, words: string) {
  return text(max)
    .refine((value) => !showsNothing(value), 'must not be blank')
    .describe(words)
}

export const agency = z
  .strictObject({
    id: agencyId.describe('Your number of the agency, for `agency_id` of its lines; in the DSFinV-K AGENTUR_ID.'),
    name: named(500, 'Name of the principal, in whose name the lines are sold.'),
    address: address.describe('Address of the principal.'),
    tax_number: named(20, 'Its number at the tax office; this or `vat_id` is required.').optional(),
    vat_id: named(15, 'Its VAT number.').optional(),
  })
  .check(({ value: { tax_number: number, vat_id: vatId }, issues }) => {
    if (number === undefined && vatId === undefined)
      issues.push({ code: 'custom', path: ['tax_number'], message: 'or vat_id is required', input: number })
  })
  .describe('A principal in whose name and for whose account the merchant sells.')
export type Agency = z.output<typeof agency>

const agencies = z
  .array(agency)
  .max(AGENCIES_MAX)
  .describe('Germany: principals in whose name lines are sold (`agency_id`), at most 100, each with its own id.')

export const createMerchant = z
  .strictObject({
    legal_name: legalName,
    country_code: seat,
    address: seatAddress,
    fiscal_identities: sentIdentities
      .default([])
      .describe('At most one of a country, none when left out; a register needs that of its location.'),
    agencies: agencies.optional(),
    metadata: sentMetadata,
  })
  .describe('A new company that sells.')
export type CreateMerchant = z.output<typeof createMerchant>

export const updateMerchant = z
  .strictObject({
    legal_name: legalName.optional(),
    country_code: seat.optional(),
    address: seatAddress.optional(),
    fiscal_identities: sentIdentities
      .optional()
      .describe(
        'All of them: one that is missing here is removed, which is refused while a fiscalized register needs it. Other numbers need a `reason` then.',
      ),
    reason: z
      .enum(['correction', 'new_office'])
      .optional()
      .describe(
        'Why a tax number changes while a register is fiscalized: `correction` of a typing error, or in Germany `new_office`, the `tax_number` of another Finanzamt. Another company is another merchant (409 `merchant_has_registers`).',
      ),
    agencies: agencies.optional(),
    status: status
      .optional()
      .describe(
        '`inactive` if the merchant has no fiscalized register any longer: it stays readable and makes nothing new. `active` takes it back.',
      ),
    metadata: sentMetadata,
  })
  .describe(PATCH_WORDS)
export type UpdateMerchant = z.output<typeof updateMerchant>
export type NumbersReason = NonNullable<UpdateMerchant['reason']>

const hint = z.strictObject({
  code: z.literal('country_without_law').describe('Stable code.'),
  message: z.string().describe('For a person.'),
})

export const merchant = z
  .strictObject({
    id: id.describe('Id of the merchant, for the header `X-OpenFiskal-Merchant`.'),
    legal_name: z.string().describe('The name of the company, as receipts show it.'),
    country_code: seat,
    address: seatAddress,
    fiscal_identities: shownIdentities.describe('Tax numbers by country, without secrets.'),
    agencies: agencies.optional(),
    status: status.describe('`inactive`: readable and exported, but it makes nothing new.'),
    hints: z
      .array(hint)
      .optional()
      .describe(
        '`country_without_law`: no law of its country is built in, and it has no fiscal identity of another one.',
      ),
    metadata: shownMetadata,
    pending_changes: pendingChanges.optional(),
    created_at: createdAt,
    updated_at: updatedAt,
  })
  .describe('A company that sells: the taxpayer. Its locations, registers and sales belong to it.')
export type Merchant = z.output<typeof merchant>
export const merchantList = listOf(merchant)

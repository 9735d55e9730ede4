import * as z from 'zod'
import { address } from './address.ts'
import { countryCode, id, listOf, metadata, PATCH_WORDS, pendingChanges, text, timestamp } from './scalars.ts'

const austrianVatId = z.string().regex(/^ATU\d{8}$/, 'must be ATU and 8 digits')
const taxNumber = text(40)

/** German identity: Steuernummer and USt-IdNr, both. The books of the authorities have 20 characters (DSFinV-K, STNR). */
export const fiscalIdentityDeu = z.strictObject({
  country_code: z.literal('DEU'),
  tax_number: text(20).describe('Steuernummer.'),
  vat_id: z.string().regex(/^DE\d{9}$/, 'must be DE and 9 digits'),
})

/** Austrian identity: UID-Nummer or Steuernummer, at least one. */
export const fiscalIdentityAut = z
  .strictObject({
    country_code: z.literal('AUT'),
    vat_id: austrianVatId.optional().describe('It, a `tax_number`, or both.'),
    tax_number: taxNumber.optional(),
  })
  .refine((identity) => identity.vat_id !== undefined || identity.tax_number !== undefined, {
    message: 'needs vat_id or tax_number',
    path: ['vat_id'],
  })

const italian = {
  country_code: z.literal('ITA'),
  legal_entity_type: z.enum(['COMPANY', 'INDIVIDUAL']).optional(),
  tax_number: z
    .string()
    .regex(/^(\d{11}|[A-Za-z0-9]{16})$/, 'must be a Codice Fiscale: 11 digits or 16 letters and digits'),
  vat_number: z
    .string()
    .regex(/^\d{11}$/, 'must be a Partita IVA: 11 digits')
    .refine(isPartitaIva, 'is no Partita IVA: the check digit is wrong')
    .describe('Partita IVA; its check digit is verified.'),
  fisconline_user: z.string().regex(/^[A-Za-z0-9]{16}$/, 'must have 16 letters and digits'),
}

/** Italian identity as it is sent: the Fisconline password and PIN go in and never come out. */
export const fiscalIdentityIta = z.strictObject({
  ...italian,
  fisconline_password: text(255).meta({ writeOnly: true }),
  fisconline_pin: text(255).meta({ writeOnly: true }),
})

/** Italian identity as it is answered. */
export const fiscalIdentityItaPublic = z.strictObject(italian)

/** Sum of the odd places and the doubled even ones, each brought under 10, ends in 0 (D.M. 23 dicembre 1976). */
function isPartitaIva(digits: string): boolean {
  let sum = 0
  for (const [place, digit] of [...digits].entries()) {
    const value = Number(digit) * (place % 2 === 0 ? 1 : 2)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

const fiscalIdentities = z
  .array(z.discriminatedUnion('country_code', [fiscalIdentityDeu, fiscalIdentityAut, fiscalIdentityIta]))
  .max(3)
  .refine(
    (identities) => new Set(identities.map((identity) => identity.country_code)).size === identities.length,
    'must hold one identity per country',
  )
  .describe('At most one of a country; a register needs that of its location.')

export const createMerchant = z.strictObject({
  legal_name: text(500),
  country_code: countryCode,
  address,
  fiscal_identities: fiscalIdentities.default([]),
  metadata: metadata.optional(),
})
export type CreateMerchant = z.output<typeof createMerchant>

export const updateMerchant = z
  .strictObject({
    legal_name: text(500).optional(),
    country_code: countryCode.optional(),
    address: address.optional(),
    fiscal_identities: fiscalIdentities.optional(),
    metadata: metadata.optional(),
  })
  .describe(PATCH_WORDS)
export type UpdateMerchant = z.output<typeof updateMerchant>

const hint = z.strictObject({ code: z.literal('country_without_law'), message: z.string() })

export const merchant = z.strictObject({
  id,
  legal_name: z.string(),
  country_code: countryCode,
  address,
  fiscal_identities: z.array(
    z.discriminatedUnion('country_code', [fiscalIdentityDeu, fiscalIdentityAut, fiscalIdentityItaPublic]),
  ),
  status: z.enum(['active', 'inactive']),
  hints: z
    .array(hint)
    .optional()
    .describe(
      '`country_without_law`: no law of its country is built in, and it has no fiscal identity of another one.',
    ),
  metadata: metadata.nullable(),
  /** Accepted while a session is open; takes effect when it is closed. */
  pending_changes: pendingChanges.optional(),
  created_at: timestamp,
  updated_at: timestamp,
})
export type Merchant = z.output<typeof merchant>
export const merchantList = listOf(merchant)

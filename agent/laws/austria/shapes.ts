import * as z from 'zod'
import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { LawShapes } from '../../contract/laws.ts'
import type { FiscalIdentity } from '../../contract/merchant.ts'
import { text } from '../../contract/scalars.ts'
import { FACTS } from './facts.ts'

/** The mandatory contents of an Austrian receipt: RKSV § 11, Anlage Z 12 ff. */
const fiscalInformation = z.strictObject({
  regime: z.literal(FACTS.name),
  receipt_number: z.string(),
  document_number: z.string(),
  document_type: z.enum(['standard', 'start', 'null', 'monthly', 'yearly', 'final', 'collective', 'void', 'training']),
  cash_box_id: z.string(),
  encrypted_turnover: z.string(),
  previous_receipt_hash: z.string(),
  certificate_serial: z.string(),
  signature: z.string(),
  machine_code: z.string(),
  qr_data: z.string(),
  ocr_code: z.string(),
  security_device_failed: z.boolean(),
})
export type Facts = z.output<typeof fiscalInformation>

/** True if this law recorded it: no other law writes this name. */
export function isOurs(information: FiscalInformation | null | undefined): information is Facts {
  return information?.regime === FACTS.name
}

const austrianVatId = z.string().regex(/^ATU\d{8}$/, 'must be ATU and 8 digits')

/** Austrian identity: UID-Nummer or Steuernummer, at least one. */
const identity = z
  .strictObject({
    country_code: z.literal(FACTS.country).describe('The country whose tax office gave the numbers.'),
    vat_id: austrianVatId.optional().describe('It, a `tax_number`, or both.'),
    tax_number: text(40).optional().describe('Steuernummer.'),
  })
  .refine((identity) => identity.vat_id !== undefined || identity.tax_number !== undefined, {
    message: 'needs vat_id or tax_number',
    path: ['vat_id'],
  })
  .describe('The tax numbers of a company in Austria.')
/** The Steuernummer; the UID only if there is no other, because companies of one group may share it. */
function numberOf({ tax_number: number, vat_id: vatId }: FiscalIdentity): string | undefined {
  if (typeof number === 'string') return number
  return typeof vatId === 'string' ? vatId : undefined
}

export const SHAPES: LawShapes = {
  fiscalInformation,
  identity: { sent: identity, shown: identity, identifies: numberOf },
  exports: ['dep7', 'dep131'],
}

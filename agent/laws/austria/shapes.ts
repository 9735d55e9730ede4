import * as z from 'zod'
import type { FiscalInformation } from '../../contract/fiscal-information.ts'
import type { LawShapes } from '../../contract/laws.ts'
import type { FiscalIdentity } from '../../contract/merchant.ts'
import { text } from '../../contract/scalars.ts'
import { FACTS } from './facts.ts'

/** The mandatory contents of an Austrian receipt: RKSV § 11, Anlage Z 12 ff. */
const fiscalInformation = z
  .strictObject({
    regime: z.literal(FACTS.name).describe('The law that signed it.'),
    receipt_number: z.string().describe('Number of the receipt in the chain of its register.'),
    document_number: z.string().describe('The same number.'),
    document_type: z
      .enum(['standard', 'start', 'zero', 'monthly', 'annual', 'final', 'collective', 'void', 'training'])
      .describe(
        '`standard` is a sale; `void` a Stornobuchung and `training` a Trainingsbuchung; `start`, `monthly`, `annual`, `zero`, `collective` and `final` are Start-, Monats-, Jahres-, Null-, Sammel- and Schlussbeleg.',
      ),
    cash_box_id: z.string().describe('Kassen-ID: number of the register at FinanzOnline.'),
    encrypted_turnover: z
      .string()
      .describe(
        'Stand des Umsatzzählers (the turnover so far), encrypted; for a void `STO`, for a training `TRA`, in Base64.',
      ),
    previous_receipt_hash: z.string().describe('Chains the receipt to the one before it.'),
    certificate_serial: z.string().describe('Serial number of the certificate that verifies the signature.'),
    signature: z.string().describe('Signature of the card or HSM, as a part of the code.'),
    machine_code: z.string().describe('Maschinenlesbarer Code: what the signature covers, and the signature.'),
    qr_data: z.string().describe('Text of the QR code that the receipt must carry.'),
    ocr_code: z.string().describe('The same code for printers that print no QR code, in the font OCR-A.'),
    security_device_failed: z
      .boolean()
      .describe('True if no signature unit answered: the receipt then says „Sicherheitseinrichtung ausgefallen“.'),
  })
  .describe('Austria (RKSV): what the receipt must carry, signed by a card or HSM and chained to the receipt before.')
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
    vat_id: austrianVatId.optional().describe('UID, the VAT number. Send it, a `tax_number`, or both.'),
    tax_number: text(40).optional().describe('Steuernummer: number at the tax office.'),
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

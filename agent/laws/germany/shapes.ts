import * as z from 'zod'
import { showsNothing } from '../../../base/text.ts'
import type { LawShapes } from '../../contract/laws.ts'
import type { FiscalIdentity } from '../../contract/merchant.ts'
import { text, timestamp } from '../../contract/scalars.ts'
import { FACTS } from './facts.ts'
import type { Identity } from './identity.ts'
import { isOwnIdentity } from './identity.ts'

const endEvent = z
  .strictObject({
    signed_at: timestamp.describe('When the TSE signed it, by its clock.'),
    transaction_counter: z.int().min(0).describe("The TSE's signature counter of the end event."),
    signature: z.string().describe('The signature, in base64.'),
    public_key: z.string().describe('The key that verifies it, in base64.'),
    process_type: z
      .string()
      .describe('`Kassenbeleg-V1` for receipts, `Bestellung-V1` for orders, `SonstigerVorgang` for the rest.'),
    process_data: z
      .string()
      .describe(
        'The signed text: kind of receipt, gross amounts of five tax rates, payments; of an order its lines, with a CR between them.',
      ),
  })
  .describe('The signature of the TSE at the end of the transaction.')

const verification = z
  .strictObject({
    tss_serial_number: z.string().describe('Serial number of the TSE.'),
    pos_client_serial_number: z.string().describe('Serial number of the register.'),
    qr_data: z.string().describe('Text of the QR code on the receipt.'),
  })
  .describe('The values with which a reader of the receipt checks its signature.')

/** The mandatory contents of a German receipt: KassenSichV § 6, DSFinV-K Annex I (QR code), BSI TR-03151 §4.4. */
const fiscalInformation = z
  .strictObject({
    regime: z.literal(FACTS.name).describe('The law that signed it.'),
    document_number: z.string().describe("The TSE's transaction number, as text."),
    receipt_number: z.string().describe('Number of the receipt in the books: BON_NR of the DSFinV-K.'),
    transaction_number: z.int().min(0).describe("The TSE's number of the transaction; it must be on the receipt."),
    document_type: z
      .enum(['Beleg', 'AVTraining', 'AVBelegabbruch', 'AVBestellung', 'AVTransfer', 'AVSachbezug', 'AVSonstige'])
      .describe(
        '`Beleg`: a receipt · `AVTraining`: practice · `AVBelegabbruch`: cancelled · `AVBestellung`: an order · `AVTransfer`: billed elsewhere · `AVSachbezug`: a benefit for staff · `AVSonstige`: none of them.',
      ),
    signature_algorithm: z.string().describe('Such as `ecdsa-plain-SHA256`.'),
    time_format: z.string().describe('How the TSE writes times in what it signs, such as `unixTime`.'),
    tss_serial_number: z.string().describe('Serial number of the TSE; it must be on the receipt.'),
    pos_client_serial_number: z.string().describe('Serial number of the register; it must be on the receipt.'),
    start_event: z
      .strictObject({ signed_at: timestamp.describe('Time of the TSE; it must be on the receipt.') })
      .describe('The begin of the transaction.'),
    end_event: endEvent.describe('The end of the transaction, with its signature.'),
    verification: verification.describe('The data that a reader of the receipt needs to check it.'),
  })
  .describe('Germany (KassenSichV): what the TSE signed, and what the receipt must carry.')
export type Facts = z.output<typeof fiscalInformation>

/**
 * German identity: Steuernummer and USt-IdNr. A missing member is refused, since it may be forgotten; a shop that has only one
 * number sends null for the other (§ 14 (4) no. 2 UStG asks for one). The authorities' files allow 20 characters (DSFinV-K,
 * STNR).
 */
const identity = z
  .strictObject({
    country_code: z.literal(FACTS.country).describe('The country whose tax office gave the numbers.'),
    tax_number: text(20)
      .nullable()
      .describe('Steuernummer: number at the tax office. `null` for a shop without one; then it needs a `vat_id`.'),
    vat_id: z
      .string()
      .regex(/^DE\d{9}$/, 'must be DE and 9 digits')
      .nullable()
      .describe('USt-IdNr.: VAT number. `null` for a shop without one; then it needs a `tax_number`.'),
  })
  .refine(
    ({ tax_number: number, vat_id: vatId }) => vatId !== null || !showsNothing(number ?? ''),
    'needs tax_number or vat_id: only one of them may be null',
  )
  .describe('The tax numbers of a company in Germany.') satisfies z.ZodType<Identity>

/** The Steuernummer; the USt-IdNr only if there is no other, because the companies of an Organschaft may share one. */
function numberOf(identity: FiscalIdentity): string | undefined {
  return isOwnIdentity(identity) ? (identity.tax_number ?? identity.vat_id ?? undefined) : undefined
}

export const SHAPES: LawShapes = {
  fiscalInformation,
  identity: { sent: identity, shown: identity, identifies: numberOf },
  drawerOpening: fiscalInformation.partial().shape,
  components: { KassenSichVEndEvent: endEvent, KassenSichVVerification: verification },
  exports: ['dsfinvk', 'tse_tar'],
}

import * as z from 'zod'
import type { LawShapes } from '../../contract/laws.ts'
import { text, timestamp } from '../../contract/scalars.ts'
import { FACTS } from './facts.ts'
import type { Identity } from './identity.ts'
import { isOwnIdentity } from './identity.ts'

const endEvent = z
  .strictObject({
    signed_at: timestamp,
    transaction_counter: z.int().min(0).describe("The TSE's signature counter of the end event."),
    signature: z.string(),
    public_key: z.string(),
    process_type: z.string(),
    process_data: z.string(),
  })
  .describe('The signature of the TSE at the end of the transaction.')

const verification = z
  .strictObject({ tss_serial_number: z.string(), pos_client_serial_number: z.string(), qr_data: z.string() })
  .describe('The values with which a reader of the receipt checks its signature.')

/** The mandatory contents of a German receipt: KassenSichV § 6, DSFinV-K Annex I (QR code), BSI TR-03151 §4.4. */
const fiscalInformation = z.strictObject({
  regime: z.literal(FACTS.name),
  document_number: z.string().describe("The TSE's transaction number, as text."),
  receipt_number: z.string().describe('BON_NR of the DSFinV-K.'),
  transaction_number: z.int().min(0),
  document_type: z.enum(['Beleg', 'AVTraining', 'AVBelegabbruch', 'AVSonstige']),
  signature_algorithm: z.string(),
  time_format: z.string(),
  tss_serial_number: z.string(),
  pos_client_serial_number: z.string(),
  start_event: z.strictObject({ signed_at: timestamp }),
  end_event: endEvent,
  verification,
})
export type Facts = z.output<typeof fiscalInformation>

/** German identity: Steuernummer and USt-IdNr, both. The authorities' files allow 20 characters (DSFinV-K, STNR). */
const identity = z
  .strictObject({
    country_code: z.literal(FACTS.country).describe('The country whose tax office gave the numbers.'),
    tax_number: text(20).describe('Steuernummer.'),
    vat_id: z
      .string()
      .regex(/^DE\d{9}$/, 'must be DE and 9 digits')
      .describe('USt-IdNr.'),
  })
  .describe('The tax numbers of a company in Germany.') satisfies z.ZodType<Identity>

export const SHAPES: LawShapes = {
  fiscalInformation,
  // Not the USt-IdNr: the companies of an Organschaft may share one.
  identity: { sent: identity, shown: identity, identifies: (of) => (isOwnIdentity(of) ? of.tax_number : undefined) },
  drawerOpening: fiscalInformation.partial().shape,
  components: { KassenSichVEndEvent: endEvent, KassenSichVVerification: verification },
  exports: ['dsfinvk', 'tse_tar'],
}

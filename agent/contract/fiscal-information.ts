import * as z from 'zod'
import type { Law, OfEachLaw } from './laws.ts'
import { timestamp } from './scalars.ts'

/** What a German receipt must carry: KassenSichV § 6, DSFinV-K Annex I (QR code), BSI TR-03151 §4.4. */
const fiscalInformationKassenSichV = z.strictObject({
  regime: z.literal('KassenSichV'),
  document_number: z.string().describe("The TSE's transaction number, as text."),
  receipt_number: z.string().describe('BON_NR of the DSFinV-K.'),
  transaction_number: z.int().min(0),
  document_type: z.enum(['Beleg', 'AVTraining', 'AVBelegabbruch', 'AVSonstige']),
  signature_algorithm: z.string(),
  time_format: z.string(),
  tss_serial_number: z.string(),
  pos_client_serial_number: z.string(),
  start_event: z.strictObject({ signed_at: timestamp }),
  end_event: z.strictObject({
    signed_at: timestamp,
    transaction_counter: z.int().min(0).describe("The TSE's signature counter of the end event."),
    signature: z.string(),
    public_key: z.string(),
    process_type: z.string(),
    process_data: z.string(),
  }),
  verification: z.strictObject({
    tss_serial_number: z.string(),
    pos_client_serial_number: z.string(),
    qr_data: z.string(),
  }),
})

/** What an Austrian receipt must carry: RKSV § 11, Anlage Z 12 ff. */
const fiscalInformationRksv = z.strictObject({
  regime: z.literal('RKSV'),
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

const printed = {
  rt_serial_number: z.string().describe('Matricola.'),
  z_number: z.string(),
  document_number: z.string(),
  document_type: z.enum(['sale', 'return', 'void', 'non_fiscal']),
  printed_at: timestamp,
  lottery_code: z.string().optional(),
  reference: z.string().optional(),
}

const printedDocument = z.strictObject(printed)
export type PrintedDocument = z.output<typeof printedDocument>

/** What the Italian printer told of the document it printed; an exchange prints two. */
const fiscalInformationRt = z.strictObject({
  regime: z.literal('RT'),
  ...printed,
  documents: z.array(printedDocument).optional(),
})

export const FISCAL_INFORMATION = {
  KassenSichV: fiscalInformationKassenSichV,
  RKSV: fiscalInformationRksv,
  RT: fiscalInformationRt,
} satisfies OfEachLaw<z.ZodType<{ regime: Law }>>

type Each = (typeof FISCAL_INFORMATION)[Law]
export const fiscalInformation = z.discriminatedUnion('regime', Object.values(FISCAL_INFORMATION) as [Each])

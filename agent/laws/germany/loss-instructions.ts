import type { LossInstructions } from '../loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = {
  always:
    'Germany: "device adopt" gives transactions that a TSE has signed their receipt numbers back, best before the next sale; the DSFinV-K has them by VAT rate and payment. Receipts that no TSE signed or that tse-pkcs11 did (its logs are on the disk of the journal), and closings, leave their numbers to later ones, which bear them a second time. If there were any, keep the books apart: end the register after its session and make a new one; report both to the tax office.',
  afterRestore:
    'Germany: a TSE that is foreign now has signed more: "fiskal-edge device adopt ID" takes it over; its archive (export tse_tar) has all of it, except that of tse-pkcs11.',
}

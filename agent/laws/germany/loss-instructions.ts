import type { LossInstructions } from '../loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = {
  always:
    'Germany: no receipt or Z number that may be on paper is given again. Numbers without a record are set aside; DSFinV-K, journal verify and audit name them. "device adopt" gives transactions that a TSE has signed the next numbers; their BON_NOTIZ names the numbers on paper. The DSFinV-K has them by VAT rate and payment. Receipts that no TSE signed are missing in the books: keep their paper, and report the loss to the tax office.',
  afterRestore:
    'Germany: the first start took over what the TSE signed after the backup; its numbers follow the signatures, and BON_NOTIZ has a remark. If the TSE could not be asked then, its warning is tse_ahead when it is back: "fiskal-edge device adopt ID" takes the rest over.',
}

import { instruction } from '../instruction.ts'
import type { LossInstructions } from '../loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = {
  always: [
    instruction(
      'Germany: no receipt or Z number that may be on paper is given again. DSFinV-K, journal verify and audit name the numbers without a record.',
    ),
    instruction(
      'Germany: "fiskal-edge device adopt ID" gives the next numbers to transactions that a TSE has signed. Their BON_NOTIZ names the numbers on paper; the DSFinV-K has them by VAT rate and payment.',
    ),
    instruction(
      'Germany: receipts that no TSE signed are missing in the books: keep their paper, and report the loss to the tax office.',
    ),
  ],
  afterRestore: [
    instruction(
      'Germany: the first start took over what the TSE signed after the backup. Its numbers follow the signatures, and BON_NOTIZ has a remark.',
    ),
    instruction(
      'Germany: if the TSE did not answer then, the agent reports tse_ahead when it is back: "fiskal-edge device adopt ID" takes the rest over.',
    ),
  ],
}

import { instruction } from '../instruction.ts'
import type { LossInstructions } from '../loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = {
  afterRestore: [
    instruction(
      "Italy: the first start set the numbers aside that the agent's own receipts may have on paper; journal verify names them.",
    ),
  ],
  always: [
    instruction(
      'Italy: the printer has each document and continues to count. The journal has no record of those sales and their cash, so the next count differs.',
    ),
    instruction(
      'Italy: "fiskal-edge device last-document ID" names where printer and journal end. Compare the documents between the two with the paper, sell nothing twice, and note it for the accountant.',
    ),
    instruction(
      'Italy: if the emergency register of the printer was open, entries after the backup are in no sum, and a repeated request of one prints it: compare the slips of the tills of that time first.',
    ),
    instruction('Italy: goods of these sales that come back later are a return with the number on the paper.'),
  ],
}

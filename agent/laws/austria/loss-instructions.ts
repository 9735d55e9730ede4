import { instruction } from '../instruction.ts'
import type { LossInstructions } from '../loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = {
  always: [
    instruction(
      'Austria: missing receipts break the chain of their register. Stop that till, end the register and make a new one; report the failure in FinanzOnline.',
    ),
  ],
}

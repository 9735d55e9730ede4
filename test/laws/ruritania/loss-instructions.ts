import { verbatim } from '../../../agent/laws/instruction.ts'
import type { LossInstructions } from '../../../agent/laws/loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = { always: [verbatim('Ruritania: tell the Crown.')] }

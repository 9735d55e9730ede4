import type { LossInstructions } from '../../../agent/laws/loss-rules.ts'

export const LOSS_INSTRUCTIONS: LossInstructions = { always: 'Ruritania: tell the Crown.' }

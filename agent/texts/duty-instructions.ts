import { AGENT_INSTRUCTIONS } from './agent-instructions.ts'
import { AUSTRIAN_INSTRUCTIONS } from './austrian-instructions.ts'
import { GERMAN_INSTRUCTIONS } from './german-instructions.ts'
import { ITALIAN_INSTRUCTIONS } from './italian-instructions.ts'
import type { Translations } from './text.ts'

/** Each sentence of a duty by its English form: `{}` is a fact, in the same order in each language. */
export const DUTY_INSTRUCTIONS = {
  ...AGENT_INSTRUCTIONS,
  ...AUSTRIAN_INSTRUCTIONS,
  ...GERMAN_INSTRUCTIONS,
  ...ITALIAN_INSTRUCTIONS,
} as const satisfies Translations

/** A sentence without a row in one of the languages does not compile. */
export type InstructionForm = keyof typeof DUTY_INSTRUCTIONS

import * as z from 'zod'
import type { FiscalInformation } from '../../../agent/contract/fiscal-information.ts'
import type { LawShapes } from '../../../agent/contract/laws.ts'
import { FACTS } from './facts.ts'

/** The signed text, and its signature. */
const fiscalInformation = z.strictObject({ regime: z.literal(FACTS.name), payload: z.string(), signature: z.string() })

export const SHAPES: LawShapes = { fiscalInformation, exports: ['rur_ledger'] }

/** Throws for what another law made. */
export function factsIn(information: FiscalInformation): z.output<typeof fiscalInformation> {
  return fiscalInformation.parse(information)
}

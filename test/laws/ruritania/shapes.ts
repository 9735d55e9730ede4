import * as z from 'zod'
import type { LawShapes } from '../../../agent/contract/laws.ts'
import { FACTS } from './facts.ts'

/** The signed text, and its signature. */
const fiscalInformation = z.strictObject({ regime: z.literal(FACTS.name), payload: z.string(), signature: z.string() })

export const SHAPES: LawShapes = { fiscalInformation, exports: ['rur_ledger'] }

/** As the law recorded it. Throws for what another law made. */
export function factsIn(information: unknown): z.output<typeof fiscalInformation> {
  return fiscalInformation.parse(information)
}

import { DRAWER_OPENING } from './drawer-opening.ts'
import type { ReadBeleg } from './process-data.ts'
import { KASSENBELEG, readKassenbeleg, SONSTIGER_VORGANG } from './process-data.ts'

/** What a bon was of which nothing is left but what its TSE signed. */
export type LostContent = ReadBeleg | { type: 'AVSonstige'; cash: 0n }

/** Undefined for what this law's till does not sign. */
export function lostContent(processType: string, processData: string): LostContent | undefined {
  if (processType === KASSENBELEG) return readKassenbeleg(processData)
  const isOpening = processType === SONSTIGER_VORGANG && processData.startsWith(DRAWER_OPENING)
  return isOpening ? { type: 'AVSonstige', cash: 0n } : undefined
}

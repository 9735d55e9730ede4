import { LAWS } from '../../laws/laws.ts'
import type { Retirable } from '../../till/administration.ts'

/** The words of a receipt while the TSE is down: only TSEs are retired, and one law has them. */
const OUTAGE_TEXT = LAWS.find(({ deviceKinds }) => deviceKinds.includes('tse'))?.outageText ?? ''

/** The words for a person before a TSE is retired. */
export function retirementWords(id: string, unit: Retirable, successor: string | undefined): string {
  const { serial, state, answers, isRetired } = unit
  if (isRetired) return `The TSE ${serial} of ${id} is retired already: its registers move to ${successor}.`
  const after = `Retired it never signs again for this shop, and until another one replaces it each bon says "${OUTAGE_TEXT}".`
  if (!answers) return `The TSE ${id} (serial ${serial}) answers at no line here: it may be found or repaired. ${after}`
  return `The TSE ${id} (serial ${serial}) is ${state}: it ${state === 'ready' ? 'signs' : 'answers'}. ${after}`
}

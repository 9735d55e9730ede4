/**
 * Generations of the maker's manual: 2 (BIG II, KUBE II-F, MAX-COM), 3 (most models), 4 (BIG 3), 5 (K3-N NEXUS,
 * EDGE-K).
 */
export type Generation = 2 | 3 | 4 | 5

/** Behaviour that depends on model, firmware and state of the printer. */
export type CustomSwitches = {
  generation: Generation
  /** Prints documents that are worthless, without an error. */
  simulation: boolean
  demo: boolean
  /** An aborted document takes a number. */
  numbersAborted: boolean
  /** A void that was printed wants the end of a document before its ejection. */
  endsVoids: boolean
  /** Time for which it sends its file after a Z, and refuses every other command. */
  sendsForMs: number
  /** An earlier generation prints duplicates. */
  duplicates: boolean
  /** Its memory has other words than the law for a return and a void, and not the lines of the till (no layout is published). */
  ownWords: boolean
  /** Its VAT table has 4 % at index 3 and 5 % at 4, as a model in a shop. */
  ownRates: boolean
}

export const USUAL_SWITCHES: CustomSwitches = {
  generation: 3,
  simulation: false,
  demo: false,
  numbersAborted: false,
  endsVoids: false,
  sendsForMs: 0,
  duplicates: false,
  ownWords: false,
  ownRates: false,
}

/** Generations 3 and 5 have more enquiries and one more payment than the others, and longer lines in their memory. */
export function isLater({ generation }: Pick<CustomSwitches, 'generation'>): boolean {
  return generation === 3 || generation === 5
}

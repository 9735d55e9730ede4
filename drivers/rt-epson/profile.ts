/** Forms in which firmwares differ, or on which their sources disagree: the configuration may override each. */
export type EpsonProfile = {
  /** The elements of a void after its reference: the end alone, or a bare total before it. */
  void: 'end' | 'total'
  /**
   * Replaces the serial number if a return names no document: the word itself, or zeros; `none` refuses such a return.
   */
  evidence: 'letters' | 'zeros' | 'none'
}

export const defaultProfile: EpsonProfile = { void: 'end', evidence: 'letters' }

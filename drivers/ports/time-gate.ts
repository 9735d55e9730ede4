/** The agent's records about this machine's clock, for one TSE. */
export type HostTime = {
  /** Serial number of the enrolled unit; undefined before enrolment. */
  serial(): string | undefined
  /** The time of the newest event written with a sound clock, in milliseconds since 1970. */
  newestEventMs(): number | undefined
  /** The newest logTime of that unit in the journal. */
  newestLogMs(): number | undefined
  /** The event that last confirmed the clock, 0 before the first: earlier signatures no longer count. */
  vouchedAt(): number
  /** The time of that event, in milliseconds since 1970; undefined before the first. */
  vouchedMs(): number | undefined
  /** The moment of the monotonic clock since which the wall clock has kept pace: no step, no suspend. */
  partedNs(): bigint
}

/**
 * The only source of time for a TSE (KassenSichV § 2 sentence 2 no. 1, § 6 no. 2). While the clock of this machine is
 * suspect no unit gets a time, and none gets a start or a finish, even with its own clock.
 */
export type TimeGate = {
  /** The reason why the clock is suspect; undefined if it is sound. */
  suspicion(): string | undefined
  /** The time below which the clock is suspect, in milliseconds since 1970, before a minute of grace is subtracted. */
  boundMs(): number | undefined
  /** The end of the unit's certificate, if the clock is after it and was not confirmed since; in milliseconds since 1970. */
  passedEndMs(): number | undefined
  /** Throws `clock_suspect` none while the clock is suspect. */
  demand(): void
  /**
   * The time for the unit: the host's, or the newest logTime of the unit if that is later. `lastLogMs` comes from the
   * unit's memory, if the driver has it. Throws as {@link demand}.
   */
  now(lastLogMs?: number): number
  /** The newest known logTime of the unit, in milliseconds since 1970. */
  newestLogMs(): number | undefined
  /** The unit accepted this time. */
  told(timeMs: number): void
  /** The unit signed with this time, after a command sent at `sentNs` of the monotonic clock. */
  signed(logTimeMs: number, sentNs: bigint): void
  /** The journal got a log of the unit that this process did not see being signed. */
  recorded(logTimeMs: number): void
  /**
   * Certificates of the unit in DER, its own first: the unit signed nothing before that one was valid. `endsAtMs`: the end
   * of its validity as the unit reports it, 0 if it reports none.
   */
  certified(certificates: readonly Uint8Array[], endsAtMs: number): void
  /**
   * Whether the unit needs the time before its next act: `must` if it would sign a wrong one, `may` if the difference
   * is small, or it got the time long ago and keeps one no longer than `holdsMs`.
   */
  due(holdsMs?: number): 'must' | 'may' | undefined
  /**
   * The unit's clock minus the host's, according to its last time; 0 if they may be equal, undefined until it signed or
   * was set since the host's clock stepped.
   */
  skewMs(): number | undefined
  /** True until the unit was set or signed in this process. */
  isUntold(): boolean
}

/** What the agent knows of this machine's clock for one TSE. */
export type HostTime = {
  /** Serial number of the unit that belongs to the shop; undefined before there is one. */
  serial(): string | undefined
  /** The time of the newest event that a sound clock wrote, milliseconds since 1970. */
  newestEventMs(): number | undefined
  /** The newest logTime of that unit in the journal. */
  newestLogMs(): number | undefined
  /** The event that last vouched for the clock, 0 before the first: what was signed before it counts no more. */
  vouchedAt(): number
  /** Since this moment of the monotonic clock the wall clock has run with it: it has not stepped, and nothing slept. */
  partedNs(): bigint
}

/**
 * The one place from which a TSE gets the time (KassenSichV § 2 sentence 2 no. 1, § 6 no. 2). While the clock of this
 * machine is suspect no unit gets a time, and none gets a start or a finish, whatever clock it has of its own.
 */
export type TimeGate = {
  /** Why the clock is suspect; undefined while it is sound. */
  suspicion(): string | undefined
  /** The time below which the clock is suspect, milliseconds since 1970; a minute of grace is not taken off yet. */
  boundMs(): number | undefined
  /** Throws `clock_suspect` none while the clock is suspect. */
  demand(): void
  /**
   * The time for the unit: that of the host, or the newest logTime of the unit where that is later. `lastLogMs` is of the
   * unit's memory, where the driver has it at hand. Throws as {@link demand}.
   */
  now(lastLogMs?: number): number
  /** The newest logTime of the unit that is known, milliseconds since 1970. */
  newestLogMs(): number | undefined
  /** The unit has taken this time. */
  told(timeMs: number): void
  /** The unit has signed with this time, asked at `sentNs` of the monotonic clock. */
  signed(logTimeMs: number, sentNs: bigint): void
  /** A log of the unit came on record that this process did not see being signed. */
  recorded(logTimeMs: number): void
  /** Certificates of the unit, its own first: it signs nothing before that begins. DER. */
  certified(certificates: readonly Uint8Array[]): void
  /** Whether the unit has to get the time before its next act: `must` where it would sign a wrong one, `may` where little is amiss. */
  due(): 'must' | 'may' | undefined
  /**
   * The unit's clock minus the host's as far as its last time tells; 0 where it may be the same, undefined until it
   * signed or took one since the host's clock stepped.
   */
  skewMs(): number | undefined
  /** True until the unit took a time or signed in this process. */
  isUntold(): boolean
}

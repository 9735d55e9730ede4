const ALARM_MS = 15 * 60_000

/** A token that is refused for long is an alarm, once: one that is being exchanged is refused for a moment too. */
export class TokenAlarm {
  private sinceMs: number | undefined
  private told = false

  /** True when the alarm is due. */
  refused(nowMs: number): boolean {
    this.sinceMs ??= nowMs
    const due = !this.told && nowMs - this.sinceMs > ALARM_MS
    this.told ||= due
    return due
  }

  accepted(): void {
    this.sinceMs = undefined
    this.told = false
  }
}

import { FACTS } from '../facts.ts'
import { LocalTime } from './local-time.ts'

/** An opening's bon and its session are recorded within this time. */
const NOTED_MS = 1000

/** When a closing's bons were made, in ms since 1970: from the opening of its session (0: unknown) to Z_ERSTELLUNG. */
export type ClosingSpan = { beganMs: number; createdMs: number }

/**
 * The times of bons in the books: local time; if a clock was wrong, an end is not before its start and a bon not
 * outside its closing (DSFinV-K § 4.2). The number of moved times is reported to the client.
 */
export class BonTimes {
  readonly #local = new LocalTime(FACTS.timeZone)
  #moved = 0

  get moved(): number {
    return this.#moved
  }

  text(ms: number): string {
    return this.#local.text(ms)
  }

  of(span: ClosingSpan, startMs: number, endedMs: number): { start: string; end: string } {
    const end = endWithin(span, startMs, endedMs)
    const start = Math.min(Math.max(startMs, span.beganMs), end)
    if (Math.abs(start - startMs) >= NOTED_MS || Math.abs(end - endedMs) >= NOTED_MS) this.#moved++
    return { start: this.text(start), end: this.text(end) }
  }
}

/**
 * A drawer opening has the till's time, which the agent's clock does not limit: it is kept between the previous closing
 * and its own (§ 5.11).
 */
export function openingWithin(
  { previousMs, createdMs }: ClosingSpan & { previousMs: number },
  occurredMs: number,
): number {
  return Math.min(Math.max(occurredMs, previousMs), createdMs)
}

/** The end of a bon as {@link BonTimes} and references to it show it. */
export function endWithin({ beganMs, createdMs }: ClosingSpan, startMs: number, endedMs: number): number {
  return Math.min(Math.max(startMs, endedMs, beganMs), createdMs)
}

import { FACTS } from '../facts.ts'
import { LocalTime } from './local-time.ts'

/** An opening's bon and its session are made within that. */
const NOTED_MS = 1000

/** Within which a closing's bons were made, in milliseconds since 1970: its session's opening, 0 where nothing tells that, and Z_ERSTELLUNG. */
export type ClosingSpan = { beganMs: number; createdMs: number }

/**
 * The times of bons as the books tell them: local time, and where a clock was wrong no end before its start and no bon out
 * of its closing (DSFinV-K § 4.2). How many were moved is told to whoever has the books.
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
 * The time of an opening of the drawer is the till's own, which no agent's clock moves: from the closing before to its own
 * (§ 5.11).
 */
export function openingWithin(
  { previousMs, createdMs }: ClosingSpan & { previousMs: number },
  occurredMs: number,
): number {
  return Math.min(Math.max(occurredMs, previousMs), createdMs)
}

/** The end of a bon, as {@link BonTimes} tells it and a reference to it. */
export function endWithin({ beganMs, createdMs }: ClosingSpan, startMs: number, endedMs: number): number {
  return Math.min(Math.max(startMs, endedMs, beganMs), createdMs)
}

import { PLAUSIBLE_MS } from '../../../../base/clock.ts'
import { FACTS } from '../facts.ts'
import { LocalTime } from './local-time.ts'

/** When the bons of a closing were made, in ms since 1970: from the opening of its session to Z_ERSTELLUNG. */
export type ClosingSpan = { beganMs: number; createdMs: number }

/** BON_START and BON_ENDE. `onPaper`: the times of a clock that had lost its time, for BON_NOTIZ. */
export type BonTime = { start: string; end: string; onPaper?: string }

/**
 * The times of bons in the books: those of their receipts, in local time. Only a time of a clock that had lost it is
 * moved into the closing, and an end before its start to the start (DSFinV-K § 4.2). The number of bons with a moved time
 * is reported to the client.
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

  of(span: ClosingSpan, startMs: number, endedMs: number): BonTime {
    const start = this.text(timeWithin(span, startMs))
    const end = this.text(endWithin(span, startMs, endedMs))
    const onPaper = [
      ...(isLost(startMs) ? [`Beginn laut Beleg ${this.text(startMs)}`] : []),
      ...(isLost(endedMs) ? [`Ende laut Beleg ${this.text(endedMs)}`] : []),
    ]
    if (onPaper.length === 0) return { start, end }
    this.#moved++
    return { start, end, onPaper: onPaper.join(', ') }
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

function endWithin(span: ClosingSpan, startMs: number, endedMs: number): number {
  return Math.max(timeWithin(span, startMs), timeWithin(span, endedMs))
}

/** No closing is earlier than 2026: its opening is the nearest edge for a lost time. */
function timeWithin({ beganMs }: ClosingSpan, ms: number): number {
  return isLost(ms) ? beganMs : ms
}

function isLost(ms: number): boolean {
  return ms < PLAUSIBLE_MS
}

import { HOUR_MS, localTime, parseRfc3339, rfc3339 } from '../../../../base/clock.ts'

const MINUTE_MS = 60_000
/** Offsets change only at a quarter of an hour. */
const OFFSET_VALID_MS = 15 * MINUTE_MS
const OFFSETS_KEPT = 256

/** RFC 3339 text of instants in one time zone, with its offset: `2026-03-02T17:05:02+01:00`. */
export class LocalTime {
  readonly #timeZone: string
  readonly #offsets = new Map<number, number>()
  #last = { minute: Number.NaN, before: '', behind: '' }

  constructor(timeZone: string) {
    this.#timeZone = timeZone
  }

  text(ms: number): string {
    const minute = Math.floor(ms / MINUTE_MS)
    // Most times of a bon are in the same minute as the previous one.
    if (minute !== this.#last.minute) this.#last = { minute, ...this.#around(ms) }
    const seconds = Math.floor((ms % MINUTE_MS) / 1000)
    return `${this.#last.before}${seconds < 10 ? '0' : ''}${seconds}${this.#last.behind}`
  }

  /** The text before and after the seconds. */
  #around(ms: number): { before: string; behind: string } {
    const offsetMs = this.#offsetMs(ms)
    const absolute = Math.abs(offsetMs)
    const hours = String(Math.floor(absolute / HOUR_MS)).padStart(2, '0')
    const minutes = String((absolute % HOUR_MS) / MINUTE_MS).padStart(2, '0')
    return { before: rfc3339(ms + offsetMs).slice(0, 17), behind: `${offsetMs < 0 ? '-' : '+'}${hours}:${minutes}` }
  }

  #offsetMs(ms: number): number {
    const slot = Math.floor(ms / OFFSET_VALID_MS)
    const cached = this.#offsets.get(slot)
    if (cached !== undefined) return cached
    const at = slot * OFFSET_VALID_MS
    const offset = (parseRfc3339(`${localTime(at, this.#timeZone)}Z`) ?? at) - at
    if (this.#offsets.size >= OFFSETS_KEPT) this.#offsets.clear()
    this.#offsets.set(slot, offset)
    return offset
  }
}

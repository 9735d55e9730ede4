import { HOUR_MS } from '../../base/clock.ts'
import type { Warning } from './warning.ts'

/** Blips within an hour that point to a bad cable, plug or power supply. */
const BLIPS = 5

/** Counts the times at which a device went away and came back within its window. */
export class Unsteadiness {
  /** Monotonic milliseconds, oldest first. */
  #blips: number[] = []

  note(nowMs: number): void {
    this.#blips = [...this.#blips, nowMs].slice(-BLIPS)
  }

  warnings(nowMs: number): Warning[] {
    const [first] = this.#blips
    if (first === undefined || this.#blips.length < BLIPS || nowMs - first > HOUR_MS) return []
    const message = `The device was unreachable for a moment at least ${BLIPS} times within an hour. Check its cable, plug and power supply.`
    return [{ code: 'device_unsteady', message }]
  }
}

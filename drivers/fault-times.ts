import type { Clock } from '../base/clock.ts'

/** A condition that a person ends. */
export const UNTIL_CLEAR = 'until clear'
export type FaultTime = number | typeof UNTIL_CLEAR

const USUAL_MS = 300

/** How long a fault without a time lasts, in every simulator: milliseconds, or until the faults are cleared. */
const TIMES: ReadonlyMap<string, FaultTime> = new Map<string, FaultTime>([
  ['unplugged', UNTIL_CLEAR],
  ['unplugged-before', UNTIL_CLEAR],
  ['unplugged-after', UNTIL_CLEAR],
  ['paper-out', UNTIL_CLEAR],
  ['cover-open', UNTIL_CLEAR],
  ['training', UNTIL_CLEAR],
  ['out-of-service', UNTIL_CLEAR],
  ['pre-service', UNTIL_CLEAR],
  ['simulation', UNTIL_CLEAR],
  ['slow-bytes', 5],
  ['late', 1500],
  ['clock', 86_400_000],
])

/** `argument`: '' if omitted. */
export function faultTime(name: string, argument: string): FaultTime {
  return /^\d{1,8}$/.test(argument) ? Number(argument) : (TIMES.get(name) ?? USUAL_MS)
}

/** The conditions that faults caused, each until its time is over or the faults are cleared. */
export class StandingFaults {
  readonly #clock: Clock
  readonly #ends = new Map<string, { end: () => void; cancel: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A second one of the same name takes over from the first. */
  begin(name: string, time: FaultTime, end: () => void): void {
    this.#ends.get(name)?.cancel()
    const over = (): void => {
      this.#ends.delete(name)
      end()
    }
    const cancel = time === UNTIL_CLEAR ? () => undefined : this.#clock.after(time, over)
    this.#ends.set(name, { end, cancel })
  }

  clear(): void {
    const ends = [...this.#ends.values()]
    this.drop()
    for (const { end } of ends) end()
  }

  /** The simulator closes: no condition ends later. */
  drop(): void {
    for (const { cancel } of this.#ends.values()) cancel()
    this.#ends.clear()
  }
}

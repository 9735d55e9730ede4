import type { Clock } from '../base/clock.ts'
import { DeviceError } from './errors.ts'

type Pluggable = { pullOut(): Promise<void>; plugIn(): Promise<void> }

/** A simulated unit on its own line that is unplugged and plugged in again. */
export class Blip {
  readonly #unit: Pluggable
  readonly #clock: Clock
  #cancel: () => void = () => undefined

  constructor(unit: Pluggable, clock: Clock) {
    this.#unit = unit
    this.#clock = clock
  }

  /** Begins after the current command, which the unit waits for before it is unplugged. */
  begin(ms: number): void {
    const sinceNs = this.#clock.mono()
    this.#clock.after(0, () => {
      void this.#unit.pullOut().then(() => {
        const leftMs = ms - Number(this.#clock.mono() - sinceNs) / 1e6
        this.#cancel = this.#clock.after(Math.max(0, leftMs), () => void this.#unit.plugIn())
      })
    })
  }

  /** The unit stays unplugged. */
  cancel(): void {
    this.#cancel()
  }
}

/** A simulated unit in this process that is missing for some milliseconds: a command then finds nothing. */
export class Absence {
  readonly #clock: Clock
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get lasts(): boolean {
    return this.#cancel !== undefined
  }

  begin(ms: number): void {
    this.end()
    this.#cancel = this.#clock.after(ms, () => this.end())
  }

  end(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Throws `unavailable` none. */
  refuse(): void {
    if (this.lasts) throw new DeviceError('unavailable', 'none', 'the unit was not found')
  }
}

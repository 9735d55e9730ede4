import { DeviceError } from './errors.ts'
import type { Clock } from './ports/clock.ts'

/** A simulated unit in this process that is away for some milliseconds: a command finds nothing there meanwhile. */
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
    if (this.lasts) throw new DeviceError('unavailable', 'none', 'the unit is not there')
  }
}

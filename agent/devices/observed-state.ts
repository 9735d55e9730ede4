import type { Clock } from '../../base/clock.ts'
import { PLAUSIBLE_MS } from '../../base/clock.ts'
import type { DeviceChange, DeviceState } from './device.ts'
import { isOut } from './device.ts'
import type { Trouble } from './usable.ts'

export type ObservedStateOptions = {
  clock: Clock
  /** When an outage began that a restart found unended, milliseconds since 1970. */
  outageSinceMs: number | undefined
  onChange: (change: DeviceChange) => void
}

/** The state of a device as it is now, and as the journal has it: a silence that ends within its window changes the first alone. */
export class ObservedState {
  readonly #options: ObservedStateOptions
  #current: DeviceState = 'down'
  /** The last state that was journalled; none before the first look, so that an outage which began unseen is journalled too. */
  #told: DeviceState | undefined
  #sinceMs: number
  /** The start of the state before a silence that may pass. */
  #steadySinceMs: number
  #reason: Trouble | undefined

  constructor(options: ObservedStateOptions) {
    this.#options = options
    const { clock, outageSinceMs } = options
    this.#told = outageSinceMs === undefined ? undefined : 'down'
    this.#sinceMs = outageSinceMs ?? clock.now()
    this.#steadySinceMs = this.#sinceMs
  }

  get current(): DeviceState {
    return this.#current
  }

  /** Milliseconds since 1970. */
  get sinceMs(): number {
    return this.#sinceMs
  }

  get reason(): Trouble | undefined {
    return this.#reason
  }

  /** True while the journal has the device as down. */
  get isOutageTold(): boolean {
    return isOut(this.#told)
  }

  /** True while a silence lasts that is not journalled. */
  get isPassing(): boolean {
    return this.#told === 'ready' && isOut(this.#current)
  }

  /** The device is silent and may come back within its window. */
  passing(reason: Trouble): void {
    this.#reason = reason
    if (isOut(this.#current)) return
    this.#current = 'down'
    this.#steadySinceMs = this.#sinceMs
    this.#sinceMs = this.#options.clock.now()
    this.#report('down', { isPassing: true, silentMs: 0 })
  }

  /** `silentMs`: how long ago the first sign of it was. */
  change(state: DeviceState, reason: Trouble | undefined, silentMs: number): void {
    this.#reason = reason
    const nowMs = this.#options.clock.now()
    // Found while the clock was not set yet: it counts, and is reported, from when it is.
    const isSetSince = isOut(state) && this.#sinceMs < PLAUSIBLE_MS && nowMs >= PLAUSIBLE_MS
    if (state === this.#told && !isSetSince) {
      this.#passed(state)
      return
    }
    // Another device does not end the outage of the enrolled one.
    const isOutStill = this.isOutageTold && isOut(state) && !isSetSince
    this.#told = state
    this.#current = state
    const agoMs = isOut(state) ? silentMs : 0
    if (!isOutStill) this.#sinceMs = nowMs - agoMs
    this.#report(state, { isPassing: false, silentMs: agoMs })
  }

  /** A short interruption, which is not journalled. */
  #passed(state: DeviceState): void {
    if (this.#current === state) return
    this.#current = state
    this.#sinceMs = this.#steadySinceMs
    this.#report(state, { isPassing: true, silentMs: 0 })
  }

  #report(state: DeviceState, more: Pick<DeviceChange, 'isPassing' | 'silentMs'>): void {
    this.#options.onChange({ state, code: this.#reason?.code, message: this.#reason?.message, ...more })
  }
}

import type { Clock } from '../../base/clock.ts'
import { monoMs } from '../../base/clock.ts'
import type { DeviceChange, DeviceState } from './device.ts'
import { isOfAnother, mayPass } from './error-verdict.ts'
import { ObservedState } from './observed-state.ts'
import { SilenceWindow } from './silence-window.ts'
import { Unsteadiness } from './unsteadiness.ts'
import type { Trouble } from './usable.ts'
import type { Warning } from './warning.ts'

/** Acts in a row that may break the line, each with a window: a device that breaks it at every act is down. */
const BROKEN_ACTS = 3

export type ReachabilityOptions = {
  clock: Clock
  windowMs: number
  /** When an outage began that a restart found unended, milliseconds since 1970. */
  outageSinceMs: number | undefined
  onChange: (change: DeviceChange) => void
  /** Tries to connect once, begun now. */
  tryOnce: () => Promise<void>
  /** Called when the window is over and the device is down. */
  onOver: () => void
}

/** Whether a device is reached: its state, the window after a first sign of silence, and how often that ended well. */
export class Reachability {
  readonly #options: ReachabilityOptions
  readonly #state: ObservedState
  readonly #window: SilenceWindow
  readonly #unsteadiness = new Unsteadiness()
  /** An attempt has failed since the first sign of silence: the device was down. */
  #wasAway = false
  #brokenActs = 0
  #isActCounted = false
  #isStopped = false

  constructor(options: ReachabilityOptions) {
    this.#options = options
    const { clock, onChange, outageSinceMs, windowMs: lengthMs, tryOnce } = options
    this.#state = new ObservedState({ clock, onChange, outageSinceMs })
    this.#window = new SilenceWindow({ clock, lengthMs, tryOnce, onOver: () => this.#over() })
  }

  get state(): DeviceState {
    return this.#state.current
  }

  get sinceMs(): number {
    return this.#state.sinceMs
  }

  get reason(): Trouble | undefined {
    return this.#state.reason
  }

  /** True while the window is open. */
  get isAwaited(): boolean {
    return this.#window.isOpen
  }

  /** True while the journal has the device as down. */
  get isOutageTold(): boolean {
    return this.#state.isOutageTold
  }

  /** The remedy for a device that disconnects again and again. */
  get warnings(): readonly Warning[] {
    return this.#unsteadiness.warnings(monoMs(this.#options.clock))
  }

  /** The first sign of silence: it opens the window. */
  fallSilent(): void {
    this.#wasAway = false
    if (this.#brokenActs <= BROKEN_ACTS) this.#window.open()
  }

  /** An act broke the line, or found it broken: counted once for each silence. */
  actBroke(): void {
    if (!this.#isActCounted) this.#brokenActs += 1
    this.#isActCounted = true
  }

  actWorked(): void {
    this.#brokenActs = 0
  }

  tryFailed(): void {
    this.#wasAway = true
  }

  /** The device cannot be used. True if that may pass within the window. */
  lost({ code, message }: Trouble): boolean {
    if (this.#isStopped) return false
    const trouble = { code, message }
    if (this.#window.isOpen && mayPass(code)) {
      this.#state.passing(trouble)
      return true
    }
    // Without a failed try nothing was silent: the device answered, and what it answered is the cause.
    this.#state.change(isOfAnother(code) ? 'foreign' : 'down', trouble, this.#wasAway ? this.#window.silentMs : 0)
    this.#window.close()
    return false
  }

  ready(): void {
    if (this.#isStopped) return
    if (this.#wasAway && this.#state.isPassing) this.#unsteadiness.note(monoMs(this.#options.clock))
    this.#isActCounted = false
    this.#state.change('ready', undefined, 0)
    this.#window.close()
  }

  /** Resolves when the window ends, at the latest at `latestNs`. Throws `aborted` when the agent stops. */
  ended(latestNs: bigint): Promise<void> {
    return this.#window.ended(latestNs)
  }

  /** Ends every wait for the device: the agent stops. */
  endWaits(): void {
    this.#window.stop()
  }

  close(): void {
    this.#isStopped = true
    this.#window.stop()
    this.#window.close()
  }

  /** The device did not come back: that is its outage, from the first sign of silence on. */
  #over(): void {
    if (this.#isStopped) return
    const reason = this.#state.reason ?? { code: 'unavailable', message: 'The device does not answer.' }
    this.#state.change('down', reason, this.#window.silentMs)
    this.#options.onOver()
  }
}

import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Clock } from '../../base/clock.ts'
import { monoMs } from '../../base/clock.ts'

/**
 * A wall clock that departs from the monotonic one by more has stepped. Slewing moves both (clock_gettime(2)). The kernel
 * itself reports a step only through a timerfd, which Node cannot open.
 */
export const STEP_MS = 1000
/** A longer interruption between two readings makes the pair useless. */
const TOGETHER_MS = 100
const READINGS = 3
/** Two readings that differ by less are equal: each is in whole milliseconds. */
const SAME_MS = 2
/** Steps that wait for the journal. If there are more, the newest are kept. */
const PENDING_MAX = 16

/** One run of the operating system. */
export type Boot = {
  /** Different after each boot; undefined if the system does not have one. */
  readonly id: string | undefined
  /** Time since the boot; unlike the monotonic clock it includes the time while the machine is suspended. */
  uptimeMs(): number
}

/** The wall clock showed `toMs` at a moment at which it should have shown `fromMs`. */
export type ClockStep = { readonly fromMs: number; readonly toMs: number }

type Reading = { readonly wallMs: number; readonly monoMs: number }

export function systemBoot(): Boot {
  return { id: bootId(), uptimeMs: () => uptime() * 1000 }
}

/** random(4). */
function bootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return undefined
  }
}

/** Compares the wall clock with the monotonic one at each look. */
export class StepWatch {
  readonly #clock: Clock
  readonly #boot: Boot
  #last: Reading | undefined
  /** How long the machine was suspended since its boot. */
  #suspendedMs: number
  #partedNs: bigint
  #partings = 0
  #pending: ClockStep[] = []
  #newest: ClockStep | undefined
  #onParted: (() => void) | undefined

  /** Without a boot a suspend counts as a step. */
  constructor(clock: Clock, boot?: Boot) {
    this.#clock = clock
    this.#boot = boot ?? { id: undefined, uptimeMs: () => monoMs(clock) }
    this.#partedNs = clock.mono()
    this.#suspendedMs = this.#boot.uptimeMs() - monoMs(clock)
    this.compareClocks()
  }

  get boot(): Boot {
    return this.#boot
  }

  /** The monotonic time since which the wall clock runs with it: no step, and no suspend. */
  get partedNs(): bigint {
    return this.#partedNs
  }

  /** The number of times that the two clocks have parted. */
  get partings(): number {
    return this.#partings
  }

  /** The newest step that was seen; undefined before the first. */
  get newest(): ClockStep | undefined {
    return this.#newest
  }

  /** Calls `listener` when the two clocks have parted. */
  onParted(listener: () => void): void {
    this.#onParted = listener
  }

  /** The steps that were not taken yet, oldest first. */
  take(): readonly ClockStep[] {
    return this.#pending.splice(0)
  }

  /** Notes a step. */
  note(step: ClockStep): void {
    this.#newest = step
    this.#pending = [...this.#pending, step].slice(-PENDING_MAX)
  }

  /** Cheap: called before each event and each act. */
  compareClocks(): void {
    const last = this.#last
    if (last !== undefined && this.#haveRunTogetherSince(last)) return
    const now = this.#read()
    if (now === undefined) return
    this.#last = now
    const aheadMs = last === undefined ? 0 : now.wallMs - last.wallMs - (now.monoMs - last.monoMs)
    if (Math.abs(aheadMs) <= STEP_MS) return
    this.#partedNs = this.#clock.mono()
    this.#partings++
    const suspendedMs = this.#boot.uptimeMs() - now.monoMs
    const stepMs = Math.round(aheadMs - (suspendedMs - this.#suspendedMs))
    this.#suspendedMs = suspendedMs
    if (Math.abs(stepMs) > STEP_MS) this.note({ fromMs: now.wallMs - stepMs, toMs: now.wallMs })
    this.#onParted?.()
  }

  /** An interruption between the two would only show them further apart. */
  #haveRunTogetherSince({ wallMs, monoMs: sinceMs }: Reading): boolean {
    const passedMs = monoMs(this.#clock) - sinceMs
    return Math.abs(this.#clock.now() - wallMs - passedMs) <= SAME_MS
  }

  /** Undefined if the process was interrupted between the readings each time. */
  #read(): Reading | undefined {
    for (let readings = 0; readings < READINGS; readings++) {
      const beforeMs = monoMs(this.#clock)
      const wallMs = this.#clock.now()
      const afterMs = monoMs(this.#clock)
      if (afterMs - beforeMs <= TOGETHER_MS) return { wallMs, monoMs: afterMs }
    }
    return undefined
  }
}

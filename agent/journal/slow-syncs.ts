import type { Clock } from '../../base/clock.ts'
import { monoMs } from '../../base/clock.ts'
import type { AwaitedAnswers } from './awaited-answers.ts'
import { HeldTime } from './group-time.ts'

/** A sync that held the process for this long. A fast disk takes a thousandth of it. */
const NOTICED_MS = 250
/** After a sync of this length one more is not waited for, once a deadline has passed. */
const SLOW_MS = 2000
/** How long a slow sync is remembered: a card that hangs each quarter of an hour is slow all the time. */
const REMEMBERED_MS = 15 * 60_000
/** The share of a sync that the pause after it takes: answers leave, and requests of that time are read and join the next group. */
const PAUSE_SHARE = 0.01
const PAUSE_MAX_MS = 250
/**
 * An iteration of the event loop accepts one connection, and its request and then its body are read in the next ones:
 * after so many without a new request all of them were read. A flood of them waits for a tenth of the sync, no longer.
 */
const QUIET_ITERATIONS = 16
const READING_SHARE = 0.1

export type SlowSyncsOptions = {
  clock: Clock
  awaited: AwaitedAnswers
  /** Runs a function as a group of the journal: when no answer waits for its slot in the event loop. */
  defer: (run: () => void) => void
  /** The pause is over: the next group may begin. */
  resume: () => void
}

/**
 * A slow sync holds everything, because COMMIT runs on the main thread. After one that was noticed the
 * journal pauses before its next group: answers whose deadline has passed leave first, and wait for no second sync.
 */
export class SlowSyncs {
  readonly #options: SlowSyncsOptions
  /** The length of the newest sync. */
  #heldMs = 0
  /** When the newest sync that was noticed ended. */
  #endedMs = 0
  #slowest: { readonly heldMs: number; readonly endedMs: number } | undefined
  #isPausing = false
  #cancel: () => void = () => undefined

  constructor(options: SlowSyncsOptions) {
    this.#options = options
  }

  /** True from the end of a sync that was noticed until the next group may begin. */
  get isPausing(): boolean {
    return this.#isPausing
  }

  /** True if that deadline has passed and a further sync is not waited for: it passed in a sync, or the disk is slow. */
  isLate(dueMs: number): boolean {
    if (this.#heldMs < NOTICED_MS || monoMs(this.#options.clock) < dueMs) return false
    return this.#heldMs >= SLOW_MS || this.#endedMs >= dueMs
  }

  /** The longest sync of the last 15 minutes that took 2 s or more. */
  get slowestMs(): number | undefined {
    const slowest = this.#slowest
    if (slowest !== undefined && monoMs(this.#options.clock) - slowest.endedMs >= REMEMBERED_MS)
      this.#slowest = undefined
    return this.#slowest?.heldMs
  }

  /** A sync ended that held the process for so long. */
  note(heldMs: number): void {
    this.#heldMs = heldMs
    if (heldMs < NOTICED_MS) return
    this.#endedMs = monoMs(this.#options.clock)
    if (heldMs >= SLOW_MS) this.#remember(heldMs)
    if (!this.#isPausing) this.#pause(heldMs)
  }

  /** Runs work that syncs outside of a group. */
  readonly timed = (work: () => void): void => {
    const time = new HeldTime(this.#options.clock)
    time.begin()
    work()
    const { heldMs } = time.end()
    // A quick one says nothing: it may have synced nothing.
    if (heldMs >= NOTICED_MS) this.note(heldMs)
  }

  /** A shorter one extends the time of a longer one. */
  #remember(heldMs: number): void {
    this.#slowest = { heldMs: Math.max(heldMs, this.slowestMs ?? 0), endedMs: this.#endedMs }
  }

  stop(): void {
    this.#cancel()
  }

  #pause(heldMs: number): void {
    this.#isPausing = true
    this.#options.defer(() => {
      this.#settle()
      const restMs = Math.min(heldMs * PAUSE_SHARE, PAUSE_MAX_MS)
      const latestMs = this.#endedMs + heldMs * READING_SHARE
      this.#cancel = this.#options.clock.after(restMs, () => this.#read(latestMs))
    })
  }

  /** Until all is read; late answers leave in each iteration. */
  #read(latestMs: number, quiet = 0): void {
    const { clock, awaited, defer } = this.#options
    const before = awaited.total
    defer(() => {
      this.#settle()
      const isQuiet = awaited.total === before
      if ((isQuiet && quiet >= QUIET_ITERATIONS) || monoMs(clock) >= latestMs) this.#end()
      else this.#read(latestMs, isQuiet ? quiet + 1 : 0)
    })
  }

  #end(): void {
    this.#isPausing = false
    this.#options.resume()
  }

  #settle(): void {
    this.#options.awaited.settleDue(monoMs(this.#options.clock))
  }
}

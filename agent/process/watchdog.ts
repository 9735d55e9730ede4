import type { Clock } from '../../base/clock.ts'
import { monoMs } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

export type WatchdogOptions = {
  clock: Clock
  /** Interval of the watchdog ping: a third of the service manager's limit (WATCHDOG_USEC). */
  everyMs: number
  /** Settles when the journal took an empty commit; rejects when it can no longer be written. */
  probeCommit: () => Promise<void>
  ping: () => Promise<boolean>
  log: Log
}

/** An agent whose event loop is later than this sells badly. */
const LAG_LIMIT_MS = 1000

/**
 * Sends the watchdog ping only while the event loop runs in time and the journal takes commits: a timer alone would
 * prove nothing. Without the ping the service manager kills the process and starts it again, and the agent reads the
 * journal again.
 */
export class Watchdog {
  readonly #options: WatchdogOptions
  #cancel: (() => void) | undefined
  #stopped = false

  constructor(options: WatchdogOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, everyMs } = this.#options
    const dueMs = monoMs(clock) + everyMs
    this.#cancel = clock.after(everyMs, () => void this.#beat(dueMs))
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #beat(dueMs: number): Promise<void> {
    const { clock, everyMs, log } = this.#options
    const lagMs = monoMs(clock) - dueMs
    if (lagMs > LAG_LIMIT_MS) log.warn({ ms: lagMs }, 'watchdog ping skipped: event loop lag')
    else if (await this.#takesCommits(everyMs)) await this.#options.ping()
    if (!this.#stopped) this.start()
  }

  async #takesCommits(limitMs: number): Promise<boolean> {
    const { clock, probeCommit, log } = this.#options
    let cancel: (() => void) | undefined
    const late = new Promise<false>((resolve) => {
      cancel = clock.after(limitMs, () => resolve(false))
    })
    try {
      const answered = await Promise.race([probeCommit().then(() => true), late])
      if (!answered) log.warn({ ms: limitMs }, 'watchdog ping skipped: the journal did not take an empty commit')
      return answered
    } catch (error) {
      log.warn({ error }, 'watchdog ping skipped: the journal refuses commits')
      return false
    } finally {
      cancel?.()
    }
  }
}

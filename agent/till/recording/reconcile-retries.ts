import type { Clock } from '../../../base/clock.ts'

type Retry = { tries: number; waitedMs: number; cancel: () => void }

const FIRST_MS = [1_000, 2_000, 5_000, 10_000] as const
const SOON_MS = 20_000
/** For this time the query is repeated often, afterwards rarely. */
const SOON_FOR_MS = 600_000
const SELDOM_MS = 120_000
/** Spreads the pauses of several devices, by a hash of the id of the device: nothing is random. */
const SPREAD_PERCENT = 20

/**
 * Schedules queries to a device that answers but did not explain an act. Only the query is repeated; a device that is
 * down is asked as soon as it is ready.
 */
export class ReconcileRetries {
  readonly #clock: Pick<Clock, 'after'>
  readonly #retries = new Map<string, Retry>()
  #isStopped = false

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock
  }

  /** One pause per device at a time. */
  later(device: string, ask: () => void): void {
    const retry = this.#retries.get(device)
    if (this.#isStopped || (retry !== undefined && retry.cancel !== idle)) return
    const { tries, waitedMs } = retry ?? { tries: 0, waitedMs: 0 }
    const delayMs = pauseMs(tries, waitedMs, device)
    const cancel = this.#clock.after(delayMs, () => {
      this.#retries.set(device, { tries: tries + 1, waitedMs: waitedMs + delayMs, cancel: idle })
      ask()
    })
    this.#retries.set(device, { tries, waitedMs, cancel })
  }

  /** Nothing is open on it any longer, or it has come back. */
  forget(device: string): void {
    this.#retries.get(device)?.cancel()
    this.#retries.delete(device)
  }

  stop(): void {
    this.#isStopped = true
    for (const device of [...this.#retries.keys()]) this.forget(device)
  }
}

function idle(): void {}

function pauseMs(tries: number, waitedMs: number, device: string): number {
  const plainMs = FIRST_MS[tries] ?? (waitedMs < SOON_FOR_MS ? SOON_MS : SELDOM_MS)
  const hash = Buffer.from(device).reduce((sum, byte) => sum * 31 + byte, 7 * tries + 1) % (2 * SPREAD_PERCENT + 1)
  return Math.round((plainMs * (100 + hash - SPREAD_PERCENT)) / 100)
}

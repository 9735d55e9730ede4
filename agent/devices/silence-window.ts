import type { Clock } from '../../base/clock.ts'
import { monoMs, waitUntil } from '../../base/clock.ts'
import { beingClosed } from '../../drivers/errors.ts'

export type SilenceWindowOptions = {
  clock: Clock
  /** Length of the window, from the first sign of silence. */
  lengthMs: number
  /** Tries to connect, at the end of the window for the last time. */
  tryOnce: () => Promise<void>
  /** Called when the window ends and the device is still silent. */
  onOver: () => void
}

/**
 * The time in which acts wait for a device that has just fallen silent. Every act within it waits for the same end; the
 * acts after it do not wait, because the outage is known.
 */
export class SilenceWindow {
  readonly #options: SilenceWindowOptions
  /** Monotonic milliseconds of the first sign of silence; undefined while the window is closed. */
  #openedAtMs: number | undefined
  #cancel: () => void = () => undefined
  #isStopped = false
  readonly #waiting = new Set<() => void>()

  constructor(options: SilenceWindowOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#openedAtMs !== undefined
  }

  /** Milliseconds since the first sign of silence; 0 while the window is closed. */
  get silentMs(): number {
    return this.#openedAtMs === undefined ? 0 : monoMs(this.#options.clock) - this.#openedAtMs
  }

  /** No effect on an open window: its end stays. */
  open(): void {
    const { clock, lengthMs } = this.#options
    if (this.isOpen || this.#isStopped || lengthMs <= 0) return
    this.#openedAtMs = monoMs(clock)
    this.#cancel = clock.after(lengthMs, () => this.#due())
  }

  /** The device is back, or it is down for a reason for which no act waits. */
  close(): void {
    this.#cancel()
    this.#openedAtMs = undefined
    this.#wake()
  }

  /** Ends every wait at once: the acts keep their open intents. */
  stop(): void {
    this.#isStopped = true
    this.#wake()
  }

  /**
   * Resolves when the window ends, at the latest at `latestNs` of the monotonic clock. Throws `aborted` when the agent
   * stops.
   */
  async ended(latestNs: bigint): Promise<void> {
    const { clock } = this.#options
    const leftMs = Number((latestNs - clock.mono()) / 1_000_000n)
    if (this.#isStopped) throw beingClosed()
    if (!this.isOpen || leftMs <= 0) return
    await waitUntil(clock, leftMs, (end) => {
      this.#waiting.add(end)
      return () => void this.#waiting.delete(end)
    })
    if (this.#isStopped) throw beingClosed()
  }

  /** A device that returns in the last moment is not lost, and a running attempt may finish. */
  #due(): void {
    const { clock, lengthMs, tryOnce } = this.#options
    const openedAtMs = this.#openedAtMs
    // A device that accepts the connection and does not answer must not hold the window open.
    this.#cancel = clock.after(lengthMs, () => this.#over())
    void tryOnce().finally(() => {
      if (this.#openedAtMs === openedAtMs) this.#over()
    })
  }

  #over(): void {
    if (!this.isOpen) return
    this.#options.onOver()
    this.close()
  }

  #wake(): void {
    for (const end of [...this.#waiting]) end()
  }
}

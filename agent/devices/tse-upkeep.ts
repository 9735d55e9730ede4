import { DeviceError } from '../../drivers/errors.ts'
import type { TimeGate } from '../../drivers/ports/time-gate.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'

/** Units need a self-test every 25 hours (TR-03153 units of three makers); one with a longer interval reports it. */
const USUAL_INTERVAL_MS = 90_000_000
/** It runs after four fifths of that time, as soon as there was no sale for a while… */
const SHARE_LEFT = 0.2
const QUIET_MS = 300_000
/** …or when only this is left: in the middle of a queue at the till it would be worse. */
const LATEST_MS = 1_800_000

/**
 * Tests a TSE before its self-test is due: an overdue unit signs nothing until it was tested. Sends it the time before
 * the first act, and if its clock and that of this machine differ.
 */
export class TseUpkeep {
  readonly #tse: Tse
  readonly #time: Pick<TimeGate, 'due' | 'isUntold'> | undefined
  #intervalMs = USUAL_INTERVAL_MS

  constructor(tse: Tse, time: Pick<TimeGate, 'due' | 'isUntold'> | undefined) {
    this.#tse = tse
    this.#time = time
  }

  /** A unit that has just been powered up, before anybody waits for it. True when something was done. Throws DeviceError. */
  async prepare(health: TseHealth): Promise<boolean> {
    if (!health.initialised) return false
    if (health.selfTestDueInMs === 0) {
      await this.#test()
      return true
    }
    if (this.#time?.isUntold() !== true && this.#time?.due() === undefined) return false
    await this.#setTime()
    return true
  }

  /** True when something was done. Throws DeviceError. */
  async maintain(health: TseHealth, idleMs: number, waiting: number): Promise<boolean> {
    const { initialised, selfTestDueInMs } = health
    if (!initialised) return false
    if (this.#time?.due(health.timeHoldsMs) !== undefined) {
      await this.#setTime()
      return true
    }
    if (selfTestDueInMs === undefined) return false
    this.#intervalMs = Math.max(this.#intervalMs, selfTestDueInMs)
    if (selfTestDueInMs > SHARE_LEFT * this.#intervalMs) return false
    const isQuiet = waiting === 0 && idleMs >= QUIET_MS
    if (!isQuiet && selfTestDueInMs > LATEST_MS) return false
    await this.#test()
    return true
  }

  /** Some units lose the time by it. If it cannot be set now, the first signature requests it. */
  async #test(): Promise<void> {
    await this.#tse.selfTest()
    await this.#setTime()
  }

  async #setTime(): Promise<void> {
    await this.#tse.setTime().catch((error: unknown) => {
      if (!(error instanceof DeviceError)) throw error
    })
  }
}

import { DeviceError } from '../../drivers/errors.ts'
import type { Tse, TseHealth } from '../../drivers/ports/tse.ts'

/** Units want a self-test every 25 hours (TR-03153 units of three makers); one that is known to want it less often says so. */
const USUAL_INTERVAL_MS = 90_000_000
/** It is made after four fifths of that time, as soon as nobody has sold for a while… */
const SHARE_LEFT = 0.2
const QUIET_MS = 300_000
/** …or when only this is left: in the middle of a queue at the till it would be worse. */
const LATEST_MS = 1_800_000

/** Tests a TSE before it wants to be tested: a unit whose time has run out signs nothing until it has been. */
export class TseUpkeep {
  readonly #tse: Tse
  #intervalMs = USUAL_INTERVAL_MS

  constructor(tse: Tse) {
    this.#tse = tse
  }

  /** A unit that has just been powered up, before anybody waits for it. True when it was tested. Throws DeviceError. */
  async prepare({ initialised, selfTestDueInMs }: TseHealth): Promise<boolean> {
    if (!initialised || selfTestDueInMs !== 0) return false
    await this.#test()
    return true
  }

  /** True when it was tested. Throws DeviceError. */
  async maintain({ initialised, selfTestDueInMs }: TseHealth, idleMs: number, waiting: number): Promise<boolean> {
    if (!initialised || selfTestDueInMs === undefined) return false
    this.#intervalMs = Math.max(this.#intervalMs, selfTestDueInMs)
    if (selfTestDueInMs > SHARE_LEFT * this.#intervalMs) return false
    const isQuiet = waiting === 0 && idleMs >= QUIET_MS
    if (!isQuiet && selfTestDueInMs > LATEST_MS) return false
    await this.#test()
    return true
  }

  /** Some units forget the time by it. Where it cannot be set now the first signature asks for it. */
  async #test(): Promise<void> {
    await this.#tse.selfTest()
    await this.#tse.setTime().catch((error: unknown) => {
      if (!(error instanceof DeviceError)) throw error
    })
  }
}

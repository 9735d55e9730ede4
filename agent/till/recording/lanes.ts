import { TransientMap } from '../../../base/transient-map.ts'
import { FiskalError } from '../../errors.ts'

/** Requests that may wait for one lane. */
const WAITING_LIMIT = 64

/**
 * Work that runs alone. `leave` lets the next one begin within that call, before the promise has settled. It may be
 * called once; without it the lane is left when the promise settles.
 */
type LaneWork<T> = (leave: () => void) => Promise<T>

/** Runs one work at a time for each key, first in, first out. */
export class Lanes {
  /** Works that wait for the running one. */
  readonly #lanes = new TransientMap<string, (() => void)[]>()
  readonly #limit: number

  constructor(limit = WAITING_LIMIT) {
    this.#limit = limit
  }

  /** Throws `fiscal_device_busy` if too many are waiting. */
  async run<T>(key: string, work: LaneWork<T>): Promise<T> {
    const waiting = this.#lanes.get(key)
    if (waiting === undefined) {
      this.#lanes.set(key, [])
      return this.#enter(key, work)
    }
    if (waiting.length + 1 >= this.#limit) throw busy(key, waiting.length + 1)
    return new Promise((resolve) => waiting.push(() => resolve(this.#enter(key, work))))
  }

  async #enter<T>(key: string, work: LaneWork<T>): Promise<T> {
    let isIn = true
    const leave = (): void => {
      if (isIn) this.#letNext(key)
      isIn = false
    }
    try {
      return await work(leave)
    } finally {
      leave()
    }
  }

  #letNext(key: string): void {
    const begin = this.#lanes.get(key)?.shift()
    if (begin === undefined) this.#lanes.delete(key)
    else begin()
  }
}

function busy(register: string, waiting: number): FiskalError {
  return new FiskalError(
    'fiscal_device_busy',
    `${waiting} receipts of register ${register} wait for the one before them.`,
    { register_id: register, waiting },
    { retryAfterSeconds: 1 },
  )
}

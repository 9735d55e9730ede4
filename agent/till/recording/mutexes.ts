import { TransientMap } from '../../../base/transient-map.ts'
import { FiskalError } from '../../errors.ts'

/** Requests that may use one queue. */
const LIMIT = 64

/**
 * Runs while no other work of its key runs. `leave` starts the next one within that call, before the promise settles;
 * without it the next one starts when the promise settles.
 */
type Work<T> = (leave: () => void) => Promise<T>

/** Runs one work at a time for each key, in the order of the calls. */
export class Mutexes {
  /** By the key of a work that runs: those that wait for it. */
  readonly #waiting = new TransientMap<string, (() => void)[]>()
  readonly #limit: number

  constructor(limit = LIMIT) {
    this.#limit = limit
  }

  /** Throws `fiscal_device_busy` if too many wait already. */
  async run<T>(key: string, work: Work<T>): Promise<T> {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) {
      this.#waiting.set(key, [])
      return this.#start(key, work)
    }
    if (waiting.length + 1 >= this.#limit) throw busy(key, waiting.length + 1)
    return new Promise((resolve) => waiting.push(() => resolve(this.#start(key, work))))
  }

  async #start<T>(key: string, work: Work<T>): Promise<T> {
    let isRunning = true
    const leave = (): void => {
      if (!isRunning) return
      isRunning = false
      const startNext = this.#waiting.get(key)?.shift()
      if (startNext === undefined) this.#waiting.delete(key)
      else startNext()
    }
    try {
      return await work(leave)
    } finally {
      leave()
    }
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

import { FiskalError } from '../errors.ts'

/** Requests that may wait for one lane. */
const WAITING_LIMIT = 64

type Lane = { tail: Promise<void>; waiting: number }

/** One work at a time for each key, in the order of asking. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>()
  private readonly limit: number

  constructor(limit = WAITING_LIMIT) {
    this.limit = limit
  }

  /** Throws `fiscal_device_busy` where too many wait already. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.lanes.get(key) ?? { tail: Promise.resolve(), waiting: 0 }
    if (lane.waiting >= this.limit) throw busy(key, lane.waiting)
    lane.waiting += 1
    this.lanes.set(key, lane)
    const before = lane.tail
    const running = before.then(work)
    lane.tail = running.then(
      () => undefined,
      () => undefined,
    )
    try {
      return await running
    } finally {
      lane.waiting -= 1
      if (lane.waiting === 0) this.lanes.delete(key)
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

import { DeviceError } from '../errors.ts'

/** An error of the header that names nothing. */
const UNNAMED = '1001'

/**
 * Whether the unit may be in its energy-saving state, which a self-test ends although the unit says that it has passed
 * one (header). No source names its error.
 */
export class Sleep {
  #isSuspected = false
  #hasBeenEnded = false

  /** A call had such an error since the last self-test. */
  get isSuspected(): boolean {
    return this.#isSuspected
  }

  noteRefusal(error: DeviceError): void {
    this.#isSuspected ||= mayBeAsleep(error)
  }

  noteSelfTest(): void {
    this.#isSuspected = false
  }

  /** The unit signed, or gave its certificate at a connection. */
  noteAnswer<T>(answer: T): T {
    this.#hasBeenEnded = false
    return answer
  }

  /** True once until the next answer: a self-test is a signed log. */
  mayEnd(error: unknown): boolean {
    if (!mayBeAsleep(error) || this.#hasBeenEnded) return false
    this.#hasBeenEnded = true
    return true
  }
}

export function mayBeAsleep(error: unknown): boolean {
  if (!(error instanceof DeviceError) || error.code !== 'refused') return false
  return error.refusalClass === 'unknown' || error.deviceCode === UNNAMED
}

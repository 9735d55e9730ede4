import { DeviceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

type Waiter = { resolve(bytes: Buffer | undefined): void; reject(error: DeviceError): void }

/** Nothing a printer says at once is longer: a dump of its memory is read in pieces while it comes. */
const bytesMax = 1_048_576

/** What came in and was not read yet. One reader. A line that says more than anybody reads is broken. */
export class Inbox {
  readonly #clock: Clock
  #chunks: Buffer[] = []
  #bytes = 0
  #waiter: Waiter | undefined
  #failure: DeviceError | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  push(chunk: Buffer): void {
    if (this.#waiter) {
      this.#waiter.resolve(chunk)
      return
    }
    this.#bytes += chunk.length
    if (this.#bytes > bytesMax) {
      this.fail('it says more than can be read')
      return
    }
    this.#chunks.push(chunk)
  }

  /** The line broke: what came in before can still be read. */
  fail(cause: string): void {
    this.#failure ??= new DeviceError('unavailable', 'unknown', `the line broke: ${cause}`)
    this.#waiter?.reject(this.#failure)
  }

  clear(): void {
    this.#chunks = []
    this.#bytes = 0
  }

  /** For a line that was connected anew. */
  reset(): void {
    this.clear()
    this.#failure = undefined
  }

  next(timeoutMs: number, signal?: AbortSignal): Promise<Buffer | undefined> {
    if (this.#chunks.length > 0) {
      const all = Buffer.concat(this.#chunks)
      this.clear()
      return Promise.resolve(all)
    }
    if (this.#failure) return Promise.reject(this.#failure)
    if (signal?.aborted) return Promise.reject(givenUp())
    return new Promise((resolve, reject) => {
      const onAbort = () => this.#waiter?.reject(givenUp())
      const cancel = this.#clock.after(timeoutMs, () => this.#waiter?.resolve(undefined))
      const done = () => {
        this.#waiter = undefined
        cancel()
        signal?.removeEventListener('abort', onAbort)
      }
      signal?.addEventListener('abort', onAbort)
      this.#waiter = {
        resolve: (bytes) => {
          done()
          resolve(bytes)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      }
    })
  }
}

const givenUp = (): DeviceError => new DeviceError('aborted', 'unknown', 'given up while the device was answering')

import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { Recorder } from '../recording/recorder.ts'
import { Deadline } from './deadline.ts'

type Waiter = { resolve(bytes: Buffer | undefined): void; reject(error: DeviceError): void }

/** No printer sends more at once: a dump of its memory is read in pieces while it arrives. */
const MAX_BYTES = 1_048_576

/** Bytes that were received and not read yet. One reader. */
export class Inbox {
  readonly #silence: Deadline
  readonly #recorder: Recorder | undefined
  #chunks: Buffer[] = []
  #bytes = 0
  #waiter: Waiter | undefined
  #failure: DeviceError | undefined
  /** Listened to once, however many waits use it. */
  #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.#take()?.reject(givenUp())

  constructor(clock: Clock, recorder?: Recorder) {
    this.#recorder = recorder
    this.#silence = new Deadline(clock, () => void this.#end())
  }

  /** False if more was received than any reader expects: the line is then broken, and its owner must close it. */
  push(chunk: Buffer): boolean {
    // As a recorded silence: a reader would take it again and again.
    if (chunk.length === 0) return true
    this.#recorder?.heard(chunk)
    const waiter = this.#take()
    if (waiter) {
      waiter.resolve(chunk)
      return true
    }
    this.#bytes += chunk.length
    if (this.#bytes > MAX_BYTES) {
      this.fail('it says more than can be read')
      return false
    }
    this.#chunks.push(chunk)
    return true
  }

  /** The line broke: bytes received earlier can still be read. */
  fail(cause: string): void {
    if (this.#failure === undefined) this.#recorder?.broke(cause)
    this.#failure ??= new DeviceError('unavailable', 'unknown', `the line broke: ${cause}`)
    this.#take()?.reject(this.#failure)
    this.#silence.close()
    this.#listenTo(undefined)
  }

  clear(): void {
    if (this.#bytes === 0) return
    this.#chunks = []
    this.#bytes = 0
  }

  /** For a line that was connected again. */
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
    if (signal !== this.#signal) this.#listenTo(signal)
    this.#silence.set(timeoutMs)
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** Lets pending I/O run first: after the process was blocked, timers fire before received bytes are read. */
  async #end(): Promise<void> {
    const waiter = this.#waiter
    await turn()
    if (waiter !== undefined && this.#waiter === waiter) this.#take()?.resolve(undefined)
  }

  #take(): Waiter | undefined {
    const waiter = this.#waiter
    this.#waiter = undefined
    this.#silence.clear()
    return waiter
  }

  #listenTo(signal: AbortSignal | undefined): void {
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
  }
}

function givenUp(): DeviceError {
  return new DeviceError('aborted', 'unknown', 'cancelled while the device was answering')
}

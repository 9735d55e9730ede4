import type { KeyObject } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { RightSignatures } from '../tse/right-signatures.ts'
import { misfits, pack } from './signature-batch.ts'

const BATCH = 512
const IN_FLIGHT_MAX = 4
/** The thread holds a few batches and nothing else. */
const LIMITS = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2 }

type Waiting = { onBad: () => void; mark: bigint | undefined }
type Sent = { items: readonly Waiting[]; done: () => void; failed: (error: Error) => void }

/**
 * Verifies signatures while the package is read: they are most of the work. A few are verified directly, many in a separate
 * thread, in batches of one key.
 */
export class Signatures {
  readonly #known: RightSignatures | undefined
  readonly #sent: Sent[] = []
  readonly #running = new Set<Promise<void>>()
  #worker: Worker | undefined
  #failure: Error | undefined
  #current: { algorithm: string; key: KeyObject } | undefined
  #parts: Uint8Array[] = []
  #items: Waiting[] = []

  /** `known`: those of this run, which are not verified again. */
  constructor(known?: RightSignatures) {
    this.#known = known
  }

  /**
   * Calls `onBad`, now or later, if the signature does not match. Returns a promise if so many are pending that the next
   * must wait; it rejects if the thread failed.
   */
  add(
    algorithm: string,
    key: KeyObject,
    message: Uint8Array,
    signature: Uint8Array,
    onBad: () => void,
  ): Promise<void> | undefined {
    const mark = this.#known?.markOf(algorithm, key, message, signature)
    if (mark !== undefined && this.#known?.has(mark)) return undefined
    if (this.#current?.key !== key || this.#current.algorithm !== algorithm) {
      this.#flush()
      this.#current = { algorithm, key }
    }
    this.#parts.push(message, signature)
    this.#items.push({ onBad, mark })
    if (this.#items.length < BATCH) return undefined
    this.#flush()
    return this.#room()
  }

  async #room(): Promise<void> {
    if (this.#running.size >= IN_FLIGHT_MAX) await Promise.race(this.#running)
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Waits for all signatures, and ends the thread. */
  async end(): Promise<void> {
    this.#flush()
    try {
      await Promise.all(this.#running)
      if (this.#failure !== undefined) throw this.#failure
    } finally {
      await this.#worker?.terminate()
    }
  }

  #flush(): void {
    const current = this.#current
    const items = this.#items
    if (current === undefined || items.length === 0) return
    const batch = { ...current, packed: pack(this.#parts) }
    this.#parts = []
    this.#items = []
    if (items.length < BATCH && this.#worker === undefined) {
      this.#report(items, misfits(batch))
      return
    }
    if (this.#failure !== undefined) return
    const running = new Promise<void>((done, failed) => {
      this.#sent.push({ items, done, failed })
    }).finally(() => this.#running.delete(running))
    // Its caller gets the error; until then it counts as handled.
    running.catch(() => undefined)
    this.#running.add(running)
    this.#thread().postMessage(batch, [batch.packed.buffer as ArrayBuffer])
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker
    const worker = new Worker(new URL('./signature-worker.ts', import.meta.url), {
      resourceLimits: LIMITS,
      execArgv: [],
    })
    worker.on('message', (bad: number[]) => {
      const answered = this.#sent.shift()
      if (answered === undefined) return
      this.#report(answered.items, bad)
      answered.done()
    })
    worker.on('error', (error: Error) => {
      this.#failure = error
      for (const { failed } of this.#sent.splice(0)) failed(error)
    })
    this.#worker = worker
    return worker
  }

  #report(items: readonly Waiting[], bad: readonly number[]): void {
    for (const index of bad) items[index]?.onBad()
    if (this.#known === undefined) return
    const wrong = new Set(bad)
    for (const [index, { mark }] of items.entries()) if (mark !== undefined && !wrong.has(index)) this.#known.add(mark)
  }
}

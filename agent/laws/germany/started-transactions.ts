import { TransientMap } from '../../../base/transient-map.ts'
import type { TseSignature } from '../../../drivers/ports/tse.ts'

/**
 * The starts of this process whose replies arrived and are not journalled yet, or are still to arrive. Any other
 * transaction that is open on a TSE and not in the journal is a lost start.
 */
export class StartedTransactions {
  /** By device: returned to a caller, or taken by the reconciliation of a start. */
  readonly #returned = new Map<string, TransientMap<number, true>>()
  /** Starts by device and client without an answer: an open transaction may be theirs. */
  readonly #starting = new Map<string, TransientMap<Promise<TseSignature>, true>>()

  /** Returns the answer of a start, and remembers it. */
  async track(device: string, client: string, start: Promise<TseSignature>): Promise<TseSignature> {
    const starting = this.#startingBy(device, client)
    starting.set(start, true)
    try {
      const signature = await start
      this.returnedBy(device).set(signature.transaction, true)
      return signature
    } finally {
      starting.delete(start)
    }
  }

  /** Resolves when each running start of the client has its answer. */
  async allAnswered(device: string, client: string): Promise<void> {
    await Promise.allSettled(this.#startingBy(device, client).keys())
  }

  returnedBy(device: string): TransientMap<number, true> {
    const numbers = this.#returned.get(device) ?? new TransientMap<number, true>()
    this.#returned.set(device, numbers)
    return numbers
  }

  forget(device: string, transaction: number): void {
    this.#returned.get(device)?.delete(transaction)
  }

  #startingBy(device: string, client: string): TransientMap<Promise<TseSignature>, true> {
    const key = `${device}\0${client}`
    const starts = this.#starting.get(key) ?? new TransientMap<Promise<TseSignature>, true>()
    this.#starting.set(key, starts)
    return starts
  }
}

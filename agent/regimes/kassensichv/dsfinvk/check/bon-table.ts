const CHUNK = 1024
const ENTRY_BYTES = 17
/** 16 million bons of a register. */
const CHUNKS_MAX = 16_384

/** What was recorded of a bon. `transaction` and `counter` are 0 where no TSE signed it, `cents` NaN where its sum is not known. */
export type RecordedBon = { readonly transaction: number; readonly counter: number; readonly cents: number }

export const RECORDED = 1
/** A package has its signature. */
export const MET_TSE = 2
/** A package has it, with its sum. */
export const MET = 4

type Chunk = { cents: Float64Array; transactions: Uint32Array; counters: Uint32Array; flags: Uint8Array }

/** Bons of one register by their numbers: 17 bytes each outside of the heap, for a million sales no object each. */
export class BonTable {
  readonly #chunks = new Map<number, Chunk>()
  #last = 0

  /** The highest number. */
  get last(): number {
    return this.#last
  }

  get(number: number): RecordedBon & { readonly flags: number } {
    const [chunk, at] = [this.#chunks.get(Math.floor(number / CHUNK)), number % CHUNK]
    return {
      cents: chunk?.cents[at] ?? 0,
      transaction: chunk?.transactions[at] ?? 0,
      counter: chunk?.counters[at] ?? 0,
      flags: chunk?.flags[at] ?? 0,
    }
  }

  /** Throws RangeError for a number that no register gives. */
  set(number: number, { transaction, counter, cents }: RecordedBon): void {
    const [chunk, at] = [this.#chunkOf(number), number % CHUNK]
    chunk.cents[at] = cents
    chunk.transactions[at] = transaction
    chunk.counters[at] = counter
    chunk.flags[at] = RECORDED
    this.#last = Math.max(this.#last, number)
  }

  mark(number: number, flag: number): void {
    const [flags, at] = [this.#chunks.get(Math.floor(number / CHUNK))?.flags, number % CHUNK]
    if (flags !== undefined) flags[at] = (flags[at] ?? 0) | flag
  }

  #chunkOf(number: number): Chunk {
    const place = Math.floor(number / CHUNK)
    const known = this.#chunks.get(place)
    if (known !== undefined) return known
    if (!Number.isSafeInteger(number) || number < 0 || this.#chunks.size >= CHUNKS_MAX)
      throw new RangeError(`no register gives the number ${number} to a bon`)
    const bytes = new ArrayBuffer(CHUNK * ENTRY_BYTES)
    const made = {
      cents: new Float64Array(bytes, 0, CHUNK),
      transactions: new Uint32Array(bytes, 8 * CHUNK, CHUNK),
      counters: new Uint32Array(bytes, 12 * CHUNK, CHUNK),
      flags: new Uint8Array(bytes, 16 * CHUNK, CHUNK),
    }
    this.#chunks.set(place, made)
    return made
  }
}

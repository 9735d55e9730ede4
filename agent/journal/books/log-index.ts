const CHUNK = 65_536
const ENTRY_BYTES = 13
/** 67 million transactions: more than three units can sign. */
const CHUNKS_MAX = 1024

/** What an entry says, by bits. */
export const EXPECTED_START = 1
export const EXPECTED_FINISH = 2
export const MET_START = 4
export const MET_FINISH = 8
/** Its finish was asked for, and the journal has no signature of it. */
export const TRIED_FINISH = 16

type Chunk = { start: Uint32Array; finish: Uint32Array; seqs: Uint32Array; flags: Uint8Array }
export type IndexedLog = {
  readonly start: number
  readonly finish: number
  readonly seq: number
  readonly flags: number
}

const NONE: IndexedLog = { start: 0, finish: 0, seq: 0, flags: 0 }

/**
 * Logs of one TSE by the number of their transaction: 13 bytes each (two digests, the event that tells of it, flags), in
 * typed chunks outside of the heap, for a million sales no object each.
 */
export class LogIndex {
  readonly #chunks = new Map<number, Chunk>()

  get(transaction: number): IndexedLog {
    const chunk = this.#chunks.get(Math.floor(transaction / CHUNK))
    if (chunk === undefined) return NONE
    const at = transaction % CHUNK
    const { start, finish, seqs, flags } = chunk
    return { start: start[at] ?? 0, finish: finish[at] ?? 0, seq: seqs[at] ?? 0, flags: flags[at] ?? 0 }
  }

  /** Throws RangeError for a number that no unit gives. */
  set(transaction: number, changed: Partial<IndexedLog>): void {
    const chunk = this.#chunkOf(transaction)
    const at = transaction % CHUNK
    if (changed.start !== undefined) chunk.start[at] = changed.start
    if (changed.finish !== undefined) chunk.finish[at] = changed.finish
    if (changed.seq !== undefined) chunk.seqs[at] = changed.seq
    if (changed.flags !== undefined) chunk.flags[at] = changed.flags
  }

  /** Those that have the one bit and not the other, in the order of their numbers. */
  *lacking(wanted: number, met: number): Generator<{ transaction: number; seq: number }> {
    for (const number of [...this.#chunks.keys()].sort((one, other) => one - other)) {
      const chunk = this.#chunks.get(number)
      if (chunk === undefined) continue
      for (let at = 0; at < CHUNK; at++) {
        const flags = chunk.flags[at] ?? 0
        if ((flags & wanted) !== 0 && (flags & met) === 0)
          yield { transaction: number * CHUNK + at, seq: chunk.seqs[at] ?? 0 }
      }
    }
  }

  #chunkOf(transaction: number): Chunk {
    const number = Math.floor(transaction / CHUNK)
    const known = this.#chunks.get(number)
    if (known !== undefined) return known
    if (!Number.isSafeInteger(transaction) || transaction < 0 || this.#chunks.size >= CHUNKS_MAX)
      throw new RangeError(`no TSE gives the number ${transaction} to a transaction`)
    const bytes = new ArrayBuffer(CHUNK * ENTRY_BYTES)
    const made = {
      start: new Uint32Array(bytes, 0, CHUNK),
      finish: new Uint32Array(bytes, 4 * CHUNK, CHUNK),
      seqs: new Uint32Array(bytes, 8 * CHUNK, CHUNK),
      flags: new Uint8Array(bytes, 12 * CHUNK, CHUNK),
    }
    this.#chunks.set(number, made)
    return made
  }
}

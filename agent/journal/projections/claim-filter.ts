/** Half a MiB, of which a young journal touches little; the last one is of 8 MiB. As powers of two. */
const FIRST = 22
const LAST = 26
/** Of each key. One in 40 that was never claimed is looked for in the table where the filter is full, few before. */
const PROBES = 4
const BITS_A_KEY = 8
/** Characters of an id that make the place of one bit. */
const PROBE_CHARS = 5
/** Spreads what has few of its bits in use (2³² divided by the golden ratio, odd). */
const SPREAD = 0x9e3779b1
const WORD = 32

/**
 * Which idempotency keys were never claimed, told from memory: nearly all that come are new, and the table has them at random
 * places of a file that only grows. A Bloom filter over ids in base64url of at least 20 characters of a hash.
 */
export class ClaimFilter {
  readonly #bits: Uint8Array
  readonly #size: number
  #keys = 0

  /** `size`: of 2 to the power of so many bits. */
  constructor(size = FIRST) {
    this.#size = size
    this.#bits = new Uint8Array(2 ** size / 8)
  }

  /** A filter for so many keys and as many again. */
  static forKeys(keys: number): ClaimFilter {
    const size = Math.ceil(Math.log2(2 * keys * BITS_A_KEY + 1))
    return new ClaimFilter(Math.min(LAST, Math.max(FIRST, size)))
  }

  /** A filter with twice the room, empty; undefined where this one does for its keys, or is the largest. */
  successor(): ClaimFilter | undefined {
    if (this.#keys * BITS_A_KEY <= 2 ** this.#size || this.#size >= LAST) return undefined
    return new ClaimFilter(this.#size + 1)
  }

  add(id: string): void {
    this.#keys++
    for (let probe = 0; probe < PROBES; probe++) {
      const place = this.#placeOf(id, probe)
      this.#bits[place >>> 3] = (this.#bits[place >>> 3] ?? 0) | (1 << (place & 7))
    }
  }

  /** False: it was never added. True: it was, or shares its places with others. */
  mayHold(id: string): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const place = this.#placeOf(id, probe)
      if (((this.#bits[place >>> 3] ?? 0) & (1 << (place & 7))) === 0) return false
    }
    return true
  }

  #placeOf(id: string, probe: number): number {
    let word = 0
    const first = probe * PROBE_CHARS
    for (let at = first; at < first + PROBE_CHARS; at++) word = (word << 6) ^ id.charCodeAt(at)
    return Math.imul(word, SPREAD) >>> (WORD - this.#size)
  }
}

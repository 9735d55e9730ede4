/** Bits of a block, a power of two: sixteen for each key if every other event has a key. */
const BITS = 18
/** Bits set for each key: in a full block one in 400 unclaimed keys is looked up in vain. */
const PROBES = 4
/** Characters of an id that make the place of one bit. */
const PROBE_CHARS = 5
/** Spreads what has few of its bits in use (2³² divided by the golden ratio, odd). */
const SPREAD = 0x9e3779b1
const WORD = 32

/** Blocks whose bits share the words of one plane, one bit each, so that one lookup covers all of them. */
export const BLOCKS_OF_PLANE = WORD

const NOWHERE: readonly number[] = []

/**
 * Returns the blocks of the claims table in which an idempotency key may be, without reading the table: most keys are
 * new and in none. A Bloom filter for each block, over ids in base64url of at least 20 characters of a hash; 1 MiB for
 * each 32 blocks.
 */
export class KeyClaimFilter {
  readonly #planes: Uint32Array[] = []

  /** A plane that {@link planeBytes} returned, in the same order. */
  addPlane(bytes: Uint8Array): void {
    const plane = new Uint32Array(2 ** BITS)
    new Uint8Array(plane.buffer).set(bytes)
    this.#planes.push(plane)
  }

  /** Little-endian words, the first block in the lowest bit of each. */
  planeBytes(index: number): Buffer {
    const { buffer } = this.#planeAt(index)
    return Buffer.from(buffer)
  }

  add(block: number, id: string): void {
    const plane = this.#planeAt(Math.floor(block / BLOCKS_OF_PLANE))
    const bit = 1 << (block % BLOCKS_OF_PLANE)
    for (let probe = 0; probe < PROBES; probe++) {
      const place = placeOf(id, probe)
      plane[place] = (plane[place] ?? 0) | bit
    }
  }

  /** The newest first. It was never added to any other block; to these it was, or shares its places with others. */
  blocksOf(id: string): readonly number[] {
    let blocks: number[] | undefined
    for (let index = this.#planes.length - 1; index >= 0; index--) {
      for (let word = this.#wordOf(index, id); word !== 0; ) {
        const bit = WORD - 1 - Math.clz32(word)
        blocks ??= []
        blocks.push(index * BLOCKS_OF_PLANE + bit)
        word &= ~(1 << bit)
      }
    }
    return blocks ?? NOWHERE
  }

  #wordOf(index: number, id: string): number {
    const plane = this.#planes[index]
    let word = -1
    for (let probe = 0; probe < PROBES && word !== 0; probe++) word &= plane?.[placeOf(id, probe)] ?? 0
    return word
  }

  #planeAt(index: number): Uint32Array {
    while (this.#planes.length <= index) this.#planes.push(new Uint32Array(2 ** BITS))
    return this.#planes[index] ?? new Uint32Array(0)
  }
}

function placeOf(id: string, probe: number): number {
  let word = 0
  const first = probe * PROBE_CHARS
  for (let at = first; at < first + PROBE_CHARS; at++) word = (word << 6) ^ id.charCodeAt(at)
  return Math.imul(word, SPREAD) >>> (WORD - BITS)
}

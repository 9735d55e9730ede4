import { sha256 } from './sha256.ts'

const FIRST_SLOTS = 1024

/**
 * Numbers above 0 by a text, outside the heap: 8 bytes a slot, at most half of the slots in use. A text is known by 32
 * bits of its hash: one that was never set may share them with another, once in 4,000 lookups among a million texts.
 */
export class DigestTable {
  #digests = new Uint32Array(FIRST_SLOTS)
  #values = new Uint32Array(FIRST_SLOTS)
  #size = 0

  get(text: string): number | undefined {
    const value = this.#values[this.#slotOf(digestOf(text))] ?? 0
    return value === 0 ? undefined : value
  }

  set(text: string, value: number): void {
    this.#put(digestOf(text), value)
    if (this.#size * 2 > this.#values.length) this.#grow()
  }

  #put(digest: number, value: number): void {
    const at = this.#slotOf(digest)
    if (this.#values[at] === 0) this.#size += 1
    this.#digests[at] = digest
    this.#values[at] = value
  }

  /** The slot of the digest, or the free one that it gets. */
  #slotOf(digest: number): number {
    const last = this.#values.length - 1
    let at = digest & last
    while (this.#values[at] !== 0 && this.#digests[at] !== digest) at = (at + 1) & last
    return at
  }

  #grow(): void {
    const [digests, values] = [this.#digests, this.#values]
    this.#digests = new Uint32Array(values.length * 2)
    this.#values = new Uint32Array(values.length * 2)
    this.#size = 0
    for (const [at, value] of values.entries()) if (value !== 0) this.#put(digests[at] ?? 0, value)
  }
}

function digestOf(text: string): number {
  return sha256(text).readUInt32LE(0)
}

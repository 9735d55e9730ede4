const PAGE_BITS = 65_536

/** A set of counters from 1 on: one bit each, in pages that are made when they are used. */
export class SeenNumbers {
  readonly #pages = new Map<number, Uint8Array>()

  /** False if the set already has the number. */
  add(value: number): boolean {
    const index = Math.floor(value / PAGE_BITS)
    const bit = value % PAGE_BITS
    const page = this.#pages.get(index) ?? new Uint8Array(PAGE_BITS / 8)
    this.#pages.set(index, page)
    const byte = bit >> 3
    const mask = 1 << (bit & 7)
    const before = page[byte] ?? 0
    page[byte] = before | mask
    return (before & mask) === 0
  }
}

/** Deletions after which a map is made again, unless more than that are in it. */
const RENEWED_AFTER = 64

/**
 * A Map for entries that come and go with each request. V8's own gives itself a new table now and then, and each former
 * table leads to the next one: once the first is old, all of them, and their entries, stay until the next full
 * collection. In Maps a ninth of what a sale allocates was kept so, was copied twice, and made full collections
 * frequent: a fifth of a sale's CPU time at twenty tills (ADR 070). Here the former tables stay
 * young.
 */
export class TransientMap<Key, Value> {
  #entries: Map<Key, Value>
  #departed = 0

  constructor(entries: Iterable<[Key, Value]> = []) {
    this.#entries = new Map(entries)
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  /** The oldest entry. */
  first(): [Key, Value] | undefined {
    return this.#entries.entries().next().value
  }

  /** In the order of insertion. A caller that continues after a deletion may miss entries that are added later. */
  values(): Iterable<Value> {
    return this.#entries.values()
  }

  /** In the order of insertion. */
  keys(): Iterable<Key> {
    return this.#entries.keys()
  }

  entries(): Iterable<[Key, Value]> {
    return this.#entries.entries()
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, value)
  }

  /** Returns false if the map does not have it. */
  delete(key: Key): boolean {
    if (!this.#entries.delete(key)) return false
    this.#departed++
    if (this.#departed >= Math.max(RENEWED_AFTER, this.#entries.size)) this.#renew(this.#entries)
    return true
  }

  clear(): void {
    this.#renew([])
  }

  #renew(entries: Iterable<[Key, Value]>): void {
    this.#entries = new Map(entries)
    this.#departed = 0
  }
}

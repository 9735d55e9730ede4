import { TransientMap } from './transient-map.ts'

/** Items that wait: their holders (keys, tills) are served round-robin, the items of one in order of arrival. */
export class FairQueue<Item> {
  /** By holder; the one that was served last comes last. */
  readonly #items = new TransientMap<string, Item[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(holder: string, item: Item): void {
    const own = this.#items.get(holder)
    if (own === undefined) this.#items.set(holder, [item])
    else own.push(item)
    this.#size++
  }

  /** Removes and returns the next item; its holder comes after the others then. */
  take(): Item | undefined {
    const [holder, own] = this.#items.first() ?? []
    if (holder === undefined || own === undefined) return undefined
    this.#items.delete(holder)
    this.#size--
    const item = own.shift()
    if (own.length > 0) this.#items.set(holder, own)
    return item
  }

  /** Does nothing if the item was taken. */
  remove(holder: string, item: Item): void {
    const own = this.#items.get(holder) ?? []
    const at = own.indexOf(item)
    if (at === -1) return
    own.splice(at, 1)
    this.#size--
    if (own.length === 0) this.#items.delete(holder)
  }

  all(): Item[] {
    return [...this.#items.values()].flat()
  }
}

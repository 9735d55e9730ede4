import type { CompleteOperationDto, Operation } from './contract.ts'
import { newRef } from './ref.ts'
import type { Past } from './sender.ts'
import { newPast } from './sender.ts'
import type { Entry, PendingStore, StoredEntry } from './store.ts'
import { isRegisterEntry, StoreError } from './store.ts'

/** An entry of the store, and what this till knows of its operation. */
export type Basket = {
  entry: Entry
  readonly past: Past
  /** From an earlier life of the till: it counts as sent. */
  readonly isRecovered: boolean
  /** The newest answer. */
  operation?: Operation
  /** The rest of a `sell`, until it is sent. */
  ending?: CompleteOperationDto
}

export type NewEntry = Omit<Entry, 'ref' | 'order'>
export const CREATE_PATH = '/v1/operations'

/** False for what is recorded next to operations: the opening of a drawer, or how a receipt was issued. */
export function hasOperation({ entry: { step, request } }: Basket): boolean {
  return step !== 'create' || request.path === CREATE_PATH
}

export function isSetAside({ entry }: Basket): boolean {
  return entry.setAside !== undefined
}

/** All baskets of a till, in memory and in its store. */
export class Baskets {
  readonly #store: PendingStore
  readonly #reportFailure: (ref: string, failure: unknown) => void
  readonly #byRef = new Map<string, Basket>()
  #newest = 0

  constructor(store: PendingStore, reportFailure: (ref: string, failure: unknown) => void) {
    this.#store = store
    this.#reportFailure = reportFailure
  }

  /** Takes over what the store has, in its order. */
  recover(entries: readonly StoredEntry[]): readonly Basket[] {
    const own = entries.filter((entry): entry is Entry => !isRegisterEntry(entry))
    for (const entry of [...own].sort((one, other) => one.order - other.order)) {
      const past = { ...newPast(), isUnknown: entry.step !== 'open' && entry.setAside === undefined }
      this.#byRef.set(entry.ref, { entry, past, isRecovered: true })
      this.#newest = Math.max(this.#newest, entry.order)
    }
    return [...this.#byRef.values()]
  }

  /** Throws StoreError: then there is no basket. */
  async begin(entry: NewEntry | ((ref: string) => NewEntry)): Promise<Basket> {
    const ref = newRef()
    const content = typeof entry === 'function' ? entry(ref) : entry
    const basket: Basket = {
      entry: { ref, order: ++this.#newest, ...content },
      past: newPast(),
      isRecovered: false,
    }
    await this.#put(basket.entry)
    this.#byRef.set(ref, basket)
    return basket
  }

  /** The next request of a basket, stored before its first byte leaves. Throws StoreError: the basket is as before. */
  async replace(basket: Basket, next: Partial<Omit<Entry, 'ref' | 'order'>>): Promise<void> {
    const entry = replaced(basket.entry, next)
    await this.#put(entry)
    basket.entry = entry
  }

  /** The same after an answer: a store that fails now changes no outcome, and the next start asks again. */
  async note(basket: Basket, next: Partial<Omit<Entry, 'ref' | 'order'>>): Promise<void> {
    await this.replace(basket, next).catch((failure: unknown) => {
      basket.entry = replaced(basket.entry, next)
      this.#reportFailure(basket.entry.ref, failure)
    })
  }

  /** After its end. */
  async remove({ entry: { ref } }: Basket): Promise<void> {
    this.#byRef.delete(ref)
    await this.#store.remove(ref).catch((failure: unknown) => this.#reportFailure(ref, failure))
  }

  of(ref: string): Basket | undefined {
    return this.#byRef.get(ref)
  }

  ofOperation(id: string): Basket | undefined {
    return this.all().find(({ operation, entry }) => (operation?.id ?? entry.operationId) === id)
  }

  all(): readonly Basket[] {
    return [...this.#byRef.values()]
  }

  /** The basket that holds up every new one, because its outcome is unknown. */
  unknown(): Basket | undefined {
    return this.all().find((basket) => basket.past.isUnknown && hasOperation(basket) && !isSetAside(basket))
  }

  async #put(entry: Entry): Promise<void> {
    await this.#store.put(entry).catch((cause: unknown) => {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new StoreError(`The till's store failed, so nothing was sent: ${reason}`, { ref: entry.ref, cause })
    })
  }
}

/** A new request of a basket that was set aside is the will of a person: it is sent again like any other. */
function replaced({ setAside: _, ...former }: Entry, next: Partial<Entry>): Entry {
  return { ...former, ...next }
}

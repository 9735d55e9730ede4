import type { CreatePaymentDto } from './contract.ts'

/** A request as it was stored, and as it is sent each time: another path or body would be another request. */
export type StoredRequest = {
  readonly key: string
  readonly method: 'POST' | 'PATCH'
  readonly path: string
  readonly body: object
  readonly ifMatch?: number
}

/** One basket or act, with its newest request. `open`: that request was answered, and nothing is to be sent. */
export type Entry = {
  readonly ref: string
  /** Its place among the entries: a clock of the till may be set back. */
  readonly order: number
  readonly step: 'create' | 'open' | 'amend' | 'complete' | 'void'
  readonly request: StoredRequest
  readonly operationId?: string
  readonly version?: number
  /** Given to `sell`, so that the screen can show them after a crash. */
  readonly payments?: readonly CreatePaymentDto[]
  readonly note?: string
  /** The reason of `setAside`: it is read at each start, and never sent again. */
  readonly setAside?: string
}

/** The register of a store: under the key of another one a recorded sale would be unknown. */
export type RegisterEntry = { readonly ref: typeof REGISTER_REF; readonly registerId: string }
export const REGISTER_REF = 'register'
export type StoredEntry = Entry | RegisterEntry

/** Keeps the requests of a till. A custom store keeps each entry as JSON under its `ref`. */
export interface PendingStore {
  /** Durable when it resolves; replaces the entry of the same `ref`. */
  put(entry: StoredEntry): Promise<void>
  /** Need not be durable: what comes back is asked again, and answered as before. */
  remove(ref: string): Promise<void>
  list(): Promise<StoredEntry[]>
  close(): Promise<void>
}

/** Nothing of the request was sent. After the create of a basket, that basket is open. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly ref: string | undefined

  constructor(message: string, { ref, cause }: { ref?: string; cause?: unknown } = {}) {
    super(message, { cause })
    this.ref = ref
  }
}

export function isRegisterEntry(entry: StoredEntry): entry is RegisterEntry {
  return entry.ref === REGISTER_REF
}

/** For tests: a till that ends loses its open requests. */
export function memoryStore(warn: (text: string) => void = console.warn): PendingStore {
  warn('memoryStore keeps nothing after the end of the till: use fileStore or indexedDbStore in a shop')
  const entries = new Map<string, string>()
  return {
    put: async (entry) => void entries.set(entry.ref, JSON.stringify(entry)),
    remove: async (ref) => void entries.delete(ref),
    list: async () => [...entries.values()].map((text) => JSON.parse(text) as StoredEntry),
    close: async () => undefined,
  }
}

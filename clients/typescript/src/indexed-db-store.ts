import type { PendingStore, StoredEntry } from './store.ts'
import { StoreError } from './store.ts'

const ENTRIES = 'entries'
/** A page that is loaded again ends its former life in that time. */
const LOCK_LIMIT_MS = 2000
/** A disk that is full may leave a transaction without an end. */
const PUT_LIMIT_MS = 5000

type Opened = { readonly db: IDBDatabase; readonly unlock: () => void }

/**
 * A database of the page's origin, for one tab at a time. Customers of baskets may be in it: call
 * `navigator.storage.persist()`, or the browser may remove it.
 */
export function indexedDbStore(name: string): PendingStore {
  let opening: Promise<Opened> | undefined
  const database = async (): Promise<IDBDatabase> => {
    opening ??= openAlone(name)
    try {
      return (await opening).db
    } catch (error) {
      opening = undefined
      throw error
    }
  }
  return {
    put: async (entry) => change(await database(), (entries) => entries.put(entry)),
    remove: async (ref) => change(await database(), (entries) => entries.delete(ref)),
    list: async () => resultOf(await database(), (entries) => entries.getAll() as IDBRequest<StoredEntry[]>),
    close: async () => {
      const opened = await opening?.catch(() => undefined)
      opening = undefined
      opened?.db.close()
      opened?.unlock()
    },
  }
}

async function openAlone(name: string): Promise<Opened> {
  const unlock = await lockTab(name)
  try {
    return { db: await openDatabase(name), unlock }
  } catch (cause) {
    unlock()
    throw new StoreError(`IndexedDB cannot be opened: ${String(cause)}`, { cause })
  }
}

/** Until it is called, no other tab has the lock. */
async function lockTab(name: string): Promise<() => void> {
  const { locks } = navigator as { locks?: LockManager }
  if (locks === undefined)
    throw new StoreError('This page has no locks, because it is served by http: serve it by https, or from localhost')
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), LOCK_LIMIT_MS)
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> =>
      new Promise((unlock) => {
        clearTimeout(timer)
        resolve(unlock)
      })
    locks.request(`fiskal-edge:${name}`, { signal: controller.signal }, held).catch(() => {
      reject(new StoreError(`Another tab has the store ${name} open: close it, or open the till there`))
    })
  })
}

function openDatabase(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(ENTRIES, { keyPath: 'ref' })
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** On the disk when it resolves. */
function change(db: IDBDatabase, act: (entries: IDBObjectStore) => IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(ENTRIES, 'readwrite', { durability: 'strict' })
    const timer = setTimeout(() => transaction.abort(), PUT_LIMIT_MS)
    const fail = (): void => {
      clearTimeout(timer)
      const reason = transaction.error?.message ?? `not written in ${PUT_LIMIT_MS / 1000} s`
      reject(new StoreError(`IndexedDB failed: ${reason}`, { cause: transaction.error }))
    }
    transaction.onabort = fail
    transaction.onerror = fail
    transaction.oncomplete = () => {
      clearTimeout(timer)
      resolve()
    }
    act(transaction.objectStore(ENTRIES))
  })
}

function resultOf<T>(db: IDBDatabase, act: (entries: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = act(db.transaction(ENTRIES, 'readonly').objectStore(ENTRIES))
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(new StoreError(`IndexedDB failed: ${String(request.error)}`))
  })
}

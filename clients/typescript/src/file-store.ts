import { webcrypto } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { platform } from 'node:process'
import type { PendingStore, StoredEntry } from './store.ts'
import { StoreError } from './store.ts'
import { lockFolder } from './store-lock.ts'

// Node 18 has it in this module alone.
globalThis.crypto ??= webcrypto as typeof globalThis.crypto

const IS_WINDOWS = platform === 'win32'
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const ENTRY = /^([\w-]+)\.json$/
const REF = /^[\w-]+$/
/** A scanner of Windows holds a new file for a moment. */
const BUSY = ['EPERM', 'EACCES', 'EBUSY']
const BUSY_LIMIT_MS = 2000
const BUSY_PAUSE_MS = 20

/**
 * One file an entry, in a folder of a local disk. Customers of baskets may be in them: the folder is for the till's user
 * alone.
 */
export function fileStore(folder: string): PendingStore {
  const place = resolve(folder)
  let unlock: (() => Promise<void>) | undefined
  const opened = async (): Promise<void> => {
    if (unlock !== undefined) return
    await mkdir(place, { recursive: true, mode: FOLDER_MODE })
    unlock = await lockFolder(place)
  }
  return {
    async put(entry) {
      await opened()
      if (!REF.test(entry.ref)) throw new StoreError(`${entry.ref} cannot be the name of a file`, { ref: entry.ref })
      await writeDurably(place, `${entry.ref}.json`, JSON.stringify(entry))
    },
    async remove(ref) {
      await opened()
      await rm(join(place, `${ref}.json`), { force: true })
    },
    async list() {
      await opened()
      const names = await readdir(place)
      for (const name of names.filter((one) => one.endsWith('.json.tmp'))) await rm(join(place, name), { force: true })
      return Promise.all(names.filter((name) => ENTRY.test(name)).map((name) => readEntry(join(place, name))))
    },
    async close() {
      await unlock?.()
      unlock = undefined
    },
  }
}

/** Whole or not at all: under a temporary name, then renamed; both are on the disk when it resolves. */
async function writeDurably(folder: string, name: string, text: string): Promise<void> {
  const temporary = join(folder, `${name}.tmp`)
  try {
    const file = await open(temporary, 'w', FILE_MODE)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await renameWhenFree(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  if (!IS_WINDOWS) await syncFolder(folder)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function renameWhenFree(from: string, to: string): Promise<void> {
  const endMs = performance.now() + (IS_WINDOWS ? BUSY_LIMIT_MS : 0)
  for (;;) {
    try {
      return await rename(from, to)
    } catch (error) {
      if (!BUSY.includes(String((error as { code?: string }).code)) || performance.now() >= endMs) throw error
      await new Promise((done) => setTimeout(done, BUSY_PAUSE_MS))
    }
  }
}

/** Throws StoreError for a damaged file: no one may take its sale for one that was never sent. */
async function readEntry(file: string): Promise<StoredEntry> {
  const text = await readFile(file, 'utf8')
  try {
    const entry = JSON.parse(text) as StoredEntry
    if (typeof entry.ref === 'string') return entry
  } catch {
    // Named below.
  }
  throw new StoreError(
    `${file} is damaged: move it away, open the till again, and compare orphans() with what was rung up last`,
  )
}

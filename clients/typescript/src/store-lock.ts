import { link, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { pid as ownPid } from 'node:process'
import { StoreError } from './store.ts'

/** Folders that this process has open. */
const OPEN_FOLDERS = new Set<string>()
const PRIVATE = 0o600
/** A machine's start is known to about a second. */
const START_TOLERANCE_MS = 2000

/** Takes a folder for this process alone, until the returned function is called. Throws StoreError if it is taken. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  if (OPEN_FOLDERS.has(folder)) throw new StoreError(`${folder} is open in this program: one till for each store`)
  OPEN_FOLDERS.add(folder)
  const file = join(folder, 'lock')
  try {
    await takeLock(file)
  } catch (error) {
    OPEN_FOLDERS.delete(folder)
    throw error
  }
  return async () => {
    OPEN_FOLDERS.delete(folder)
    await rm(file, { force: true })
  }
}

async function takeLock(file: string): Promise<void> {
  const own = `${file}.${ownPid}`
  const handle = await open(own, 'w', PRIVATE)
  await handle.writeFile(String(ownPid))
  await handle.close()
  try {
    // A link appears with its content, and fails if the name exists.
    if (await isLinked(own, file)) return
    await removeDead(file)
    if (!(await isLinked(own, file))) throw takenBy(file, 'another program')
  } finally {
    await unlink(own)
  }
}

async function isLinked(own: string, file: string): Promise<boolean> {
  try {
    await link(own, file)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false
    throw error
  }
}

/** Throws StoreError if the process lives. */
async function removeDead(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const holder = Number(text)
  const madeMs = (await stat(file).catch(() => undefined))?.mtimeMs ?? 0
  const isOlderThanMachine = madeMs < Date.now() - uptime() * 1000 - START_TOLERANCE_MS
  if (!isOlderThanMachine && holder !== ownPid && isAlive(holder)) throw takenBy(file, `process ${holder}`)
  const dead = `${file}.${ownPid}.dead`
  try {
    await rename(file, dead)
  } catch {
    // Another program has removed it.
    return
  }
  // Another program may have taken the folder since it was read: it gets its lock back.
  if ((await readFile(dead, 'utf8')) !== text) await link(dead, file).catch(() => undefined)
  await rm(dead, { force: true })
}

function isAlive(pid: number): boolean {
  if (pid === 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives, as another user.
    return (error as { code?: string }).code !== 'ESRCH'
  }
}

function takenBy(file: string, holder: string): StoreError {
  return new StoreError(`${holder} has the store open (${file}): end it, or use another folder for this till`)
}

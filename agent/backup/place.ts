import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncNow } from '../../base/durable-file.ts'
import { CodedError } from '../../base/thrown.ts'
import { mountsWithin } from '../state/mounts.ts'
import { moveWhole } from './move-whole.ts'
import { COMPANIONS, finishSettingAside } from './set-aside.ts'

const STAGING = 'restore.tmp'
const READY = 'restore.ready'
/**
 * Download of a restore from a target, on a disk with enough space and out of sight of others; an interrupted one
 * resumes from it.
 */
export const DOWNLOAD = 'restore.download'
/** In the same place: a file that root names and the owner of the state may not read. */
export const BROUGHT = 'restore.brought'
/** In this order; the journal last. */
const PLACES = ['seal.key', 'checkpoint.key', 'sealed', 'devices', 'tls', 'segments', 'journal.version', 'journal.db']
/** Files are added to this folder: each has the digest that the journal names. */
const ADDED = 'archives'

/** An empty folder for a restored state. To be called after `finishPlacing`. Throws `path_unusable`. */
export function beginPlacing(stateDirectory: string): string {
  for (const mounted of mountsWithin(stateDirectory))
    if (PLACES.some((name) => join(stateDirectory, name) === mounted))
      throw new CodedError(
        'path_unusable',
        `A disk is mounted on ${mounted}, which the restore replaces: unmount it, and restore again. Nothing was changed.`,
      )
  const staging = join(stateDirectory, STAGING)
  mkdirSync(staging, { mode: 0o700 })
  return staging
}

/**
 * Replaces the old state with the restored one. One rename decides: before it the old state is whole, after it the new
 * one, and any later start completes it. To be called under the lock.
 */
export function place(stateDirectory: string, fault: (point: string) => void): void {
  const staging = join(stateDirectory, STAGING)
  sync(staging)
  fault('restore.staged')
  renameSync(staging, join(stateDirectory, READY))
  syncNow(stateDirectory)
  fault('restore.decided')
  finishPlacing(stateDirectory, fault)
}

/** Removes the prepared state: it takes the space of a journal, and its keys are unencrypted. Under the lock. */
export function givePlacingUp(stateDirectory: string): void {
  rmSync(join(stateDirectory, STAGING), { recursive: true, force: true })
}

/**
 * Ends a restore that was interrupted: completes it after its decision, removes the prepared state before it. The
 * replaced state is kept in `replaced-<n>`. A move of the state that was interrupted is completed too. To be called under
 * the lock, before anything of the state is read. Returns true if it completed a restore.
 */
export function finishPlacing(stateDirectory: string, fault: (point: string) => void = () => undefined): boolean {
  finishSettingAside(stateDirectory, fault)
  givePlacingUp(stateDirectory)
  const ready = join(stateDirectory, READY)
  if (!existsSync(ready)) return false
  const old = join(ready, 'replaced')
  mkdirSync(old, { recursive: true, mode: 0o700 })
  syncNow(ready)
  if (existsSync(join(ready, ADDED))) add(join(ready, ADDED), join(stateDirectory, ADDED), fault)
  for (const name of PLACES) {
    if (!existsSync(join(ready, name))) continue
    // The old journal's log must never be taken for that of the new journal.
    if (name === 'journal.db') for (const companion of COMPANIONS) moveIfThere(stateDirectory, companion, old)
    moveIfThere(stateDirectory, name, old)
    // Before another file takes its name: the events here may exist nowhere else.
    syncNow(old)
    fault('restore.replacing')
    renameSync(join(ready, name), join(stateDirectory, name))
    syncNow(stateDirectory)
    fault('restore.placed')
  }
  const free = freeName(stateDirectory)
  if (readdirSync(old).length > 0) renameSync(old, join(stateDirectory, free))
  syncNow(stateDirectory)
  for (const name of [DOWNLOAD, BROUGHT]) rmSync(join(stateDirectory, name), { recursive: true, force: true })
  fault('restore.cleared')
  rmSync(ready, { recursive: true, force: true })
  syncNow(stateDirectory)
  return true
}

/** Continues after an interruption. */
function add(from: string, to: string, fault: (point: string) => void): void {
  if (!existsSync(to) || statSync(from).isFile()) moveWhole(from, to)
  else for (const name of readdirSync(from)) add(join(from, name), join(to, name), fault)
  fault('restore.added')
  syncNow(dirname(to))
}

function moveIfThere(from: string, name: string, to: string): void {
  const path = join(from, name)
  if (existsSync(path)) moveWhole(path, join(to, name))
}

function freeName(directory: string): string {
  const taken = new Set(readdirSync(directory))
  let number = 1
  while (taken.has(`replaced-${number}`)) number++
  return `replaced-${number}`
}

/** Makes every file and folder below durable. */
function sync(folder: string): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const path of [...entries.map((entry) => join(entry.parentPath, entry.name)), folder]) syncNow(path)
}

import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { CodedError, messageOf } from '../../../base/thrown.ts'
import { takesNoFile } from './free-space.ts'
import { kernelLocks, PENDING_BYTE } from './holders.ts'

const LOCK_FILE = 'lock.db'

/** The caller must keep the object: the garbage collector would release the lock with it. */
export type Lock = {
  /**
   * False once another process works here: deleting the lock's file lets one in. If none came in, the lock is taken
   * again under its name. One stat(2).
   */
  holds(): boolean
  /** Releases the state directory. Only once. */
  release(): void
}

/** Another process works on this state directory. */
export class StateLockedError extends Error {
  override readonly name = 'StateLockedError'
  readonly code = 'state_locked'
  /** The process that holds the lock, if the kernel reports it. */
  readonly pid: number | undefined

  constructor(directory: string, pid: number | undefined) {
    const holder = pid === undefined ? 'another process' : `process ${pid}`
    super(`${directory} is in use by ${holder}: stop it (systemctl stop fiskal-edge) or use another state directory.`)
    this.pid = pid
  }
}

/** The state directory is missing, read-only or not ours. */
function stateUnwritable(directory: string, cause: unknown): CodedError {
  const remedy = takesNoFile(directory)
    ? 'its disk has no free inodes (df -i): remove files that are not needed.'
    : 'check its owner, its mode and that the disk is not read-only.'
  return new CodedError('state_unwritable', `${directory} cannot be written (${messageOf(cause)}): ${remedy}`)
}

/** The file of the lock was deleted under a process that held it, and another process took a new one. */
export function lockLost(directory: string): CodedError {
  return new CodedError(
    'lock_lost',
    `${LOCK_FILE} was deleted in ${directory}, and another process works there now: only one of them may.`,
  )
}

/**
 * Makes this process the only writer of the state directory, at once or not at all. The lock is the kernel's and goes
 * with the process, `kill -9` included. Throws StateLockedError, `state_unwritable`.
 *
 * Nothing else of this process may open and close the file: POSIX locks vanish with any descriptor of the file.
 */
export function acquireLock(directory: string): Lock {
  const path = join(directory, LOCK_FILE)
  const held = [take(directory)]
  let file = identityOf(path)
  const holds = (): boolean => {
    if (identityOf(path) === file) return true
    try {
      held.push(take(directory))
      file = identityOf(path)
      return true
    } catch (error) {
      // A folder that was moved away lets no process in.
      return !(error instanceof StateLockedError)
    }
  }
  return {
    holds,
    release: () => {
      for (const db of held) db.close()
    },
  }
}

function take(directory: string): Database.Database {
  const path = join(directory, LOCK_FILE)
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    // A log in a file would need disk space, which a disk that filled up unattended does not have: the reserve stays as
    // it is.
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    const code = error instanceof Database.SqliteError ? error.code : ''
    const locked = code.startsWith('SQLITE_BUSY')
    // Read before the handle is closed, and from /proc, not from a pid file, which could name a dead process.
    const pid = locked ? holderOf(path) : undefined
    db?.close()
    throw locked ? new StateLockedError(directory, pid) : stateUnwritable(directory, error)
  }
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/**
 * The process that works on a state directory now; undefined if the directory is free, or if the kernel does not report
 * it.
 */
export function lockHolder(directory: string): number | undefined {
  return holderOf(join(directory, LOCK_FILE))
}

/** Also undefined if the locks are hidden: the refusal then names no process. */
function holderOf(path: string): number | undefined {
  const [, inode] = identityOf(path)?.split(':') ?? []
  return kernelLocks().find((lock) => lock.isWrite && lock.first === PENDING_BYTE && lock.inode === inode)?.pid
}

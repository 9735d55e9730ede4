import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { execFileSync } from '../waits.ts'

/** Calls of the database that may fail; a sum of them. */
export const CALLS = { read: 1, write: 2, sync: 4, truncate: 8 } as const
/**
 * The effect of a call that fails. Syncs and truncations fail with EIO; reads too, which SQLite calls SQLITE_CORRUPT,
 * but for `stale` with ESTALE, which it calls SQLITE_IOERR_READ and rolls back for.
 */
const FAULTS = { eio: 0, full: 1, short: 2, stale: 3 } as const

export type DiskFault = {
  calls: number
  write: keyof typeof FAULTS
  /** Which of these calls from now on; 0 only counts them. */
  at: number
  /** Those after it fail as well, until the disk heals. */
  on: boolean
}

const SOURCE = fileURLToPath(new URL('./faulty-disk.c', import.meta.url))

/** The disk under the journal's database in this process (faulty-disk.c): every byte of it is real, its faults are SQLite's. */
export class FaultyDisk {
  readonly #db: Database.Database

  private constructor(db: Database.Database) {
    this.#db = db
  }

  /** Compiles the VFS against the headers of the SQLite in use and makes it the default of this process, once. */
  static load(): FaultyDisk {
    loaded ??= loadInto(new Database(':memory:'))
    return new FaultyDisk(loaded)
  }

  /** From here on the journal of this directory is on the faulty disk. */
  watch(directory: string): void {
    this.#call('disk_watch(?)', journalPath(directory))
  }

  arm({ calls, write, at, on }: DiskFault): void {
    this.#call('disk_arm(?, ?, ?, ?)', calls, FAULTS[write], at, on ? 1 : 0)
  }

  /** The file system is mounted read-only from now on. */
  turnReadOnly(): void {
    this.#call('disk_freeze(0, 1)')
  }

  heal(): void {
    this.#call('disk_freeze(0, 0)')
    this.#call('disk_arm(0, 0, 0, 0)')
  }

  /** A start has written the log again, and synced it, by other calls than SQLite's. */
  settled(): void {
    this.#call('disk_settled()')
  }

  /** How many calls failed since the disk is watched. */
  get hits(): number {
    return Number(this.#call('disk_hits()'))
  }

  /** A file that is closed during the act keeps its content, as the kernel leaves those of a killed process. */
  whileDead(act: () => void): void {
    const readOnly = this.#call('disk_is_read_only()')
    this.#call('disk_freeze(1, ?)', readOnly)
    act()
    this.#call('disk_freeze(0, ?)', readOnly)
  }

  /** Any part of the unsynced writes is lost or spoiled; the journal must be closed. */
  cutPower(seed: number): void {
    this.#call('disk_cut(?)', seed)
  }

  #call(text: string, ...values: (string | number)[]): number {
    return this.#db
      .prepare<(string | number)[], number>(`SELECT ${text}`)
      .pluck()
      .get(...values) as number
  }
}

let loaded: Database.Database | undefined

function loadInto(db: Database.Database): Database.Database {
  const headers = join(
    dirname(createRequire(import.meta.url).resolve('better-sqlite3/package.json')),
    'deps',
    'sqlite3',
  )
  const folder = mkdtempSync(join(tmpdir(), 'faulty-disk-'))
  const library = join(folder, 'faulty-disk.so')
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', `-I${headers}`, '-o', library, SOURCE])
    db.loadExtension(library)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return db
}

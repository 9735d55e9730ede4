import type Database from 'better-sqlite3'
import { logBytes } from './disk/wal.ts'
import type { NextPauseOptions } from './next-pause.ts'
import { NextPause } from './next-pause.ts'

export type UpkeepOptions = Omit<NextPauseOptions, 'act'> & {
  db: Database.Database
  /** Its file. */
  database: string
  /** Writes the projection tables up to the head. */
  project: () => void
  /** Runs work that syncs. */
  timed: (work: () => void) => void
}

/** Some 25 sales, 400 pages of the log: well before SQLite does it inside a commit, at 1,000. */
const EVERY_GROUPS = 100
/** Twice the usual maximum of the log without a long reader: a larger checkpoint would block the event loop. */
const LARGE_LOG_BYTES = 16 * 1_048_576

/** True for a log that is left to a separate process. One stat(2). */
export function isLargeLog(database: string): boolean {
  return logBytes(database) > LARGE_LOG_BYTES
}

/**
 * Regular work on the journal's file that no request waits for: copies the log into the database, and brings the tables
 * to the head, in the pause after a group. A journal without a pause does both within its groups.
 */
export class Upkeep {
  readonly #options: UpkeepOptions
  readonly #pause: NextPause
  /** Since the last checkpoint of the log. */
  #groups = 0

  constructor(options: UpkeepOptions) {
    this.#options = options
    this.#pause = new NextPause({ ...options, act: () => options.timed(() => this.#run()) })
  }

  /** A group was committed. */
  noteGroup(): void {
    this.#groups++
    this.#pause.noteGroup()
    if (this.#groups >= EVERY_GROUPS) this.#pause.schedule()
  }

  stop(): void {
    this.#pause.stop()
  }

  #run(): void {
    this.#groups = 0
    try {
      this.#options.project()
      if (!isLargeLog(this.#options.database)) this.#options.db.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // Nothing is lost: the log has all of it. A disk that fails is noticed at the next commit.
    }
  }
}

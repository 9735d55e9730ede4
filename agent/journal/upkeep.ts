import type Database from 'better-sqlite3'
import type { Clock } from '../../drivers/ports/clock.ts'

export type UpkeepOptions = {
  clock: Clock
  db: Database.Database
  /** Brings the projection tables to the head. */
  project: () => void
  /** False while a group is waited for or written, and when the journal is no longer written. */
  isResting: () => boolean
}

/** Some 25 sales, 400 pages of the log: well before SQLite does it by itself inside a commit, at 1,000. */
const EVERY_GROUPS = 100
/** Without a group for so long, nobody is served at this moment: a device has its command, a till its answer. */
const PAUSE_MS = 10

/**
 * What the journal's file needs from time to time and no request has to wait for: the log goes into the database, and the
 * tables to the head, in the pause behind a group. A journal without a pause does both within its groups.
 */
export class Upkeep {
  readonly #options: UpkeepOptions
  /** Committed so far, and when the log was brought home. */
  #groups = 0
  #broughtHome = 0
  #cancel: (() => void) | undefined

  constructor(options: UpkeepOptions) {
    this.#options = options
  }

  /** A group was committed. */
  noteGroup(): void {
    this.#groups++
    if (this.#groups - this.#broughtHome >= EVERY_GROUPS && this.#cancel === undefined) this.#wait()
  }

  stop(): void {
    this.#cancel?.()
  }

  #wait(): void {
    const seen = this.#groups
    this.#cancel = this.#options.clock.after(PAUSE_MS, () => {
      this.#cancel = undefined
      if (this.#groups !== seen) this.#wait()
      else if (this.#options.isResting()) this.#run()
    })
  }

  #run(): void {
    this.#broughtHome = this.#groups
    try {
      this.#options.project()
      this.#options.db.pragma('wal_checkpoint(PASSIVE)')
    } catch {
      // Nothing is lost: all of it is in the log. A disk that fails shows at the next commit.
    }
  }
}

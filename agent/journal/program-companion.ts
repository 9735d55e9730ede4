import type { Database } from 'better-sqlite3'
import { announceVersion } from './announced-version.ts'
import type { NewEvent } from './events.ts'
import type { LaterWork } from './later-work.ts'
import { writeState } from './migrations.ts'
import { programChange } from './program-changes.ts'

/** An event that is appended with the next ones, after `before`. `isDue`: also alone. */
export type Companion = { readonly event: NewEvent; readonly before: () => void; readonly isDue: boolean }

/** The event by which this program says that it writes now; undefined if it wrote last. */
export function programCompanion(db: Database, directory: string, later: LaterWork): Companion | undefined {
  const change = programChange(db)
  if (change === undefined) return undefined
  const before = (): void => {
    announceVersion(directory, change.state)
    writeState(db, change.state)
  }
  // After a newer program at once: its first act may be a count, which is judged by the version that made it.
  return { event: change.event, before, isDue: later.isPossible }
}

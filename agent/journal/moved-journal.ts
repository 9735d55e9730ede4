import type { Database } from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'

/** Whether the newest event is such a move. */
export function wasMoved(db: Database): boolean {
  const last = db.prepare<[], { kind: string }>('SELECT kind FROM event ORDER BY seq DESC LIMIT 1').get()
  return last?.kind === 'journal.moved'
}

/** Throws `journal_moved` if it was moved: two machines that continue it would be a fork. */
export function demandUnmoved(db: Database): void {
  if (!wasMoved(db)) return
  throw new CodedError(
    'journal_moved',
    'This journal was moved to another machine: sell there. If its last backup was never restored anywhere, ' +
      '"fiskal-edge journal reopen" continues here.',
  )
}

import type { Database } from 'better-sqlite3'

/** The journal was ended to continue on another machine: two that continue it would be a fork. */
export class JournalMovedError extends Error {
  override readonly name = 'JournalMovedError'
  readonly code = 'journal_moved'

  constructor() {
    super(
      'This journal was moved to another machine: sell there. If its last backup was never restored anywhere, ' +
        '"fiskal-edge journal reopen" continues here.',
    )
  }
}

/** Whether the newest event is such a move. */
export function wasMoved(db: Database): boolean {
  const last = db.prepare<[], { kind: string }>('SELECT kind FROM event ORDER BY seq DESC LIMIT 1').get()
  return last?.kind === 'journal.moved'
}

/** Throws JournalMovedError if it was moved. */
export function demandUnmoved(db: Database): void {
  if (wasMoved(db)) throw new JournalMovedError()
}

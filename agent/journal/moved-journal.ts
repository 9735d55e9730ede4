import type { Database } from 'better-sqlite3'

/** The journal was ended to go on on another machine: two that go on from it would be a fork. */
export class JournalMovedError extends Error {
  override readonly name = 'JournalMovedError'
  readonly code = 'journal_moved'

  constructor() {
    super(
      'This journal was moved to another machine: sell there. If its last backup was never restored anywhere, ' +
        '"fiskal-edge journal reopen" goes on here.',
    )
  }
}

/** Whether the newest event says so. */
export function wasMoved(db: Database): boolean {
  const last = db.prepare<[], { kind: string }>('SELECT kind FROM event ORDER BY seq DESC LIMIT 1').get()
  return last?.kind === 'journal.moved'
}

/** Throws JournalMovedError where it was moved. */
export function demandUnmoved(db: Database): void {
  if (wasMoved(db)) throw new JournalMovedError()
}

import { codeOf } from '../../base/thrown.ts'

export class JournalDamagedError extends Error {
  override readonly name: string = 'JournalDamagedError'
  readonly code: string = 'journal_damaged'
  readonly seq: number

  constructor(seq: number, what: string) {
    super(`The journal is damaged at seq ${seq}: ${what}. Do not sell; keep the disk and restore the last backup.`)
    this.seq = seq
  }
}

/** SQLite would silently drop synced commits of the log. */
export class JournalLogDamagedError extends JournalDamagedError {
  override readonly name: string = 'JournalLogDamagedError'
  override readonly code = 'journal_log_damaged'

  constructor(seq: number) {
    super(seq, 'its log (journal.db-wal) holds commits that can no longer be read')
  }
}

/** An error of SQLite about an altered page, as damage at the event that was to be read; any other error itself. */
export function damageOf(error: unknown, seq: number): unknown {
  const code = codeOf(error) ?? ''
  if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error
  return new JournalDamagedError(seq, `the database cannot be read (${code})`)
}

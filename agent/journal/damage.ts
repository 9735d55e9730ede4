import { codeOf } from '../../base/thrown.ts'

/** An event by its seq, a table by its name, or the whole file; undefined if it is not known. */
type DamagedPlace = number | `table ${string}` | 'file' | undefined

const RESTORE = 'Do not sell; keep the disk and restore the last backup.'

export class JournalDamagedError extends Error {
  override readonly name: string = 'JournalDamagedError'
  readonly code: string = 'journal_damaged'
  /** 0 if no event is known to be damaged. */
  readonly seq: number

  constructor(place: DamagedPlace, what: string, remedy = RESTORE) {
    super(`The journal is damaged${placeWords(place)}: ${what}. ${remedy}`)
    // Without its first page no event can be read.
    this.seq = typeof place === 'number' ? place : place === 'file' || place === 'table sqlite_schema' ? 1 : 0
  }
}

function placeWords(place: DamagedPlace): string {
  if (place === undefined) return ''
  return typeof place === 'number' ? ` at seq ${place}` : ` in the ${place}`
}

/** SQLite could not read on: the event is the one that was to be read, and the damage may be in another place. */
export class JournalUnreadableError extends JournalDamagedError {
  override readonly name: string = 'JournalUnreadableError'

  readonly sqliteCode: string

  constructor(seq: number | undefined, sqliteCode: string) {
    super(seq, `the database cannot be read (${sqliteCode})`)
    this.sqliteCode = sqliteCode
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

/** An error of SQLite about an altered page, as damage where it was read; any other error itself. */
export function damageOf(error: unknown, seq?: number): unknown {
  const code = codeOf(error) ?? ''
  if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error
  return new JournalUnreadableError(seq, code)
}

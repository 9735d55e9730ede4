import { codeOf } from '../thrown.ts'

export class JournalDamagedError extends Error {
  override readonly name = 'JournalDamagedError'
  readonly code = 'journal_damaged'
  readonly seq: number

  constructor(seq: number, what: string) {
    super(`The journal is damaged at seq ${seq}: ${what}. Do not sell; keep the disk and restore the last backup.`)
    this.seq = seq
  }
}

/** What SQLite says of a page that is not what it was, as damage at the event that was to be read; else the error itself. */
export function damageOf(error: unknown, seq: number): unknown {
  const code = codeOf(error) ?? ''
  if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return error
  return new JournalDamagedError(seq, `the database cannot be read (${code})`)
}

import type { Database } from 'better-sqlite3'
import { storedHashes } from '../../agent/journal/event-table.ts'
import { readHead } from '../../agent/journal/journal-file.ts'
import type { Watermark } from './watermark.ts'

/** The contradictions between a journal and what its writer was promised before this read. */
export function contradictions(db: Database, mark: Watermark | undefined): string[] {
  const { seq } = readHead(db)
  const count = db.prepare<[], number>('SELECT count(*) FROM event').pluck().get()
  const violations: string[] = []
  if (count !== seq) violations.push(`${count} events, and the head is ${seq}`)
  if (mark === undefined) return violations
  if (seq < mark.seq) violations.push(`the head is ${seq}, and event ${mark.seq} was committed`)
  const hash = storedHashes(db)(mark.seq)?.toString('base64url')
  if (hash !== mark.hash) violations.push(`event ${mark.seq} has the hash ${hash}, and was committed with ${mark.hash}`)
  return violations
}

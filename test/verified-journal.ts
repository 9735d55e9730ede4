import type { JournalReport, VerifyOptions } from '../agent/journal/verify/journal.ts'
import { verifyJournal as verifyWith } from '../agent/journal/verify/journal.ts'
import { LAW_BOOKS } from '../agent/laws/law-books.ts'

/** Verifies a journal with the books of the laws that are built in. */
export function verifyJournal(directory: string, options: Omit<VerifyOptions, 'laws'> = {}): Promise<JournalReport> {
  return verifyWith(directory, { laws: LAW_BOOKS, ...options })
}

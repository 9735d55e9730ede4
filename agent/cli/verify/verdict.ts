import type { BookFinding } from '../../journal/books/findings.ts'

/** What came of a file, a code, or of files that belong together. */
export type Verdict = {
  file: string
  kind: 'tse_tar' | 'qr' | 'dep7' | 'dsfinvk' | 'journal' | 'backup' | 'together' | 'unknown'
  valid: boolean
  summary: string
  findings: readonly string[]
  /** Those that have a code which stays the same; missing where nobody looked for any, e.g. in a part of a journal. */
  codes?: readonly BookFinding[]
  /** To be known and no fault: where the clock of a journal was wrong. */
  notes?: readonly string[]
  /** Serial numbers of the units that signed it and are known not to be certified. */
  uncertified: readonly string[]
}

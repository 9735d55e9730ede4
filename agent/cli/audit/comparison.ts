import type { BookFinding } from '../../journal/books/findings.ts'
import { describeBooks } from '../../journal/books/findings.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { failureWords } from './failure-words.ts'
import { objectionsFirst } from './note-words.ts'
import type { AuditPart } from './report.ts'

type More = {
  /** Objections without a code, a sentence each. */
  objections?: readonly string[]
  uncovered?: readonly string[]
  /** False if there was nothing to compare with the journal. */
  isCompared?: boolean
  /** The part is a note if it has no objections. */
  isNoted?: boolean
}

/** The part of the report for a comparison with the journal. `same`: the sentence on what agrees. */
export function comparison(
  name: string,
  findings: readonly BookFinding[],
  same: string,
  { objections: uncoded = [], uncovered = [], isCompared = true, isNoted = false }: More,
): AuditPart {
  const objections = uncoded.length + objectionsIn(findings)
  return {
    name,
    valid: objections === 0,
    ...(isNoted && objections === 0 && { note: true }),
    summary: objectionsFirst(objections, same),
    ...(!isCompared && { compared: false }),
    findings: [...uncoded, ...findings.map((finding) => describeBooks(finding, 'de', LAW_BOOKS))],
    codes: findings,
    ...(uncovered.length > 0 && { uncovered }),
  }
}

export function notCompared(name: string, error: unknown): AuditPart {
  return { name, valid: false, summary: 'nicht verglichen', compared: false, findings: [failureWords(error)] }
}

/** The number of errors, including those that are only counted in `more`. */
function objectionsIn(findings: readonly BookFinding[]): number {
  return findings.reduce((sum, { level, more = 0 }) => sum + (level === 'error' ? 1 + more : 0), 0)
}

import type { JournalReport } from '../../journal/verify/journal.ts'
import { UNEXPLAINED } from '../../journal/verify/restore-texts.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import type { ProofFinding, ProofRun, ProvenUnit } from '../../proof/proof-file.ts'
import { bookFindings, journalFindings } from '../../proof/proof-findings.ts'
import type { AuditPart } from './audit-part.ts'
import { SESSION_OPEN } from './notes.ts'
import { REPORT_TEXTS } from './report-texts.ts'

const JOURNAL_PARTS = Object.values(REPORT_TEXTS).map(({ journalPart }) => journalPart)
/** Not remembered: each has its own warning, which ends when a person has done what it asks. */
const WARNED: ReadonlySet<string> = new Set([SESSION_OPEN, UNEXPLAINED])

/**
 * The result of an audit that the doctor reports until an audit finds nothing. An audit of a range checks only a part of the
 * evidence: it adds findings and clears none.
 */
export function auditRun(
  at: string,
  parts: readonly AuditPart[],
  journal: JournalReport,
  units: readonly ProvenUnit[],
  isEverything: boolean,
): ProofRun {
  const findings = [
    ...journalFindings(journal, LAW_BOOKS),
    ...journal.notes.map(noteFinding),
    ...parts.flatMap(evidenceFindings),
  ]
  return { by: 'audit', at, covers: isEverything ? 'evidence' : 'journal', findings, units: isEverything ? units : [] }
}

function noteFinding({ code = 'journal_note', seq, what }: JournalReport['notes'][number]): ProofFinding {
  return { part: 'journal', code, text: `event ${seq}: ${what}` }
}

function evidenceFindings({ name, valid, summary, findings, codes = [] }: AuditPart): ProofFinding[] {
  if (valid || JOURNAL_PARTS.includes(name) || codes.some(({ code }) => WARNED.has(code))) return []
  const coded = bookFindings(codes, 'evidence', LAW_BOOKS)
  return coded.length > 0
    ? coded
    : [{ part: 'evidence', code: 'audit_objection', text: `${name}: ${findings[0] ?? summary}` }]
}

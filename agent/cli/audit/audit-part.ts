import { visible } from '../../../base/text.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { describeBooks } from '../../journal/books/findings.ts'
import type { FindingCode } from '../../journal/verify/findings.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { failureCode, failureWords } from './failure-words.ts'
import { objectionsFirst } from './note-words.ts'
import type { ReportLanguage } from './report-language.ts'
import { REPORT_TEXTS } from './report-texts.ts'

/** One file or check of the audit, and its result. */
export type AuditPart = {
  name: string
  valid: boolean
  /** Information, not a fault. */
  note?: true
  /** For an archive: its TSE has further logs and cannot be read. */
  partial?: true
  /** For an archive of logs that were read back: the comparison with the journal reads those files itself, by their digests. */
  readBack?: true
  summary: string
  /** For a comparison: it was not possible. */
  compared?: false
  findings: readonly string[]
  /** The findings with a stable code; missing if the check does not report codes, e.g. for a part of a journal. */
  codes?: readonly (FindingCode | BookFinding)[]
  /** Records for which only the journal is evidence. */
  uncovered?: readonly string[]
  /** Listed with them and not counted: a unit secures their sum. */
  partly?: readonly string[]
  /** The two sums of the result; only in the chapter on acts without turnover. */
  turnover?: string
  /** Serial numbers of units without certification that signed records in the file. */
  uncertified?: readonly string[]
}

type More = Omit<AuditPart, 'name' | 'valid' | 'note' | 'summary' | 'findings'>

/** `sound`: checked and right. */
export function auditPart(
  state: 'sound' | 'note' | 'fault',
  name: string,
  summary: string,
  findings: readonly string[] = [],
  more: More = {},
): AuditPart {
  return { name, valid: state !== 'fault', ...(state === 'note' && { note: true }), summary, findings, ...more }
}

/** Each sentence on one line: a name or a text of the shop cannot write lines of the report. */
export function onOneLine({ summary, findings, uncovered, partly, ...part }: AuditPart): AuditPart {
  return {
    ...part,
    name: visible(part.name),
    summary: visible(summary),
    findings: findings.map(visible),
    ...(uncovered !== undefined && { uncovered: uncovered.map(visible) }),
    ...(partly !== undefined && { partly: partly.map(visible) }),
  }
}

/** Before the first Z there is no package: its receipts are in the journal, which is compared without one. */
const NO_CLOSING = 'export_dsfinvk_no_closed_sessions'
const UNCLOSED = 'Belege ohne Kassenabschluss: ein DSFinV-K-Paket haben sie erst nach ihm.'

/** The part for a file that could not be written. */
export function notWritten(name: string, error: unknown, language: ReportLanguage): AuditPart {
  const { notWritten: summary } = REPORT_TEXTS[language]
  const findings = [failureWords(error, language)]
  if (failureCode(error) !== NO_CLOSING) return auditPart('fault', name, summary, findings)
  return auditPart('note', name, summary, findings, { uncovered: [UNCLOSED] })
}

type Compared = {
  /** Objections without a code, a sentence each. */
  objections?: readonly string[]
  uncovered?: readonly string[]
  partly?: readonly string[]
  /** False if there was nothing to compare with the journal. */
  isCompared?: boolean
  /** The part is a note if it has no objections. */
  isNoted?: boolean
}

/** The part of a German report for a comparison with the journal. `same`: the sentence on what agrees. */
export function comparison(
  name: string,
  findings: readonly BookFinding[],
  same: string,
  { objections: uncoded = [], uncovered = [], partly = [], isCompared = true, isNoted = false }: Compared,
): AuditPart {
  const objections = uncoded.length + objectionsIn(findings)
  const state = objections > 0 ? 'fault' : isNoted ? 'note' : 'sound'
  return auditPart(state, name, objectionsFirst(objections, same, 'de'), [...uncoded, ...bookWords(findings, 'de')], {
    ...(!isCompared && { compared: false }),
    codes: findings,
    ...(uncovered.length > 0 && { uncovered }),
    ...(partly.length > 0 && { partly }),
  })
}

export function notCompared(name: string, error: unknown, language: ReportLanguage): AuditPart {
  const { notCompared: summary } = REPORT_TEXTS[language]
  return auditPart('fault', name, summary, [failureWords(error, language)], { compared: false })
}

/** A sentence for each. */
export function bookWords(findings: readonly BookFinding[], language: ReportLanguage): string[] {
  return findings.map((finding) => describeBooks(finding, language, LAW_BOOKS))
}

/** The number of errors, including those that are only counted in `more`. */
function objectionsIn(findings: readonly BookFinding[]): number {
  return findings.reduce((sum, { level, more = 0 }) => sum + (level === 'error' ? 1 + more : 0), 0)
}

import { visible } from '../../../base/text.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import type { FindingCode } from '../../journal/verify/findings.ts'
import type { AuditComparison } from '../../laws/audit-rules.ts'
import { EVER } from '../arguments/range.ts'
import { failureCode, failureWords } from './failure-words.ts'
import { minuteOf } from './note-words.ts'
import type { Installation } from './procedure.ts'
import { COMPARISONS } from './wanted.ts'

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
  /** Records for which only the journal is evidence, in German. */
  uncovered?: readonly string[]
  /** Serial numbers of units without certification that signed records in the file. */
  uncertified?: readonly string[]
}

/** Each sentence on one line: a name or a text of the shop cannot write lines of the report. */
export function onOneLine({ summary, findings, uncovered, ...part }: AuditPart): AuditPart {
  return {
    ...part,
    name: visible(part.name),
    summary: visible(summary),
    findings: findings.map(visible),
    ...(uncovered !== undefined && { uncovered: uncovered.map(visible) }),
  }
}

/** Before the first Z there is no package: its receipts are in the journal, which is compared without one. */
const NO_CLOSING = 'export_dsfinvk_no_closed_sessions'
const UNCLOSED = 'Belege ohne Kassenabschluss: ein DSFinV-K-Paket haben sie erst nach ihm.'

/** The part for a file that could not be written. */
export function notWritten(name: string, error: unknown): AuditPart {
  const part = { name, valid: false, summary: 'nicht geschrieben', findings: [failureWords(error)] }
  return failureCode(error) === NO_CLOSING ? { ...part, valid: true, note: true, uncovered: [UNCLOSED] } : part
}

type Audit = {
  parts: readonly AuditPart[]
  range: { from: string; to: string }
  writtenAt: string
  installation: Installation
  /** The head of the verified journal as Z reports print it; undefined if the journal could not be read. */
  head: string | undefined
}

const NAME_WIDTH = 30
const OVER_ALL = 'dazu ein Prüfbericht über den ganzen Zeitraum.'

/** The report for the auditor, in German: all checks and their findings. */
export function auditReport({ parts, range, writtenAt, installation, head }: Audit): string {
  const faults = parts.filter(({ valid }) => !valid).length
  const comparisons = COMPARISONS.filter(({ name }) => isCompared(parts, name)).sort(byName)
  const uncertified = uncertifiedLines(parts, installation)
  const merchants = installation.merchants.map(({ legal_name }) => legal_name.replace(/\s+/g, ' ')).join(', ')
  return [
    'Prüfbericht zur Datenüberlassung (§ 146b AO, § 147 Abs. 6 AO)',
    '',
    `Unternehmen   ${merchants}`,
    `Zeitraum      ${range.from === EVER.from ? 'Beginn der Aufzeichnung' : range.from} bis ${range.to === EVER.to ? 'heute' : range.to}`,
    `Erstellt      ${minuteOf(writtenAt)} Uhr`,
    `Aufzeichnung  ${installation.chain}, ${installation.events} Ereignisse`,
    ...(head === undefined ? [] : [`Journal ${head}`]),
    '',
    ...uncertified,
    'Jede Datei wurde nach dem Schreiben wieder gelesen und geprüft: im DSFinV-K-Paket jede Summe, jede processData und jede',
    'Signatur, im TSE-Archiv jede Signatur und die Lücken der Zähler, im Journal die Kette der Prüfsummen und die Nummern,',
    'im DEP7 jede Signatur und die Belegkette.',
    ...comparisons.flatMap(({ told }) => told),
    '',
    ...parts.flatMap(({ name, valid, note, summary, findings }) => [
      `[${note === true ? '  Hinweis  ' : valid ? ' in Ordnung ' : 'BEANSTANDET'}] ${name.padEnd(NAME_WIDTH)} ${summary}`,
      ...findings.map((finding) => `                ${finding}`),
    ]),
    '',
    ...(uncertified.length > 0
      ? ['Die Sicherheitseinrichtung ist NICHT ZERTIFIZIERT (NOT CERTIFIED), siehe oben.']
      : []),
    ...resultLines(faults, uncoveredIn(parts, range.from === EVER.from && range.to === EVER.to)),
    '',
    'Nachrechnen: sha256sum --check SHA256SUMS; fiskal-edge verify <Datei>.',
    ...(head === undefined ? [] : [`Später vergleichen: fiskal-edge journal verify --head ${head}`]),
    '',
  ]
    .map(visible)
    .join('\n')
}

function byName(one: AuditComparison, other: AuditComparison): number {
  return one.name < other.name ? -1 : 1
}

function isCompared(parts: readonly AuditPart[], by: string): boolean {
  return parts.some(({ name, compared }) => name === by && compared !== false)
}

function uncoveredIn(parts: readonly AuditPart[], isEverything: boolean): string[] {
  const remedy = isEverything ? 'siehe die Beanstandungen.' : OVER_ALL
  const uncompared = COMPARISONS.flatMap(({ name, missing }) => {
    if (missing === undefined || isCompared(parts, name) || !parts.some((part) => missing.files.test(part.name)))
      return []
    return [`${missing.what} wurden nicht verglichen: ${remedy}`]
  })
  return [...uncompared, ...parts.flatMap(({ uncovered = [] }) => uncovered)]
}

/** The result. It lists records without evidence and does not call them right. */
function resultLines(faults: number, uncovered: readonly string[]): string[] {
  const named = uncovered.length === 0 ? [] : ['Nicht belegt ist:', ...uncovered.map((what) => `- ${what}`)]
  if (faults > 0) return [`Ergebnis: ${faults} Beanstandung(en), siehe oben.`, ...named]
  if (uncovered.length === 0) return ['Ergebnis: ohne Beanstandung.']
  return ['Ergebnis: keine Beanstandung in dem, was verglichen wurde.', ...named]
}

/** Names every unit without certification in the files and the journal; the connected units may be others. */
function uncertifiedLines(parts: readonly AuditPart[], { uncertified_units: journalled }: Installation): string[] {
  const serials = new Set([...journalled, ...parts.flatMap(({ uncertified = [] }) => uncertified)])
  if (serials.size === 0) return []
  return [
    'NICHT ZERTIFIZIERT (NOT CERTIFIED): Diese Sicherheitseinrichtungen sind simuliert oder Schlüssel in einem Token. Sie sind',
    'keine TSE im Sinne des § 146a AO und keine Signaturerstellungseinheit der RKSV.',
    ...[...serials].map((serial) => `              ${serial}`),
    '',
  ]
}

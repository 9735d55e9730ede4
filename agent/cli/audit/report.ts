import { visible } from '../../../base/text.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import type { FindingCode } from '../../journal/verify/findings.ts'
import type { AuditComparison } from '../../laws/audit-rules.ts'
import { EVER } from '../arguments/range.ts'
import { failureWords } from './failure-words.ts'
import { minuteOf } from './note-words.ts'
import type { Installation } from './procedure.ts'
import { COMPARISONS } from './wanted.ts'

/** One thing that was handed over or checked, and what came of it. */
export type AuditPart = {
  name: string
  valid: boolean
  /** To be known and no fault. */
  note?: true
  /** Of an archive: its TSE holds more, and cannot be read. */
  partial?: true
  /** Made of what was read back of a TSE: the comparison with the journal reads that itself, with its digests. */
  readBack?: true
  summary: string
  /** Of what its name says that it compares nothing could be. */
  compared?: false
  findings: readonly string[]
  /** Those that have a code which stays the same; missing where nobody looked for any, e.g. in a part of a journal. */
  codes?: readonly (FindingCode | BookFinding)[]
  /** What no evidence stands for beside the journal itself. */
  uncovered?: readonly string[]
  /** Serial numbers of the units that signed what is in it and are not certified. */
  uncertified?: readonly string[]
}

/** What cannot be had is told in its place. */
export function notWritten(name: string, error: unknown): AuditPart {
  return { name, valid: false, summary: 'nicht geschrieben', findings: [failureWords(error)] }
}

type Audit = {
  parts: readonly AuditPart[]
  range: { from: string; to: string }
  writtenAt: string
  installation: Installation
  /** Of the journal that was verified, as Z reports print it; undefined where it could not be read. */
  head: string | undefined
}

const NAME_WIDTH = 30
const OVER_ALL = 'dazu ein Prüfbericht über den ganzen Zeitraum.'

/** What was checked and found, in German, for who takes the folder away. */
export function auditReport({ parts, range, writtenAt, installation, head }: Audit): string {
  const faults = parts.filter(({ valid }) => !valid).length
  const comparisons = COMPARISONS.filter(({ name }) => isCompared(parts, name)).sort(byName)
  const uncertified = uncertifiedLines(parts, installation)
  const merchants = installation.merchants.map(({ legal_name }) => visible(legal_name.replace(/\s+/g, ' '))).join(', ')
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
  ].join('\n')
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

/** For what no evidence stands nothing is called right: it is named. */
function resultLines(faults: number, uncovered: readonly string[]): string[] {
  const named = uncovered.length === 0 ? [] : ['Nicht belegt ist:', ...uncovered.map((what) => `- ${what}`)]
  if (faults > 0) return [`Ergebnis: ${faults} Beanstandung(en), siehe oben.`, ...named]
  if (uncovered.length === 0) return ['Ergebnis: ohne Beanstandung.']
  return ['Ergebnis: keine Beanstandung in dem, was verglichen wurde.', ...named]
}

/** Of every unit that signed what is handed over, or that stands in the journal: what is plugged in now tells nothing of it. */
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

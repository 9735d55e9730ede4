import { createReadStream } from 'node:fs'
import { counted } from '../../../base/text.ts'
import { UNCERTIFIED } from '../../../drivers/tr03151/certificate.ts'
import type { TarReport } from '../../../verify/tse/verify-tar.ts'
import { certificatesAhead, verifyTar } from '../../../verify/tse/verify-tar.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings, describeBooks } from '../../journal/books/findings.ts'
import type { FileChecker, Summary } from '../verify-rules.ts'
import { further, marked, shownSerial } from '../verify-words.ts'
import { GERMAN_BOOKS } from './books/law-books.ts'
import { dateFacts, rateFacts } from './books/texts.ts'

const OF_A_PART: Summary = {
  en: 'an archive of one register or of a time range has gaps in its counters: check it with --filtered',
  de: 'Einem Archiv einer Kasse oder eines Zeitraums fehlt, was dazwischen liegt: mit --filtered prüfen.',
}
const ODD_BUT_SOUND: Summary = {
  en: 'all logs are signed by the key of the archive, and every gap has its audit log: only names and wrapping are against the rules',
  de: 'Alle Absicherungen sind mit dem Schlüssel des Archivs signiert, und jede Lücke hat ihre Audit-Meldung: nur Namen und Verpackung entsprechen nicht der Norm.',
}

/** A TSE archive. */
export const checkArchive: FileChecker['check'] = async (file, { filtered = false, known, onExported }, language) => {
  const certificates = await certificatesAhead(createReadStream(file))
  const report = await verifyTar(createReadStream(file), { filtered, certificates, language, known })
  onExported?.({ isSound: report.sound, serial: report.serial })
  const findings = report.findings.map(
    (finding) => `${finding.file === '' ? file : finding.file}: ${finding.what} (${finding.rule})`,
  )
  findings.push(...further(report.findingCount - findings.length, language))
  if (report.hasGaps && !filtered) findings.push(OF_A_PART[language])
  if (report.sound && !report.valid) findings.push(ODD_BUT_SOUND[language])
  const uncertified = report.uncertified ? [report.serial ?? ''] : []
  return { valid: report.valid, summary: archiveSummary(report)[language], findings, uncertified }
}

/** Findings with words for facts that a package does not have. */
const WORDED = new Map<string, typeof rateFacts>([
  ['tse_rate_implausible', rateFacts],
  ['business_date_differs', (facts) => dateFacts(facts)],
])

/** A DSFinV-K package. */
export const checkPackage: FileChecker['check'] = async (file, { known, onExported }, language) => {
  const { verifyDsfinvk } = await import('../../../verify/dsfinvk/verify-package.ts')
  const { describeFinding } = await import('../../../verify/dsfinvk/finding.ts')
  const noted = new BookFindings([GERMAN_BOOKS])
  const report = await verifyDsfinvk(file, {
    onNote: (code, facts) => noted.add(code, 0, WORDED.get(code)?.(facts) ?? facts),
    known,
  })
  onExported?.({ isSound: report.findingCount === 0 })
  const findings = report.findings.map(describeFinding)
  findings.push(...further(report.findingCount - findings.length, language))
  const { valid, uncertified } = report
  const codes = noted.all()
  const wordsOf = (level: BookFinding['level']): string[] =>
    codes.filter((code) => code.level === level).map((code) => describeBooks(code, language, [GERMAN_BOOKS]))
  findings.push(...wordsOf('error'))
  const notes = wordsOf('note')
  const result = { findings, ...(codes.length > 0 && { codes }), ...(notes.length > 0 && { notes }) }
  return { valid, summary: packageSummary(report)[language], ...result, uncertified }
}

/** `43 Protokolle (19 Beginne, 19 Enden, 5 der Einheit selbst)` */
function kindsOf({ starts, finishes, updates, others }: TarReport['kinds']): Summary {
  const en = [counted(starts, 'start', 'starts'), counted(finishes, 'finish', 'finishes')]
  const de = [counted(starts, 'Beginn', 'Beginne'), counted(finishes, 'Ende', 'Enden')]
  if (updates > 0) {
    en.push(counted(updates, 'update', 'updates'))
    de.push(counted(updates, 'Fortschreibung', 'Fortschreibungen'))
  }
  return {
    en: [...en, `${others} of the unit itself`].join(', '),
    de: [...de, `${others} der Einheit selbst`].join(', '),
  }
}

function archiveSummary({
  logs,
  kinds,
  firstCounter,
  lastCounter,
  serial,
  uncertified,
  hasEnd,
}: Pick<TarReport, 'logs' | 'kinds' | 'firstCounter' | 'lastCounter' | 'serial' | 'uncertified' | 'hasEnd'>): Summary {
  const of = `${shownSerial(serial ?? 'unknown')}${uncertified ? `, ${UNCERTIFIED}` : ''}`
  const [en, de] =
    logs === 0
      ? ['no logs', 'keine Protokolle']
      : [
          `${logs} logs (${kindsOf(kinds).en}), counters ${firstCounter} to ${lastCounter}`,
          `${counted(logs, 'Protokoll', 'Protokolle')} (${kindsOf(kinds).de}), Signaturzähler ${firstCounter} bis ${lastCounter}`,
        ]
  return {
    en: `TSE archive, ${en}, serial ${of}${hasEnd ? '' : ', without an end mark: it may be cut, unless the unit writes none'}`,
    de: `TSE-Archiv, ${de}, Seriennummer ${of}${hasEnd ? '' : ', ohne Endmarke: es kann abgeschnitten sein, außer diese TSE schreibt keine'}`,
  }
}

function packageSummary({
  ranges,
  bons,
  signatures,
  unsigned,
  uncertified,
}: {
  ranges: readonly string[]
  bons: number
  signatures: number
  unsigned: number
  uncertified: readonly string[]
}): Summary {
  const range = ranges.join(', ')
  return {
    en: `DSFinV-K, ${range}, ${bons} bons, ${signatures} signatures, ${unsigned} unsigned${marked(uncertified)}`,
    de: `DSFinV-K, ${range}, ${bons} Bons, ${signatures} Signaturen, ${unsigned} ohne Signatur${marked(uncertified)}`,
  }
}

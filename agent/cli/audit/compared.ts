import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { counted } from '../../../base/text.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import type { DeviceLogs, KeptArchive } from '../../journal/books/device-logs.ts'
import type { MatchReport } from '../../laws/germany/archive-match.ts'
import { isPackageOf, PACKAGE_AND_JOURNAL, TSE_AND_JOURNAL } from '../../laws/germany/audit.ts'
import { unpacked } from '../../laws/germany/memory/read-portions.ts'
import type { FilesMatch } from '../../laws/germany/verify-together.ts'
import { matchArchives, matchBons, matchLogs } from '../../laws/germany/verify-together.ts'
import { further, shownSerial } from '../../laws/verify-words.ts'
import { keptArchiveAt } from '../../proof/kept-archive.ts'
import { readAsItLies } from '../owner/handed-input.ts'
import type { AuditPart } from './audit-part.ts'
import { auditPart, comparison, notCompared } from './audit-part.ts'
import { euros, minuteOf, objectionsFirst } from './note-words.ts'
import type { RecordedReceipts } from './recorded-receipts.ts'
import type { IsRetired } from './wanted.ts'
import { JOURNAL } from './wanted.ts'

const CLOSINGS_OF_RANGE =
  'Ob im Zeitraum ganze Kassenabschlüsse fehlen, außer zwischen denen im Paket: das zeigt nur ein Prüfbericht ohne Zeitraum (das Paket wählt nach dem Geschäftstag).'

const PLUG_IN = 'anschließen und wiederholen; ist sie verloren: fiskal-edge device retire ID --reason GRUND.'
const UNTAXED_OF_RANGE =
  'Was im Zeitraum ohne Umsatzsteuer abgesichert ist: ohne DSFinV-K-Paket zeigt das nur ein Prüfbericht ohne Zeitraum.'
/** Without a readable journal nothing is compared; the journal's own part of the report has the reason. */
const UNREAD = auditPart(
  'note',
  PACKAGE_AND_JOURNAL,
  'nicht verglichen: Das Journal liegt nicht vor oder ist nicht in Ordnung.',
  [],
  { compared: false },
)

/**
 * Compares the signatures of each package with the archives of the TSEs: no other check finds a TSE that lost its memory.
 * Files with objections are compared too, so that one bad signature of a unit does not hide its other logs.
 */
export async function comparedParts(
  folder: string,
  parts: readonly AuditPart[],
  isRetired: IsRetired,
): Promise<AuditPart[]> {
  const archives = archivesIn(parts, folder).map((name) => ({
    file: join(folder, name),
    isPart: parts.some((part) => part.name === name && part.partial === true),
  }))
  if (archives.length === 0) return []
  const compared: AuditPart[] = []
  for (const name of packagesIn(parts, folder))
    compared.push(await comparedPart(name, join(folder, name), archives, isRetired))
  return compared
}

function archivesIn(parts: readonly AuditPart[], folder: string): string[] {
  return writtenIn(parts, folder, /\.tar$/)
}

function packagesIn(parts: readonly AuditPart[], folder: string): string[] {
  return writtenIn(parts, folder, /\.zip$/)
}

/** The names of the written files that match. */
export function writtenIn(parts: readonly AuditPart[], folder: string, files: RegExp): string[] {
  const names = new Set(parts.map(({ name }) => name))
  return [...names].filter((name) => files.test(name) && existsSync(join(folder, name)))
}

/** True if the whole journal was written and its books were checked. */
export function hasBooks(parts: readonly AuditPart[]): boolean {
  return parts.some(({ name, codes }) => name === JOURNAL && codes !== undefined)
}

/**
 * Compares the archives of the TSEs with the journal, in both directions. `isEverything`: the archives are complete; otherwise
 * they have a range, and the report names the signatures outside of it as not covered.
 */
export async function matchedParts(
  state: string,
  folder: string,
  parts: readonly AuditPart[],
  logs: DeviceLogs | undefined,
  isEverything: boolean,
): Promise<{ parts: AuditPart[]; units: MatchReport['units']; retired: FilesMatch['retired'] }> {
  const archives = archivesIn(
    parts.filter(({ readBack }) => readBack !== true),
    folder,
  )
  if (logs === undefined) return { parts: [], units: [], retired: [] }
  const name = TSE_AND_JOURNAL
  // A log that is missing in an incomplete archive proves nothing.
  const isWhole = (archive: string): boolean =>
    isEverything && parts.every(({ name, valid, partial }) => name !== archive || (valid && partial !== true))
  try {
    const logsAt = async (archive: KeptArchive, isAlone: boolean) => {
      const path = await keptArchiveAt(state, archive, readAsItLies)
      if (path === undefined) return undefined
      // Root can record the digest of another file: only signatures and counters prove that the TSE exported it.
      const isSound = !isAlone || (await verifyTar(unpacked(path, readAsItLies))).sound
      return isSound ? unpacked(path, readAsItLies) : undefined
    }
    const given = archives.map((archive) => ({ file: join(folder, archive), isWhole: isWhole(archive) }))
    const { findings, retired, ...report } = await matchLogs(logs, join(folder, JOURNAL), given, logsAt)
    const isNothing = archives.length === 0 && (!isEverything || findings.length + report.without.length === 0)
    if (isNothing) return { parts: [], units: [], retired }
    // A unit may have signed nothing in a range.
    const absent = report.without.filter(({ isRetired }) => isEverything && !isRetired)
    const isCompared = archives.length + report.matched > 0
    const inPart = isEverything ? report.inPart.length : 0
    const isNoted = report.without.length + report.strangers.length + inPart > 0
    const more = { objections: absent.map(absentArchive), uncovered: uncoveredBy(report), isCompared, isNoted }
    const units = report.units.filter(({ serial }) => !report.inPart.includes(serial))
    return { parts: [comparison(name, findings, matchSummary(report), more)], units, retired }
  } catch (error) {
    return { parts: [notCompared(name, error, 'de')], units: [], retired: [] }
  }
}

/**
 * Compares the packages with the journal, in both directions: each bon of a session that was closed when the audit began
 * must be in one package. In a range this holds for the closings between the first and the last one of a register.
 */
export async function packageParts(
  folder: string,
  parts: readonly AuditPart[],
  recorded: RecordedReceipts | undefined,
  asked: { untilSeq: number } | 'of',
): Promise<AuditPart[]> {
  const packages = packagesIn(parts, folder)
  const name = PACKAGE_AND_JOURNAL
  const isEverything = asked !== 'of'
  // Its own part reports it: no bon is missing in a package that does not exist.
  const unwritten = parts.filter(({ name, valid }) => !valid && !packages.includes(name))
  const isUnwritten = (register: string): boolean => unwritten.some(({ name }) => isPackageOf(name, register))
  const closings = isEverything ? { ...asked, isUnwritten } : asked
  const isGerman = parts.some(({ name }) => name.endsWith('.zip'))
  if (recorded === undefined) return isGerman ? [UNREAD] : []
  if (!isEverything && !isGerman && archivesIn(parts, folder).length === 0) return []
  try {
    const files = packages.map((file) => join(folder, file))
    const { findings, found, newer, untaxed } = await matchBons(recorded, files, closings)
    const named = newerClosings(newer)
    const isNothing = found + named.length + untaxed.length + findings.length === 0
    if (isEverything && packages.length === 0 && isNothing) return []
    const same = `${counted(found, 'Bon stimmt', 'Bons stimmen')} im DSFinV-K-Paket und im Journal überein`
    const ofRange = packages.length > 0 ? [CLOSINGS_OF_RANGE] : [UNTAXED_OF_RANGE, CLOSINGS_OF_RANGE]
    const uncovered = [...named, ...(isEverything ? [] : ofRange)]
    return [comparison(name, findings, same, { uncovered, partly: untaxed, isCompared: packages.length > 0 })]
  } catch (error) {
    return [notCompared(name, error, 'de')]
  }
}

function newerClosings(count: number): string[] {
  if (count === 0) return []
  return [`${counted(count, 'Kassenabschluss', 'Kassenabschlüsse')} während der Prüfung: im nächsten DSFinV-K-Paket.`]
}

function uncoveredBy({ younger, outside, without, strangers, inPart }: MatchReport): string[] {
  const later = younger === 0 ? [] : [`${younger} Absicherungen, die jünger sind als das Archiv ihrer TSE.`]
  const others = outside === 0 ? [] : [`${outside} Absicherungen außerhalb der vorliegenden Archive.`]
  const absent = without.map(({ serial, finishes }) => `${finishes} Absicherungen der TSE ${serial}: kein Archiv.`)
  const parts = inPart.map((serial) => `Was im Speicher der TSE ${serial} steht: er liegt nicht ganz vor.`)
  return [...later, ...others, ...absent, ...strangers.map(strangerText), ...parts]
}

/** Another system on a TSE that several share, an agent that was begun again, or a register that was cut out. */
function strangerText({ client, count, sum, from, until }: MatchReport['strangers'][number]): string {
  const many = counted(count, 'Vorgang', 'Vorgänge')
  return `Kasse ${client} an derselben TSE, die dieses Journal nicht hat: ${many}, ${euros(sum)}, ${minuteOf(from)} bis ${minuteOf(until)}. Ihr Journal vorlegen, mit der Mitteilung nach § 146a Abs. 4 AO vergleichen.`
}

function matchSummary({ matched, younger, without, inPart }: MatchReport): string {
  const later = younger === 0 ? '' : `; ${younger} jünger als das Archiv`
  const absent = without.map(({ serial, finishes }) => `; ohne Archiv ${finishes} der TSE ${shownSerial(serial)}`)
  const parts = inPart.map((serial) => `; der Speicher der TSE ${shownSerial(serial)} liegt nicht ganz vor`)
  return `${counted(matched, 'Absicherung stimmt', 'Absicherungen stimmen')} im Speicher der TSE und im Journal überein${later}${absent.join('')}${parts.join('')}`
}

async function comparedPart(
  file: string,
  path: string,
  archives: readonly { file: string; isPart: boolean }[],
  isRetired: IsRetired,
): Promise<AuditPart> {
  const name = `${file} / TSE`
  try {
    const streams = archives.map((archive) => ({ ...archive, logs: createReadStream(archive.file) }))
    const { found, absent, findings, findingCount } = await matchArchives(path, streams, isRetired)
    const without = absent.map(({ serial, bons }) => `; ohne Archiv ${bons} der TSE ${shownSerial(serial)}`)
    const missingParts = absent.filter(({ serial }) => !isRetired(serial)).map(missingArchive)
    const more = further(findingCount - findings.length, 'de')
    const objections = findingCount + missingParts.length
    const same = `${counted(found, 'Signatur stimmt', 'Signaturen stimmen')} mit dem Archiv der TSE überein${without.join('')}`
    const summary = objectionsFirst(objections, same, 'de')
    return auditPart(objections === 0 ? 'sound' : 'fault', name, summary, [...missingParts, ...findings, ...more])
  } catch (error) {
    return notCompared(name, error, 'de')
  }
}

/** The objections to a unit in use without its archive. A retired unit may no longer exist. */
function missingArchive({ serial, bons }: { serial: string; bons: number }): string {
  return `Die TSE ${serial} ist in Betrieb und hat ${counted(bons, 'Beleg', 'Belege')} signiert, ihr Archiv fehlt oder ist nicht ganz zu lesen: ${PLUG_IN}`
}

/** `finishes`: those that no archive has; with 0 only the logs after the last archive are unknown. */
function absentArchive({ serial, finishes }: { serial: string; finishes: number }): string {
  if (finishes === 0)
    return `Die TSE ${serial} ist in Betrieb und wurde nicht gelesen: Was sie nach ihrem letzten Archiv abgesichert hat, ist nicht bekannt: ${PLUG_IN}`
  const many = counted(finishes, 'Absicherung', 'Absicherungen')
  return `Die TSE ${serial} ist in Betrieb und wurde nicht gelesen: ${many} im Journal ${finishes === 1 ? 'steht' : 'stehen'} in keinem Archiv: ${PLUG_IN}`
}

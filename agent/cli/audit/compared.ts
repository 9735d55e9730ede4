import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KeptArchive } from '../../journal/books/device-logs.ts'
import { keptArchiveAt } from '../../proof/kept-archive.ts'
import type { MatchReport } from '../../regimes/kassensichv/archive-match.ts'
import { compareWithArchives } from '../../regimes/kassensichv/dsfinvk/check/against-archive.ts'
import type { PackageReport } from '../../regimes/kassensichv/dsfinvk/check/against-journal.ts'
import { describeFinding } from '../../regimes/kassensichv/dsfinvk/finding.ts'
import { openAsItLies } from '../owner/handed-input.ts'
import { shownSerial } from '../verify/shown-serial.ts'
import { matchFiles, matchPackages } from '../verify/together.ts'
import { comparison, notCompared } from './comparison.ts'
import { counted, euros, minuteOf, objectionsFirst } from './note-words.ts'
import type { AuditPart } from './report.ts'
import { TSE_AND_JOURNAL } from './report.ts'
import type { IsRetired } from './wanted.ts'
import { JOURNAL } from './wanted.ts'

const CLOSINGS_OF_RANGE =
  'Ob im Zeitraum ganze Kassenabschlüsse fehlen: das zeigt nur ein Prüfbericht ohne Zeitraum (das Paket wählt nach dem Geschäftstag).'

/**
 * What the books say was signed, beside what the TSEs hold: a unit that lost its memory is found by nothing else. Also of
 * files that were found wrong: one bad signature of a unit hides none of its other logs.
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

export function archivesIn(parts: readonly AuditPart[], folder: string): string[] {
  return writtenIn(parts, folder, '.tar')
}

export function packagesIn(parts: readonly AuditPart[], folder: string): string[] {
  return writtenIn(parts, folder, '.zip')
}

/** Names of files with that ending that were written. */
export function writtenIn(parts: readonly AuditPart[], folder: string, ending: string): string[] {
  const names = new Set(parts.map(({ name }) => name))
  return [...names].filter((name) => name.endsWith(ending) && existsSync(join(folder, name)))
}

/**
 * What the TSEs hold beside what the journal has, in both directions. `isEverything`: the archives are whole; else they are of a
 * range, and what lies outside of it is named.
 */
export async function matchedParts(
  state: string,
  folder: string,
  parts: readonly AuditPart[],
  isEverything: boolean,
): Promise<{ parts: AuditPart[]; units: MatchReport['units'] }> {
  const archives = archivesIn(parts, folder)
  const journal = parts.find(({ name }) => name === JOURNAL)
  if (journal?.codes === undefined) return { parts: [], units: [] }
  const name = TSE_AND_JOURNAL
  // Of one that breaks off, or has gaps, nobody can say what it lacks.
  const isWhole = (archive: string): boolean =>
    isEverything && parts.every(({ name, valid, partial }) => name !== archive || (valid && partial !== true))
  try {
    const asItLies = (path: string) => createReadStream('', { fd: openAsItLies(path) })
    const isKept = async (kept: KeptArchive) => (await keptArchiveAt(state, kept, asItLies)) !== undefined
    const given = archives.map((archive) => ({ file: join(folder, archive), isWhole: isWhole(archive) }))
    const { findings, ...report } = await matchFiles(join(folder, JOURNAL), given, isKept)
    if (archives.length === 0 && findings.length + report.without.length === 0) return { parts: [], units: [] }
    // Of a range a unit may have signed nothing.
    const absent = report.without.filter(({ isRetired }) => isEverything && !isRetired)
    const more = { objections: absent.length, uncovered: uncoveredBy(report) }
    const units = report.units.filter(({ serial }) => !report.inPart.includes(serial))
    return { parts: [comparison(name, findings, matchSummary(report), more)], units }
  } catch (error) {
    return { parts: [notCompared(name, error)], units: [] }
  }
}

/**
 * What the packages hold beside what the journal has, in both directions: each bon of a closed session is in one of them. Of a
 * range, each of the closings that are in them.
 */
export async function packageParts(
  folder: string,
  parts: readonly AuditPart[],
  isEverything: boolean,
): Promise<AuditPart[]> {
  const packages = packagesIn(parts, folder)
  const journal = parts.find(({ name }) => name === JOURNAL)
  if (journal?.codes === undefined) return []
  const name = 'DSFinV-K / Journal'
  try {
    const files = packages.map((file) => join(folder, file))
    const { findings, found, unsigned } = await matchPackages(
      join(folder, JOURNAL),
      files,
      isEverything ? 'all' : 'packaged',
    )
    if (isEverything && packages.length === 0 && found === 0 && unsigned.bons === 0 && findings.length === 0) return []
    const same = `${found} Bons stehen so im DSFinV-K-Paket und im Journal`
    const uncovered = [...unsignedBons(unsigned), ...(isEverything ? [] : [CLOSINGS_OF_RANGE])]
    return [comparison(name, findings, same, { uncovered })]
  } catch (error) {
    return [notCompared(name, error)]
  }
}

function unsignedBons({ bons, sum, first }: PackageReport['unsigned']): string[] {
  if (bons === 0) return []
  const each = first.map(
    (one) => `Ohne Absicherung: Bon ${one.bon} der Kasse ${one.register}, ${minuteOf(one.at)}, ${euros(one.sum)}.`,
  )
  const more = bons - first.length
  return [
    `${counted(bons, 'Bon', 'Bons')} über ${euros(sum)} ohne Absicherung der TSE: nur das Journal steht dafür.`,
    ...each,
    ...(more > 0 ? [`Ohne Absicherung: ${counted(more, 'weiterer Bon', 'weitere Bons')}.`] : []),
  ]
}

function uncoveredBy({ younger, outside, without, inPart }: MatchReport): string[] {
  const later = younger === 0 ? [] : [`${younger} Absicherungen, die jünger sind als das Archiv ihrer TSE.`]
  const others = outside === 0 ? [] : [`${outside} Absicherungen außerhalb der vorliegenden Archive.`]
  const absent = without.map(({ serial, finishes }) => `${finishes} Absicherungen der TSE ${serial}: kein Archiv.`)
  const parts = inPart.map((serial) => `Was im Speicher der TSE ${serial} steht: er liegt nicht ganz vor.`)
  return [...later, ...others, ...absent, ...parts]
}

function matchSummary({ matched, younger, without, inPart }: MatchReport): string {
  const later = younger === 0 ? '' : `; ${younger} jünger als das Archiv`
  const absent = without.map(({ serial, finishes }) => `; ohne Archiv ${finishes} der TSE ${shownSerial(serial)}`)
  const parts = inPart.map((serial) => `; der Speicher der TSE ${shownSerial(serial)} liegt nicht ganz vor`)
  return `${matched} Absicherungen stehen so im Speicher der TSE und im Journal${later}${absent.join('')}${parts.join('')}`
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
    const { found, absent, findings, findingCount } = await compareWithArchives(path, streams, isRetired)
    const without = absent.map(({ serial, bons }) => `; ohne Archiv ${bons} der TSE ${shownSerial(serial)}`)
    const lacking = absent.filter(({ serial }) => !isRetired(serial)).map(lackingArchive)
    const more = findingCount > findings.length ? [`und ${findingCount - findings.length} weitere`] : []
    const valid = findingCount === 0 && lacking.length === 0
    const same = `${found} Signaturen stehen so im Archiv der TSE${without.join('')}`
    const summary = objectionsFirst(findingCount + lacking.length, same)
    return { name, valid, summary, findings: [...lacking, ...findings.map(describeFinding), ...more] }
  } catch (error) {
    return notCompared(name, error)
  }
}

/** A unit that is in use must have its archive; one that is out of use may be gone. */
function lackingArchive({ serial, bons }: { serial: string; bons: number }): string {
  return (
    `Die TSE ${serial} ist in Betrieb und hat ${bons} Belege signiert, ihr Archiv fehlt oder ist nicht ganz zu lesen: anschließen und wiederholen; ` +
    'ist sie verloren: fiskal-edge device retire ID --reason GRUND.'
  )
}

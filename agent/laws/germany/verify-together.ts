import { createReadStream } from 'node:fs'
import { formatCents } from '../../../base/money.ts'
import type { ArchiveComparison } from '../../../verify/dsfinvk/against-archive.ts'
import { compareWithArchives } from '../../../verify/dsfinvk/against-archive.ts'
import type { ComparedClosings, PackageReport } from '../../../verify/dsfinvk/against-journal.ts'
import { comparePackages } from '../../../verify/dsfinvk/against-journal.ts'
import { MET } from '../../../verify/dsfinvk/bon-table.ts'
import { describeFinding } from '../../../verify/dsfinvk/finding.ts'
import type { OutageReport } from '../../devices/outage-report.ts'
import { ReceiptOutages } from '../../devices/receipt-outages.ts'
import { Books } from '../../journal/books/books.ts'
import type { DeviceLogs, KeptArchive } from '../../journal/books/device-logs.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings } from '../../journal/books/findings.ts'
import type { EventBody } from '../../journal/events.ts'
import { eventsIn, newSalt } from '../../journal/verify/chains.ts'
import type { Together, Verdict, VerifyRules } from '../verify-rules.ts'
import { shownSerial } from '../verify-words.ts'
import type { MatchReport } from './archive-match.ts'
import { ArchiveMatch } from './archive-match.ts'
import { GERMAN_BOOKS } from './books/law-books.ts'
import { FACTS } from './facts.ts'
import { JournalledBons } from './journalled-bons.ts'
import type { RecordedEvents } from './recorded-acts.ts'
import type { RetiredUnit } from './retired-units.ts'
import { retiredUnits } from './retired-units.ts'
import { untaxedWords } from './untaxed-words.ts'

/** `isWhole` is false if it is filtered, truncated or has gaps: then a missing log is not a finding. */
export type GivenArchive = { readonly file: string; readonly isWhole: boolean }

export type FilesMatch = MatchReport & {
  readonly findings: readonly BookFinding[]
  readonly retired: readonly RetiredUnit[]
}

/**
 * Compares a journal and the archives of its TSEs in both directions; the files themselves were verified before.
 * `keptAt` returns the logs that were taken out of a TSE, if their archive is at its recorded place, unchanged. With
 * `isAlone` no archive of the TSE was given: these logs are compared, because the TSE may have been lost since then.
 */
export async function matchFiles(
  journal: string,
  archives: readonly GivenArchive[],
  keptAt?: KeptAt,
): Promise<FilesMatch> {
  const books = new Books(newSalt(), [])
  for await (const event of eventsIn(createReadStream(journal))) books.note(event)
  return matchLogs(books.logs, journal, archives, keptAt)
}

type KeptAt = (kept: KeptArchive, isAlone: boolean) => Promise<AsyncIterable<Uint8Array> | undefined>

/** As {@link matchFiles}, with the logs of a journal that was read; no other comparison has used them. */
export async function matchLogs(
  recorded: DeviceLogs,
  journal: string,
  archives: readonly GivenArchive[],
  keptAt?: KeptAt,
): Promise<FilesMatch> {
  const findings = new BookFindings([GERMAN_BOOKS])
  const match = new ArchiveMatch(recorded, findings)
  for (const { file, isWhole } of archives) await match.read(createReadStream(file), isWhole ? 'whole' : 'part')
  if (keptAt !== undefined) {
    const given = new Set(match.serials())
    await match.readKept(async (archive, serial) => {
      const isAlone = !given.has(serial)
      const logs = await keptAt(archive, isAlone)
      if (logs !== undefined && isAlone) await match.read(logs, 'kept')
      return logs !== undefined
    })
  }
  const report = await match.end(recordedIn(journal))
  const retired = await retiredUnits(recorded, () => recordedIn(journal))
  return { ...report, findings: findings.all(), retired }
}

/**
 * `unsigned`: the bons that no TSE signed, `untaxed`: the amounts without VAT in those that one signed, in German, a
 * sentence for each register. Other than with `of` also those that are in no package.
 */
type PackagesMatch = PackageReport & {
  readonly findings: readonly BookFinding[]
  readonly unsigned: OutageReport
  readonly untaxed: readonly string[]
}

/** Compares a journal and the DSFinV-K packages of its registers in both directions. */
export async function matchPackages(
  journal: string,
  packages: readonly string[],
  closings: ComparedClosings,
): Promise<PackagesMatch> {
  const outages = new ReceiptOutages()
  const bons = new JournalledBons(outages)
  for await (const event of eventsIn(createReadStream(journal))) bons.note(event)
  return matchBons({ bons, outages }, packages, closings)
}

/** As {@link matchPackages}, with the bons of a journal that was read. */
export async function matchBons(
  { bons, outages }: { bons: JournalledBons; outages: ReceiptOutages },
  packages: readonly string[],
  closings: ComparedClosings,
): Promise<PackagesMatch> {
  const { registers } = bons
  const findings = new BookFindings([GERMAN_BOOKS])
  const report = await comparePackages(registers, packages, closings, (code, facts) => findings.add(code, 0, facts))
  const isCounted = (register: string, number: number): boolean =>
    closings !== 'of' || ((registers.get(register)?.table.get(number).flags ?? 0) & MET) !== 0
  const unsigned = outages.report(({ law, register, number }) => law === FACTS.name && isCounted(register, number))
  return { ...report, findings: findings.all(), unsigned, untaxed: untaxedWords(bons.untaxed.sums(isCounted)) }
}

/** A DSFinV-K package and the archives of its TSEs; each finding as a sentence. */
export async function matchArchives(
  ...given: Parameters<typeof compareWithArchives>
): Promise<Omit<ArchiveComparison, 'findings'> & { findings: readonly string[] }> {
  const { findings, ...report } = await compareWithArchives(...given)
  return { ...report, findings: findings.map(describeFinding) }
}

async function* recordedIn(journal: string): RecordedEvents {
  for await (const { seq, body } of eventsIn(createReadStream(journal)))
    yield { seq, body: (JSON.parse(body) ?? {}) as EventBody }
}

/** Compares archives and packages with a complete journal. */
export const compareFiles: VerifyRules['compare'] = async (verdicts, journal, given) => {
  if (journal === undefined || given.partial === true) return []
  const of = (format: string) => verdicts.filter(({ kind }) => kind === format)
  const [archives, packages] = [of('tse_tar'), of('dsfinvk')]
  const compared: Together[] = []
  if (archives.length > 0) compared.push(await withArchives(journal, archives, given.filtered === true))
  if (packages.length > 0) compared.push(await withPackages(journal, packages))
  return compared
}

async function withArchives(journal: Verdict, archives: readonly Verdict[], filtered: boolean): Promise<Together> {
  const given = archives.map(({ file, valid }) => ({ file, isWhole: valid && !filtered }))
  const { findings: found, ...report } = await matchFiles(journal.file, given)
  return { summaries: [summaryOf(report)], found }
}

async function withPackages(journal: Verdict, packages: readonly Verdict[]): Promise<Together> {
  const files = packages.map(({ file }) => file)
  const report = await matchPackages(journal.file, files, 'of')
  return { summaries: [packageSummary(report)], found: report.findings }
}

function packageSummary({ found, unsigned, absent }: PackagesMatch): string {
  const { receipts, cents } = unsigned
  const outages = receipts === 0 ? '' : `, ${receipts} of them not signed by a TSE (${formatCents(BigInt(cents))})`
  const others = absent.length === 0 ? '' : `; not in the packages: registers ${absent.join(', ')}`
  return `journal and DSFinV-K packages, ${found} receipts match${outages}${others}`
}

function summaryOf({ matched, younger, outside, without, inPart }: MatchReport): string {
  const parts = inPart.map(
    (serial) =>
      `; of the TSE ${shownSerial(serial)} only a part, which cannot show that a log outside of it is missing`,
  )
  const others = outside === 0 ? '' : `; ${outside} recorded outside of it`
  const later = younger === 0 ? '' : `; ${younger} recorded after the archive was made`
  const absent = without.map(
    ({ serial, finishes, isRetired }) =>
      `; no archive of the ${isRetired ? 'retired ' : ''}TSE ${shownSerial(serial)} (${finishes} recorded)`,
  )
  return `journal and TSE archives, ${matched} logs match${later}${absent.join('')}${parts.join('')}${others}`
}

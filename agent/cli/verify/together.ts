import { createReadStream } from 'node:fs'
import { describeFailure } from '../../failure.ts'
import { Books } from '../../journal/books/books.ts'
import type { KeptArchive } from '../../journal/books/device-logs.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings, describeBooks } from '../../journal/books/findings.ts'
import type { EventBody } from '../../journal/events.ts'
import { eventsIn, newSalt } from '../../journal/verify/chains.ts'
import type { MatchReport, RecordedEvents } from '../../laws/germany/archive-match.ts'
import { ArchiveMatch } from '../../laws/germany/archive-match.ts'
import type { ComparedClosings, PackageReport } from '../../laws/germany/dsfinvk/check/against-journal.ts'
import { comparePackages } from '../../laws/germany/dsfinvk/check/against-journal.ts'
import { JournalledBons } from '../../laws/germany/dsfinvk/check/journalled-bons.ts'
import { LAW_BOOKS } from '../../laws/law-books.ts'
import { rksvBeside } from './rksv.ts'
import { shownSerial } from './shown-serial.ts'
import type { Verdict } from './verdict.ts'

/** Of one that is not whole nobody can say what it lacks: it is filtered, breaks off, or has gaps. */
export type GivenArchive = { readonly file: string; readonly isWhole: boolean }

/**
 * A journal and the archives of its TSEs, compared in both directions; the files themselves were verified before. `keptAt`:
 * where what the journal records as taken out of a TSE is at hand, its logs if it is there as it was. Those of a TSE without
 * an archive are compared (`isAlone`): it may be lost since then.
 */
export async function matchFiles(
  journal: string,
  archives: readonly GivenArchive[],
  keptAt?: (kept: KeptArchive, isAlone: boolean) => Promise<AsyncIterable<Uint8Array> | undefined>,
): Promise<MatchReport & { findings: readonly BookFinding[] }> {
  const books = new Books(newSalt(), LAW_BOOKS)
  for await (const event of eventsIn(createReadStream(journal))) books.note(event)
  const findings = new BookFindings(LAW_BOOKS)
  const match = new ArchiveMatch(books.logs, findings)
  for (const { file, isWhole } of archives) await match.read(createReadStream(file), isWhole ? 'whole' : 'part')
  if (keptAt !== undefined) {
    const given = new Set(match.serials())
    await match.readKept(async (kept, serial) => {
      const isAlone = !given.has(serial)
      const logs = await keptAt(kept, isAlone)
      if (logs !== undefined && isAlone) await match.read(logs, 'kept')
      return logs !== undefined
    })
  }
  const report = await match.end(recordedIn(journal))
  return { ...report, findings: findings.all() }
}

/**
 * A journal and the DSFinV-K packages of its registers, likewise.
 */
export async function matchPackages(
  journal: string,
  packages: readonly string[],
  closings: ComparedClosings,
): Promise<PackageReport & { findings: readonly BookFinding[] }> {
  const bons = new JournalledBons()
  for await (const event of eventsIn(createReadStream(journal))) bons.note(event)
  const findings = new BookFindings(LAW_BOOKS)
  const report = await comparePackages(bons, packages, closings, findings)
  return { ...report, findings: findings.all() }
}

async function* recordedIn(journal: string): RecordedEvents {
  for await (const { seq, body } of eventsIn(createReadStream(journal)))
    yield { seq, body: (JSON.parse(body) ?? {}) as EventBody }
}

type Together = { summaries: readonly string[]; found: readonly BookFinding[] }
type Given = { filtered?: boolean; partial?: boolean; material?: string }

/**
 * One verdict over what belongs together: a journal with archives, packages and DEP7s, and DEP7s of one register with each
 * other. None where nothing is compared.
 */
export async function verifyTogether(verdicts: readonly Verdict[], given: Given): Promise<Verdict[]> {
  const about = { file: 'together', kind: 'together', uncertified: [] } as const
  try {
    const compared = await comparisons(verdicts, given)
    if (compared.length === 0) return []
    const codes = compared.flatMap(({ found }) => found)
    const valid = codes.every(({ level }) => level === 'note')
    const summary = compared.flatMap(({ summaries }) => summaries).join('; ')
    return [
      { ...about, valid, summary, findings: codes.map((finding) => describeBooks(finding, 'en', LAW_BOOKS)), codes },
    ]
  } catch (error) {
    return [{ ...about, valid: false, summary: describeFailure(error), findings: [] }]
  }
}

async function comparisons(verdicts: readonly Verdict[], given: Given): Promise<Together[]> {
  const of = (kind: Verdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind)
  const [journals, archives, packages, dep7s] = [of('journal'), of('tse_tar'), of('dsfinvk'), of('dep7')]
  const [journal] = journals.length === 1 ? journals : []
  const compared: Together[] = []
  const isPartial = given.partial === true
  if (journal !== undefined && !isPartial) {
    if (archives.length > 0) compared.push(await withArchives(journal, archives, given.filtered === true))
    if (packages.length > 0) compared.push(await withPackages(journal, packages))
  }
  // The journal may be whole where the DEP7 is the part: its books were read then.
  const isComparable = journal !== undefined && (!isPartial || journal.codes !== undefined)
  if (isComparable && dep7s.length > 0) compared.push(await withDep7s(journal, dep7s, given))
  if (dep7s.length > 1) compared.push(await copiesOf(dep7s))
  return compared.filter(({ summaries }) => summaries.length > 0)
}

async function withArchives(journal: Verdict, archives: readonly Verdict[], filtered: boolean): Promise<Together> {
  const given = archives.map(({ file, valid }) => ({ file, isWhole: valid && !filtered }))
  const { findings: found, ...report } = await matchFiles(journal.file, given)
  return { summaries: [summaryOf(report)], found }
}

async function withPackages(journal: Verdict, packages: readonly Verdict[]): Promise<Together> {
  const files = packages.map(({ file }) => file)
  const { findings: found, ...report } = await matchPackages(journal.file, files, 'of')
  return { summaries: [packageSummary(report)], found }
}

async function withDep7s(journal: Verdict, dep7s: readonly Verdict[], { partial, material }: Given): Promise<Together> {
  const { matchDep7s, dep7Summary } = await import('./rksv-together.ts')
  const { aesKey } = await rksvBeside(material)
  const files = dep7s.map(({ file, valid: isSound }) => ({ file, isSound }))
  const { findings: found, ...report } = await matchDep7s(journal.file, files, { aesKey, partial })
  return { summaries: [dep7Summary(report)], found }
}

async function copiesOf(dep7s: readonly Verdict[]): Promise<Together> {
  const { compareDep7s, copiesSummary } = await import('./rksv-together.ts')
  const { reports, findings: found } = await compareDep7s(dep7s.map(({ file }) => file))
  return { summaries: reports.map(copiesSummary), found }
}

function packageSummary({ found, unsigned, absent }: PackageReport): string {
  const outages = unsigned.bons === 0 ? '' : `, ${unsigned.bons} of them not signed by a TSE (${unsigned.sum})`
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

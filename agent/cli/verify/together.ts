import { createReadStream } from 'node:fs'
import { describeFailure } from '../../failure.ts'
import { Books } from '../../journal/books/books.ts'
import type { KeptArchive } from '../../journal/books/device-logs.ts'
import type { BookFinding } from '../../journal/books/findings.ts'
import { BookFindings, describeBooks } from '../../journal/books/findings.ts'
import type { EventBody } from '../../journal/events.ts'
import { eventsIn, newSalt } from '../../journal/verify/chains.ts'
import type { MatchReport, RecordedEvents } from '../../regimes/kassensichv/archive-match.ts'
import { ArchiveMatch } from '../../regimes/kassensichv/archive-match.ts'
import type { ComparedClosings, PackageReport } from '../../regimes/kassensichv/dsfinvk/check/against-journal.ts'
import { comparePackages } from '../../regimes/kassensichv/dsfinvk/check/against-journal.ts'
import { JournalledBons } from '../../regimes/kassensichv/dsfinvk/check/journalled-bons.ts'
import type { Verdict } from './verdict.ts'

const SERIAL_SHOWN = 16

/** Of one that is not whole nobody can say what it lacks: it is filtered, breaks off, or has gaps. */
export type GivenArchive = { readonly file: string; readonly isWhole: boolean }

/**
 * A journal and the archives of its TSEs, compared in both directions; the files themselves were verified before. `holds`:
 * where what the journal records as taken out of a TSE is at hand, whether it is there as it was.
 */
export async function matchFiles(
  journal: string,
  archives: readonly GivenArchive[],
  holds?: (kept: KeptArchive) => Promise<boolean>,
): Promise<MatchReport & { findings: readonly BookFinding[] }> {
  const books = new Books(newSalt())
  for await (const event of eventsIn(createReadStream(journal))) books.note(event)
  const findings = new BookFindings()
  const match = new ArchiveMatch(books.logs, findings)
  for (const { file, isWhole } of archives) await match.read(createReadStream(file), isWhole)
  if (holds !== undefined) await match.readKept(holds)
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
  const findings = new BookFindings()
  const report = await comparePackages(bons, packages, closings, findings)
  return { ...report, findings: findings.all() }
}

async function* recordedIn(journal: string): RecordedEvents {
  for await (const { seq, body } of eventsIn(createReadStream(journal)))
    yield { seq, body: (JSON.parse(body) ?? {}) as EventBody }
}

/**
 * One verdict over a journal and the archives and packages that were given with it; none where there is no whole journal
 * among them.
 */
export async function verifyTogether(
  verdicts: readonly Verdict[],
  { filtered = false, partial = false }: { filtered?: boolean; partial?: boolean },
): Promise<Verdict[]> {
  const of = (kind: Verdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind)
  const [journals, archives, packages] = [of('journal'), of('tse_tar'), of('dsfinvk')]
  const [journal] = journals
  if (journal === undefined || journals.length > 1 || archives.length + packages.length === 0 || partial) return []
  const about = { file: 'together', kind: 'together', uncertified: [] } as const
  try {
    const summaries: string[] = []
    const found: BookFinding[] = []
    if (archives.length > 0) {
      const given = archives.map(({ file, valid }) => ({ file, isWhole: valid && !filtered }))
      const { findings, ...report } = await matchFiles(journal.file, given)
      summaries.push(summaryOf(report))
      found.push(...findings)
    }
    if (packages.length > 0) {
      const files = packages.map(({ file }) => file)
      const { findings, ...report } = await matchPackages(journal.file, files, 'between')
      summaries.push(packageSummary(report))
      found.push(...findings)
    }
    const valid = found.every(({ level }) => level === 'note')
    const told = found.map((finding) => describeBooks(finding, 'en'))
    return [{ ...about, valid, summary: summaries.join('; '), findings: told }]
  } catch (error) {
    return [{ ...about, valid: false, summary: describeFailure(error), findings: [] }]
  }
}

function packageSummary({ found, unsigned, absent }: PackageReport): string {
  const outages = unsigned.bons === 0 ? '' : `, ${unsigned.bons} of them not signed by a TSE (${unsigned.sum})`
  const others = absent.length === 0 ? '' : `; not in the packages: registers ${absent.join(', ')}`
  return `journal and DSFinV-K packages, ${found} receipts match${outages}${others}`
}

function summaryOf({ matched, younger, outside, without, inPart }: MatchReport): string {
  const parts = inPart.map(
    (serial) => `; of the TSE ${shown(serial)} only a part, which cannot show that a log outside of it is missing`,
  )
  const others = outside === 0 ? '' : `; ${outside} recorded outside of it`
  const later = younger === 0 ? '' : `; ${younger} recorded after the archive was made`
  const absent = without.map(
    ({ serial, finishes, isRetired }) =>
      `; no archive of the ${isRetired ? 'retired ' : ''}TSE ${shown(serial)} (${finishes} recorded)`,
  )
  return `journal and TSE archives, ${matched} logs match${later}${absent.join('')}${parts.join('')}${others}`
}

function shown(serial: string): string {
  return `${serial.slice(0, SERIAL_SHOWN)}…`
}

import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { Json } from '../../../base/canonical.ts'
import type { BookResults, CheckedBooks } from '../books/book-results.ts'
import { resultsOf } from '../books/book-results.ts'
import type { Books } from '../books/books.ts'
import type { BookFinding } from '../books/findings.ts'
import { BookFindings, describeBooks } from '../books/findings.ts'
import type { LawBooks } from '../books/law-books.ts'
import type { OpenItems } from '../books/open-items.ts'
import type { Restore } from '../books/restores.ts'
import { ZERO_HASH } from '../chain.ts'
import type { Chains } from '../chains.ts'
import { chainAt, hashIn, lastChain, readChains } from '../chains.ts'
import { damageOf, JournalDamagedError } from '../damage.ts'
import { placedDamage } from '../damaged-place.ts'
import { eventRange, headSeq, isUnbegun, storedHashes, whole } from '../event-table.ts'
import type { StoredEvent } from '../events.ts'
import { portionOf } from '../portion.ts'
import { openReadOnly } from '../reader.ts'
import { checkCheckpoints, checkHead } from './checkpoints.ts'
import { checkEpochs } from './epochs.ts'
import type { Finding, FindingCode } from './findings.ts'
import { Findings } from './findings.ts'
import { verifySeals } from './seals.ts'
import type { SuspectSpan } from './suspect-spans.ts'
import { WalkReaders } from './walk-readers.ts'

/** Rows read and hashed in one portion, some 5 ms: no read lasts so long that the writer's WAL cannot be reset. */
const PORTION = 500
const BAD_HASH = 'its hash is not the one of its content and predecessor'

/** `events` were hashed again, from `firstSeq` to `lastSeq`; `head` is the hash (base64url) of the last. */
export type JournalReport = {
  valid: boolean
  /** Id of the chain that grows, and its epoch: the number of chains in this journal. */
  chain: string
  epoch: number
  firstSeq: number
  lastSeq: number
  events: number
  head: string
  /** The first event that cannot be trusted; absent if only copies (seals, projections) are wrong. */
  firstBadSeq?: number
  /** At most 100. */
  findings: Finding[]
  /** Spans in which the clock was slow or implausible, at most 20, and their number. The journal stays valid. */
  suspect: SuspectSpan[]
  suspectCount: number
  /** The epochs that began by a restore, in the part that was read. */
  restores: Restore[]
  /** Remarks that leave the journal valid; at most 100. */
  notes: Finding[]
  checkpoints: number
  seals: number
  /** `not_checked`: not requested, of another version than this program's, or the chain itself is damaged. */
  projections: 'equal' | 'different' | 'not_checked'
  /** Whether numbers, cash and chains in the events agree with each other. `not_checked`: only a part was read, or the chain is damaged. */
  books: 'consistent' | 'different' | 'not_checked'
  /** Anything that is not settled after the last event; empty if the books are not checked. */
  open: readonly OpenItems[]
  /** The extent of the laws' comparisons. */
  coverage: Readonly<Record<string, Json>>
  /** Findings in books and projections, with stable codes. */
  codes: (FindingCode | BookFinding)[]
}

export type VerifyOptions = {
  /** The books of the laws that are compared. */
  laws: readonly LawBooks[]
  /** Begins there and trusts the event before. Default 1. */
  from?: number
  /** Checks the books too, which are read from the first event on. Default: only if the chain is checked from there. */
  books?: boolean
  /**
   * Results of the books of a file of this journal. If this journal has that event, the walk ends with it, and the books
   * are not read again: the same hash means the same events. Otherwise they are, as without it.
   */
  checked?: CheckedBooks | undefined
  /** Rebuilds the projections in a temporary database and compares. Default true. */
  projections?: boolean
  /** Runs SQLite's own check of the file: one read over all of it. Default true. */
  file?: boolean
  /**
   * Reads the sealed segments, which are as long as the journal; without it only their existence is checked. Default
   * true.
   */
  segments?: boolean
  /** Called with the books if the chain is valid. */
  onBooks?: (books: Books) => void
  /** Called after each valid portion. */
  onProgress?: (seq: number, hash: Uint8Array) => void
}

/**
 * Proves the journal of a state directory, in use or not: hashes every event again, checks all checkpoints' signatures,
 * the sealed segments, the projections and the file. Reads only. Damage is reported, not thrown; throws
 * JournalMissingError, `journal_too_new` and I/O errors.
 */
export async function verifyJournal(directory: string, options: VerifyOptions): Promise<JournalReport> {
  const findings = new Findings()
  const report = blankReport(options, findings)
  let db: Database | undefined
  try {
    db = openReadOnly(directory)
    await verifyParts(db, directory, report, findings, options)
  } catch (error) {
    const damage = placedDamage(error, directory)
    if (!(damage instanceof JournalDamagedError)) throw error
    findings.add('file', damage.seq, damage.message, { code: damage.code })
  } finally {
    db?.close()
  }
  if (findings.firstBadSeq !== undefined) report.firstBadSeq = findings.firstBadSeq
  report.codes.unshift(...findings.codes)
  report.valid = findings.list.length === 0
  return report
}

function blankReport(options: VerifyOptions, findings: Findings): JournalReport {
  return {
    valid: false,
    chain: '',
    epoch: 0,
    firstSeq: options.from ?? 1,
    lastSeq: 0,
    events: 0,
    head: '',
    findings: findings.list,
    suspect: [],
    suspectCount: 0,
    restores: [],
    notes: findings.notes,
    checkpoints: 0,
    seals: 0,
    projections: 'not_checked',
    books: 'not_checked',
    open: [],
    coverage: {},
    codes: [],
  }
}

async function verifyParts(
  db: Database,
  directory: string,
  report: JournalReport,
  findings: Findings,
  options: VerifyOptions,
): Promise<void> {
  if (isUnbegun(db)) return
  const chains = readChains(db)
  const { chainId, epoch } = lastChain(chains)
  Object.assign(report, { chain: chainId, epoch })
  checkEpochs(db, chains, findings)
  const next = headSeq(db) + 1
  if (report.firstSeq > next) findings.add('chain', next, `the journal ends before seq ${report.firstSeq}`)
  const from = Math.min(report.firstSeq, next)
  const checked = checkedHere(db, options.checked)
  const readers = new WalkReaders(db, {
    laws: options.laws,
    books: checked === undefined && (from === 1 || options.books === true),
    projections: options.projections !== false,
  })
  try {
    await verifyFrom(from, { db, directory, chains, readers, checked }, report, findings, options)
  } finally {
    readers.close()
  }
}

type Parts = {
  db: Database
  directory: string
  chains: Chains
  readers: WalkReaders
  checked: CheckedBooks | undefined
}

/** Undefined unless this journal has the event at which those books end. */
function checkedHere(db: Database, checked: CheckedBooks | undefined): CheckedBooks | undefined {
  if (checked === undefined || checked.seq === 0) return undefined
  return storedHashes(db)(checked.seq)?.toString('base64url') === checked.hash ? checked : undefined
}

async function verifyFrom(
  from: number,
  { db, directory, chains, readers, checked }: Parts,
  report: JournalReport,
  findings: Findings,
  options: VerifyOptions,
): Promise<void> {
  const { books, spans, restores, projections } = readers
  if (books !== undefined) await readUpTo(db, from - 1, readers)
  // Events that a running agent appends after this are for the next verification.
  const end = checked?.seq ?? headSeq(db)
  const { last, hash, events } = await walkChains(db, chains, findings, { ...options, from, end, readers })
  Object.assign(report, { lastSeq: last, head: Buffer.from(hash).toString('base64url'), events })
  Object.assign(report, { suspect: spans.list, suspectCount: spans.count })
  report.restores = (checked?.restores ?? restores.all()).filter(({ seq }) => seq >= from)
  if (findings.firstBadSeq === undefined) {
    const results = checked ?? (books && resultsOf(books))
    if (results !== undefined) judgeBooks(results, report, findings, options.laws)
    if (books !== undefined) options.onBooks?.(books)
  }
  report.checkpoints = await checkCheckpoints(db, chains, last, findings)
  report.seals = await verifySeals(db, directory, chains, findings, options.segments !== false)
  if (findings.firstBadSeq === undefined && projections !== undefined) {
    report.projections = await projections.compare(findings)
    judgeProjections(report, findings)
  }
  if (options.file !== false) checkFile(db, findings)
  checkHead(db, chains, findings)
}

/** Reads the events before a part. */
async function readUpTo(db: Database, last: number, readers: WalkReaders): Promise<void> {
  const portion = eventRange(db)
  for (let seq = 0; seq < last; await turn()) {
    const events = portionOf(whole(portion.iterate(seq, last, PORTION), seq))
    if (events.length === 0) break
    readers.takeBefore(events)
    seq = events.at(-1)?.seq ?? last
  }
}

function judgeBooks(
  { codes, open, coverage }: BookResults,
  report: JournalReport,
  findings: Findings,
  laws: readonly LawBooks[],
): void {
  Object.assign(report, { coverage, open })
  report.codes.push(...codes)
  const errors = codes.filter(({ level }) => level === 'error')
  report.books = errors.length === 0 ? 'consistent' : 'different'
  for (const error of errors) findings.add('books', error.seq, describeBooks(error, 'en', laws))
}

/** Lists, closed sessions and the lookup of used keys read these tables. */
function judgeProjections(report: JournalReport, findings: Findings): void {
  if (report.projections === 'equal') return
  const bookFindings = new BookFindings([])
  const what = findings.list.find(({ part }) => part === 'projection')?.what ?? ''
  bookFindings.add(report.projections === 'different' ? 'projections_differ' : 'projections_not_checked', 0, { what })
  const [finding] = bookFindings.all()
  if (finding !== undefined) report.codes.push(finding)
  if (report.projections === 'not_checked' && finding !== undefined)
    findings.add('projection', 0, describeBooks(finding, 'en', []))
}

type Walk = Pick<VerifyOptions, 'onProgress'> & { from: number; end: number; readers: WalkReaders }
type Read = (after: number, limit: number) => StoredEvent[]

async function walkChains(
  db: Database,
  chains: Chains,
  findings: Findings,
  { from, end, readers, onProgress }: Walk,
): Promise<{ last: number; hash: Uint8Array; events: number }> {
  const portion = eventRange(db)
  const read: Read = (after, limit) => portionOf(whole(portion.iterate(after, end, limit), after))
  let hash: Uint8Array = from === 1 ? ZERO_HASH : (storedHashes(db)(from - 1) ?? ZERO_HASH)
  let last = from - 1
  let events = 0
  for (;;) {
    const rows = readPortion(read, last, findings)
    if (rows.length === 0) return { last, hash, events }
    for (const event of rows) {
      const missing = event.seq !== last + 1
      if (missing) findings.add('chain', last + 1, `events up to ${event.seq - 1} are missing`)
      else if (!hashIn(chainAt(chains, event.seq), hash, event).equals(event.hash))
        findings.add('chain', event.seq, BAD_HASH)
      last = event.seq
      hash = event.hash
    }
    readers.take(rows)
    events += rows.length
    if (findings.firstBadSeq === undefined) onProgress?.(last, hash)
    await turn()
  }
}

/** An unreadable page spoils its whole portion: the events before it are then read one by one. */
function readPortion(read: Read, after: number, findings: Findings): StoredEvent[] {
  try {
    return read(after, PORTION)
  } catch (error) {
    if (!(damageOf(error, after) instanceof JournalDamagedError)) throw error
  }
  const rows: StoredEvent[] = []
  try {
    for (let seq = after; rows.length < PORTION; ) {
      const [event] = read(seq, 1)
      if (event === undefined) break
      rows.push(event)
      seq = event.seq
    }
    return rows
  } catch (error) {
    if (rows.length > 0) return rows
    const damage = damageOf(error, after + 1)
    if (!(damage instanceof JournalDamagedError)) throw error
    findings.add('file', damage.seq, 'the database page of the event cannot be read')
    return []
  }
}

/**
 * The one long read: structure of every page, seconds on a grown journal. It blocks no writer; until it ends the WAL
 * cannot be reset and grows by what is written.
 */
function checkFile(db: Database, findings: Findings): void {
  const rows = db.pragma('quick_check(10)') as { quick_check: string }[]
  for (const { quick_check: text } of rows) {
    if (text !== 'ok') findings.add('file', 0, text)
  }
}

import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import { Books } from '../books/books.ts'
import type { BookFinding } from '../books/findings.ts'
import { BookFindings, describeBooks } from '../books/findings.ts'
import { ZERO_HASH } from '../chain.ts'
import type { Chain, Chains } from '../chains.ts'
import { chainAt, hashIn, lastChain, readChains, succession } from '../chains.ts'
import { keyId, verifyCheckpoint } from '../checkpoint.ts'
import { damageOf, JournalDamagedError } from '../damage.ts'
import { eventRange, headSeq, isUnbegun, storedHashes, whole } from '../event-table.ts'
import type { StoredEvent } from '../events.ts'
import { portionOf } from '../portion.ts'
import { readJournalInTurns } from '../reader.ts'
import { compareProjections } from './projections.ts'
import { verifySeals } from './seals.ts'

/** Rows read and hashed in one go, some 5 ms: no read lasts so long that the writer's WAL cannot be reset. */
const PORTION = 500
const FINDINGS_LIMIT = 100
const BAD_HASH = 'its hash is not the one of its content and predecessor'

/** What is wrong, with the event concerned; 0 where it is none. */
type Finding = { part: 'file' | 'chain' | 'checkpoint' | 'seal' | 'projection' | 'books'; seq: number; what: string }

/** `events` were re-hashed, from `firstSeq` to `lastSeq`; `head` is the hash (base64url) of the last. */
export type JournalReport = {
  valid: boolean
  /** Id of the chain that grows, and its epoch: as many chains follow each other in this journal. */
  chain: string
  epoch: number
  firstSeq: number
  lastSeq: number
  events: number
  head: string
  /** The first event that cannot be trusted; absent when only copies (seals, projections) are wrong. */
  firstBadSeq?: number
  /** At most 100. */
  findings: Finding[]
  checkpoints: number
  seals: number
  /** `not_checked`: not asked for, of another version than this program's, or the chain itself is damaged. */
  projections: 'equal' | 'different' | 'not_checked'
  /** Whether numbers, cash and chains in the events agree with each other. `not_checked`: only a part was read, or the chain is damaged. */
  books: 'consistent' | 'different' | 'not_checked'
  /** What was found in books and projections, by codes that stay the same. */
  codes: BookFinding[]
}

export type VerifyOptions = {
  /** Begins there; the event before is believed. Default 1. */
  from?: number
  /** Checks the books too, which are read from the first event on. Default: only where the chain is. */
  books?: boolean
  /** Rebuilds the projections in a temporary database and compares. Default true. */
  projections?: boolean
  /** Runs SQLite's own check of the file: one read over all of it. Default true. */
  file?: boolean
  /** Reads the sealed segments, as much as the journal is long; without it they are asked for by name alone. Default true. */
  segments?: boolean
  /** Called after each portion that was in order. */
  onProgress?: (seq: number, hash: Uint8Array) => void
}

const COPIES: ReadonlySet<Finding['part']> = new Set(['seal', 'projection'])

/** False for what is made from the journal, a sealed segment or a projection, and for what its events say. */
export function isOfJournal({ part }: Pick<Finding, 'part'>): boolean {
  return !COPIES.has(part) && part !== 'books'
}

/** Collects findings, keeps to their limit, and remembers the first bad event. */
class Findings {
  readonly list: Finding[] = []
  firstBadSeq: number | undefined

  add(part: Finding['part'], seq: number, what: string): void {
    if (isOfJournal({ part }) && seq > 0) this.firstBadSeq = Math.min(seq, this.firstBadSeq ?? seq)
    if (this.list.length < FINDINGS_LIMIT) this.list.push({ part, seq, what })
  }
}

/**
 * Proves the journal of a state directory, in use or not: hashes every event again, checks all checkpoints' signatures,
 * the sealed segments, the projections and the file. Reads only. Where an agent is started after a kill meanwhile, it
 * begins again. Damage is reported, not thrown; throws JournalMissingError, JournalVersionError, JournalRestartedError
 * and I/O errors.
 */
export async function verifyJournal(directory: string, options: VerifyOptions = {}): Promise<JournalReport> {
  let findings = new Findings()
  let report = blankReport(options, findings)
  try {
    await readJournalInTurns(directory, (db) => {
      findings = new Findings()
      report = blankReport(options, findings)
      return verifyParts(db, directory, report, findings, options)
    })
  } catch (error) {
    const damage = damageOf(error, report.lastSeq + 1)
    if (!(damage instanceof JournalDamagedError)) throw error
    findings.add('file', damage.seq, damage.message)
  }
  if (findings.firstBadSeq !== undefined) report.firstBadSeq = findings.firstBadSeq
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
    checkpoints: 0,
    seals: 0,
    projections: 'not_checked',
    books: 'not_checked',
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
  checkSuccession(db, chains, findings)
  const next = headSeq(db) + 1
  if (report.firstSeq > next) findings.add('chain', next, `the journal ends before seq ${report.firstSeq}`)
  const from = Math.min(report.firstSeq, next)
  const books = from === 1 || options.books === true ? await booksUpTo(db, from - 1) : undefined
  const { last, hash, events } = await walkChains(db, chains, { from, books }, findings, options.onProgress)
  Object.assign(report, { lastSeq: last, head: Buffer.from(hash).toString('base64url'), events })
  if (books !== undefined && findings.firstBadSeq === undefined) judgeBooks(books, report, findings)
  report.checkpoints = await checkCheckpoints(db, chains, last, findings)
  report.seals = await verifySeals(db, directory, chains, findings, options.segments !== false)
  if (findings.firstBadSeq === undefined && options.projections !== false) {
    report.projections = await compareProjections(db, findings)
    judgeProjections(report, findings)
  }
  if (options.file !== false) checkFile(db, findings)
}

/** The events before a part are read once more: what they say of the register counts in it. */
async function booksUpTo(db: Database, last: number): Promise<Books> {
  const books = new Books(randomBytes(16).toString('hex'))
  const portion = eventRange(db)
  for (let seq = 0; seq < last; await turn()) {
    const events = portionOf(whole(portion.iterate(seq, last, PORTION), seq))
    if (events.length === 0) break
    for (const event of events) books.note(event)
    seq = events.at(-1)?.seq ?? last
  }
  return books
}

function judgeBooks({ findings: found }: Books, report: JournalReport, findings: Findings): void {
  report.codes.push(...found.all())
  const errors = report.codes.filter(({ level }) => level === 'error')
  report.books = errors.length === 0 ? 'consistent' : 'different'
  for (const error of errors) findings.add('books', error.seq, describeBooks(error, 'en'))
}

/** A list, a closed session and whether a key was used before are read from them. */
function judgeProjections(report: JournalReport, findings: Findings): void {
  if (report.projections === 'equal') return
  const found = new BookFindings()
  const what = findings.list.find(({ part }) => part === 'projection')?.what ?? ''
  found.add(report.projections === 'different' ? 'projections_differ' : 'projections_not_checked', 0, { what })
  const [finding] = found.all()
  if (finding !== undefined) report.codes.push(finding)
  if (report.projections === 'not_checked' && finding !== undefined)
    findings.add('projection', 0, describeBooks(finding, 'en'))
}

type Read = (after: number, limit: number) => StoredEvent[]

/** Each chain is of the same agent, names the one before it, its last event and that event's hash, and why it began (W-1): none can be left out or put in. */
function checkSuccession(db: Database, chains: Chains, findings: Findings): void {
  for (const [index, { base, epoch, agentId, note }] of chains.entries()) {
    const before = chains[index - 1]
    if (before === undefined) continue
    const expected = succession(before, base, storedHashes(db)(base) ?? ZERO_HASH)
    const follows = Object.entries(expected).every(([name, value]) => note[name] === value)
    const isOfAgent = agentId === before.agentId && typeof note['reason'] === 'string'
    if (!follows || !isOfAgent || epoch <= before.epoch)
      findings.add('chain', base + 1, 'it opens a chain that does not follow the one before it')
  }
}

async function walkChains(
  db: Database,
  chains: Chains,
  { from, books }: { from: number; books: Books | undefined },
  findings: Findings,
  onProgress: VerifyOptions['onProgress'],
): Promise<{ last: number; hash: Uint8Array; events: number }> {
  const portion = eventRange(db)
  // What a running agent appends meanwhile is for the next verification.
  const end = headSeq(db)
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
      books?.note(event)
      last = event.seq
      hash = event.hash
    }
    events += rows.length
    if (findings.firstBadSeq === undefined) onProgress?.(last, hash)
    await turn()
  }
}

/** A page that cannot be read spoils its whole portion: the events before it are then read one by one. */
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

type SignedHead = { seq: number; head: Buffer; kid: string; sig: Buffer }

async function checkCheckpoints(db: Database, chains: Chains, lastSeq: number, findings: Findings): Promise<number> {
  const portion = db.prepare<[number, number], SignedHead>(
    'SELECT * FROM checkpoint WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const hashAt = storedHashes(db)
  let count = 0
  for (let after = 0; ; await turn()) {
    const rows = portion.all(after, PORTION)
    if (rows.length === 0) return count
    for (const row of rows) {
      // From a page that was overwritten: the row may come again for ever.
      if (!isSignedHead(row, after)) {
        findings.add('checkpoint', Math.min(after, lastSeq) + 1, 'a checkpoint cannot be read')
        return count
      }
      checkCheckpoint(row, hashAt(row.seq), chainAt(chains, row.seq), lastSeq, findings)
      after = row.seq
      count++
    }
  }
}

function checkCheckpoint(
  { seq, head, kid: signer, sig }: SignedHead,
  hash: Buffer | undefined,
  { id, epoch, publicKey, base }: Chain,
  lastSeq: number,
  findings: Findings,
): void {
  const of = Math.min(seq, lastSeq + 1)
  if (hash === undefined) findings.add('checkpoint', of, `a checkpoint was signed for event ${seq}, which is missing`)
  else if (!hash.equals(head)) findings.add('checkpoint', seq, 'its hash is not the one that was signed')
  if (signer !== keyId(publicKey) || !verifyCheckpoint(publicKey, id, epoch, seq - base, head, sig))
    findings.add('checkpoint', seq, 'the signature of the checkpoint is wrong')
}

function isSignedHead({ seq, head, kid, sig }: SignedHead, after: number): boolean {
  return seq > after && Buffer.isBuffer(head) && typeof kid === 'string' && Buffer.isBuffer(sig)
}

/**
 * The one read that lasts: structure of every page, seconds on a grown journal. It blocks no writer; the WAL cannot be
 * reset meanwhile and grows by what is written.
 */
function checkFile(db: Database, findings: Findings): void {
  const rows = db.pragma('quick_check(10)') as { quick_check: string }[]
  for (const { quick_check: text } of rows) {
    if (text !== 'ok') findings.add('file', 0, text)
  }
}

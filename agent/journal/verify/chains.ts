import { randomBytes } from 'node:crypto'
import type { ExportReport, VerifiedEvent } from '../../../verify/journal/export.ts'
import { verifyExport } from '../../../verify/journal/export.ts'
import { bodyReader } from '../body-reader.ts'
import { Books } from '../books/books.ts'
import type { BookFinding } from '../books/findings.ts'
import type { LawBooks } from '../books/law-books.ts'
import type { Restore } from '../books/restores.ts'
import type { ClaimedFacts } from '../event-facts.ts'
import { claimedFacts } from '../events.ts'
import { textLines } from '../text-lines.ts'
import { SuspectSpans } from './suspect-spans.ts'

const EVENT = Buffer.from('{"t":"ev"')
const END = Buffer.from('{"t":"end"')
const CHAINS_LIMIT = 10_000

type Members = { readonly [member: string]: unknown }
type ReadBooks = {
  codes: BookFinding[] | undefined
  suspect: SuspectSpans | undefined
  restores: readonly Restore[]
}
type ChainsReport = ExportReport & { agent?: string }

/** Reads the events of a file while it is verified. Its results count only after `end`. */
export type ExportReader = {
  /** `json` returns the parsed body. */
  note(event: ExportedEvent, json: () => unknown): void
  /** Called after a whole journal without a broken rule. */
  end(books: Books): void
}
type ChainsOptions = {
  laws: readonly LawBooks[]
  partial?: boolean | undefined
  reader?: ExportReader | undefined
}

/**
 * Verifies a file of one chain, or of several that follow each other (a journal that began a new epoch): each alone,
 * and that each names the one before it and its end. The report is that of the last chain, or of the first wrong one;
 * `events` counts all; `agent` is the journal's agent, if the file has the beginning of a chain. With `partial` the
 * first chain may begin anywhere: the signing key is in a chain's first event, so that only the chain of such a part is
 * checked, and it is not `signed`. `codes`: findings of the books of a whole journal, `suspect`: the spans with a wrong
 * clock; both undefined for a part, whose `restores` are not read.
 */
export async function verifyChains(
  source: AsyncIterable<Uint8Array>,
  { laws, partial, reader }: ChainsOptions,
): Promise<ChainsReport & { signed: boolean } & ReadBooks> {
  const books = new Books(newSalt(), laws)
  const spans = new SuspectSpans()
  const lines = textLines(source)
  const take = readerOf({ books, spans, reader })
  const run = runOf(lines)
  const first = await verifyExport(run.lines, undefined, take)
  const isPart = partial === true && first.findings[0]?.rule === 'public_key'
  const report = await throughChains(
    lines,
    isPart ? { ...first, valid: true, findings: [] } : opened(run.second(), first),
    take,
  )
  const isWhole = report.valid && !isPart && first.firstSeq === 1
  const read: ReadBooks = isWhole
    ? { codes: books.findings.all(), suspect: spans, restores: books.restores.all() }
    : { codes: undefined, suspect: undefined, restores: [] }
  if (isWhole) reader?.end(books)
  return { ...report, signed: report.valid && !isPart, ...read }
}

type Take = (event: VerifiedEvent) => void

async function throughChains(lines: AsyncGenerator<Buffer>, first: ChainsReport, take: Take): Promise<ChainsReport> {
  let report = first
  for (let chains = 1; report.valid; chains++) {
    const run = runOf(lines)
    const verified = await verifyExport(run.lines, undefined, take)
    const next = opened(run.second(), verified)
    if (run.count() === 0) return report
    const events = report.events + next.events
    const isNext = chains < CHAINS_LIMIT && follows(run.second(), next, report)
    if (next.valid && !isNext) return { ...strayed(next), events }
    report = { ...next, events }
  }
  return report
}

/** Reads the books at the same time: their findings count if every line was valid. */
function readerOf({
  books,
  spans,
  reader,
}: {
  books: Books
  spans: SuspectSpans
  reader: ExportReader | undefined
}): Take {
  let seq = 0
  return (verified) => {
    const event = { ...verified, seq: ++seq }
    const json = bodyReader(event.body)
    books.note(event, json)
    spans.note(event, json)
    reader?.note(event, json)
  }
}

type Read = Parameters<Books['note']>[0]

/** An event of a verified file. */
export type ExportedEvent = Read & { boot: string; mono: string; hash: string }

/**
 * The events of a verified file, in the numbers of the journal. `having`: only those whose canonical body has one of these
 * texts; the other lines are not parsed.
 */
export async function* eventsIn(
  source: AsyncIterable<Uint8Array>,
  ...having: readonly string[]
): AsyncGenerator<ExportedEvent> {
  const marks = having.map((text) => Buffer.from(JSON.stringify(text).slice(1, -1)))
  let seq = 0
  for await (const line of textLines(source)) {
    if (!isEvent(line)) continue
    seq++
    if (marks.length === 0 || marks.some((mark) => line.includes(mark))) yield { ...eventIn(line), seq }
  }
}

/** A salt for the digests of one run. */
export function newSalt(): string {
  return randomBytes(16).toString('hex')
}

function isEvent(line: Buffer): boolean {
  return line.subarray(0, EVENT.length).equals(EVENT)
}

/** The verifier refuses members that are not text. */
function eventIn(line: Buffer): Omit<ExportedEvent, 'seq'> {
  const { kind, op, at, boot, mono, body, hash } = parsed(line)
  return {
    kind: String(kind),
    op: String(op),
    at: String(at),
    boot: String(boot),
    mono: String(mono),
    body: String(body),
    hash: String(hash),
  }
}

function parsed(line: Buffer): Members {
  try {
    return Object(JSON.parse(line.toString())) as Members
  } catch {
    return {}
  }
}

type Run = { lines: AsyncGenerator<Buffer>; second: () => string; count: () => number }

/** The lines up to and including the next end line. */
function runOf(source: AsyncGenerator<Buffer>): Run {
  let count = 0
  let second = ''
  const lines = async function* (): AsyncGenerator<Buffer> {
    for (let next = await source.next(); next.done !== true; next = await source.next()) {
      count++
      if (count === 2) second = next.value.toString()
      yield next.value
      if (next.value.subarray(0, END.length).equals(END)) return
    }
  }
  return { lines: lines(), second: () => second, count: () => count }
}

/** `genesis`: the line of the first event, which is valid JSON here. It must open this very chain in this very epoch. */
function opened(genesis: string, report: ExportReport): ChainsReport {
  if (!report.valid || report.firstSeq !== 1) return report
  const { kind, opening } = genesisIn(genesis)
  const { chain_id: chainId, epoch, agent_id: agentId } = opening
  if (kind === 'journal.opened' && chainId === report.chain && epoch === report.epoch && typeof agentId === 'string')
    return { ...report, agent: agentId }
  const what = 'the first event does not open this chain in this epoch'
  return { ...report, valid: false, findings: [{ seq: 1, rule: 'members', what }] }
}

/** An epoch is of the same agent, names the end of the one before it, and its reason. */
function follows(genesis: string, report: ChainsReport, before: ChainsReport): boolean {
  if (!report.valid || report.firstSeq !== 1 || report.epoch <= before.epoch) return false
  const { opening } = genesisIn(genesis)
  const { previous_chain_id: chain, last_known_seq: seq, last_known_head: head, reason } = opening
  const named = chain === before.chain && seq === before.lastSeq
  const isOfAgent = before.agent === undefined || before.agent === report.agent
  return named && head === before.head && isOfAgent && typeof reason === 'string'
}

function genesisIn(line: string): { kind: unknown; opening: ClaimedFacts<'journal.opened'> } {
  const { kind, body } = JSON.parse(line) as Members
  // The signer may have signed anything.
  return { kind, opening: claimedFacts<'journal.opened'>({ body: String(body) }) }
}

function strayed(report: ChainsReport): ChainsReport {
  const what = 'the end line is not followed by the next chain of the same journal'
  return { ...report, valid: false, findings: [{ seq: 1, rule: 'surplus', what }] }
}

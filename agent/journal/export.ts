import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { Written } from '../../base/durable-file.ts'
import { abortable, writeDurably } from '../../base/durable-file.ts'
import { CodedError } from '../../base/thrown.ts'
import { ZERO_HASH } from './chain.ts'
import type { Chain } from './chains.ts'
import { hashIn, readChains } from './chains.ts'
import type { Checkpoint, CheckpointSigner } from './checkpoint.ts'
import { JournalDamagedError } from './damage.ts'
import { eventRange, headSeq, storedHash, whole } from './event-table.ts'
import { eventLine } from './events.ts'
import { portionOf } from './portion.ts'
import { openReadOnly } from './reader.ts'

/** Rows read at once: some 3 ms, then the event loop continues. */
const PORTION = 200
const SCAN_PORTION = 2000

/** Events of the journal, whatever their chain. Inclusive on both ends, first ≥ 1. */
export type SeqRange = { first: number; last: number }

/** Half-open, RFC 3339 in UTC with three decimals as events carry it; a missing end is open. */
type TimeRange = { from?: string | undefined; to?: string | undefined }

export type ExportOptions = {
  /** State directory of the journal, in use or not. */
  directory: string
  file: string
  range: SeqRange | TimeRange
  signer: CheckpointSigner
  /** Mode of the file; 0600 unless given. */
  mode?: number
  fault?: (point: string) => void
  /** Cancels the export: no part of the file remains. */
  signal?: AbortSignal
}

export type ExportTask = Omit<ExportOptions, 'signer' | 'fault' | 'signal'>

/** `first` and `last` in the numbers of the journal; `head` base64url, with its signature, of the last chain. */
export type Exported = SeqRange & ChainEnd & Written

type ChainEnd = { head: string; cp: Checkpoint }

/**
 * Writes events as one signed file of lines `batch`, `ev`…, `end`, once for each chain that the range touches: the file
 * is complete or does not exist. Each hash is computed again, so damage is never signed. Throws `journal_range_empty`,
 * JournalDamagedError, JournalMissingError and errors of the file system.
 */
export async function exportJournal(options: ExportOptions): Promise<Exported> {
  const db = openReadOnly(options.directory)
  try {
    const range = await findRange(db, options.range)
    let end: ChainEnd | undefined
    const lines = exportLines(db, range, options.signer, (told) => {
      end = told
    })
    const portions = abortable(lines, options.signal)
    const written = await writeDurably(options.file, portions, options.mode ?? 0o600, options.fault)
    if (end === undefined) throw new CodedError('journal_range_empty', 'The journal has no events in that range.')
    return { ...range, ...end, ...written }
  } finally {
    db.close()
  }
}

/**
 * Makes a sealed segment again from the events and its own last line, byte for byte: its name contains chain and range.
 * Throws `journal_range_empty` if there is no such range.
 */
export async function segmentFrom(options: {
  directory: string
  folder: string
  file: string
  /** The last line as it was signed. */
  end: string
  signer: CheckpointSigner
}): Promise<void> {
  const [, chainId, first = 0, last = 0] = /^([0-9a-f-]{36})-(\d+)-(\d+)\.ndjson$/.exec(options.file) ?? []
  const db = openReadOnly(options.directory)
  try {
    const chain = readChains(db).find((each) => each.chainId === chainId)
    if (chain === undefined)
      throw new CodedError('journal_range_empty', `The journal has no chain of the segment ${options.file}.`)
    const range = { first: chain.base + Number(first), last: chain.base + Number(last) }
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    const lines = withEnd(
      chainLines(db, chain, range, options.signer, () => undefined),
      options.end,
    )
    await writeDurably(join(options.folder, options.file), lines, 0o440)
  } finally {
    db.close()
  }
}

async function* withEnd(lines: AsyncIterable<string>, end: string): AsyncGenerator<string> {
  for await (const text of lines) yield text.startsWith('{"t":"end"') ? end : text
}

/**
 * The range in events. Order is `seq` and a clock may have jumped: a time range reaches from the first event at or
 * after `from` to the last one before `to`, whatever the times in between. Throws `journal_range_empty` if it is empty.
 */
async function findRange(db: Database, range: SeqRange | TimeRange): Promise<SeqRange> {
  const head = headSeq(db)
  const { first, last } = 'first' in range ? range : await eventsBetween(db, range, head)
  if (first < 1 || first > last || last > head)
    throw new CodedError('journal_range_empty', 'The journal has no events in that range.')
  return { first, last }
}

/** Times have no index: a search may read the whole journal, in portions with event-loop turns between them. */
async function eventsBetween(db: Database, { from, to }: TimeRange, head: number): Promise<SeqRange> {
  return { first: await firstSince(db, from, head), last: await lastBefore(db, to, head) }
}

async function firstSince(db: Database, from: string | undefined, head: number): Promise<number> {
  if (from === undefined) return 1
  const find = db.prepare<[string, number, number], { seq: number | null }>(
    'SELECT min(seq) AS seq FROM event WHERE at >= ? AND seq > ? AND seq <= ?',
  )
  for (let after = 0; after < head; after += SCAN_PORTION) {
    const seq = find.get(from, after, after + SCAN_PORTION)?.seq
    if (seq != null) return seq
    await turn()
  }
  return head + 1
}

async function lastBefore(db: Database, to: string | undefined, head: number): Promise<number> {
  if (to === undefined) return head
  const find = db.prepare<[string, number, number], { seq: number | null }>(
    'SELECT max(seq) AS seq FROM event WHERE at < ? AND seq > ? AND seq <= ?',
  )
  for (let upTo = head; upTo > 0; upTo -= SCAN_PORTION) {
    const seq = find.get(to, upTo - SCAN_PORTION, upTo)?.seq
    if (seq != null) return seq
    await turn()
  }
  return 0
}

/**
 * The text of an export in portions of whole lines. `onEnd` gets each chain's head before its last line. Throws
 * JournalDamagedError.
 */
export async function* exportLines(
  db: Database,
  range: SeqRange,
  signer: CheckpointSigner,
  onEnd: (end: ChainEnd) => void = () => undefined,
): AsyncGenerator<string> {
  const chains = readChains(db)
  for (const [index, chain] of chains.entries()) {
    const first = Math.max(range.first, chain.base + 1)
    const last = Math.min(range.last, chains[index + 1]?.base ?? range.last)
    if (first <= last) yield* chainLines(db, chain, { first, last }, signer, onEnd)
  }
}

async function* chainLines(
  db: Database,
  chain: Chain,
  { first, last }: SeqRange,
  signer: CheckpointSigner,
  onEnd: (end: ChainEnd) => void,
): AsyncGenerator<string> {
  const { chainId, epoch, base } = chain
  const portion = eventRange(db)
  let head = first === base + 1 ? ZERO_HASH : storedHash(db, first - 1)
  const prev = head.toString('base64url')
  yield line({ t: 'batch', v: 1, chain: chainId, epoch, first: first - base, last: last - base, prev })
  for (let seq = first - 1; seq < last; ) {
    const lines: string[] = []
    for (const event of portionOf(whole(portion.iterate(seq, last, PORTION), seq))) {
      seq++
      if (event.seq !== seq) throw new JournalDamagedError(seq, 'the event is missing')
      const hash = hashIn(chain, head, event)
      if (!hash.equals(event.hash)) throw new JournalDamagedError(seq, 'its hash is wrong')
      head = hash
      lines.push(line(eventLine({ ...event, seq: seq - base })))
    }
    if (lines.length === 0) throw new JournalDamagedError(seq + 1, 'the event is missing')
    yield lines.join('')
  }
  const end: ChainEnd = { head: head.toString('base64url'), cp: signature(db, chain, last, head, signer) }
  onEnd(end)
  yield endLine(last - base, end)
}

/** The last line of a chain in an export; `seq` in its numbers. */
export function endLine(seq: number, { head, cp }: ChainEnd): string {
  return line({ t: 'end', seq, head, cp })
}

/** For an ended chain whose key was removed, the signature that was kept; without one, the present key signs. */
function signature(db: Database, chain: Chain, last: number, head: Buffer, signer: CheckpointSigner): Checkpoint {
  const checkpoint = chain.publicKey === signer.publicKey ? undefined : keptCheckpoint(db, last)
  const { kid, sig } = checkpoint ?? signer.sign(chain.id, chain.epoch, last - chain.base, head)
  return { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
}

function keptCheckpoint(db: Database, seq: number): { kid: string; sig: Buffer } | undefined {
  return db.prepare<[number], { kid: string; sig: Buffer }>('SELECT kid, sig FROM checkpoint WHERE seq = ?').get(seq)
}

function line(members: object): string {
  return `${JSON.stringify(members)}\n`
}

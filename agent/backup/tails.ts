import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLine } from '../journal/events.ts'
import { claimedFacts } from '../journal/events.ts'
import type { BatchLine, EndLine, Refill } from '../journal/refill.ts'
import { RefillError } from '../journal/refill.ts'
import { textLines } from '../journal/text-lines.ts'
import { isLine } from './line-shape.ts'

type TailLine = BatchLine | EventLine | EndLine
/** The event from which an epoch's first event continues. */
type Origin = { chain: string; seq: number }
/** `agent` and `origin` come from its first event. */
type Tail = Pick<BatchLine, 'chain' | 'epoch' | 'first' | 'last'> & {
  path: string
  agent?: string | undefined
  origin?: Origin | undefined
}

const HEAD_BYTES = 65_536
const KINDS: ReadonlySet<string> = new Set(['batch', 'ev', 'end'])

/**
 * Fills the journal of an agent with events from later exports or folders of segments. Several epochs may have continued
 * from one place, or one with fewer events than its predecessor: the newest is taken. The events that it does not contain
 * are checked and left out; returns their number. Throws RefillError and the system's errors.
 */
export async function loadTails(paths: readonly string[], refill: Refill, agent: string): Promise<number> {
  const tails = await tailFiles(paths, agent)
  const history = historyOf(tails, refill.chainId)
  let skipped = 0
  for (const tail of tails) {
    const until = refill.endOf(tail.chain) ?? history?.get(tail.chain)
    const isBranch = history !== undefined && tail.origin !== undefined && until === undefined
    const isLater = tail.first > (until ?? Number.POSITIVE_INFINITY)
    if (isBranch || isLater) skipped += tail.last - tail.first + 1
    else await loadTail(tail.path, refill, history)
  }
  return skipped + refill.leftOut
}

/**
 * The chains from the newest one back to `from`, each with the last event from which the next continues; undefined if
 * they do not lead there.
 */
function historyOf(tails: readonly Tail[], from: string | undefined): ReadonlyMap<string, number> | undefined {
  const history = new Map<string, number>()
  let chain = tails.at(-1)?.chain
  let until = Number.POSITIVE_INFINITY
  while (chain !== undefined && !history.has(chain)) {
    history.set(chain, until)
    if (chain === from) return history
    const present: string = chain
    const origin = tails.find((tail) => tail.chain === present && tail.origin !== undefined)?.origin
    chain = origin?.chain
    until = origin?.seq ?? until
  }
  return undefined
}

async function loadTail(file: string, refill: Refill, history: ReadonlyMap<string, number> | undefined): Promise<void> {
  let ended = false
  for await (const bytes of textLines(createReadStream(file))) {
    const line = tailLine(file, bytes)
    if (line.t === 'batch') refill.batch(line, history?.get(line.chain))
    else if (line.t === 'ev') refill.event(line)
    else refill.end(line, true)
    ended = line.t === 'end'
  }
  // Events without the signature over them may have been made by anyone.
  if (!ended) throw new RefillError('backup_damaged', `${file} is not whole.`)
}

function tailLine(file: string, bytes: Buffer): TailLine {
  try {
    const line: unknown = JSON.parse(bytes.toString())
    if (isLine(line) && KINDS.has((line as TailLine).t)) return line as TailLine
  } catch {
    // The code below throws.
  }
  throw new RefillError('backup_damaged', `${file} is not an export of a journal.`)
}

/** Files, and the `.ndjson` of folders below, in the order of their chains and events. */
async function tailFiles(paths: readonly string[], agent: string): Promise<Tail[]> {
  const files: Tail[] = []
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory()
    const names = isFolder ? await readdir(path, { recursive: true }) : ['']
    const folderTails: Tail[] = []
    for (const name of names.filter((name) => !isFolder || name.endsWith('.ndjson'))) {
      const tail = await lookedAt(join(path, name))
      if (tail !== undefined) folderTails.push(tail)
    }
    files.push(...(isFolder ? ownOf(folderTails, agent) : folderTails))
  }
  return files.sort((left, right) => left.epoch - right.epoch || left.first - right.first)
}

/**
 * A folder may be the target of several agents. A folder without events of this agent is a mistake and is refused as
 * any other file.
 */
function ownOf(tails: readonly Tail[], agent: string): readonly Tail[] {
  const others = new Set(tails.filter((tail) => (tail.agent ?? agent) !== agent).map(({ chain }) => chain))
  const own = tails.filter(({ chain }) => !others.has(chain))
  return own.length === 0 ? tails : own
}

/** Reads its first two lines; undefined for an empty file. */
async function lookedAt(path: string): Promise<Tail | undefined> {
  let batch: BatchLine | undefined
  for await (const bytes of textLines(createReadStream(path, { end: HEAD_BYTES }))) {
    if (batch === undefined) batch = tailLine(path, bytes) as BatchLine
    else return { ...batch, path, ...factsIn(tailLine(path, bytes) as EventLine) }
    if (batch.first > 1) break
  }
  return batch && { ...batch, path }
}

function factsIn(first: EventLine): Pick<Tail, 'agent' | 'origin'> {
  const { agent_id: agent, previous_chain_id: chain, last_known_seq: seq } = claimedFacts<'journal.opened'>(first)
  return {
    ...(typeof agent === 'string' && { agent }),
    ...(typeof chain === 'string' && typeof seq === 'number' && { origin: { chain, seq } }),
  }
}

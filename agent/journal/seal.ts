import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import { rfc3339 } from '../../base/clock.ts'
import { syncDirectory } from '../../base/durable-file.ts'
import type { Chain } from './chains.ts'
import { membersIn, numberIn, textIn } from './checked.ts'
import type { Seal } from './event-facts.ts'
import { headSeq } from './event-table.ts'
import type { StoredEvent } from './events.ts'
import { claimedFacts } from './events.ts'
import type { Exported, ExportTask, SeqRange } from './export.ts'
import { endLine } from './export.ts'
import type { Journal } from './journal.ts'

export const SEGMENT_DIRECTORY = 'segments'
const SEGMENT_FILE = /^[\w-]+\.ndjson$/
const SCAN_PORTION = 2000
/** Ten years of months, and as many again for clocks that jumped. */
const SEGMENTS_LIMIT = 240

export type SealOptions = {
  directory: string
  journal: Pick<Journal, 'chains' | 'read' | 'record'>
  /** Writes a range of the journal to a file, as `exportJournal` does. */
  write: (task: ExportTask) => Promise<Exported>
  clock: Pick<Clock, 'now'>
  fault: (point: string) => void
}

/**
 * Copies closed calendar months (UTC) into read-only segment files and anchors each in the chain. A crash at any step
 * leaves nothing that the next call does not finish: a segment without its event is written again, byte for byte the
 * same. Nothing is deleted. One call at a time. Returns the new seals. Throws as `write` and `Journal.record` do.
 */
export async function sealJournal(options: SealOptions): Promise<Seal[]> {
  const { journal, clock } = options
  const present = rfc3339(clock.now()).slice(0, 7)
  const segments = join(options.directory, SEGMENT_DIRECTORY)
  if ((await mkdir(segments, { recursive: true, mode: 0o700 })) !== undefined) await syncDirectory(options.directory)
  const seals: Seal[] = []
  // Its own events are for another day: otherwise each month that ends during the run would add one.
  const head = journal.read(headSeq)
  for (const [index, chain] of journal.chains.entries()) {
    const end = journal.chains[index + 1]?.base ?? head
    while (seals.length < SEGMENTS_LIMIT) {
      const first = chain.base + (lastSeal(journal, chain.chainId)?.last ?? 0) + 1
      if (first > end) break
      const last = await closedRun(journal, first, end, present)
      if (last === undefined) break
      seals.push(await sealRange(options, segments, chain, { first, last }))
    }
  }
  return seals
}

async function sealRange(options: SealOptions, segments: string, chain: Chain, range: SeqRange): Promise<Seal> {
  const { journal, write, fault } = options
  const first = range.first - chain.base
  const last = range.last - chain.base
  const file = `${chain.chainId}-${first}-${last}.ndjson`
  const path = join(segments, file)
  const { head, cp, sha256 } = await write({ directory: options.directory, file: path, range, mode: 0o440 })
  const seal: Seal = { first, last, head, sha256, file, cp }
  fault('seal.before-event')
  await journal.record(() => [{ kind: 'journal.sealed', op: chain.chainId, body: { facts: seal } }])
  fault('seal.after-event')
  return seal
}

/** The events that anchor segments of a chain, up to a seq of the journal, in their order. */
export function sealEvents(db: Database, chainId: string, upTo = Number.MAX_SAFE_INTEGER): StoredEvent[] {
  return db
    .prepare<[string, number], StoredEvent>(
      "SELECT * FROM event WHERE op = ? AND op <> '' AND kind = 'journal.sealed' AND seq <= ? ORDER BY seq",
    )
    .all(chainId, upTo)
}

/**
 * The seal of a `journal.sealed` event, whose journal may be foreign. A member that is missing or of another type gets a
 * value that fits no segment.
 */
export function sealOf(event: Pick<StoredEvent, 'body'>): Seal {
  const { first, last, head, sha256, file, cp } = claimedFacts<'journal.sealed'>(event)
  const { alg, kid, sig } = membersIn(cp) ?? {}
  const isSigned = alg === 'Ed25519' && typeof kid === 'string' && typeof sig === 'string'
  return {
    first: numberIn(first) ?? 0,
    last: numberIn(last) ?? 0,
    head: textIn(head) ?? '',
    sha256: textIn(sha256) ?? '',
    file: typeof file === 'string' && SEGMENT_FILE.test(file) ? file : '',
    ...(isSigned && { cp: { alg, kid, sig } }),
  }
}

/** The last line of a segment, if its event has the signature. */
export function sealedEnd({ last, head, cp }: Seal): string | undefined {
  return cp && endLine(last, { head, cp })
}

function lastSeal(journal: Pick<Journal, 'read'>, chainId: string): Seal | undefined {
  const event = journal.read((db) => sealEvents(db, chainId).at(-1))
  return event && sealOf(event)
}

/**
 * The last event of the run of one month that begins at `first`; undefined while that month may still grow. Runs, not
 * months: if a clock jumped, its events become a separate segment, and `seq` stays the order.
 */
async function closedRun(
  journal: Pick<Journal, 'read'>,
  first: number,
  head: number,
  present: string,
): Promise<number | undefined> {
  const { find, at } = journal.read((db) => ({
    find: db.prepare<[number, number, string], { seq: number | null }>(
      'SELECT min(seq) AS seq FROM event WHERE seq > ? AND seq <= ? AND substr(at, 1, 7) <> ?',
    ),
    at: db.prepare<[number], { at: string }>('SELECT at FROM event WHERE seq = ?').get(first)?.at,
  }))
  const month = at?.slice(0, 7)
  if (month === undefined || month === present) return undefined
  for (let after = first; after < head; after += SCAN_PORTION) {
    const other = journal.read(() => find.get(after, Math.min(after + SCAN_PORTION, head), month))?.seq
    if (other != null) return other - 1
    await turn()
  }
  // No event came after it, but its month is over.
  return head
}

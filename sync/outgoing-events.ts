import type { ChainEvent } from './protocol/chain-hash.ts'
import { eventHash, sameBytes, uuidBytes, ZERO_HASH } from './protocol/chain-hash.ts'
import { batchLine, endLine, eventLine } from './protocol/envelope.ts'
import type { Source } from './source.ts'
import type { Outgoing } from './target.ts'

/** Bytes of the batch line and the end line, with a margin. */
const FRAME_BYTES = 1024
/** Events that are read, hashed and written without a pause: less than a millisecond. */
const PORTION = 10

/** The journal itself no longer verifies: no further event of it may be sent. */
export class SourceDamagedError extends Error {
  override readonly name = 'SourceDamagedError'
  readonly seq: number

  constructor(seq: number) {
    super(`Event ${seq} of the journal does not verify: run "fiskal-edge journal verify".`)
    this.seq = seq
  }
}

/**
 * Own hash at `seq`, 32 zero bytes before the first event. Throws SourceDamagedError if the journal does not have the
 * event.
 */
export async function ownHash(source: Source, seq: number): Promise<Uint8Array> {
  if (seq === 0) return ZERO_HASH
  const head = source.head()
  const hash = seq === head.seq ? head.hash : await source.hashAt(seq)
  if (hash === undefined) throw new SourceDamagedError(seq)
  return hash
}

/**
 * The next events after `after`, every hash computed again on the way; undefined at the head. At least one event,
 * however large. Between small portions `yieldNow` yields to other work. Throws SourceDamagedError.
 */
export async function nextOutgoing(
  source: Source,
  after: number,
  limits: { maxEvents: number; maxBytes: number },
  yieldNow: () => Promise<void> = async () => undefined,
): Promise<Outgoing | undefined> {
  const { chainId, epoch } = source.chain
  const prev = await ownHash(source, after)
  const batch: Growing = { lines: [], hashes: [], bytes: FRAME_BYTES, full: false }
  while (!batch.full && batch.hashes.length < limits.maxEvents) {
    if (batch.hashes.length > 0) await yieldNow()
    const portion = Math.min(PORTION, limits.maxEvents - batch.hashes.length)
    const events = await source.read(after + batch.hashes.length, portion, limits.maxBytes)
    if (events.length === 0) break
    take(batch, source, events.slice(0, portion), { prev, after, maxBytes: limits.maxBytes })
  }
  const head = batch.hashes.at(-1)
  if (head === undefined) return undefined
  const last = after + batch.hashes.length
  const begin = batchLine({ chain: chainId, epoch, first: after + 1, last, prev })
  const end = endLine(last, head, source.checkpoint(last, head))
  const text = Buffer.concat([Buffer.from(begin), ...batch.lines, Buffer.from(end)])
  return { first: after + 1, last, prev, hashes: batch.hashes, text }
}

type Growing = { readonly lines: Buffer[]; readonly hashes: Uint8Array[]; bytes: number; full: boolean }

function take(
  batch: Growing,
  { chain: { chainId } }: Source,
  events: readonly ChainEvent[],
  { prev, after, maxBytes }: { prev: Uint8Array; after: number; maxBytes: number },
): void {
  const chain = uuidBytes(chainId)
  for (const event of events) {
    const line = Buffer.from(verified(chain, batch.hashes.at(-1) ?? prev, event, after + batch.hashes.length + 1))
    batch.full = batch.bytes + line.length > maxBytes && batch.lines.length > 0
    if (batch.full) return
    batch.bytes += line.length
    batch.lines.push(line)
    batch.hashes.push(event.hash)
  }
}

function verified(chain: Uint8Array, previous: Uint8Array, event: ChainEvent, seq: number): string {
  if (event.seq !== seq || !sameBytes(eventHash(chain, previous, event), event.hash)) throw new SourceDamagedError(seq)
  return eventLine(event)
}

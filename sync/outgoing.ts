import type { ChainEvent } from './chain-hash.ts'
import { eventHash, sameBytes, uuidBytes, ZERO_HASH } from './chain-hash.ts'
import { batchLine, endLine, eventLine } from './envelope.ts'
import type { Source } from './source.ts'
import type { Outgoing } from './target.ts'

/** Bytes of the batch line and the end line, and then some. */
const FRAME_BYTES = 1024

/** The journal itself no longer verifies: nothing of it may be sent as if it did. */
export class SourceDamagedError extends Error {
  override readonly name = 'SourceDamagedError'
  readonly seq: number

  constructor(seq: number) {
    super(`Event ${seq} of the journal does not verify: run "fiskal-edge journal verify".`)
    this.seq = seq
  }
}

/** Own hash at `seq`, 32 zero bytes before the first event. Throws SourceDamagedError when the journal lacks it. */
export async function ownHash(source: Source, seq: number): Promise<Uint8Array> {
  if (seq === 0) return ZERO_HASH
  const head = source.head()
  const hash = seq === head.seq ? head.hash : await source.hashAt(seq)
  if (hash === undefined) throw new SourceDamagedError(seq)
  return hash
}

/**
 * The next events after `after`, every hash computed again on the way; undefined when there are none. At least one
 * event, however large. Throws SourceDamagedError.
 */
export async function nextOutgoing(
  source: Source,
  after: number,
  limits: { maxEvents: number; maxBytes: number },
): Promise<Outgoing | undefined> {
  const { chainId, epoch } = source.chain
  const chain = uuidBytes(chainId)
  const prev = await ownHash(source, after)
  const events = await source.read(after, limits.maxEvents, limits.maxBytes)
  const lines: Buffer[] = []
  const hashes: Uint8Array[] = []
  let bytes = FRAME_BYTES
  for (const event of events.slice(0, limits.maxEvents)) {
    const line = Buffer.from(verified(chain, hashes.at(-1) ?? prev, event, after + hashes.length + 1))
    bytes += line.length
    if (bytes > limits.maxBytes && lines.length > 0) break
    lines.push(line)
    hashes.push(event.hash)
  }
  const head = hashes.at(-1)
  if (head === undefined) return undefined
  const last = after + hashes.length
  const begin = batchLine({ chain: chainId, epoch, first: after + 1, last, prev })
  const end = endLine(last, head, source.checkpoint(last, head))
  const text = Buffer.concat([Buffer.from(begin), ...lines, Buffer.from(end)])
  return { first: after + 1, last, prev, hashes, text }
}

function verified(chain: Uint8Array, previous: Uint8Array, event: ChainEvent, seq: number): string {
  if (event.seq !== seq || !sameBytes(eventHash(chain, previous, event), event.hash)) throw new SourceDamagedError(seq)
  return eventLine(event)
}

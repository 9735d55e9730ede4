import { sameBytes } from '../sync/protocol/chain-hash.ts'
import type { Batch } from '../sync/protocol/envelope.ts'
import type { ChainState } from './store.ts'

export type Decision =
  | { readonly kind: 'stored'; readonly ackedSeq: number; readonly head: Uint8Array; readonly duplicate: true }
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly head: Uint8Array }
  | { readonly kind: 'fork'; readonly seq: number; readonly storedHash: Uint8Array; readonly receivedHash: Uint8Array }
  | { readonly kind: 'fenced' }
  /** The events from this index on are new and follow the head. */
  | { readonly kind: 'append'; readonly from: number }

type Head = { readonly state: ChainState; readonly headSeq: number; readonly head: Uint8Array }

/** Number of events at the beginning of the batch that are at or below the head. */
export function knownCount(batch: Batch, headSeq: number): number {
  return Math.max(0, Math.min(batch.last, headSeq) - batch.first + 1)
}

/**
 * Decides about a verified batch for a chain whose row is locked. `stored`: the hashes in the chain at the known
 * beginning of the batch. Equal events are skipped; all others must begin right after the head, on its hash.
 */
export function decide(chain: Head, stored: readonly Uint8Array[], batch: Batch): Decision {
  const overlap = knownCount(batch, chain.headSeq)
  for (let index = 0; index < overlap; index++) {
    const storedHash = stored[index]
    const receivedHash = batch.events[index]?.hash
    if (storedHash === undefined || receivedHash === undefined) throw new Error('a stored event is missing')
    if (!sameBytes(storedHash, receivedHash))
      return { kind: 'fork', seq: batch.first + index, storedHash, receivedHash }
  }
  if (overlap === batch.events.length) {
    return { kind: 'stored', ackedSeq: batch.last, head: batch.head, duplicate: true }
  }
  if (chain.state !== 'open') return { kind: 'fenced' }
  if (overlap === 0 && !(batch.first === chain.headSeq + 1 && sameBytes(batch.prev, chain.head))) {
    return { kind: 'gap', expectedSeq: chain.headSeq + 1, head: chain.head }
  }
  return { kind: 'append', from: overlap }
}

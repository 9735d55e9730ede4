import { sameBytes } from '../protocol/chain-hash.ts'
import type { Batch } from '../protocol/envelope.ts'
import { base64url } from '../protocol/json.ts'
import type { Answer, Outgoing } from '../target.ts'

/** Compares a batch whose first event is within a stored one: equal events are known, another event is a fork. */
export function overlap(stored: Batch, batch: Outgoing): Answer {
  const last = Math.min(stored.last, batch.last)
  let head = stored.head
  for (let seq = batch.first; seq <= last; seq++) {
    const storedHash = stored.events[seq - stored.first]?.hash ?? stored.head
    const receivedHash = batch.hashes[seq - batch.first] ?? batch.prev
    if (!sameBytes(storedHash, receivedHash)) {
      const hashes = { stored_hash: base64url(storedHash), received_hash: base64url(receivedHash) }
      const checkpoint = { seq: stored.last, head: base64url(stored.head), ...stored.checkpoint }
      return { kind: 'fork', evidence: { seq, ...hashes, stored_checkpoint: checkpoint } }
    }
    head = storedHash
  }
  return { kind: 'acked', ackedSeq: last, head }
}

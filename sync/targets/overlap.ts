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
      const hashes = { storedHash: base64url(storedHash), receivedHash: base64url(receivedHash) }
      const storedCheckpoint = { seq: stored.last, head: base64url(stored.head), ...stored.checkpoint }
      return { kind: 'fork', evidence: { seq, ...hashes, storedCheckpoint } }
    }
    head = storedHash
  }
  return { kind: 'acked', ackedSeq: last, head }
}

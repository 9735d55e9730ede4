import { ownHash } from './outgoing-events.ts'
import { HASH_BYTES, sameBytes } from './protocol/chain-hash.ts'
import { base64url, bytesOf, wholeNumber } from './protocol/json.ts'
import type { Source, TargetClaim } from './source.ts'
import type { AnswerOf, Outgoing } from './target.ts'

/** The head of a receiver. */
type StoredHead = { readonly seq: number; readonly head: Uint8Array }

/** An event that is sent again only to learn the receiver's event at the same place. */
export type Probe = { readonly after: number } & (
  | { readonly suspicion: 'fork' }
  /** `stored`: its head beyond the end of the journal. */
  | { readonly suspicion: 'rollback'; readonly stored: StoredHead }
)

/**
 * The event that must be sent to prove that the target has more than the journal, or another history; undefined if its
 * head is ours. Throws SourceDamagedError.
 */
export async function suspicionOf(source: Source, stored: StoredHead, isForked = false): Promise<Probe | undefined> {
  const { seq, head } = stored
  const local = source.head().seq
  if (seq > local) return { after: local - 1, suspicion: 'rollback', stored }
  const isOurs = !isForked && sameBytes(head, await ownHash(source, seq))
  return isOurs ? undefined : { after: Math.max(0, seq - 1), suspicion: 'fork' }
}

/** The target holds another event at one place; `answer` is its evidence. Both signed heads are kept. */
export function forkHalt(source: Source, answer: { readonly [member: string]: unknown }): TargetClaim {
  const own = signedHead(source)
  const at = wholeNumber(answer['seq'], 1) ?? own.seq
  return {
    state: 'forked',
    code: 'fork',
    message: `The target holds another event ${at} of this journal. Both sides keep the evidence; begin a new epoch.`,
    evidence: { ...answer, own_checkpoint: own },
  }
}

/** The event at which a fork is claimed; the first if it is not named. */
export function forkedAt({ evidence }: AnswerOf<'fork'>): number {
  return wholeNumber(evidence['seq'], 1) ?? 1
}

/**
 * Returns `unknown` if the answer names only the very event that we have. A receiver that took our event first and
 * refused the other one names ours as stored, too, and that of the other machine as received.
 */
export async function verifiedFork(
  source: Pick<Source, 'hashAt'>,
  answer: AnswerOf<'fork'>,
): Promise<AnswerOf<'fork' | 'unknown'>> {
  const { seq, stored_hash, received_hash } = answer.evidence
  const at = wholeNumber(seq, 1)
  const own = at === undefined ? undefined : await source.hashAt(at)
  const [stored, received] = [stored_hash, received_hash].map((hash) => bytesOf(hash, HASH_BYTES))
  if (own === undefined || stored === undefined || !sameBytes(stored, own)) return answer
  if (received !== undefined && !sameBytes(received, own)) return answer
  const message = `The target reports a fork at event ${at}, but has the same event there as this journal.`
  return { kind: 'unknown', code: 'wrong_fork', message }
}

/** The target has more than the last event of the journal, `seq`; a new epoch leads on from `stored`. */
export function rollbackHalt(source: Source, seq: number, stored: StoredHead): TargetClaim {
  return {
    state: 'stalled',
    code: 'rollback',
    message: `The target has more than event ${seq}: this journal is an old copy. Begin a new epoch.`,
    evidence: { stored: { seq: stored.seq, head: base64url(stored.head) }, own_checkpoint: signedHead(source) },
  }
}

function signedHead(source: Source): { readonly seq: number; readonly [member: string]: unknown } {
  const { seq, hash } = source.head()
  return { seq, head: base64url(hash), ...source.checkpoint(seq, hash) }
}

/** True if a target that claimed more events than we have now has fewer than the probe, or another event. */
export function contradicts({ ackedSeq, head }: { ackedSeq: number; head: Uint8Array }, probe: Outgoing): boolean {
  const own = probe.hashes.at(-1)
  const isOurs = ackedSeq === probe.last && own !== undefined && sameBytes(head, own)
  return ackedSeq <= probe.last && !isOurs
}

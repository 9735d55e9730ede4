import type { SignedHead } from './protocol/chain-hash.ts'
import { checkpointHolds, ed25519Key, sameBytes } from './protocol/chain-hash.ts'
import { base64url, members } from './protocol/json.ts'
import type { ShownEpoch } from './protocol/shown-head.ts'
import { shownHead } from './protocol/shown-head.ts'
import type { ChainFacts, Halt, HeadProof, Source, TargetClaim } from './source.ts'
import type { AnswerOf } from './target.ts'

/** A target claims without proof to have another history of the journal, or more of it. */
const UNPROVEN = 'sync_claim_unproven'

/**
 * A head proves a claim if the key of the chain signed it, it is at event `from` or later, and this journal has another
 * event there or ends before it. Nothing else in an answer proves anything.
 */
export async function proofOf(
  source: Pick<Source, 'chain' | 'head' | 'hashAt'>,
  from: number,
  shown: SignedHead | undefined,
): Promise<SignedHead | undefined> {
  if (shown === undefined || shown.seq < from) return undefined
  const { chain } = source
  const key = ed25519Key(Buffer.from(chain.publicKey, 'base64url'))
  const sig = Buffer.from(shown.checkpoint.sig, 'base64url')
  if (!checkpointHolds(key, chain.chainId, chain.epoch, shown.seq, shown.head, sig)) return undefined
  const own = shown.seq > source.head().seq ? undefined : await source.hashAt(shown.seq)
  return own === undefined || !sameBytes(own, shown.head) ? shown : undefined
}

/** The stored signed head that a target names in its evidence of a fork; undefined for anything else. */
export function shownIn(evidence: TargetClaim['evidence']): SignedHead | undefined {
  const shown = members(evidence?.['stored_checkpoint'])
  return shownHead(shown?.['seq'], shown?.['head'], shown)
}

/**
 * True if the key of this journal has signed an event of another chain in the same or a later epoch: a copy of the
 * journal continues there. A restored copy signs with its own key, which proves nothing here.
 */
export function isTaken({ chainId, epoch, publicKey }: ChainFacts, shown: ShownEpoch | undefined): shown is ShownEpoch {
  if (shown === undefined || shown.chainId === chainId || shown.epoch < epoch) return false
  const sig = Buffer.from(shown.checkpoint.sig, 'base64url')
  const key = ed25519Key(Buffer.from(publicKey, 'base64url'))
  return checkpointHolds(key, shown.chainId, shown.epoch, shown.seq, shown.head, sig)
}

/**
 * The message for a person about the claim that another copy continues in a newer epoch. No epoch begins for it, proven
 * or not.
 */
export function epochClaim(
  source: Pick<Source, 'chain' | 'ended'>,
  { message, current }: AnswerOf<'stale_epoch'>,
): string {
  // The newer epoch is part of this journal.
  if (source.ended()) return message
  if (isTaken(source.chain, current))
    return `${message} Proven: the key of this journal signed event ${current.seq} of epoch ${current.epoch} there.`
  return `${message} Not proven: the target shows nothing of that epoch that the key of this journal signed.`
}

/** The proof as the journal stores it. */
export function headProof({ seq, head, checkpoint }: SignedHead): HeadProof {
  return { seq, head: base64url(head), cp: checkpoint }
}

/** Replaces a claim without proof: the target is asked again, and no epoch begins. */
export function unproven({ message, evidence }: TargetClaim): Halt {
  return {
    state: 'stalled',
    code: UNPROVEN,
    message: `Not proven: the target shows no other head that the key of this journal has signed. It claims: ${message}`,
    ...(evidence && { evidence }),
  }
}

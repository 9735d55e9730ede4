import { HASH_BYTES, isUuid, sameBytes, ZERO_HASH } from '../sync/protocol/chain-hash.ts'
import { bytesOf, parseObject, textOf, wholeNumber } from '../sync/protocol/json.ts'
import type { Store, StoredChain } from './store.ts'

const REASON_LENGTH = 100

/** The claims of an epoch about the one before, compared with the stored one. */
export type Succession = {
  readonly chainId: string
  readonly lastKnownSeq: number
  /** `rollback`, `restore`…, as the agent reports it. */
  readonly reason: string
  /** `differs`: another history than the stored one. `unknown`: nothing is stored at that place. */
  readonly standing: 'agrees' | 'differs' | 'unknown'
  /** Events of the former epoch that the agent had lost when it began the new one: only the receiver has them. */
  readonly onlyHere: number
  /** Events of it that never arrived. */
  readonly notHere: number
}

/** Undefined for a chain that names no former one. */
export async function successionOf(
  store: Pick<Store, 'chain' | 'events'>,
  { genesis, agentId }: StoredChain,
): Promise<Succession | undefined> {
  const { previous_chain_id, last_known_seq, last_known_head, reason } = parseObject(genesis) ?? {}
  const chainId = textOf(previous_chain_id)
  const seq = wholeNumber(last_known_seq)
  if (chainId === undefined || seq === undefined || !isUuid(chainId)) return undefined
  const named = { chainId, lastKnownSeq: seq, reason: (textOf(reason) ?? '').slice(0, REASON_LENGTH) }
  const previous = await store.chain(chainId)
  // The claims of this chain do not apply to another agent's.
  if (previous === undefined || previous.agentId !== agentId) {
    return { ...named, standing: 'unknown', onlyHere: 0, notHere: seq }
  }
  const [stored] = seq === 0 ? [{ hash: ZERO_HASH }] : await store.events(chainId, seq - 1, 1)
  const claimed = bytesOf(last_known_head, HASH_BYTES)
  const agrees = claimed !== undefined && stored !== undefined && sameBytes(stored.hash, claimed)
  const standing = stored === undefined || claimed === undefined ? 'unknown' : agrees ? 'agrees' : 'differs'
  const { headSeq } = previous
  return { ...named, standing, onlyHere: Math.max(0, headSeq - seq), notHere: Math.max(0, seq - headSeq) }
}

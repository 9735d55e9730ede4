import type { ChainEvent } from '../chain-hash.ts'
import { checkpointHolds, ed25519Key, eventHash, sameBytes, uuidBytes, ZERO_HASH } from '../chain-hash.ts'
import type { SignedHead, Store, StoredChain } from './store.ts'

const PORTION = 500

/** `finding`: what breaks the chain first, undefined where it is whole. `signedSeq`: the highest head its agent signed. */
export type ChainAudit = {
  readonly chainId: string
  readonly state: StoredChain['state']
  readonly events: number
  readonly signedSeq: number
  readonly finding: string | undefined
}

/** Computes every hash of every stored chain again and holds the heads against their signatures, a portion at a time. */
export async function* auditChains(store: Store): AsyncGenerator<ChainAudit> {
  let before: string | undefined
  while (true) {
    const chains = await store.allChains(PORTION, before)
    for (const chain of chains) yield await auditChain(store, chain)
    before = chains.at(-1)?.chainId
    if (before === undefined) return
  }
}

async function auditChain(store: Store, chain: StoredChain): Promise<ChainAudit> {
  const { chainId, state, headSeq } = chain
  const signed = await store.lastCheckpoint(chainId, headSeq)
  const { events, finding } = await recompute(store, chain, signed)
  return {
    ...{ chainId, state, events, signedSeq: signed?.seq ?? 0 },
    finding: finding ?? (signed && signatureFinding(chain, signed)),
  }
}

/** Sales go on meanwhile: what came after the head was read is for the next audit. */
async function recompute(
  store: Store,
  { chainId, headSeq, head }: StoredChain,
  signed: SignedHead | undefined,
): Promise<{ events: number; finding?: string }> {
  const id = uuidBytes(chainId)
  let previous: Uint8Array = ZERO_HASH
  let seq = 0
  while (seq < headSeq) {
    const portion = await store.events(chainId, seq, Math.min(PORTION, headSeq - seq))
    if (portion.length === 0) return { events: seq, finding: `event ${seq + 1} is missing below the head ${headSeq}` }
    for (const event of portion) {
      const finding = eventFinding(id, previous, seq, event, signed)
      if (finding !== undefined) return { events: seq, finding }
      previous = event.hash
      seq++
    }
  }
  return sameBytes(previous, head)
    ? { events: seq }
    : { events: seq, finding: `the head is not the hash of event ${seq}` }
}

function eventFinding(
  chain: Uint8Array,
  previous: Uint8Array,
  after: number,
  event: ChainEvent,
  signed: SignedHead | undefined,
): string | undefined {
  if (event.seq !== after + 1) return `event ${after + 1} is missing`
  if (!sameBytes(eventHash(chain, previous, event), event.hash)) {
    return `the hash of event ${event.seq} is not that of its content`
  }
  const otherSigned = signed?.seq === event.seq && !sameBytes(signed.head, event.hash)
  return otherSigned ? `another head ${event.seq} than this one is signed` : undefined
}

function signatureFinding({ chainId, epoch, publicKey }: StoredChain, signed: SignedHead): string | undefined {
  const signature = Buffer.from(signed.checkpoint.sig, 'base64url')
  const holds = checkpointHolds(ed25519Key(publicKey), chainId, epoch, signed.seq, signed.head, signature)
  return holds ? undefined : `the signature of the head ${signed.seq} is wrong`
}

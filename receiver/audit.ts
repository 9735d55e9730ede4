import { hash as digest } from 'node:crypto'
import type { ChainEvent, SignedHead } from '../sync/protocol/chain-hash.ts'
import { checkpointHolds, ed25519Key, eventHash, sameBytes, uuidBytes, ZERO_HASH } from '../sync/protocol/chain-hash.ts'
import type { BlobStore } from './blob-store.ts'
import type { DisputedAgent, OwnerStore, RefusedCount } from './owner-store.ts'
import type { Store, StoredChain } from './store.ts'

const PORTION = 500

/**
 * `finding`: the first fault of the chain, undefined if it is whole. `signedSeq`: the highest head that its agent
 * signed.
 */
export type ChainAudit = {
  readonly chainId: string
  readonly state: StoredChain['state']
  readonly events: number
  readonly signedSeq: number
  readonly finding: string | undefined
}

/**
 * A blob whose bytes no longer match its name: restore from another backup; after it is removed, its agent sends it
 * again.
 */
export type BlobFinding = { readonly agentId: string; readonly sha256: string }

/** Agents with an open decision, and refused messages of other tenants. */
export type TenancyAudit = {
  readonly disputed: readonly DisputedAgent[]
  readonly refused: readonly RefusedCount[]
}

export async function auditTenancy(owners: OwnerStore): Promise<TenancyAudit> {
  return { disputed: await owners.disputed(), refused: await owners.refusedCounts() }
}

/** Computes the hash of every blob again. Calls `onBlob` for each. */
export async function* auditBlobs(blobs: BlobStore, onBlob: () => void): AsyncGenerator<BlobFinding> {
  for (const agentId of await blobs.agents()) {
    let after = ''
    while (true) {
      const listed = await blobs.listed(agentId, after, PORTION)
      for (const sha256 of listed) {
        const bytes = await blobs.read(agentId, sha256)
        onBlob()
        // A blob that was removed in between is not a finding.
        if (bytes !== undefined && digest('sha256', bytes, 'hex') !== sha256) yield { agentId, sha256 }
      }
      const last = listed.at(-1)
      if (last === undefined) break
      after = last
    }
  }
}

/**
 * Computes every hash of every stored chain again and compares the heads with their signatures, a portion at a time.
 */
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
    chainId,
    state,
    events,
    signedSeq: signed?.seq ?? 0,
    finding: finding ?? (signed && signatureFinding(chain, signed)) ?? (await setBackFinding(store, chain)),
  }
}

/** Finds events that were stored or signed after the head: a head only moves forward, together with its event. */
async function setBackFinding(store: Store, { chainId, headSeq }: StoredChain): Promise<string | undefined> {
  const signed = await store.lastCheckpoint(chainId, Number.MAX_SAFE_INTEGER)
  const [event] = await store.events(chainId, headSeq, 1)
  const newestSeq = Math.max(signed?.seq ?? 0, event?.seq ?? 0)
  // Sales continue during the audit: the head may have reached those events since it was read.
  const now = newestSeq > headSeq ? await store.chain(chainId) : undefined
  if (now === undefined || now.headSeq >= newestSeq) return undefined
  return `event ${newestSeq} was here, and the head is ${now.headSeq}: it was rolled back`
}

/** Sales continue during the audit: events after the head that was read are for the next one. */
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

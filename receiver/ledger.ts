import type { ChainEvent, SignedHead } from '../sync/protocol/chain-hash.ts'
import { sameBytes } from '../sync/protocol/chain-hash.ts'
import type { Batch } from '../sync/protocol/envelope.ts'
import { signedEnd } from '../sync/protocol/envelope.ts'
import { decide, knownCount } from './append.ts'
import { blobReferences } from './blob-references.ts'
import type { BlobReference } from './blob-store.ts'
import type { OwnedAgent } from './owner-store.ts'
import type { Appended, Fork, Registered, Registration, StoredChain } from './store.ts'
import { StoreInvariantError } from './store.ts'

/** The rows that one transaction of a store reads and writes; `lockChain` makes the others of that chain wait. */
export type Rows = {
  lockChain(chainId: string): Promise<StoredChain | undefined>
  hashes(chainId: string, first: number, count: number): Promise<readonly Uint8Array[]>
  /** Returns the number of new events. */
  insertEvents(chainId: string, events: readonly ChainEvent[]): Promise<number>
  /** Returns 1 if the head was `fromSeq`. */
  moveHead(chainId: string, fromSeq: number, toSeq: number, head: Uint8Array): Promise<number>
  insertReferences(chainId: string, references: readonly { seq: number; blob: BlobReference }[]): Promise<void>
  insertCheckpoint(chainId: string, signed: SignedHead): Promise<void>
  lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined>
  heard(chainId: string): Promise<void>
  /** Keeps the evidence and marks the chain. */
  insertFork(chainId: string, fork: Omit<Fork, 'storedCheckpoint'>, received: Uint8Array): Promise<void>
  firstFork(chainId: string): Promise<Omit<Fork, 'storedCheckpoint'> | undefined>
  /** Highest epoch of the agent, 0 if it has no chain; makes other registrations of the agent wait. */
  lockAgent(agentId: string): Promise<number>
  /** Assigns an agent without a tenant to that tenant; returns the agent's tenant. */
  ownAgent(agentId: string, tenantId: string, chainId: string | undefined, by: OwnedAgent['by']): Promise<string>
  fence(agentId: string): Promise<void>
  insertChain(registration: Registration): Promise<void>
}

/** Throws StoreInvariantError: nothing is stored then. */
export async function appendTo(rows: Rows, batch: Batch, raw: Uint8Array): Promise<Appended> {
  const chain = await rows.lockChain(batch.chain)
  if (chain === undefined) return { kind: 'unknown_chain' }
  if (chain.state === 'forked') return knownFork(rows, chain)
  const overlap = knownCount(batch, chain.headSeq)
  const decision = decide(chain, overlap === 0 ? [] : await rows.hashes(batch.chain, batch.first, overlap), batch)
  if (decision.kind === 'gap') return decision
  if (decision.kind === 'fork') return newFork(rows, chain, decision, raw)
  if (decision.kind === 'fenced') return { kind: 'stale_epoch', currentEpoch: await rows.lockAgent(chain.agentId) }
  if (decision.kind === 'append') await insert(rows, chain, batch, decision.from)
  const signed = signedEnd(batch)
  if (signed !== undefined) await rows.insertCheckpoint(batch.chain, signed)
  return { kind: 'stored', ackedSeq: batch.last, head: batch.head, duplicate: decision.kind === 'stored' }
}

export async function checkpointIn(rows: Rows, chainId: string, signed: SignedHead): Promise<Appended> {
  const chain = await rows.lockChain(chainId)
  if (chain === undefined) return { kind: 'unknown_chain' }
  if (chain.state === 'forked') return knownFork(rows, chain)
  if (signed.seq > chain.headSeq) return { kind: 'gap', expectedSeq: chain.headSeq + 1, head: chain.head }
  const [stored] = await rows.hashes(chainId, signed.seq, 1)
  if (stored === undefined) throw new StoreInvariantError(`event ${signed.seq} is missing below the head`)
  if (!sameBytes(stored, signed.head)) {
    const fork = { seq: signed.seq, storedHash: stored, receivedHash: signed.head }
    return newFork(rows, chain, fork, Buffer.from(JSON.stringify({ seq: signed.seq, cp: signed.checkpoint })))
  }
  await rows.insertCheckpoint(chainId, signed)
  await rows.heard(chainId)
  return { kind: 'stored', ackedSeq: signed.seq, head: stored, duplicate: true }
}

export async function registerIn(rows: Rows, registration: Registration): Promise<Registered> {
  const { chainId, tenantId, agentId, epoch, genesis, publicKey } = registration
  const currentEpoch = await rows.lockAgent(agentId)
  if ((await rows.ownAgent(agentId, tenantId, chainId, 'genesis')) !== tenantId) return { kind: 'wrong_tenant' }
  const present = await rows.lockChain(chainId)
  if (present !== undefined) {
    const same = present.agentId === agentId && present.epoch === epoch
    const equal = same && present.genesis === genesis && sameBytes(present.publicKey, publicKey)
    return { kind: equal ? 'equal' : 'different' }
  }
  if (epoch <= currentEpoch) return { kind: 'stale_epoch', currentEpoch }
  await rows.fence(agentId)
  await rows.insertChain(registration)
  return { kind: 'created' }
}

async function insert(rows: Rows, chain: StoredChain, batch: Batch, from: number): Promise<void> {
  const events = batch.events.slice(from)
  // Under the lock neither can fail; if one does, two receivers do not share the lock.
  if ((await rows.insertEvents(batch.chain, events)) !== events.length) {
    throw new StoreInvariantError(`an event after the head ${chain.headSeq} was already there`)
  }
  if ((await rows.moveHead(batch.chain, chain.headSeq, batch.last, batch.head)) !== 1) {
    throw new StoreInvariantError(`the head moved away from ${chain.headSeq} under the lock`)
  }
  const references = blobReferences(events)
  if (references.length > 0) await rows.insertReferences(batch.chain, references)
}

async function newFork(
  rows: Rows,
  { chainId, headSeq }: StoredChain,
  { seq, storedHash, receivedHash }: Omit<Fork, 'storedCheckpoint'>,
  received: Uint8Array,
): Promise<Appended> {
  await rows.insertFork(chainId, { seq, storedHash, receivedHash }, received)
  const storedCheckpoint = await rows.lastCheckpoint(chainId, headSeq)
  return { kind: 'fork', seq, storedHash, receivedHash, storedCheckpoint }
}

async function knownFork(rows: Rows, { chainId, headSeq }: StoredChain): Promise<Appended> {
  const fork = await rows.firstFork(chainId)
  if (fork === undefined) throw new StoreInvariantError('a forked chain has no evidence')
  return { kind: 'fork', ...fork, storedCheckpoint: await rows.lastCheckpoint(chainId, headSeq) }
}

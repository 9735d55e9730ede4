import type { ChainEvent, SignedHead } from '../chain-hash.ts'
import type { Batch } from '../envelope.ts'
import type { BlobStore } from './blob-store.ts'
import type { OwnerStore } from './owner-store.ts'

/** `agent` may bring the chains of its own agent, `office` may read those of its tenant. */
export type Identity =
  | { readonly kind: 'agent'; readonly tenantId: string; readonly agentId: string }
  | { readonly kind: 'office'; readonly tenantId: string }

/** Who presents a token, and the tenant that its agent belongs to; undefined for a head office. */
export type Bearer = { readonly identity: Identity; readonly ownerId: string | undefined }

/** A token as it is kept: of the secret only the hash, which is not shown. */
export type IssuedToken = {
  readonly id: string
  readonly identity: Identity
  readonly revoked: boolean
  /** The receiver's own clock, to the hour; undefined while nobody has used it. */
  readonly usedAtMs: number | undefined
}

export type Registration = {
  readonly chainId: string
  readonly tenantId: string
  readonly agentId: string
  readonly epoch: number
  /** Raw Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** JSON object. */
  readonly genesis: string
}

export type ChainState = 'open' | 'fenced' | 'forked' | 'closed'

export type StoredChain = Registration & {
  readonly state: ChainState
  readonly headSeq: number
  readonly head: Uint8Array
  /** The receiver's own clock, milliseconds since 1970; the newest batch or checkpoint. */
  readonly heardAtMs: number
}

export type Fork = {
  readonly seq: number
  readonly storedHash: Uint8Array
  readonly receivedHash: Uint8Array
  readonly storedCheckpoint: SignedHead | undefined
}

/** What became of a batch. `stored` is durable when it is returned. */
export type Appended =
  | { readonly kind: 'stored'; readonly ackedSeq: number; readonly head: Uint8Array; readonly duplicate: boolean }
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly head: Uint8Array }
  | ({ readonly kind: 'fork' } & Fork)
  | { readonly kind: 'stale-epoch'; readonly currentEpoch: number }
  | { readonly kind: 'unknown-chain' }

export type Registered =
  | { readonly kind: 'created' | 'equal' | 'different' | 'wrong-tenant' }
  | { readonly kind: 'stale-epoch'; readonly currentEpoch: number }

export type ForkEvidence = {
  readonly chainId: string
  readonly seq: number
  readonly storedHash: Uint8Array
  readonly receivedHash: Uint8Array
  readonly receivedAtMs: number
}

/** Of what is read in one go: a body may have 1 MiB. */
export const EVENTS_BYTES = 4 << 20

export type AgentConfig = { readonly version: number; readonly json: string }

/** The chain is busy with another batch, or the database with too many: the same request later. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError'
  readonly code = 'store_busy'
}

/** Something that cannot be has been seen, and nothing was stored. */
export class StoreInvariantError extends Error {
  override readonly name = 'StoreInvariantError'
}

/** Where a receiver keeps what it was given. All writes are durable when they resolve; times are the receiver's own. */
export type Store = {
  /** Also notes, at most hourly, that the token is in use: only then may the one before it go. */
  identify(tokenHash: Uint8Array): Promise<Bearer | undefined>
  /** The token of an agent that no tenant has makes it one of that tenant. Throws WrongTenantError. */
  addToken(id: string, tokenHash: Uint8Array, identity: Identity): Promise<void>
  /** False when there is no such token. */
  revokeToken(id: string): Promise<boolean>
  /** The newest first. */
  tokens(limit: number): Promise<readonly IssuedToken[]>
  register(registration: Registration): Promise<Registered>
  chain(chainId: string): Promise<StoredChain | undefined>
  /** Hashes and signature of the batch are verified; `raw` is kept as evidence of a fork. Throws StoreBusyError, StoreInvariantError. */
  append(batch: Batch, raw: Uint8Array): Promise<Appended>
  /** The signature is verified. */
  checkpoint(chainId: string, signed: SignedHead): Promise<Appended>
  /** A fenced chain takes events again. False when it is not fenced. */
  reopen(chainId: string): Promise<boolean>
  readonly blobs: BlobStore
  readonly owners: OwnerStore
  config(agentId: string): Promise<AgentConfig | undefined>
  /** Replaces version `ifVersion` (0: none yet). False when another one stands. */
  putConfig(agentId: string, json: string, ifVersion: number): Promise<boolean>
  /** Newest first, by chain id. */
  chains(tenantId: string, limit: number, before?: string): Promise<readonly StoredChain[]>
  /** Of one agent, the newest epoch first. */
  chainsOf(agentId: string, limit: number): Promise<readonly StoredChain[]>
  /** Of all tenants, in the order of `chains`. */
  allChains(limit: number, before?: string): Promise<readonly StoredChain[]>
  /** At most `limit`, and no more than fits into {@link EVENTS_BYTES} of bodies; one of them however large it is. */
  events(chainId: string, after: number, limit: number): Promise<readonly ChainEvent[]>
  /** The highest signed head at or below `seq`. */
  lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined>
  forks(tenantId: string, limit: number): Promise<readonly ForkEvidence[]>
  close(): Promise<void>
}

import { CodedError } from '../base/thrown.ts'
import type { ChainEvent, SignedHead } from '../sync/protocol/chain-hash.ts'
import type { Batch } from '../sync/protocol/envelope.ts'
import type { BlobStore } from './blob-store.ts'
import type { OwnerStore } from './owner-store.ts'

/** `agent` may send the chains of that agent, `office` may read those of its tenant. */
export type Identity =
  | { readonly kind: 'agent'; readonly tenantId: string; readonly agentId: string }
  | { readonly kind: 'office'; readonly tenantId: string }

/** The identity of a token, and the tenant of its agent; undefined for a head office. */
export type Bearer = { readonly identity: Identity; readonly ownerId: string | undefined }

/** A stored token: only the hash of the secret, which is not shown. */
export type IssuedToken = {
  readonly id: string
  readonly identity: Identity
  readonly revoked: boolean
  /** The receiver's own clock, to the hour; undefined if it was never used. */
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

/** The outcome of a batch. `stored` is durable when it is returned. */
export type Appended =
  | { readonly kind: 'stored'; readonly ackedSeq: number; readonly head: Uint8Array; readonly duplicate: boolean }
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly head: Uint8Array }
  | ({ readonly kind: 'fork' } & Fork)
  | { readonly kind: 'stale_epoch'; readonly currentEpoch: number }
  | { readonly kind: 'unknown_chain' }

export type Registered =
  | { readonly kind: 'created' | 'equal' | 'different' | 'wrong_tenant' }
  | { readonly kind: 'stale_epoch'; readonly currentEpoch: number }

export type ForkEvidence = {
  readonly chainId: string
  readonly seq: number
  readonly storedHash: Uint8Array
  readonly receivedHash: Uint8Array
  readonly receivedAtMs: number
}

/** The most bytes of one read: a body may have 1 MiB. */
export const EVENTS_BYTES = 4 << 20

/** The chain is busy with another batch, or the database with too many: repeat the same request later. */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError'
  readonly code = 'store_busy'
}

/** An impossible state was found, and nothing was stored. */
export class StoreInvariantError extends Error {
  override readonly name = 'StoreInvariantError'
}

/** The receiver's storage. All writes are durable when they resolve; times are the receiver's own. */
export type Store = {
  /** Also records, at most hourly, that the token is in use: only then may the one before it be revoked. */
  identify(tokenHash: Uint8Array): Promise<Bearer | undefined>
  /** The token of an agent without a tenant assigns it to that tenant. Throws `wrong_tenant`. */
  addToken(id: string, tokenHash: Uint8Array, identity: Identity): Promise<void>
  /** False if there is no such token. */
  revokeToken(id: string): Promise<boolean>
  /** The newest first. */
  tokens(limit: number): Promise<readonly IssuedToken[]>
  register(registration: Registration): Promise<Registered>
  chain(chainId: string): Promise<StoredChain | undefined>
  /**
   * The caller has verified hashes and signature of the batch; `raw` is kept as evidence of a fork. Throws
   * StoreBusyError, StoreInvariantError.
   */
  append(batch: Batch, raw: Uint8Array): Promise<Appended>
  /** The caller has verified the signature. */
  checkpoint(chainId: string, signed: SignedHead): Promise<Appended>
  /** A fenced chain accepts events again. False if it is not fenced. */
  reopen(chainId: string): Promise<boolean>
  readonly blobs: BlobStore
  readonly owners: OwnerStore
  /** Newest first, by chain id. */
  chains(tenantId: string, limit: number, before?: string): Promise<readonly StoredChain[]>
  /** The chains of one agent, the newest epoch first. */
  chainsOf(agentId: string, limit: number): Promise<readonly StoredChain[]>
  /** The chains of all tenants, in the order of `chains`. */
  allChains(limit: number, before?: string): Promise<readonly StoredChain[]>
  /** At most `limit`, and no more than fits into {@link EVENTS_BYTES} of bodies; one of them however large it is. */
  events(chainId: string, after: number, limit: number): Promise<readonly ChainEvent[]>
  /** The highest signed head at or below `seq`. */
  lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined>
  forks(tenantId: string, limit: number): Promise<readonly ForkEvidence[]>
  close(): Promise<void>
}

/** Raise it for a change of the tables with which an older receiver cannot work. */
export const STORE_VERSION = 1

/** The tables of such a store have other names. */
export function storeTooOld(): CodedError {
  return new CodedError(
    'store_too_old',
    'The store is from before the first release. Nothing was changed: keep its file, and begin with an empty one.',
  )
}

/** Throws `store_too_new`. */
export function demandKnown(version: number): void {
  if (version > STORE_VERSION)
    throw new CodedError(
      'store_too_new',
      `The store has version ${version}, of a newer receiver; this one knows ${STORE_VERSION}. Nothing was changed: install the newer version again.`,
    )
}

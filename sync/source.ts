import type { ChainEvent, Checkpoint } from './protocol/chain-hash.ts'

/**
 * Facts that a receiver needs about a chain. `publicKey`: raw Ed25519, base64url; `genesis`: the facts of the event that
 * began this epoch.
 */
export type ChainFacts = {
  readonly chainId: string
  readonly agentId: string
  readonly epoch: number
  readonly publicKey: string
  readonly genesis: { readonly [member: string]: unknown }
}

/** The form on the wire. */
export function registrationDocument({ chainId, agentId, epoch, publicKey, genesis }: ChainFacts): object {
  return { chain_id: chainId, agent_id: agentId, epoch, public_key: publicKey, genesis }
}

/** One epoch of a journal: an append-only ordered chain; its first event has seq 1. All returned events are durable. */
export type Source = {
  readonly chain: ChainFacts
  /** Events of the journal in the epochs before this one. */
  readonly base: number
  head(): { readonly seq: number; readonly hash: Uint8Array }
  /**
   * Events after `afterSeq` in order, at most `limit`; stops before their bodies exceed `maxBytes`, but returns at
   * least one if there is one.
   */
  read(afterSeq: number, limit: number, maxBytes: number): readonly ChainEvent[] | Promise<readonly ChainEvent[]>
  hashAt(seq: number): Uint8Array | undefined | Promise<Uint8Array | undefined>
  /** Signs a head of this chain and epoch; undefined for an old epoch whose key is no longer here. */
  checkpoint(seq: number, head: Uint8Array): Checkpoint | undefined
  /** True once another epoch has begun: no event will follow. */
  ended(): boolean
  /**
   * Calls `listener` with the head after events became durable, and when the epoch has ended. Returns a function that
   * removes it.
   */
  onAppend(listener: (headSeq: number) => void): () => void
}

/** `head`: base64url. */
export type HeadProof = { readonly seq: number; readonly head: string; readonly cp: Checkpoint }

type HaltFacts = {
  readonly state: 'stalled' | 'forked'
  readonly message: string
  /** The answers of both sides. */
  readonly evidence?: { readonly [member: string]: unknown }
  /** A person has dismissed it: the missing events of this ended epoch are counted separately. */
  readonly set_aside?: boolean
}
/** The target has another history of this chain, or more of it. `proof`: its signed head that the journal does not have. */
export type TargetClaim = HaltFacts & { readonly code: 'fork' | 'rollback'; readonly proof?: HeadProof }
/** Why the sync has halted until a person has looked. */
export type Halt = TargetClaim | (HaltFacts & { readonly code: string; readonly proof?: never })

export type CursorState = { readonly ackedSeq: number; readonly halt?: Halt }

/** Survives a power cut: `save` resolves when the state is durable. One for each target and chain. */
export type Cursor = {
  load(): CursorState | undefined | Promise<CursorState | undefined>
  save(state: CursorState): void | Promise<void>
}

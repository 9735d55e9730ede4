import type { BlobChannel } from './blob-channel.ts'
import type { SignedHead } from './protocol/chain-hash.ts'
import { ZERO_HASH } from './protocol/chain-hash.ts'
import type { KnownChain, ShownEpoch } from './protocol/shown-head.ts'
import type { ChainFacts } from './source.ts'

/** The receiver's limits for the next batch; the smaller of them and the sender's own apply. */
export type Credit = { readonly maxEvents: number; readonly maxBytes: number; readonly minIntervalMs: number }

/** A batch to send: `text` is its lines, complete. */
export type Outgoing = {
  readonly first: number
  readonly last: number
  /** Hash at `first - 1`. */
  readonly prev: Uint8Array
  /** Hash of each event, the first one at index 0. */
  readonly hashes: readonly Uint8Array[]
  readonly text: Buffer
}

/** An event and its hash. */
export type Place = { readonly seq: number; readonly head: Uint8Array }

type Said =
  | {
      readonly kind: 'position'
      readonly headSeq: number
      readonly head: Uint8Array
      readonly forked: boolean
      /** It takes no further events of this epoch: the agent has begun another one there. */
      readonly fenced?: boolean
      /** The newest epoch of the agent in another chain, for a target that does not refuse a second chain itself. */
      readonly newestEpoch?: number
      /** The head of that epoch, if the target shows a signed one. */
      readonly newest?: ShownEpoch | undefined
      readonly firstSeq?: number
      /** The end of a part of the same chain that is whole too, and signed by another key. */
      readonly otherKey?: Place
    }
  | {
      readonly kind: 'acked'
      readonly ackedSeq: number
      readonly head: Uint8Array
      readonly credit?: Credit
      readonly firstSeq?: number
    }
  | { readonly kind: 'registered' }
  | { readonly kind: 'unknown_chain' }
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly head: Uint8Array }
  | { readonly kind: 'fork'; readonly evidence: { readonly [member: string]: unknown } }
  /** `current`: the head of the agent's epoch there. */
  | { readonly kind: 'stale_epoch'; readonly message: string; readonly current?: ShownEpoch | undefined }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'too_large'; readonly code: string; readonly message: string }
  | { readonly kind: 'denied'; readonly code: string; readonly message: string }
  | { readonly kind: 'busy'; readonly retryAfterMs: number | undefined }
  /** The receiver's outcome is unknown: a timeout, a reset, an invalid answer. */
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string }

/**
 * An answer as data: a target does not throw for faults of a network or a receiver. `serverMs`: the receiver's clock;
 * `firstSeq`: its first event, if that was examined.
 */
export type Answer = Said & { readonly serverMs?: number }
/** The answers of one kind. */
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>

/** A place that keeps a chain. One call at a time; a call ends soon after `signal` aborts. */
export type Target = {
  readonly id: string
  /** `flushMs`: how long the first unsent event may wait for further ones. */
  readonly limits: { readonly maxEvents: number; readonly maxBytes: number; readonly flushMs: number }
  /** Reads, and creates nothing there. */
  position(chain: ChainFacts, signal: AbortSignal): Promise<Answer>
  /**
   * The newest head up to event `upTo` that it holds with a signature, not verified here. To be called after
   * `position`; undefined if it has no such head or does not report one.
   */
  signedHead(chain: ChainFacts, upTo: number, signal: AbortSignal): Promise<SignedHead | undefined>
  /** Further chains of its agent, as far as reported; the newest if they are many. To be called after `position`. */
  otherChains(chain: ChainFacts, signal: AbortSignal): Promise<readonly KnownChain[]>
  register(chain: ChainFacts, signal: AbortSignal): Promise<Answer>
  deliver(chain: ChainFacts, batch: Outgoing, signal: AbortSignal): Promise<Answer>
  checkpoint(chain: ChainFacts, head: SignedHead, signal: AbortSignal): Promise<Answer>
  /** Missing if the target takes no blobs. */
  readonly blobs?: BlobChannel
  close(): Promise<void>
}

/** 0 if the list is empty. */
export function newestOf(chains: readonly { readonly epoch: number }[]): number {
  return Math.max(0, ...chains.map(({ epoch }) => epoch))
}

/** The answer of a target that has a newer epoch of the agent: another copy of the journal continues there. */
export function staleEpoch(newest: number, current?: ShownEpoch): AnswerOf<'stale_epoch'> {
  return { kind: 'stale_epoch', message: `The agent is in epoch ${newest}.`, current }
}

/** The target's part of a chain according to its answer. If the answer does not name it, nothing counts as lost. */
export function heldIn(answer: Answer): { readonly headSeq: number; readonly head: Uint8Array } {
  if (answer.kind === 'position') return answer
  return { headSeq: answer.kind === 'unknown_chain' ? 0 : Number.POSITIVE_INFINITY, head: ZERO_HASH }
}

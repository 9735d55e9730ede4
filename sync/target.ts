import type { BlobLane } from './blob-lane.ts'
import type { SignedHead } from './chain-hash.ts'
import { ZERO_HASH } from './chain-hash.ts'
import type { ChainFacts } from './source.ts'

/** What a receiver allows next; the least of it and of the sender's own limits holds. */
export type Credit = { readonly maxEvents: number; readonly maxBytes: number; readonly minIntervalMs: number }

/** A batch on its way: `text` is the lines of it, complete. */
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

export type KnownChain = Pick<ChainFacts, 'chainId' | 'epoch'>
/** An epoch of an agent with the end of it that somebody signed; nobody has verified the signature. */
export type ShownEpoch = KnownChain & SignedHead

type Said =
  | {
      readonly kind: 'position'
      readonly headSeq: number
      readonly head: Uint8Array
      readonly forked: boolean
      /** It takes no more of this epoch: the agent has begun another one there. */
      readonly fenced?: boolean
      /** The newest of the agent that it holds in another chain, where it refuses none by itself: an epoch is of one chain. */
      readonly newestEpoch?: number
      /** The end of it, where it shows a signed one. */
      readonly newest?: ShownEpoch | undefined
      readonly firstSeq?: number
      /** What is there as a whole too, of the same chain, and another key has signed. */
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
  | { readonly kind: 'unknown-chain' }
  | { readonly kind: 'gap'; readonly expectedSeq: number; readonly head: Uint8Array }
  | { readonly kind: 'fork'; readonly evidence: { readonly [member: string]: unknown } }
  /** `current`: the end of the epoch that the agent is in there. */
  | { readonly kind: 'stale-epoch'; readonly message: string; readonly current?: ShownEpoch | undefined }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'too-large'; readonly code: string; readonly message: string }
  | { readonly kind: 'denied'; readonly code: string; readonly message: string }
  | { readonly kind: 'busy'; readonly retryAfterMs: number | undefined }
  /** Nothing is known of what the receiver did: a time-out, a reset, an answer that is none. */
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string }

/**
 * An answer as data: a target does not throw what a network or a receiver can cause. `serverMs`: the receiver's clock;
 * `firstSeq`: the first event that is there, where that was looked at.
 */
export type Answer = Said & { readonly serverMs?: number }
/** Those of one kind. */
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>

/** A place that keeps a chain. One call at a time; a call ends soon after `signal` aborts. */
export type Target = {
  readonly id: string
  /** `flushMs`: how long the first unsent event may wait for company. */
  readonly limits: { readonly maxEvents: number; readonly maxBytes: number; readonly flushMs: number }
  /** Reads, and makes nothing there. */
  position(chain: ChainFacts, signal: AbortSignal): Promise<Answer>
  /**
   * The newest head up to event `upTo` that it holds with its signature, which nobody has verified here. Asked behind
   * `position`; undefined where it has none or does not tell.
   */
  signedHead(chain: ChainFacts, upTo: number, signal: AbortSignal): Promise<SignedHead | undefined>
  /** Further chains of its agent, as far as they are told; the newest where they are many. Asked behind `position`. */
  otherChains(chain: ChainFacts, signal: AbortSignal): Promise<readonly KnownChain[]>
  register(chain: ChainFacts, signal: AbortSignal): Promise<Answer>
  deliver(chain: ChainFacts, batch: Outgoing, signal: AbortSignal): Promise<Answer>
  checkpoint(chain: ChainFacts, head: SignedHead, signal: AbortSignal): Promise<Answer>
  /** Missing where the target takes no blobs. */
  readonly blobs?: BlobLane
  close(): Promise<void>
}

/** 0 where there are none. */
export function newestOf(chains: readonly { readonly epoch: number }[]): number {
  return Math.max(0, ...chains.map(({ epoch }) => epoch))
}

/** What a target answers that knows a newer epoch of the agent: another copy of the journal goes on there. */
export function staleEpoch(newest: number, current?: ShownEpoch): AnswerOf<'stale-epoch'> {
  return { kind: 'stale-epoch', message: `The agent is in epoch ${newest}.`, current }
}

/** What a target has of a chain by its answer. Of one that says nothing of it: nothing is lost. */
export function heldIn(answer: Answer): { readonly headSeq: number; readonly head: Uint8Array } {
  if (answer.kind === 'position') return answer
  return { headSeq: answer.kind === 'unknown-chain' ? 0 : Number.POSITIVE_INFINITY, head: ZERO_HASH }
}

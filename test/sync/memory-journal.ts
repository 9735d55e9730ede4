import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { chainHash, uuidBytes, ZERO_HASH } from '../../agent/journal/chain.ts'
import type { CheckpointSigner } from '../../agent/journal/checkpoint.ts'
import { checkpointSigner } from '../../agent/journal/checkpoint.ts'
import type { ChainEvent, Checkpoint } from '../../sync/protocol/chain-hash.ts'
import type { ChainFacts, Cursor, CursorState, Source } from '../../sync/source.ts'

const START_MS = Date.parse('2026-08-01T10:00:00Z')

/**
 * A journal in memory that hashes and signs with the agent's own code, while receiver and sync use theirs: if the two
 * disagree, nothing is acknowledged.
 */
export class MemoryJournal implements Source {
  readonly chain: ChainFacts
  readonly events: ChainEvent[] = []
  /** Reads that were made: afterSeq and limit. */
  readonly reads: [number, number][] = []
  base = 0
  #hasKey = true
  #next: MemoryJournal | undefined
  readonly #signer: CheckpointSigner
  readonly #listeners = new Set<(seq: number) => void>()
  readonly #bodyOf: (seq: number) => string
  readonly #opOf: (seq: number) => string
  readonly #startMs: number

  constructor(
    options: {
      facts?: Partial<ChainFacts>
      signer?: CheckpointSigner
      bodyOf?: (seq: number) => string
      opOf?: (seq: number) => string
      /** The time of the clock before the first event. */
      startMs?: number
    } = {},
  ) {
    this.#startMs = options.startMs ?? START_MS
    this.#opOf = options.opOf ?? ((seq) => `op_${seq}`)
    this.#signer = options.signer ?? checkpointSigner(generateKeyPairSync('ed25519').privateKey)
    this.chain = {
      chainId: randomUUID(),
      agentId: randomUUID(),
      epoch: 1,
      publicKey: this.#signer.publicKey,
      genesis: {},
      ...options.facts,
    }
    this.#bodyOf = options.bodyOf ?? ((seq) => (seq === 1 ? genesisBody(this.chain) : saleBody(seq)))
  }

  /** One with so many events. */
  static of(events: number): MemoryJournal {
    const journal = new MemoryJournal()
    journal.append(events)
    return journal
  }

  /** The same journal as it is now on another disk: from here on both write. */
  clone(bodyOf: (seq: number) => string = this.#bodyOf): MemoryJournal {
    const copy = new MemoryJournal({ facts: this.chain, signer: this.#signer, bodyOf })
    copy.events.push(...this.events)
    return copy
  }

  /** Another epoch of the same journal, with an empty chain: this one has ended. */
  nextEpoch(reason = 'restore', bodyOf?: (seq: number) => string): MemoryJournal {
    const { seq, hash } = this.head()
    const lastKnownHead = Buffer.from(hash).toString('base64url')
    const genesis = {
      previous_chain_id: this.chain.chainId,
      last_known_seq: seq,
      last_known_head: lastKnownHead,
      reason,
    }
    const facts = { ...this.chain, chainId: randomUUID(), epoch: this.chain.epoch + 1, genesis }
    this.#next = new MemoryJournal({ facts, signer: this.#signer, ...(bodyOf && { bodyOf }) })
    this.#next.base = this.base + seq
    for (const listener of this.#listeners) listener(this.events.length)
    return this.#next
  }

  /** As it was after its first events: an old backup, restored. */
  restored(events: number): MemoryJournal {
    const copy = this.clone((seq) => `{"restored":${seq}}`)
    copy.events.splice(events)
    return copy
  }

  /** This epoch and those after it. */
  epochs(): [MemoryJournal, ...MemoryJournal[]] {
    return [this, ...(this.#next?.epochs() ?? [])]
  }

  ended(): boolean {
    return this.#next !== undefined
  }

  append(count: number): void {
    const chain = uuidBytes(this.chain.chainId)
    for (let index = 0; index < count; index++) {
      const seq = this.events.length + 1
      const at = new Date(this.#startMs + seq * 1000).toISOString()
      const members = {
        kind: 'outcome',
        op: this.#opOf(seq),
        at,
        boot: 'boot',
        mono: String(seq * 1e9),
        body: this.#bodyOf(seq),
      }
      const hash = chainHash(chain, seq, this.head().hash, members)
      this.events.push({ seq, ...members, hash })
    }
    for (const listener of this.#listeners) listener(this.events.length)
  }

  head(): { seq: number; hash: Uint8Array } {
    return { seq: this.events.length, hash: this.events.at(-1)?.hash ?? ZERO_HASH }
  }

  read(afterSeq: number, limit: number, maxBytes: number): ChainEvent[] {
    this.reads.push([afterSeq, limit])
    const range: ChainEvent[] = []
    let bytes = 0
    for (const event of this.events.slice(afterSeq, afterSeq + limit)) {
      bytes += event.body.length
      if (range.length > 0 && bytes > maxBytes) break
      range.push(event)
    }
    return range
  }

  hashAt(seq: number): Uint8Array | undefined {
    return this.events[seq - 1]?.hash
  }

  /** Its key was lost with the disk: nothing of this epoch can be signed afterwards. */
  forgetKey(): void {
    this.#hasKey = false
  }

  checkpoint(seq: number, head: Uint8Array): Checkpoint | undefined {
    if (!this.#hasKey) return undefined
    const { chainId, epoch } = this.chain
    const { kid, sig } = this.#signer.sign(uuidBytes(chainId), epoch, seq, head)
    return { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
  }

  onAppend(listener: (seq: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** A cursor in memory that counts its moves. */
export class MemoryCursor implements Cursor {
  readonly saved: CursorState[] = []

  load(): CursorState | undefined {
    return this.saved.at(-1)
  }

  save(state: CursorState): void {
    this.saved.push(state)
  }
}

/** The statement of a chain's first event about the chain. */
export function genesisBody({ chainId, agentId, epoch }: ChainFacts): string {
  return JSON.stringify({ facts: { chain_id: chainId, agent_id: agentId, epoch } })
}

function saleBody(seq: number): string {
  const noise = createHash('sha256').update(String(seq)).digest('base64url')
  return JSON.stringify({ amount: `${seq % 90}.90`, item: 'Brötchen "6er"', note: noise })
}

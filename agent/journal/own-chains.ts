import type { KnownTarget } from './books/state-maps.ts'
import { stateNow } from './books/state-record.ts'
import type { Chain } from './chains.ts'
import { readChains } from './chains.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import { lastAcknowledged } from './cursors.ts'
import { headSeq, storedHashes } from './event-table.ts'
import type { StoredEvent } from './events.ts'
import { bodyOf, claimedFacts } from './events.ts'
import { readJournal } from './reader.ts'

/** A signed head of a chain, in the numbers of the chain. */
type Signed = { readonly seq: number; readonly head: Uint8Array; readonly checkpoint: { readonly sig: string } }

/** One epoch as the journal has it, for comparison with other copies; all numbers are those of the chain. */
export type OwnChain = Pick<Chain, 'chainId' | 'agentId' | 'epoch' | 'publicKey'> & {
  readonly genesis: Chain['opening']
  readonly last: number
  /** Why the epoch after it began; undefined for the one that grows. */
  readonly endedBy: string | undefined
  hashAt(seq: number): Uint8Array | undefined
  /** Whether the key of the chain made that signature. */
  signed(head: Signed): boolean
  /**
   * The explanation by a person for events that are missing since the epoch after it began (`duty confirm --reason`).
   */
  readonly confirmed: string | undefined
  /** The task that asks for it. */
  readonly task: string | undefined
  /** The reason with which a person dismissed the events that the target misses; undefined if no one has. */
  dismissal(target: string): string | undefined
  /** The last event up to a time (RFC 3339, UTC); 0 if every event is later. */
  lastBefore(time: string): number
}

/** A target that has acknowledged, by the events; `last`: its newest acknowledgement, if known. */
export type KnownWitness = KnownTarget & { readonly last: { readonly seq: number; readonly at: string } }

/** Which targets the journal has ever known, in the numbers of the journal. Throws as `readOwnChains` does. */
export function readKnownTargets(directory: string): KnownWitness[] {
  return readJournal(directory, (db) => {
    if (headSeq(db) === 0) return []
    const chains = readChains(db)
    return stateNow(db)
      .targets()
      .map((target) => {
        const acknowledged = target.removed_at === null ? lastAcknowledged(db, chains, target.target) : undefined
        return { ...target, last: acknowledged !== undefined && acknowledged.seq > target.seq ? acknowledged : target }
      })
  })
}

/**
 * Looks at the epochs of a journal, in use or not, the newest first; empty before the first event. Throws as
 * `openReadOnly` does.
 */
export function readOwnChains<Result>(directory: string, read: (chains: readonly OwnChain[]) => Result): Result {
  return readJournal(directory, (db) => {
    const head = headSeq(db)
    if (head === 0) return read([])
    const chains = readChains(db)
    const hashAt = storedHashes(db)
    const before = db
      .prepare<[number, number, string], number>(
        'SELECT seq FROM event WHERE seq > ? AND seq <= ? AND at <= ? ORDER BY seq DESC LIMIT 1',
      )
      .pluck()
    const dismissals = db.prepare<[], StoredEvent>("SELECT * FROM event WHERE kind = 'sync.dismissed'")
    const confirmed = db.prepare<[string], StoredEvent>(
      "SELECT * FROM event WHERE op = ? AND op <> '' AND kind = 'duty.confirmed' ORDER BY seq",
    )
    const own = chains.map((chain, at): OwnChain => {
      const { chainId, agentId, epoch, publicKey, opening, id, base } = chain
      const next = chains[at + 1]
      const last = (next?.base ?? head) - base
      return {
        chainId,
        agentId,
        epoch,
        publicKey,
        genesis: opening,
        last,
        endedBy: next && textIn(next.opening.reason),
        confirmed: next && reasonIn(confirmed.all(`confirmation_epoch-${next.epoch}`)),
        task: next && `epoch-${next.epoch}`,
        hashAt: (seq) => (seq > 0 && seq <= last ? hashAt(seq + base) : undefined),
        signed: ({ seq, head: signed, checkpoint: { sig } }) =>
          verifyCheckpoint(publicKey, id, epoch, seq, signed, Buffer.from(sig, 'base64url')),
        lastBefore: (time) => (before.get(base, base + last, time) ?? base) - base,
        dismissal: (target) => reasonFor(dismissals.iterate(), target, chainId),
      }
    })
    return read(own.reverse())
  })
}

function reasonIn(confirmed: readonly StoredEvent[]): string | undefined {
  const reason = confirmed.map((event) => bodyOf(event).set?.['reason']).findLast((text) => text !== undefined)
  return reason === undefined ? undefined : String(reason)
}

function reasonFor(events: Iterable<StoredEvent>, target: string, chainId: string): string | undefined {
  for (const event of events) {
    const { target: of, epochs, reason } = claimedFacts<'sync.dismissed'>(event)
    if (of === target && Array.isArray(epochs) && epochs.some((one) => Object(one).chain === chainId))
      return textIn(reason)
  }
  return undefined
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

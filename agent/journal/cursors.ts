import type { Database } from 'better-sqlite3'
import { rfc3339 } from '../../base/clock.ts'
import { ZERO_HASH } from './chain.ts'
import type { Chain } from './chains.ts'
import { chainAt, lastChain, readChains } from './chains.ts'
import type { Checkpoint, CheckpointSigner } from './checkpoint.ts'
import { headSeq, storedHashes } from './event-table.ts'
import type { StoredEvent } from './events.ts'
import type { Journal } from './journal.ts'
import { demandBegun, readJournal } from './reader.ts'

/** The chains of the journal as sources of a sync, oldest first; each call includes new ones. */
export function epochsOf(
  journal: Journal,
  signer: CheckpointSigner,
): () => readonly [JournalSource, ...JournalSource[]] {
  const sources = new Map<string, JournalSource>()
  const source = (chain: Chain): JournalSource => {
    const journalSource = sources.get(chain.chainId) ?? sourceOf(journal, signer, chain)
    sources.set(chain.chainId, journalSource)
    return journalSource
  }
  return () => {
    const [first, ...others] = journal.chains
    return [source(first), ...others.map(source)]
  }
}

type JournalSource = ReturnType<typeof sourceOf>

/** A chain as an ordered source of a sync, by default the one that grows: seq is that of the chain. */
export function sourceOf(journal: Journal, signer: CheckpointSigner, source = lastChain(journal.chains)) {
  const { after, hashOf, signed } = journal.read((db) => ({
    after: db.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?'),
    hashOf: storedHashes(db),
    signed: db.prepare<[number], { kid: string; sig: Buffer }>('SELECT kid, sig FROM checkpoint WHERE seq = ?'),
  }))
  const { id, base, opening, chainId, agentId, epoch, publicKey } = source
  /** The last event of the chain in the numbers of the journal; undefined while it grows. */
  const end = (): number | undefined => journal.chains.find((other) => other.base > base)?.base
  const hashAt = (seq: number): Uint8Array | undefined =>
    journal.read(() => (seq > 0 && seq + base <= (end() ?? journal.headSeq) ? hashOf(seq + base) : undefined))
  return {
    chain: { chainId, agentId, epoch, publicKey, genesis: opening },
    base,
    ended: (): boolean => end() !== undefined,
    head: (): { seq: number; hash: Uint8Array } => {
      const last = end()
      if (last === undefined) return { seq: journal.headSeq - base, hash: journal.headHash }
      return { seq: last - base, hash: hashAt(last - base) ?? ZERO_HASH }
    },
    /** Events after a seq, at most `limit`; stops before their bodies exceed `maxBytes`, but returns at least one. */
    read: (seq: number, limit: number, maxBytes: number): readonly StoredEvent[] =>
      journal.read(() => {
        const last = end() ?? journal.headSeq
        const events: StoredEvent[] = []
        let bytes = 0
        for (const event of after.iterate(seq + base, Math.min(limit, Math.max(0, last - base - seq)))) {
          bytes += Buffer.byteLength(event.body)
          if (bytes > maxBytes && events.length > 0) break
          events.push({ ...event, seq: event.seq - base })
        }
        return events
      }),
    hashAt,
    /** For an old chain whose key was removed, only the checkpoints that it signed itself. */
    checkpoint: (seq: number, head: Uint8Array): Checkpoint | undefined => {
      const { kid, sig } =
        (publicKey === signer.publicKey
          ? signer.sign(id, epoch, seq, head)
          : journal.read(() => signed.get(seq + base))) ?? {}
      return kid === undefined || sig === undefined
        ? undefined
        : { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
    },
    onAppend: (listener: (headSeq: number) => void): (() => void) => journal.onAppend((seq) => listener(seq - base)),
  }
}

/** A head of the chain that a target has, with the chain's own signature; `head` base64url. */
export type HeadProof = { readonly seq: number; readonly head: string; readonly cp: Checkpoint }

/** Why the sync has stopped until a person examines it; JSON. */
type Halt = {
  readonly state: 'stalled' | 'forked'
  readonly message: string
  readonly evidence?: { readonly [member: string]: unknown }
  readonly setAside?: boolean
} & (
  | { readonly code: 'fork' | 'rollback'; readonly proof?: HeadProof }
  | { readonly code: string; readonly proof?: never }
)
type CursorState = { readonly ackedSeq: number; readonly halt?: Halt }

/**
 * How far one target has this chain. A resolved `save` survives a power cut; it shares its fsync with the sales of the
 * same round of the event loop. A cursor that goes back (the target lost events) removes the times of the lost
 * acknowledgements.
 */
export function cursorOf(journal: Journal, target: string, now: () => number, chain = journal.chain) {
  const statements = journal.read((db) => ({
    load: db.prepare<[string, string], { acked: number; halt: string | null }>(
      'SELECT acked, halt FROM sync_cursor WHERE target = ? AND chain = ?',
    ),
    save: db.prepare<[string, string, number, string | null]>(
      `INSERT INTO sync_cursor VALUES (?, ?, ?, ?)
       ON CONFLICT (target, chain) DO UPDATE SET acked = excluded.acked, halt = excluded.halt`,
    ),
    forget: db.prepare<[string, string, number]>(
      'DELETE FROM sync_acknowledgement WHERE target = ? AND chain = ? AND seq > ?',
    ),
    acknowledge: db.prepare<[string, string, number, string]>(
      'INSERT INTO sync_acknowledgement VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
  }))
  return {
    load: (): CursorState | undefined => {
      const row = journal.read(() => statements.load.get(target, chain))
      if (row === undefined) return undefined
      return { ackedSeq: row.acked, ...(row.halt !== null && { halt: JSON.parse(row.halt) as Halt }) }
    },
    save: ({ ackedSeq, halt }: CursorState): Promise<void> =>
      journal.write(() => {
        statements.save.run(target, chain, ackedSeq, halt === undefined ? null : JSON.stringify(halt))
        statements.forget.run(target, chain, ackedSeq)
        if (ackedSeq > 0) statements.acknowledge.run(target, chain, ackedSeq, rfc3339(now()))
      }),
  }
}

/**
 * When all of these targets had every event of an operation (RFC 3339, of the last to have it); undefined while a
 * target misses an event, and if there is no target.
 */
export function syncedAt(journal: Journal, targets: readonly string[]): (operationId: string) => string | undefined {
  const { last, since } = journal.read((db) => ({
    last: db.prepare<[string], { seq: number | null }>("SELECT max(seq) AS seq FROM event WHERE op = ? AND op <> ''"),
    since: sinceStatement(db),
  }))
  return (operationId) =>
    journal.read(() => {
      const seq = targets.length === 0 ? null : last.get(operationId)?.seq
      if (seq == null) return undefined
      const { chainId, base } = chainAt(journal.chains, seq)
      const times = targets.map((target) => since.get(target, chainId, seq - base)?.at)
      return times.includes(undefined) ? undefined : times.sort().at(-1)
    })
}

/** The last acknowledgement of a target, in the numbers of the journal: from the tables, which prove nothing. */
export function lastAcknowledged(
  db: Database,
  chains: readonly Chain[],
  target: string,
): { readonly seq: number; readonly at: string } | undefined {
  const newest = db.prepare<[string, string], { seq: number; at: string }>(
    'SELECT seq, at FROM sync_acknowledgement WHERE target = ? AND chain = ? ORDER BY seq DESC LIMIT 1',
  )
  for (const { chainId, base } of [...chains].reverse()) {
    const row = newest.get(target, chainId)
    if (row !== undefined) return { seq: row.seq + base, at: row.at }
  }
  return undefined
}

function sinceStatement(db: Database) {
  return db.prepare<[string, string, number], { at: string }>(
    'SELECT at FROM sync_acknowledgement WHERE target = ? AND chain = ? AND seq >= ? ORDER BY seq LIMIT 1',
  )
}

/** The id of this agent at a receiver, and how many events each target misses, by the disk; the daemon may run. */
export function readSyncBacklog(directory: string): { agentId: string; waiting: (target: string) => number } {
  return readJournal(directory, (db) => {
    demandBegun(db, directory)
    const chains = readChains(db)
    const head = headSeq(db)
    type Row = { target: string; chain: string; acked: number }
    const rows = db.prepare<[], Row>('SELECT target, chain, acked FROM sync_cursor').all()
    const ofChains = new Set(chains.map(({ chainId }) => chainId))
    const waiting = (target: string): number =>
      rows
        .filter((row) => row.target === target && ofChains.has(row.chain))
        .reduce((rest, { acked }) => rest - acked, head)
    return { agentId: lastChain(chains).agentId, waiting }
  })
}

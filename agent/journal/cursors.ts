import type { Database } from 'better-sqlite3'
import { rfc3339 } from '../clock.ts'
import { chainAt, lastChain, readChains } from './chains.ts'
import type { Checkpoint, CheckpointSigner } from './checkpoint.ts'
import type { StoredEvent } from './events.ts'
import type { Journal } from './journal.ts'
import { headSeq, openReadOnly } from './reader.ts'

/** The chain that grows, as an ordered source of a replay: seq is that of the chain. Throws JournalDamagedError when the first event opens no chain. */
export function sourceOf(journal: Journal, signer: CheckpointSigner) {
  const { after, hash } = journal.read((db) => ({
    after: db.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?'),
    hash: db.prepare<[number], { hash: Buffer }>('SELECT hash FROM event WHERE seq = ?'),
  }))
  const { id, base, note, chainId, agentId, epoch, publicKey } = lastChain(journal.chains)
  return {
    chain: { chainId, agentId, epoch, publicKey, genesis: note },
    head: (): { seq: number; hash: Uint8Array } => ({ seq: journal.headSeq - base, hash: journal.headHash }),
    /** Events after a seq, at most `limit`; stops before their bodies exceed `maxBytes`, but gives the first. */
    read: (seq: number, limit: number, maxBytes: number): readonly StoredEvent[] =>
      journal.read(() => {
        const events: StoredEvent[] = []
        let bytes = 0
        for (const event of after.iterate(seq + base, limit)) {
          bytes += Buffer.byteLength(event.body)
          if (bytes > maxBytes && events.length > 0) break
          events.push({ ...event, seq: event.seq - base })
        }
        return events
      }),
    hashAt: (seq: number): Uint8Array | undefined =>
      journal.read(() => (seq > 0 ? hash.get(seq + base)?.hash : undefined)),
    checkpoint: (seq: number, head: Uint8Array): Checkpoint => {
      const { kid, sig } = signer.sign(id, epoch, seq, head)
      return { alg: 'Ed25519', kid, sig: sig.toString('base64url') }
    },
    onAppend: (listener: (headSeq: number) => void): (() => void) => journal.onAppend((seq) => listener(seq - base)),
  }
}

/** Why a replay stands until a person has looked; JSON. */
type Halt = {
  readonly state: 'stalled' | 'forked'
  readonly code: string
  readonly message: string
  readonly evidence?: { readonly [member: string]: unknown }
}
type CursorState = { readonly ackedSeq: number; readonly halt?: Halt }

/**
 * How far one target has this chain. What `save` resolved survives a power cut; it shares its sync with the sales of
 * that turn. A cursor that goes back (the target lost events) takes the times of the lost acknowledgements along.
 */
export function cursorOf(journal: Journal, target: string, now: () => number) {
  const { chain } = journal
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
 * When all of these targets had every event of an operation (RFC 3339, of the last to have it); undefined while one
 * lacks an event, and where there is no target.
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

function sinceStatement(db: Database) {
  return db.prepare<[string, string, number], { at: string }>(
    'SELECT at FROM sync_acknowledgement WHERE target = ? AND chain = ? AND seq >= ? ORDER BY seq LIMIT 1',
  )
}

/** Who this agent is to a cloud end, and what each target has, as it stands on the disk; beside a running daemon or not. */
export function readReplay(directory: string): {
  agentId: string
  headSeq: number
  acked: ReadonlyMap<string, number>
} {
  const db = openReadOnly(directory)
  try {
    const { agentId, chainId, base } = lastChain(readChains(db))
    const tables = db.prepare<[], { n: number }>("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'sync_cursor'")
    // A journal from before the replay has none until the next start.
    const rows =
      tables.get()?.n === 0
        ? []
        : db
            .prepare<[string], { target: string; acked: number }>(
              'SELECT target, acked FROM sync_cursor WHERE chain = ?',
            )
            .all(chainId)
    return { agentId, headSeq: headSeq(db) - base, acked: new Map(rows.map(({ target, acked }) => [target, acked])) }
  } finally {
    db.close()
  }
}

import type Database from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import type { ChainEvent, SignedHead } from '../../sync/protocol/chain-hash.ts'
import { ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import type { BlobReference } from '../blob-store.ts'
import type { Rows } from '../ledger.ts'
import type { OwnedAgent } from '../owner-store.ts'
import type { Fork, Registration, StoredChain } from '../store.ts'
import { demandKnown, STORE_VERSION, storeTooOld } from '../store.ts'

const SQLITE_SCHEMA = `
CREATE TABLE IF NOT EXISTS chain (
  chain_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, agent_id TEXT NOT NULL, epoch INTEGER NOT NULL CHECK (epoch > 0),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32), genesis TEXT NOT NULL,
  head_seq INTEGER NOT NULL, head_hash BLOB NOT NULL CHECK (length(head_hash) = 32),
  state TEXT NOT NULL CHECK (state IN ('open', 'fenced', 'forked', 'closed')),
  heard_at_ms INTEGER NOT NULL, UNIQUE (agent_id, epoch)) STRICT;
CREATE INDEX IF NOT EXISTS chain_tenant ON chain (tenant_id, chain_id);
CREATE TABLE IF NOT EXISTS event (
  chain_id TEXT NOT NULL REFERENCES chain, seq INTEGER NOT NULL CHECK (seq > 0), kind TEXT NOT NULL, op TEXT NOT NULL,
  at TEXT NOT NULL, boot TEXT NOT NULL, mono TEXT NOT NULL, body TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32), received_at_ms INTEGER NOT NULL, PRIMARY KEY (chain_id, seq)) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are kept'); END;
CREATE TRIGGER IF NOT EXISTS event_fixed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are fixed'); END;
CREATE TABLE IF NOT EXISTS checkpoint (
  chain_id TEXT NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, kid TEXT NOT NULL, sig TEXT NOT NULL,
  received_at_ms INTEGER NOT NULL, PRIMARY KEY (chain_id, seq, sig)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fork_evidence (
  chain_id TEXT NOT NULL, seq INTEGER NOT NULL, stored_hash BLOB NOT NULL, received_hash BLOB NOT NULL,
  batch BLOB NOT NULL, received_at_ms INTEGER NOT NULL, PRIMARY KEY (chain_id, seq, received_hash)) STRICT;
CREATE TABLE IF NOT EXISTS token (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, tenant_id TEXT NOT NULL, agent_id TEXT,
  revoked INTEGER NOT NULL DEFAULT 0, used_at_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS agent_blob (
  agent_id TEXT NOT NULL, sha256 TEXT NOT NULL, tenant_id TEXT NOT NULL, size INTEGER NOT NULL,
  received_at_ms INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (agent_id, sha256)) STRICT;
CREATE INDEX IF NOT EXISTS agent_blob_size ON agent_blob (agent_id, size);
CREATE TABLE IF NOT EXISTS blob_reference (
  chain_id TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, media_type TEXT NOT NULL,
  PRIMARY KEY (chain_id, seq, sha256)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agent_moved (
  agent_id TEXT NOT NULL, at_ms INTEGER NOT NULL, from_tenant TEXT NOT NULL, to_tenant TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused (
  agent_id TEXT NOT NULL, tenant_id TEXT NOT NULL, chain_id TEXT NOT NULL, seq INTEGER, code TEXT NOT NULL,
  sha256 BLOB NOT NULL, bytes BLOB NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused_count (
  agent_id TEXT NOT NULL, tenant_id TEXT NOT NULL, n INTEGER NOT NULL, first_at_ms INTEGER NOT NULL, last_at_ms INTEGER NOT NULL,
  PRIMARY KEY (agent_id, tenant_id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agent (
  agent_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, chain_id TEXT, since_ms INTEGER NOT NULL,
  by TEXT NOT NULL CHECK (by IN ('token', 'genesis', 'moved'))) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agent_tenant ON agent (tenant_id);
`

/** Throws `store_too_new`, and `store_too_old` for a file from before the first release. */
export function prepareSqlite(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  demandKnown(version)
  if (version === 0 && isFormer(db)) throw storeTooOld()
  db.exec(SQLITE_SCHEMA)
  if (version < STORE_VERSION) db.pragma(`user_version = ${STORE_VERSION}`)
}

function isFormer(db: Database.Database): boolean {
  return db.prepare("SELECT 1 FROM pragma_table_info('chain') WHERE name = 'chainId'").get() !== undefined
}

/** A row by the names of members: `chain_id` is `chainId`. */
function named(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [memberOf(column), value]))
}

function memberOf(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

type Value = string | number | Uint8Array | null
type StoredCheckpoint = { seq: number; head: Buffer; kid: string; sig: string }

/** Statements of one connection, each prepared once. */
export class SqliteRows implements Rows {
  readonly #db: Database.Database
  readonly #clock: Pick<Clock, 'now'>
  readonly #prepared = new Map<string, Database.Statement<Value[], unknown>>()

  constructor(db: Database.Database, clock: Pick<Clock, 'now'>) {
    this.#db = db
    this.#clock = clock
  }

  one<T>(sql: string, ...values: Value[]): T | undefined {
    return named(this.#statement(sql).get(...values)) as T | undefined
  }

  all<T>(sql: string, ...values: Value[]): T[] {
    return this.#statement(sql)
      .all(...values)
      .map(named) as T[]
  }

  /** One by one, for callers that may stop early. */
  *each<T>(sql: string, ...values: Value[]): Iterable<T> {
    for (const row of this.#statement(sql).iterate(...values)) yield named(row) as T
  }

  /** Returns the number of rows that changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes
  }

  async lockChain(chainId: string): Promise<StoredChain | undefined> {
    return this.one('SELECT *, head_hash AS head FROM chain WHERE chain_id = ?', chainId)
  }

  async hashes(chainId: string, first: number, count: number): Promise<readonly Uint8Array[]> {
    const sql = 'SELECT hash FROM event WHERE chain_id = ? AND seq >= ? ORDER BY seq LIMIT ?'
    return this.all<{ hash: Buffer }>(sql, chainId, first, count).map(({ hash }) => hash)
  }

  async insertEvents(chainId: string, events: readonly ChainEvent[]): Promise<number> {
    const nowMs = this.#clock.now()
    let count = 0
    for (const { seq, kind, op, at, boot, mono, body, hash } of events) {
      const sql = 'INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
      count += this.run(sql, chainId, seq, kind, op, at, boot, mono, body, hash, nowMs)
    }
    return count
  }

  async moveHead(chainId: string, fromSeq: number, toSeq: number, head: Uint8Array): Promise<number> {
    const sql = 'UPDATE chain SET head_seq = ?, head_hash = ?, heard_at_ms = ? WHERE chain_id = ? AND head_seq = ?'
    return this.run(sql, toSeq, head, this.#clock.now(), chainId, fromSeq)
  }

  async insertReferences(chainId: string, references: readonly { seq: number; blob: BlobReference }[]): Promise<void> {
    for (const { seq, blob } of references) {
      const sql = 'INSERT INTO blob_reference VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
      this.run(sql, chainId, seq, blob.sha256, blob.bytes, blob.mediaType)
    }
  }

  async insertCheckpoint(chainId: string, { seq, head, checkpoint }: SignedHead): Promise<void> {
    const sql = 'INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    this.run(sql, chainId, seq, head, checkpoint.kid, checkpoint.sig, this.#clock.now())
  }

  async lastCheckpoint(chainId: string, seq: number): Promise<SignedHead | undefined> {
    const sql = 'SELECT seq, head, kid, sig FROM checkpoint WHERE chain_id = ? AND seq <= ? ORDER BY seq DESC LIMIT 1'
    const row = this.one<StoredCheckpoint>(sql, chainId, seq)
    return row && { seq: row.seq, head: row.head, checkpoint: { alg: 'Ed25519', kid: row.kid, sig: row.sig } }
  }

  async heard(chainId: string): Promise<void> {
    this.run('UPDATE chain SET heard_at_ms = ? WHERE chain_id = ?', this.#clock.now(), chainId)
  }

  async insertFork(chainId: string, fork: Omit<Fork, 'storedCheckpoint'>, received: Uint8Array): Promise<void> {
    const { seq, storedHash, receivedHash } = fork
    this.run("UPDATE chain SET state = 'forked', heard_at_ms = ? WHERE chain_id = ?", this.#clock.now(), chainId)
    const sql = 'INSERT INTO fork_evidence VALUES (?, ?, ?, ?, ?, ?)'
    this.run(sql, chainId, seq, storedHash, receivedHash, received, this.#clock.now())
  }

  async firstFork(chainId: string): Promise<Omit<Fork, 'storedCheckpoint'> | undefined> {
    const sql =
      'SELECT seq, stored_hash, received_hash FROM fork_evidence WHERE chain_id = ? ORDER BY received_at_ms LIMIT 1'
    return this.one(sql, chainId)
  }

  async lockAgent(agentId: string): Promise<number> {
    const sql = 'SELECT max(epoch) AS epoch FROM chain WHERE agent_id = ?'
    return this.one<{ epoch: number | null }>(sql, agentId)?.epoch ?? 0
  }

  async ownAgent(
    agentId: string,
    tenantId: string,
    chainId: string | undefined,
    by: OwnedAgent['by'],
  ): Promise<string> {
    return this.own(agentId, tenantId, chainId, by)
  }

  own(agentId: string, tenantId: string, chainId: string | undefined, by: OwnedAgent['by']): string {
    const sql = 'INSERT INTO agent VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
    this.run(sql, agentId, tenantId, chainId ?? null, this.#clock.now(), by)
    return this.ownerOf(agentId) ?? tenantId
  }

  ownerOf(agentId: string): string | undefined {
    return this.one<{ tenantId: string }>('SELECT tenant_id FROM agent WHERE agent_id = ?', agentId)?.tenantId
  }

  async fence(agentId: string): Promise<void> {
    this.run("UPDATE chain SET state = 'fenced' WHERE agent_id = ? AND state = 'open'", agentId)
  }

  async insertChain({ chainId, tenantId, agentId, epoch, publicKey, genesis }: Registration): Promise<void> {
    const sql = "INSERT INTO chain VALUES (?, ?, ?, ?, ?, ?, 0, ?, 'open', ?)"
    this.run(sql, chainId, tenantId, agentId, epoch, publicKey, genesis, ZERO_HASH, this.#clock.now())
  }

  #statement(sql: string): Database.Statement<Value[], unknown> {
    const preparedStatement = this.#prepared.get(sql)
    if (preparedStatement !== undefined) return preparedStatement
    const statement = this.#db.prepare<Value[], unknown>(sql)
    this.#prepared.set(sql, statement)
    return statement
  }
}

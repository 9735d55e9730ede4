import type Database from 'better-sqlite3'
import type { Clock } from '../../base/clock.ts'
import type { ChainEvent, SignedHead } from '../../sync/protocol/chain-hash.ts'
import { ZERO_HASH } from '../../sync/protocol/chain-hash.ts'
import type { BlobReference } from '../blob-store.ts'
import type { Rows } from '../ledger.ts'
import type { OwnedAgent } from '../owner-store.ts'
import type { Fork, Registration, StoredChain } from '../store.ts'
import { demandKnown, STORE_VERSION } from '../store.ts'

const SQLITE_SCHEMA = `
CREATE TABLE IF NOT EXISTS chain (
  chainId TEXT PRIMARY KEY, tenantId TEXT NOT NULL, agentId TEXT NOT NULL, epoch INTEGER NOT NULL CHECK (epoch > 0),
  publicKey BLOB NOT NULL CHECK (length(publicKey) = 32), genesis TEXT NOT NULL,
  headSeq INTEGER NOT NULL, head BLOB NOT NULL CHECK (length(head) = 32),
  state TEXT NOT NULL CHECK (state IN ('open', 'fenced', 'forked', 'closed')),
  heardAtMs INTEGER NOT NULL, UNIQUE (agentId, epoch)) STRICT;
CREATE INDEX IF NOT EXISTS chain_tenant ON chain (tenantId, chainId);
CREATE TABLE IF NOT EXISTS event (
  chainId TEXT NOT NULL REFERENCES chain, seq INTEGER NOT NULL CHECK (seq > 0), kind TEXT NOT NULL, op TEXT NOT NULL,
  at TEXT NOT NULL, boot TEXT NOT NULL, mono TEXT NOT NULL, body TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32), receivedAtMs INTEGER NOT NULL, PRIMARY KEY (chainId, seq)) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are kept'); END;
CREATE TRIGGER IF NOT EXISTS event_fixed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are fixed'); END;
CREATE TABLE IF NOT EXISTS checkpoint (
  chainId TEXT NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, kid TEXT NOT NULL, sig TEXT NOT NULL,
  receivedAtMs INTEGER NOT NULL, PRIMARY KEY (chainId, seq, sig)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fork (
  chainId TEXT NOT NULL, seq INTEGER NOT NULL, storedHash BLOB NOT NULL, receivedHash BLOB NOT NULL,
  batch BLOB NOT NULL, receivedAtMs INTEGER NOT NULL, PRIMARY KEY (chainId, seq, receivedHash)) STRICT;
CREATE TABLE IF NOT EXISTS token (
  id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, tenantId TEXT NOT NULL, agentId TEXT,
  revoked INTEGER NOT NULL DEFAULT 0, usedAtMs INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS agent_blob (
  agentId TEXT NOT NULL, sha256 TEXT NOT NULL, tenantId TEXT NOT NULL, size INTEGER NOT NULL,
  receivedAtMs INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (agentId, sha256)) STRICT;
CREATE INDEX IF NOT EXISTS agent_blob_size ON agent_blob (agentId, size);
CREATE TABLE IF NOT EXISTS blob_reference (
  chainId TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, mediaType TEXT NOT NULL,
  PRIMARY KEY (chainId, seq, sha256)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agent_moved (
  agentId TEXT NOT NULL, atMs INTEGER NOT NULL, fromTenant TEXT NOT NULL, toTenant TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused (
  agentId TEXT NOT NULL, tenantId TEXT NOT NULL, chainId TEXT NOT NULL, seq INTEGER, code TEXT NOT NULL,
  sha256 BLOB NOT NULL, bytes BLOB NOT NULL, atMs INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refused_count (
  agentId TEXT NOT NULL, tenantId TEXT NOT NULL, n INTEGER NOT NULL, firstAtMs INTEGER NOT NULL, lastAtMs INTEGER NOT NULL,
  PRIMARY KEY (agentId, tenantId)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agent_config (agentId TEXT PRIMARY KEY, version INTEGER NOT NULL, json TEXT NOT NULL) STRICT;
`

/** An agent belongs to the tenant of its lowest epoch, or otherwise to that of its first token. */
const OWNERS = `
CREATE TABLE agent (
  agentId TEXT PRIMARY KEY, tenantId TEXT NOT NULL, chainId TEXT, sinceMs INTEGER NOT NULL,
  by TEXT NOT NULL CHECK (by IN ('token', 'genesis', 'moved'))) STRICT, WITHOUT ROWID;
CREATE INDEX agent_tenant ON agent (tenantId);
INSERT INTO agent SELECT agentId, tenantId, chainId, heardAtMs, 'genesis' FROM chain WHERE true ORDER BY epoch ON CONFLICT DO NOTHING;
INSERT INTO agent SELECT agentId, tenantId, NULL, 0, 'token' FROM token
  WHERE kind = 'agent' AND revoked = 0 ORDER BY rowid ON CONFLICT DO NOTHING;
`

/** Upgrades a file of an earlier version. Throws StoreTooNewError. */
export function prepareSqlite(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  demandKnown(version)
  db.exec(SQLITE_SCHEMA)
  if (version < STORE_VERSION) db.pragma(`user_version = ${STORE_VERSION}`)
  addUse(db)
  const hasOwners = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'agent'")
  if (hasOwners.get() !== undefined) return
  // Another process may have done so in between.
  db.transaction(() => void (hasOwners.get() ?? db.exec(OWNERS))).immediate()
}

function addUse(db: Database.Database): void {
  const hasNoUse = db.prepare(
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info('token') WHERE name = 'usedAtMs')",
  )
  if (hasNoUse.get() === undefined) return
  db.transaction(() => {
    if (hasNoUse.get() !== undefined) db.exec('ALTER TABLE token ADD COLUMN usedAtMs INTEGER')
  }).immediate()
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
    return this.#statement(sql).get(...values) as T | undefined
  }

  all<T>(sql: string, ...values: Value[]): T[] {
    return this.#statement(sql).all(...values) as T[]
  }

  /** One by one, for callers that may stop early. */
  each<T>(sql: string, ...values: Value[]): IterableIterator<T> {
    return this.#statement(sql).iterate(...values) as IterableIterator<T>
  }

  /** Returns the number of rows that changed. */
  run(sql: string, ...values: Value[]): number {
    return this.#statement(sql).run(...values).changes
  }

  async lockChain(chainId: string): Promise<StoredChain | undefined> {
    return this.one('SELECT * FROM chain WHERE chainId = ?', chainId)
  }

  async hashes(chainId: string, first: number, count: number): Promise<readonly Uint8Array[]> {
    const sql = 'SELECT hash FROM event WHERE chainId = ? AND seq >= ? ORDER BY seq LIMIT ?'
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
    const sql = 'UPDATE chain SET headSeq = ?, head = ?, heardAtMs = ? WHERE chainId = ? AND headSeq = ?'
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
    const sql = 'SELECT seq, head, kid, sig FROM checkpoint WHERE chainId = ? AND seq <= ? ORDER BY seq DESC LIMIT 1'
    const row = this.one<StoredCheckpoint>(sql, chainId, seq)
    return row && { seq: row.seq, head: row.head, checkpoint: { alg: 'Ed25519', kid: row.kid, sig: row.sig } }
  }

  async heard(chainId: string): Promise<void> {
    this.run('UPDATE chain SET heardAtMs = ? WHERE chainId = ?', this.#clock.now(), chainId)
  }

  async insertFork(chainId: string, fork: Omit<Fork, 'storedCheckpoint'>, received: Uint8Array): Promise<void> {
    const { seq, storedHash, receivedHash } = fork
    this.run("UPDATE chain SET state = 'forked', heardAtMs = ? WHERE chainId = ?", this.#clock.now(), chainId)
    const sql = 'INSERT INTO fork VALUES (?, ?, ?, ?, ?, ?)'
    this.run(sql, chainId, seq, storedHash, receivedHash, received, this.#clock.now())
  }

  async firstFork(chainId: string): Promise<Omit<Fork, 'storedCheckpoint'> | undefined> {
    const sql = 'SELECT seq, storedHash, receivedHash FROM fork WHERE chainId = ? ORDER BY receivedAtMs LIMIT 1'
    return this.one(sql, chainId)
  }

  async lockAgent(agentId: string): Promise<number> {
    const sql = 'SELECT max(epoch) AS epoch FROM chain WHERE agentId = ?'
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
    return this.one<{ tenantId: string }>('SELECT tenantId FROM agent WHERE agentId = ?', agentId)?.tenantId
  }

  async fence(agentId: string): Promise<void> {
    this.run("UPDATE chain SET state = 'fenced' WHERE agentId = ? AND state = 'open'", agentId)
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

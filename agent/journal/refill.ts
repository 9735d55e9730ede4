import type { Database } from 'better-sqlite3'
import { CodedError } from '../../base/thrown.ts'
import { chainHash, uuidBytes, ZERO_HASH } from './chain.ts'
import { keyId, verifyCheckpoint } from './checkpoint.ts'
import { openDatabase } from './database.ts'
import type { ClaimedFacts } from './event-facts.ts'
import { storedHashes } from './event-table.ts'
import type { EventLine } from './events.ts'
import { claimedFacts } from './events.ts'
import { readHead } from './journal-file.ts'
import { migrate } from './migrations.ts'
import type { RowLine } from './snapshot.ts'
import { SIDE_TABLES } from './snapshot.ts'

/** Rows that share one transaction. */
const GROUP = 2000

export type BatchLine = { t: 'batch'; chain: string; epoch: number; first: number; last: number; prev: string }
export type EndLine = { t: 'end'; seq: number; head: string; cp: { kid: string; sig: string } }

type RefillCode =
  | 'backup_damaged'
  | 'backup_foreign'
  | 'backup_version'
  | 'backup_seal_wrong'
  | 'backup_signature_foreign'
  | 'backup_changed'
  | 'backup_cost_refused'
  | 'backup_too_large'
  | 'backup_epoch_key'

/** A changed backup, or a later part of it that was changed or does not fit the present events. */
export class RefillError extends CodedError<RefillCode> {
  override readonly name = 'RefillError'
}

type OpenChain = { chainId: string; id: Buffer; epoch: number; publicKey: string; base: number }

/**
 * Fills an empty journal with the lines of a backup, and then with those of later exports or segments. Every hash is
 * computed again, so that only journalled events get in. Not synced before `close`.
 */
export class Refill {
  readonly #db: Database
  readonly #insert
  readonly #hashAt: (seq: number) => Buffer | undefined
  #head = { seq: 0, hash: ZERO_HASH as Buffer }
  #chains: readonly OpenChain[] = []
  /** The chain whose lines are being read. */
  #chain: OpenChain | undefined
  /** Position of the lines that are being read; after the head if they were present before. */
  #at = { seq: 0, hash: ZERO_HASH as Buffer }
  #pending = 0
  /** The events of the chain up to this one are inserted; later ones are only checked. */
  #until = Number.POSITIVE_INFINITY
  #passed = 0
  #genesis = ''
  /** True after the backup was read: its seal does not cover later lines. */
  #isSealed = false
  /** True if the key of its chain signed the last event. */
  #isSigned = false
  /** Keys of later epochs that the technician has confirmed. */
  readonly #epochKeys: readonly string[]

  constructor(directory: string, epochKeys: readonly string[] = []) {
    this.#epochKeys = epochKeys
    this.#db = openDatabase(directory)
    migrate(this.#db, () => undefined)
    this.#db.pragma('synchronous = OFF')
    this.#insert = this.#db.prepare<unknown[]>('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#hashAt = storedHashes(this.#db)
  }

  /** Events so far. */
  get events(): number {
    return this.#head.seq
  }

  /** The present state of the journal, for comparison with its seal. */
  get read() {
    const last = this.#chains.at(-1)
    return {
      chain: last?.chainId ?? '',
      epoch: last?.epoch ?? 0,
      events: this.#head.seq,
      seq: this.#head.seq - (last?.base ?? 0),
      head: this.#head.hash.toString('base64url'),
      key: last?.publicKey ?? '',
      genesis: this.#genesis,
      signed: this.#isSigned,
    }
  }

  /** Events that were checked and not inserted. */
  get leftOut(): number {
    return this.#passed
  }

  /** The chain that was filled last. */
  get chainId(): string | undefined {
    return this.#chains.at(-1)?.chainId
  }

  /** The last event of a chain that is followed by another one here. */
  endOf(chainId: string): number | undefined {
    const at = this.#chains.findIndex((each) => each.chainId === chainId)
    const [present, next] = at < 0 ? [] : this.#chains.slice(at)
    return present && next && next.base - present.base
  }

  /**
   * `until`: the last event that the next epoch continues. Throws RefillError if the run does not join the present
   * events.
   */
  batch({ chain, epoch, first, prev }: BatchLine, until = Number.POSITIVE_INFINITY): void {
    this.#until = this.endOf(chain) ?? until
    const present = this.#chains.find((each) => each.chainId === chain && each.epoch === epoch)
    if (present !== undefined) {
      this.#chain = present
      const seq = present.base + first - 1
      const hash = first === 1 ? ZERO_HASH : this.#hashAt(seq)
      if (hash === undefined) {
        const missing = `events ${this.#head.seq - present.base + 1} to ${first - 1} of the chain are missing before it`
        throw new RefillError('backup_foreign', `It does not join on to the backup: ${missing}.`)
      }
      if (hash.toString('base64url') !== prev) throw another(first - 1)
      this.#at = { seq, hash }
    } else if (first === 1 && epoch > (this.#chains.at(-1)?.epoch ?? 0)) {
      this.#chain = { chainId: chain, id: uuidBytes(chain), epoch, publicKey: '', base: this.#head.seq }
      this.#chains = [...this.#chains, this.#chain]
      this.#at = { seq: this.#head.seq, hash: ZERO_HASH }
    } else throw new RefillError('backup_foreign', 'It is of another journal than the backup.')
  }

  /** Throws RefillError for a wrong hash and for another event than the present one. */
  event(line: EventLine): void {
    const chain = this.#chain
    const at = this.#at
    if (chain === undefined || line.seq !== at.seq - chain.base + 1) throw damaged(line.seq)
    const hash = chainHash(chain.id, line.seq, at.hash, line)
    if (hash.toString('base64url') !== line.hash) throw damaged(line.seq)
    const seq = at.seq + 1
    if (line.seq === 1) this.#open(chain, seq, claimedFacts<'journal.opened'>(line))
    if (seq === 1) this.#genesis = line.hash
    this.#isSigned = false
    if (line.seq > this.#until) this.#passed++
    else if (seq <= this.#head.seq) {
      if (this.#hashAt(seq)?.equals(hash) !== true) throw another(line.seq)
    } else {
      this.#begin()
      this.#insert.run(seq, line.kind, line.op, line.at, line.boot, line.mono, line.body, hash)
      this.#head = { seq, hash }
    }
    this.#at = { seq, hash }
  }

  /** `signed`: the head must have the signature of the chain's own key, as required of other sources. */
  end({ seq, head, cp }: EndLine, signed: boolean): void {
    const chain = this.#chain
    const at = this.#at
    if (chain === undefined || seq !== at.seq - chain.base || head !== at.hash.toString('base64url')) throw damaged(seq)
    const own = cp.kid === keyId(chain.publicKey)
    const sig = Buffer.from(cp.sig, 'base64url')
    const holds = own && verifyCheckpoint(chain.publicKey, chain.id, chain.epoch, seq, at.hash, sig)
    this.#isSigned = holds
    if (!holds && (own || signed))
      throw new RefillError('backup_damaged', 'The signature under its last event is not the one of this journal.')
    if (own && seq <= this.#until) {
      this.#begin()
      this.#db.prepare('INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?, ?)').run(at.seq, at.hash, cp.kid, sig)
    }
  }

  row({ table, row }: RowLine): void {
    if (!Object.hasOwn(SIDE_TABLES, table)) throw new RefillError('backup_damaged', `It has an unknown table ${table}.`)
    const width = this.#db.prepare(`SELECT * FROM ${table}`).columns().length
    if (row.length !== width) throw new RefillError('backup_damaged', `It has a row that does not fit ${table}.`)
    this.#begin()
    const values = row.map((value) =>
      typeof value === 'object' && value !== null ? Buffer.from(value.b, 'base64') : value,
    )
    this.#db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values)
  }

  /** The whole backup was read: later epochs need the key of the one before, or a person's confirmation. */
  endBackup(): void {
    this.#isSealed = true
  }

  /** The kind of the newest event, which shows whether the journal was moved on purpose. */
  lastKind(): string | undefined {
    return this.#db.prepare<[], { kind: string }>('SELECT kind FROM event ORDER BY seq DESC LIMIT 1').get()?.kind
  }

  close(): void {
    if (this.#db.inTransaction) this.#db.exec('COMMIT')
    const head = readHead(this.#db)
    if (head.seq === this.#head.seq) this.#db.pragma('wal_checkpoint(TRUNCATE)')
    this.#db.close()
  }

  #open(
    chain: OpenChain,
    seq: number,
    { chain_id: chainId, public_key: publicKey, last_known_head: lastKnownHead }: ClaimedFacts<'journal.opened'>,
  ): void {
    if (chainId !== chain.chainId || typeof publicKey !== 'string') throw damaged(1)
    chain.publicKey = publicKey
    if (seq <= this.#head.seq) return
    const expectedHead = lastKnownHead ?? ZERO_HASH.toString('base64url')
    if (expectedHead !== this.#head.hash.toString('base64url')) throw another(1)
    if (this.#isSealed) this.#demandKey(chain)
    this.#begin()
    this.#db.prepare('INSERT INTO chain_start VALUES (?)').run(seq)
  }

  /** A restore began a later epoch under another key: only a person can confirm that machine. */
  #demandKey({ publicKey, epoch }: OpenChain): void {
    const kid = keyId(publicKey)
    const before = this.#chains.at(-2)
    if (before === undefined || publicKey === before.publicKey || this.#epochKeys.includes(kid)) return
    throw new RefillError(
      'backup_epoch_key',
      `Epoch ${epoch} has another key (${kid}) than the backup. If "fiskal-edge doctor" of that machine shows it, repeat with --epoch-key ${kid}.`,
    )
  }

  #begin(): void {
    if (this.#pending++ % GROUP === 0 && this.#db.inTransaction) this.#db.exec('COMMIT')
    if (!this.#db.inTransaction) this.#db.exec('BEGIN')
  }
}

function damaged(seq: number): RefillError {
  return new RefillError('backup_damaged', `It was changed: event ${seq} does not have the hash of its content.`)
}

function another(seq: number): RefillError {
  return new RefillError('backup_foreign', `It differs from the backup, from event ${seq} of the chain on.`)
}

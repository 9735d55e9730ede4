import { crc32 } from 'node:zlib'
import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'
import { BLOCKS_OF_PLANE, KeyClaimFilter } from './key-claim-filter.ts'

/** `print` is undefined if it must be read from the event that made the claim. */
export type KeyClaim = { seq: number; print: string | undefined }

/** Half of the 32 bytes of a hash: enough that no two keys ever collide. */
const KEY_BYTES = 16
/**
 * Events whose claims are stored together. Keys come at random places: in one table each claim of a large journal
 * rewrites another page; here the claims of a portion share a few pages.
 */
export const BLOCK_SEQS = 32_768

export type KeyClaimRow = { block: number; id: Buffer }

/** Idempotency keys and the events that claimed them, by SHA-256 of scope and key (base64url). */
export class KeyClaims {
  /** Not written yet; undefined if it was freed. */
  readonly #noted = new Map<string, KeyClaim | undefined>()
  /**
   * Rows that are deleted before new ones are inserted: a freed key may be claimed again at once. With the event that
   * claimed it.
   */
  readonly #freed = new Map<string, number>()
  readonly #db: Database
  /** The keys in the table, by its blocks; undefined until it is read. Noted keys are added when they are written. */
  #table: { filter: KeyClaimFilter; stored: number } | undefined
  readonly #select
  readonly #insert
  readonly #remove
  readonly #store

  constructor(db: Database) {
    this.#db = db
    this.#select = db.prepare<[number, Buffer], { seq: number }>('SELECT seq FROM claim WHERE block = ? AND id = ?')
    this.#insert = db.prepare<[number, Buffer, number]>('INSERT INTO claim VALUES (?, ?, ?)')
    this.#remove = db.prepare<[number, Buffer]>('DELETE FROM claim WHERE block = ? AND id = ?')
    this.#store = db.prepare<[number, number, Buffer, number]>(
      'INSERT OR REPLACE INTO claim_filter VALUES (?, ?, ?, ?)',
    )
  }

  get(id: string): KeyClaim | undefined {
    return this.#noted.has(id) ? this.#noted.get(id) : this.#stored(id)
  }

  /** Reads which keys the table has, if that was not done yet: some 50 ms for a million operations. */
  learn(): void {
    this.#inTable()
  }

  check({ claim }: EventBody): void {
    if (claim !== undefined && this.get(claim.id) !== undefined) throw claimed()
  }

  note(seq: number, { claim }: EventBody): void {
    if (claim === undefined) return
    this.#noted.set(claim.id, { seq, print: claim.print })
  }

  /** Frees an unanswered claim only: an answer stays permanently. `seq` is that of the event that claimed it. */
  free(id: string, seq: number): void {
    this.#noted.set(id, undefined)
    // If a key is claimed and freed again before it is written, only the first claim has a row.
    if (!this.#freed.has(id)) this.#freed.set(id, seq)
  }

  /** Throws ProjectionConflict for a key that the table has, in whichever block. */
  write(): void {
    for (const [id, seq] of this.#freed) this.#remove.run(blockOf(seq), keyOf(id))
    const { filter, stored } = this.#inTable()
    let newest = stored
    for (const [id, claim] of this.#noted) {
      if (claim === undefined) continue
      if (this.#stored(id) !== undefined) throw claimed()
      newest = blockOf(claim.seq)
      this.#insert.run(newest, keyOf(id), claim.seq)
      filter.add(newest, id)
    }
    if (newest > stored) this.#storeUpTo(newest)
    this.#clear()
  }

  /** Also takes back the rows written since: the tables are read again. */
  forget(): void {
    this.#clear()
    this.#table = undefined
  }

  #inTable(): { filter: KeyClaimFilter; stored: number } {
    this.#table ??= readKeyClaimFilter(this.#db)
    return this.#table
  }

  #clear(): void {
    this.#noted.clear()
    this.#freed.clear()
  }

  #stored(id: string): KeyClaim | undefined {
    for (const block of this.#inTable().filter.blocksOf(id)) {
      const row = this.#select.get(block, keyOf(id))
      if (row !== undefined) return { seq: row.seq, print: undefined }
    }
    return undefined
  }

  /** No later claim goes into the blocks before this one: the next start need not read their rows. */
  #storeUpTo(block: number): void {
    const table = this.#inTable()
    const last = Math.floor((block - 1) / BLOCKS_OF_PLANE)
    for (let plane = Math.floor(table.stored / BLOCKS_OF_PLANE); plane <= last; plane++) {
      const complete = Math.min(block, (plane + 1) * BLOCKS_OF_PLANE)
      const bits = table.filter.planeBytes(plane)
      this.#store.run(plane, complete, bits, crc32(bits))
    }
    table.stored = block
  }
}

/**
 * `stored`: the filter has all of the blocks before this one from the table of filters. If that table was altered on
 * disk, a used key could pass as new: from there on the claims themselves are read.
 */
export function readKeyClaimFilter(db: Database): { filter: KeyClaimFilter; stored: number } {
  const filter = new KeyClaimFilter()
  let stored = 0
  const planes = db.prepare<[], { complete: number; bits: Buffer; crc: number }>(
    'SELECT complete, bits, crc FROM claim_filter ORDER BY plane',
  )
  for (const { complete, bits, crc } of planes.iterate()) {
    if (crc32(bits) !== crc) break
    filter.addPlane(bits)
    stored = complete
  }
  const rows = db.prepare<[number], KeyClaimRow>('SELECT block, id FROM claim WHERE block >= ?')
  for (const { block, id } of rows.iterate(stored)) filter.add(block, id.toString('base64url'))
  return { filter, stored }
}

function claimed(): ProjectionConflict {
  return new ProjectionConflict('the key is claimed')
}

function blockOf(seq: number): number {
  return Math.floor(seq / BLOCK_SEQS)
}

function keyOf(id: string): Buffer {
  return Buffer.from(id, 'base64url').subarray(0, KEY_BYTES)
}

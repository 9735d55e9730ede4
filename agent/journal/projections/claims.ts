import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { ClaimFilter } from './claim-filter.ts'
import { Misfit } from './misfit.ts'

/** `print` is undefined where the event that made the claim must be asked for it. */
export type Claim = { seq: number; print: string | undefined }

/** Of 32 bytes: enough that no two keys ever meet, and half the room. */
const KEY_BYTES = 16
/** Rows of the table that are learned at once: half a millisecond. */
const PORTION = 500

/** Idempotency keys and the events that claimed them, by SHA-256 of scope and key (base64url). */
export class Claims {
  /** Not written yet; undefined where it was freed. */
  readonly #noted = new Map<string, Claim | undefined>()
  /** Rows that go before new ones come: a key that was freed may be claimed again at once. */
  readonly #freed = new Set<string>()
  /** What the table holds; asked when it has learned all of it. What is noted comes in as it is written. */
  #filter: ClaimFilter | undefined
  /** The last row that the filter has learned; undefined when it knows the whole table. */
  #learned: Buffer | undefined = Buffer.alloc(0)
  readonly #newest
  readonly #select
  readonly #following
  readonly #insert
  readonly #remove

  /** The first filter is made for the table where left out. */
  constructor(db: Database, filter?: ClaimFilter) {
    this.#filter = filter
    this.#newest = db.prepare<[], number | null>('SELECT max(seq) FROM event').pluck()
    this.#select = db.prepare<[Buffer], { seq: number }>('SELECT seq FROM claim WHERE id = ?')
    this.#following = db
      .prepare<[Buffer, number], Buffer>('SELECT id FROM claim WHERE id > ? ORDER BY id LIMIT ?')
      .pluck()
    this.#insert = db.prepare<[Buffer, number]>('INSERT INTO claim VALUES (?, ?)')
    this.#remove = db.prepare<[Buffer]>('DELETE FROM claim WHERE id = ?')
  }

  get(id: string): Claim | undefined {
    if (this.#noted.has(id)) return this.#noted.get(id)
    if (this.#learned === undefined && this.#filter?.mayHold(id) === false) return undefined
    const row = this.#select.get(keyOf(id))
    return row === undefined ? undefined : { seq: row.seq, print: undefined }
  }

  /** Takes the next rows of the table into the filter; false when it knows all of them. */
  learn(): boolean {
    if (this.#learned === undefined) return false
    const ids = this.#following.all(this.#learned, PORTION)
    // A sale is at least two events for each of its keys.
    const filter = this.#filter ?? ClaimFilter.forKeys((this.#newest.get() ?? 0) / 2)
    this.#filter = filter
    for (const id of ids) filter.add(id.toString('base64url'))
    this.#learned = ids.length < PORTION ? undefined : ids.at(-1)
    this.#grow()
    return this.#learned !== undefined
  }

  check({ claim }: EventBody): void {
    if (claim !== undefined && this.get(claim.id) !== undefined) throw new Misfit('the key is claimed')
  }

  note(seq: number, { claim }: EventBody): void {
    if (claim === undefined) return
    this.#noted.set(claim.id, { seq, print: claim.print })
  }

  /** Only what is unanswered is freed: an answer stays for ever. */
  free(id: string): void {
    this.#noted.set(id, undefined)
    this.#freed.add(id)
  }

  write(): void {
    for (const id of this.#freed) this.#remove.run(keyOf(id))
    for (const [id, claim] of this.#noted) if (claim !== undefined) this.#add(id, claim.seq)
    this.#grow()
    this.forget()
  }

  forget(): void {
    this.#noted.clear()
    this.#freed.clear()
  }

  #add(id: string, seq: number): void {
    this.#insert.run(keyOf(id), seq)
    this.#filter?.add(id)
  }

  /** A larger filter begins anew: until it has learned the table, the table is asked. */
  #grow(): void {
    const successor = this.#filter?.successor()
    if (successor === undefined) return
    this.#filter = successor
    this.#learned = Buffer.alloc(0)
  }
}

function keyOf(id: string): Buffer {
  return Buffer.from(id, 'base64url').subarray(0, KEY_BYTES)
}

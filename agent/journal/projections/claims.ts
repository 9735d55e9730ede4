import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { Misfit } from './misfit.ts'
import { Recent } from './recent.ts'

/** `print` is undefined where the event that made the claim must be asked for it. */
export type Claim = { seq: number; print: string | undefined }

/** Of 32 bytes: enough that no two keys ever meet, and half the room. */
const KEY_BYTES = 16

/** Idempotency keys and the events that claimed them, by SHA-256 of scope and key (base64url). */
export class Claims {
  /** Not written yet; undefined where it was freed. */
  private readonly noted = new Map<string, Claim | undefined>()
  /** Rows that go before new ones come: a key that was freed may be claimed again at once. */
  private readonly freed = new Set<string>()
  /** Keys that were looked for and not found: a request asks for its own twice. */
  private readonly unknown = new Recent<true>(256)
  private readonly select
  private readonly insert
  private readonly remove

  constructor(db: Database) {
    this.select = db.prepare<[Buffer], { seq: number }>('SELECT seq FROM claim WHERE id = ?')
    this.insert = db.prepare<[Buffer, number]>('INSERT INTO claim VALUES (?, ?)')
    this.remove = db.prepare<[Buffer]>('DELETE FROM claim WHERE id = ?')
  }

  get(id: string): Claim | undefined {
    if (this.noted.has(id)) return this.noted.get(id)
    if (this.unknown.get(id) === true) return undefined
    const row = this.select.get(keyOf(id))
    if (row !== undefined) return { seq: row.seq, print: undefined }
    this.unknown.keep(id, true)
    return undefined
  }

  check({ claim }: EventBody): void {
    if (claim !== undefined && this.get(claim.id) !== undefined) throw new Misfit('the key is claimed')
  }

  note(seq: number, { claim }: EventBody): void {
    if (claim === undefined) return
    this.unknown.delete(claim.id)
    this.noted.set(claim.id, { seq, print: claim.print })
  }

  /** Only what is unanswered is freed: an answer stays for ever. */
  free(id: string): void {
    this.noted.set(id, undefined)
    this.freed.add(id)
  }

  write(): void {
    for (const id of this.freed) this.remove.run(keyOf(id))
    for (const [id, claim] of this.noted) if (claim !== undefined) this.insert.run(keyOf(id), claim.seq)
    this.forget()
  }

  forget(): void {
    this.noted.clear()
    this.freed.clear()
    this.unknown.clear()
  }
}

function keyOf(id: string): Buffer {
  return Buffer.from(id, 'base64url').subarray(0, KEY_BYTES)
}

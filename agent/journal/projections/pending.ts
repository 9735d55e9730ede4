import type { Database } from 'better-sqlite3'
import { TransientMap } from '../../../base/transient-map.ts'
import type { EventBody } from '../events.ts'

/** `claim` until it is answered, `device` until its act is concluded. */
type Row = { seq: number; op: string; claim: string | null; device: string | null; stored: boolean }
type StoredRow = { seq: number; op: string; claim: Buffer | null; device: string | null }

/**
 * Events that wait for an answer to their claim, an outcome of their act, or both. Few, and all in memory: most come
 * and go between two writes and never reach their table.
 */
export class Pending {
  #rows: TransientMap<number, Row> | undefined
  readonly #changed = new TransientMap<number, Row>()
  readonly #gone: number[] = []
  readonly #select
  readonly #upsert
  readonly #remove

  constructor(db: Database) {
    this.#select = db.prepare<[], StoredRow>('SELECT * FROM pending ORDER BY seq')
    this.#upsert = db.prepare<[number, string, Buffer | null, string | null]>(
      'INSERT INTO pending VALUES (?, ?, ?, ?) ON CONFLICT (seq) DO UPDATE SET claim = excluded.claim, device = excluded.device',
    )
    this.#remove = db.prepare<[number]>('DELETE FROM pending WHERE seq = ?')
  }

  /** The claim of an event that is not answered yet. */
  claimOf(seq: number): string | null {
    return this.#all().get(seq)?.claim ?? null
  }

  note(seq: number, op: string, { claim, answer, release, act, ref }: EventBody): void {
    this.#end(answer?.to ?? release, 'claim')
    this.#end(ref, 'device')
    const unanswered = claim !== undefined && (answer === undefined || answer.to !== undefined)
    if (!unanswered && act === undefined) return
    const row = { seq, op, claim: unanswered ? claim.id : null, device: act?.device ?? null, stored: false }
    this.#all().set(seq, row)
    this.#changed.set(seq, row)
  }

  write(): void {
    for (const seq of this.#gone) this.#remove.run(seq)
    for (const row of this.#changed.values()) {
      this.#upsert.run(row.seq, row.op, row.claim === null ? null : Buffer.from(row.claim, 'base64url'), row.device)
      row.stored = true
    }
    this.#gone.length = 0
    this.#changed.clear()
  }

  forget(): void {
    this.#rows = undefined
    this.#gone.length = 0
    this.#changed.clear()
  }

  #end(seq: number | undefined, part: 'claim' | 'device'): void {
    const row = seq === undefined ? undefined : this.#all().get(seq)
    if (row === undefined) return
    row[part] = null
    if (row.claim !== null || row.device !== null) {
      this.#changed.set(row.seq, row)
      return
    }
    this.#all().delete(row.seq)
    this.#changed.delete(row.seq)
    if (row.stored) this.#gone.push(row.seq)
  }

  #all(): TransientMap<number, Row> {
    if (this.#rows === undefined) {
      this.#rows = new TransientMap()
      for (const { claim, ...row } of this.#select.all())
        this.#rows.set(row.seq, { ...row, claim: claim?.toString('base64url') ?? null, stored: true })
    }
    return this.#rows
  }
}

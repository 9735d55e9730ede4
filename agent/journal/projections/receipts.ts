import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'
import type { ResourceSeqs } from './resource-seqs.ts'

/** The receipt numbers that a register has used, each with the event that completed its bon. */
export class Receipts {
  readonly #noted: { register: string; number: number; seq: number }[] = []
  readonly #resources: ResourceSeqs
  readonly #selectRange
  readonly #count
  readonly #insert

  constructor(db: Database, resources: ResourceSeqs) {
    this.#resources = resources
    this.#selectRange = db.prepare<[string, number, number], { number: number; seq: number }>(
      'SELECT number, seq FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?) AND number > ? ORDER BY number LIMIT ?',
    )
    this.#count = db
      .prepare<[string, number], number>(
        'SELECT count(*) FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?) AND number >= ?',
      )
      .pluck()
    // A foreign row in the table does not stop a sale: its number is checked before.
    this.#insert = db.prepare<[number | undefined, number, number]>('INSERT OR REPLACE INTO receipt VALUES (?, ?, ?)')
  }

  /** Written receipts only. */
  range(register: string, after: number, limit: number): { number: number; seq: number }[] {
    return this.#selectRange.all(register, after, limit)
  }

  /** Written receipts with that number or a later one. */
  countFrom(register: string, number: number): number {
    return this.#count.get(register, number) ?? 0
  }

  check({ receipt }: EventBody): void {
    if (receipt === undefined) return
    if (this.#resources.of(receipt.register) === undefined)
      throw new ProjectionConflict(`there is no register ${receipt.register}`)
  }

  note(seq: number, { receipt }: EventBody): void {
    if (receipt === undefined) return
    const { register, number } = receipt
    this.#noted.push({ register, number, seq })
  }

  write(): void {
    for (const { register, number, seq } of this.#noted) this.#insert.run(this.#resources.of(register), number, seq)
    this.#noted.length = 0
  }

  forget(): void {
    this.#noted.length = 0
  }
}

import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { Misfit } from './misfit.ts'
import type { ResourceSeqs } from './resource-seqs.ts'

/** The receipt numbers that a register has used, each with the event that made its bon final. */
export class Receipts {
  readonly #noted: { register: string; number: number; seq: number }[] = []
  readonly #resources: ResourceSeqs
  readonly #last = new Map<string, number>()
  readonly #select
  readonly #selectRange
  readonly #insert

  constructor(db: Database, resources: ResourceSeqs) {
    this.#resources = resources
    this.#select = db.prepare<[string], { number: number | null }>(
      'SELECT max(number) AS number FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?)',
    )
    this.#selectRange = db.prepare<[string, number, number], { number: number; seq: number }>(
      'SELECT number, seq FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?) AND number > ? ORDER BY number LIMIT ?',
    )
    this.#insert = db.prepare<[number | undefined, number, number]>('INSERT INTO receipt VALUES (?, ?, ?)')
  }

  /** The highest number that a register has used; 0 before its first. */
  lastOf(register: string): number {
    let last = this.#last.get(register)
    if (last === undefined) {
      last = this.#select.get(register)?.number ?? 0
      this.#last.set(register, last)
    }
    return last
  }

  /** Of those that are written. */
  range(register: string, after: number, limit: number): { number: number; seq: number }[] {
    return this.#selectRange.all(register, after, limit)
  }

  check({ receipt }: EventBody): void {
    if (receipt === undefined) return
    if (this.#resources.of(receipt.register) === undefined) throw new Misfit(`there is no register ${receipt.register}`)
    if (!Number.isSafeInteger(receipt.number) || receipt.number <= this.lastOf(receipt.register))
      throw new Misfit(`receipt ${receipt.number} of ${receipt.register} is not its next`)
  }

  note(seq: number, { receipt }: EventBody): void {
    if (receipt === undefined) return
    const { register, number } = receipt
    this.#noted.push({ register, number, seq })
    this.#last.set(register, Math.max(number, this.lastOf(register)))
  }

  write(): void {
    for (const { register, number, seq } of this.#noted) this.#insert.run(this.#resources.of(register), number, seq)
    this.#noted.length = 0
  }

  forget(): void {
    this.#noted.length = 0
    this.#last.clear()
  }
}

import type { Database } from 'better-sqlite3'
import type { EventBody } from '../events.ts'
import { ProjectionConflict } from './conflict.ts'

type Noted = { device: string; number: number; op: string | undefined }

/** Transactions of a device that are open according to the journal, with their operations. */
export class DeviceTransactions {
  /** `op` is undefined for a closed one. */
  readonly #noted = new Map<string, Noted>()
  readonly #select
  readonly #upsert
  readonly #remove

  constructor(db: Database) {
    this.#select = db.prepare<[string], { number: number; op: string }>(
      'SELECT number, op FROM device_transaction WHERE device = ? ORDER BY number',
    )
    this.#upsert = db.prepare<[string, number, string]>('INSERT OR REPLACE INTO device_transaction VALUES (?, ?, ?)')
    this.#remove = db.prepare<[string, number]>('DELETE FROM device_transaction WHERE device = ? AND number = ?')
  }

  of(device: string): { number: number; op: string }[] {
    const open = new Map(this.#select.all(device).map(({ number, op }) => [number, op]))
    for (const noted of this.#noted.values()) {
      if (noted.device !== device) continue
      if (noted.op === undefined) open.delete(noted.number)
      else open.set(noted.number, noted.op)
    }
    return [...open].map(([number, op]) => ({ number, op })).sort((one, other) => one.number - other.number)
  }

  check({ transaction }: EventBody): void {
    if (transaction !== undefined && !Number.isSafeInteger(transaction.number))
      throw new ProjectionConflict('a transaction has a whole number')
  }

  note(op: string, { transaction }: EventBody): void {
    if (transaction === undefined) return
    const { device, number, state } = transaction
    this.#noted.set(`${device} ${number}`, { device, number, op: state === 'open' ? op : undefined })
  }

  write(): void {
    for (const { device, number, op } of this.#noted.values()) {
      if (op === undefined) this.#remove.run(device, number)
      else this.#upsert.run(device, number, op)
    }
    this.#noted.clear()
  }

  forget(): void {
    this.#noted.clear()
  }
}

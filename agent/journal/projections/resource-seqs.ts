import type { Database } from 'better-sqlite3'
import { light, Recent, recall } from '../../../base/recent.ts'

/** Tables name resources and sessions by the seq of their first event. */
export class ResourceSeqs {
  readonly #recent = new Recent<number>(256)
  readonly #select

  constructor(db: Database, table: 'resource' | 'session') {
    this.#select = db.prepare<[string], { seq: number }>(`SELECT seq FROM ${table} WHERE id = ?`)
  }

  of(id: string): number | undefined {
    return recall(this.#recent, id, (id) => light(this.#select.get(id)?.seq))
  }

  forget(): void {
    this.#recent.clear()
  }
}

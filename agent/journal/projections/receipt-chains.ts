import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../../base/canonical.ts'
import type { ChainMembers, EventBody } from '../events.ts'

/** The state that a chaining law carries from one receipt of a register to the next. */
export class ReceiptChains {
  readonly #noted = new Map<string, ChainMembers>()
  readonly #upsert

  constructor(db: Database) {
    this.#upsert = db.prepare<[string, string]>(
      'INSERT INTO chain_state VALUES (?, ?) ON CONFLICT (register) DO UPDATE SET state = excluded.state',
    )
  }

  note({ chain }: EventBody): void {
    if (chain === undefined) return
    this.#noted.set(chain.register, chain.state)
  }

  write(): void {
    for (const [register, state] of this.#noted) this.#upsert.run(register, canonicalJson(state))
    this.#noted.clear()
  }

  forget(): void {
    this.#noted.clear()
  }
}

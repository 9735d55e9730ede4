import { readFileSync } from 'node:fs'
import type { LifetimeView } from '../../base/lifetime.ts'
import { holdersOf } from '../journal/disk/holders.ts'
import { logBytes } from '../journal/disk/wal.ts'

/** The kernel's view of the journal's files, read without the database. */
export type JournalFacts = { readonly log_bytes: number; readonly locks: readonly LifetimeView[] }

/**
 * Locks of other programs on the journal, and since when this agent sees them. `heldMs`: how long no commit was
 * possible.
 */
export class JournalLook {
  readonly #database: string
  readonly #heldMs: () => number | undefined
  readonly #seenMs = new Map<string, number>()

  constructor(database: string, heldMs: () => number | undefined) {
    this.#database = database
    this.#heldMs = heldMs
  }

  facts(): JournalFacts {
    return { log_bytes: logBytes(this.#database), locks: this.#locks(performance.now()) }
  }

  #locks(nowMs: number): LifetimeView[] {
    const holders = holdersOf(this.#database).map((holder) => ({ ...holder, id: `lock-${holder.pid}-${holder.use}` }))
    for (const id of this.#seenMs.keys()) if (!holders.some((holder) => holder.id === id)) this.#seenMs.delete(id)
    return holders.map(({ id, pid, use }) => {
      const seenMs = this.#seenMs.get(id) ?? nowMs
      this.#seenMs.set(id, seenMs)
      const sinceMs = Math.max(nowMs - seenMs, use === 'read' ? 0 : (this.#heldMs() ?? 0))
      const name = `${use} by process ${pid}${nameOf(pid)}`
      return { id, kind: 'lock', name, since_ms: Math.round(sinceMs), state: 'held', children: [] }
    })
  }
}

/** Empty if the kernel hides it: a unit sees other processes without their names. */
function nameOf(pid: number): string {
  try {
    return ` (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  } catch {
    return ''
  }
}

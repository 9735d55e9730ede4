import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Document, StepEvent } from '../../agent/journal/documents/document.ts'
import { NO_PARTS, partsAfter } from '../../agent/journal/documents/document.ts'
import type { NewEvent } from '../../agent/journal/events.ts'
import { bodyOf } from '../../agent/journal/events.ts'
import { canonicalJson } from '../../base/canonical.ts'

/** The documents that went with the events of steps: the agent keeps them instead of folding the stored events. */
export class StepDocuments {
  readonly #made = new Map<number, { kind: string; after: Document }>()

  /** Events were appended, the last one with that seq. */
  note(head: number, events: readonly NewEvent[]): void {
    const first = head - events.length + 1
    for (const [index, { kind, after }] of (events as readonly StepEvent[]).entries())
      if (after !== undefined) this.#made.set(first + index, { kind, after })
  }

  /** The kinds of these events. */
  get kinds(): string[] {
    return [...new Set(Array.from(this.#made.values(), ({ kind }) => kind))].sort()
  }

  /** Those that are not what the stored events of their document make. */
  different(folder: string): string[] {
    const db = new Database(join(folder, 'journal.db'), { readonly: true })
    try {
      const ofOp = db.prepare<[string, number], { body: string }>(
        'SELECT body FROM event WHERE op = ? AND seq <= ? ORDER BY seq',
      )
      return [...this.#made].flatMap(([seq, { kind, after }]) => {
        const bodies = ofOp.all(after.id, seq).map(bodyOf)
        const stored = { kind: bodies[0]?.index?.kind, parts: bodies.reduce(partsAfter, NO_PARTS) }
        const isSame = canonicalJson(stored) === canonicalJson({ kind: after.kind, parts: after.parts })
        return isSame ? [] : [`the document after ${seq} ${kind} is not what its events make`]
      })
    } finally {
      db.close()
    }
  }
}

import type { Database } from 'better-sqlite3'
import { Recent } from '../../base/recent.ts'
import type { EventContent, StoredEvent } from './events.ts'
import { bodyOf } from './events.ts'
import type { Progress } from './progress.ts'
import { IDLE, isStep, progressAfter } from './progress.ts'
import { ProjectionConflict } from './projections/conflict.ts'

/** Documents whose requests run or may still come; of a document that is not kept its few events are read again. */
const KEPT_MAX = 4096

type Events = Iterable<Pick<StoredEvent, 'seq' | 'body'>>
/** Open intents of acts that belong to no document, such as the abort of an orphan. */
type Intents = { isOpen(seq: number): boolean }

/**
 * How far the requests of each document are: derived from its events, never stored. Refuses a step that cannot follow.
 */
export class ProgressBook {
  readonly #recent = new Recent<Progress>(KEPT_MAX)
  readonly #eventsOf: (op: string) => Events
  readonly #intents: Intents

  constructor(db: Database, intents: Intents) {
    const ofOp = db.prepare<[string], Pick<StoredEvent, 'seq' | 'body'>>(
      "SELECT seq, body FROM event WHERE op = ? AND op <> '' ORDER BY seq",
    )
    this.#eventsOf = (op) => ofOp.iterate(op)
    this.#intents = intents
  }

  /** The event is appended next. Throws ProjectionConflict if it cannot be the next of its document. */
  follow(seq: number, event: EventContent): void {
    const progress = this.#after(seq, event)
    if (progress === undefined) return
    // Nothing follows an end.
    if (progress.at === 'ended' && progress.as !== 'refused') this.#recent.delete(event.op)
    else this.#recent.keep(event.op, progress)
  }

  /** How far the requests of a document are; idle for one without requests, or that does not exist. */
  of(op: string): Progress {
    const recent = this.#recent.get(op)
    if (recent !== undefined) return recent
    let progress = IDLE
    for (const event of this.#eventsOf(op)) progress = progressAfter(progress, event.seq, bodyOf(event))
    this.#recent.keep(op, progress)
    return progress
  }

  /** Appended events were rolled back. */
  forget(): void {
    this.#recent.clear()
  }

  /** Undefined if the event is not a step of a document. */
  #after(seq: number, { op, body }: EventContent): Progress | undefined {
    if (op === '') {
      if (body.ref !== undefined && !this.#intents.isOpen(body.ref))
        throw new ProjectionConflict(`event ${body.ref} has no open act`)
      return undefined
    }
    if (!isStep(body)) return undefined
    // A document begins with the event that gives it its index.
    return progressAfter(body.index === undefined ? this.of(op) : IDLE, seq, body)
  }
}

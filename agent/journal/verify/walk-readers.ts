import { randomBytes } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { bodyReader } from '../body-reader.ts'
import { Books } from '../books/books.ts'
import type { LawBooks } from '../books/law-books.ts'
import { Restores } from '../books/restores.ts'
import type { StoredEvent } from '../events.ts'
import { foreignBody } from '../events.ts'
import { ProjectionCopy } from './projections.ts'
import { SuspectSpans } from './suspect-spans.ts'

/** Read in a part of a journal too, whose books are not checked. */
const OF_RESTORES: ReadonlySet<string> = new Set(['journal.opened', 'duty.confirmed'])

type Options = { readonly laws: readonly LawBooks[]; readonly books: boolean; readonly projections: boolean }

/** All that one walk through a journal reads its events for: each event is read and parsed once. */
export class WalkReaders {
  readonly spans = new SuspectSpans()
  /** Undefined if they are not checked. */
  readonly books: Books | undefined
  readonly restores: Restores
  /** Undefined if they are not compared. */
  readonly projections: ProjectionCopy | undefined

  constructor(db: Database, { laws, books, projections }: Options) {
    this.books = books ? new Books(randomBytes(16).toString('hex'), laws) : undefined
    this.restores = this.books?.restores ?? new Restores()
    this.projections = projections ? new ProjectionCopy(db) : undefined
  }

  /** Takes the events before a part: their facts about the register count in it. */
  takeBefore(events: readonly StoredEvent[]): void {
    this.#each(events, (event, json) => this.books?.note(event, json))
  }

  take(events: readonly StoredEvent[]): void {
    this.#each(events, (event, json) => {
      this.spans.note(event, json)
      if (this.books !== undefined) this.books.note(event, json)
      else if (OF_RESTORES.has(event.kind)) this.restores.note(event, foreignBody(event.body))
    })
  }

  /** Must follow the last use, also after an error. */
  close(): void {
    this.projections?.close()
  }

  #each(events: readonly StoredEvent[], read: (event: StoredEvent, json: () => unknown) => void): void {
    const [first] = events
    if (first === undefined) return
    this.projections?.begin(first.seq)
    for (const event of events) {
      const json = bodyReader(event.body)
      read(event, json)
      this.projections?.note(event, json)
    }
    this.projections?.end()
  }
}

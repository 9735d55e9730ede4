import type { Database } from 'better-sqlite3'
import type { OpenIntent } from './books/state-maps.ts'
import { membersIn } from './checked.ts'
import type { RecordedDocument } from './documents/document.ts'
import { asDocument, isRecorded, kindOf, NO_PARTS, partsAfter, StoredDocument } from './documents/document.ts'
import { OWN_MEMBERS } from './documents/own.ts'
import { isEventKind } from './event-kinds.ts'
import type { Act, EventBody, ResourceIndex, StoredEvent } from './events.ts'
import { bodyOf } from './events.ts'
import { BODY_MEMBERS, GOALS, PLAN_MEMBERS } from './known-members.ts'
import type { ProgramSpan } from './program-changes.ts'
import { laterPrograms } from './program-changes.ts'
import { transactionFacts } from './transaction-facts.ts'

/** The names of this program's laws and contract; each method returns the first one that they do not have. */
export type Knowledge = {
  unknownInAct(law: string | undefined, act: Act): string | undefined
  unknownInDocument(document: RecordedDocument): string | undefined
}

/** Something that a later version wrote and this program does not know. */
export type Later = {
  /** The id of the document, or the act without one. */
  readonly op: string
  readonly what: string
  /** The version that knows it. */
  readonly version: string
  readonly index: ResourceIndex | undefined
}

/**
 * The work that a later program began and this one does not know: it plans, asks, concludes and counts nothing of it.
 * Without an event of a later program it reads nothing.
 */
export class LaterWork {
  readonly #db: Database
  readonly #spans: readonly ProgramSpan[]
  readonly #eventsOf
  #knowledge: Knowledge | undefined
  #intents: ReadonlyMap<number, Later> = new Map()
  #open: readonly Later[] = []

  constructor(db: Database) {
    this.#db = db
    this.#spans = laterPrograms(db)
    this.#eventsOf = db.prepare<[string], StoredEvent>("SELECT * FROM event WHERE op = ? AND op <> '' ORDER BY seq")
  }

  /** False if no later program has written to the journal. */
  get isPossible(): boolean {
    return this.#spans.length > 0
  }

  /** The documents that are open, and the acts that have no outcome. */
  get open(): readonly Later[] {
    return this.#open
  }

  get print(): Later {
    return {
      op: 'The request of this key',
      what: 'a print of another version',
      version: this.#newest,
      index: undefined,
    }
  }

  get #newest(): string {
    return this.#spans.at(-1)?.version ?? 'of a newer version'
  }

  /** Looks at what is open now: this program begins nothing that it does not know. */
  learn(knowledge: Knowledge, intents: readonly OpenIntent[]): void {
    if (!this.isPossible) return
    this.#knowledge = knowledge
    const later = intents.flatMap((intent) => {
      const found = this.#ofIntent(knowledge, intent)
      return found === undefined ? [] : [[intent.seq, found] as const]
    })
    this.#intents = new Map(later)
    const acting = new Set(later.map(([, { op }]) => op))
    const documents = this.#openOperations().flatMap((op) => (acting.has(op) ? [] : (this.of(op) ?? [])))
    this.#open = [...this.#intents.values(), ...documents]
  }

  /** An act that has no outcome, and that this program does not know. */
  ofIntent(seq: number): Later | undefined {
    return this.#intents.get(seq)
  }

  /** Undefined for a document that this program knows whole, with its open acts. */
  of(op: string): Later | undefined {
    const knowledge = this.#knowledge
    if (knowledge === undefined || op === '') return undefined
    for (const later of this.#intents.values()) if (later.op === op) return later
    let parts = NO_PARTS
    let index: ResourceIndex | undefined
    let last = 0
    for (const event of this.#eventsOf.iterate(op)) {
      const body = bodyOf(event)
      index ??= body.index
      const what = unknownInEvent(event.kind, body)
      if (what !== undefined) return this.#later(op, event.seq, what, index)
      parts = partsAfter(parts, body)
      last = event.seq
    }
    const document = asDocument(new StoredDocument(index && kindOf(index), op, parts))
    const what = document && isRecorded(document) ? knowledge.unknownInDocument(document) : undefined
    return what === undefined ? undefined : this.#later(op, last, what, index)
  }

  #ofIntent(knowledge: Knowledge, { seq, op }: OpenIntent): Later | undefined {
    const of = this.of(op)
    if (of !== undefined) return of
    const event = this.#db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?').get(seq)
    if (event === undefined) return undefined
    const body = bodyOf(event)
    const law = op === '' ? transactionFacts(body).law : this.#lawOf(op)
    const unknown = unknownInEvent(event.kind, body)
    const what = unknown ?? (body.act && law !== undefined ? knowledge.unknownInAct(law, body.act) : undefined)
    return what === undefined ? undefined : this.#later(op === '' ? `event ${seq}` : op, seq, what, undefined)
  }

  #lawOf(op: string): string | undefined {
    let law: string | undefined
    for (const event of this.#eventsOf.iterate(op)) {
      const { name } = bodyOf(event).law ?? {}
      if (typeof name === 'string') law = name
    }
    return law
  }

  #later(op: string, seq: number, what: string, index: ResourceIndex | undefined): Later {
    const { version = this.#newest } = this.#spans.findLast(({ from }) => from <= seq) ?? {}
    return { op, what, version, index }
  }

  /** Open operations that have an event since a later program wrote first. */
  #openOperations(): string[] {
    const [first] = this.#spans
    return this.#db
      .prepare<[number], string>(
        `SELECT op FROM event WHERE seq >= ? AND op >= 'op_' AND op < 'op\`' GROUP BY op
         HAVING max(coalesce(json_extract(body, '$.status'), 'open') <> 'open') = 0`,
      )
      .pluck()
      .all(first?.from ?? 0)
  }
}

function unknownInEvent(kind: string, body: EventBody): string | undefined {
  const { index, plan } = body
  if (index !== undefined && kindOf(index) === undefined) return `type "${index.kind}"`
  if (!isEventKind(kind)) return `event "${kind}"`
  if (plan !== undefined && !Object.hasOwn(GOALS, plan.goal)) return `act "${plan.goal}"`
  return unknownMember(body, BODY_MEMBERS) ?? unknownMember(plan, PLAN_MEMBERS) ?? unknownMember(body.own, OWN_MEMBERS)
}

/** Words for the first member of an object that a list of names does not have. */
export function unknownMember(part: unknown, names: { readonly [name: string]: true }): string | undefined {
  const unknown = Object.keys(membersIn(part) ?? {}).find((name) => !Object.hasOwn(names, name))
  return unknown === undefined ? undefined : `member "${unknown}"`
}

import type { TillRuleId } from '../../contract/till-rules.ts'
import type { Basket } from './baskets.ts'
import type { Exchange } from './exchange.ts'

/** One sentence, and the request that it is about. */
export type Evidence = {
  readonly at: string
  readonly request_id: string | null
  readonly method: string
  readonly path: string
  readonly status: number | null
  readonly note: string
}

type Kind = 'kept' | 'broken' | 'asked'

/** A rule can be broken at each request. */
const EVIDENCE_MAX = 5

type Note = { readonly rule: TillRuleId; readonly kind: Kind; readonly exchange: Exchange; readonly note: string }

/** The findings of the rules. */
export class Notes {
  readonly #notes: Note[] = []

  keep(rule: TillRuleId, exchange: Exchange, note: string): void {
    this.#add({ rule, kind: 'kept', exchange, note })
  }

  /** `basket`: further findings in it are not held against the till. */
  break(rule: TillRuleId, exchange: Exchange, note: string, basket?: Basket): void {
    if (basket !== undefined) basket.isHeld = true
    this.#add({ rule, kind: 'broken', exchange, note })
  }

  /** Only a person can say it. */
  ask(rule: TillRuleId, exchange: Exchange, note: string): void {
    this.#add({ rule, kind: 'asked', exchange, note })
  }

  of(rule: TillRuleId, kind: Kind): readonly Evidence[] {
    return this.#notes.filter((note) => note.rule === rule && note.kind === kind).map(evidenceOf)
  }

  #add(note: Note): void {
    if (this.of(note.rule, note.kind).length < EVIDENCE_MAX) this.#notes.push(note)
  }
}

/** The request of a note and its answer, which may have come later than the note. */
function evidenceOf({ exchange: { at, method, path, answer }, note }: Note): Evidence {
  const { requestId: request_id = null, status = null } = answer ?? {}
  return { at, request_id, method, path, status, note }
}

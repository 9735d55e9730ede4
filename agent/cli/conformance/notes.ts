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

/** The findings of the rules. */
export class Notes {
  readonly #evidence: { readonly rule: TillRuleId; readonly kind: Kind; readonly evidence: Evidence }[] = []

  keep(rule: TillRuleId, exchange: Exchange, note: string): void {
    this.#add(rule, 'kept', exchange, note)
  }

  /** `basket`: further findings in it are not held against the till. */
  break(rule: TillRuleId, exchange: Exchange, note: string, basket?: Basket): void {
    if (basket !== undefined) basket.isHeld = true
    this.#add(rule, 'broken', exchange, note)
  }

  /** Only a person can say it. */
  ask(rule: TillRuleId, exchange: Exchange, note: string): void {
    this.#add(rule, 'asked', exchange, note)
  }

  of(rule: TillRuleId, kind: Kind): readonly Evidence[] {
    return this.#evidence.filter((each) => each.rule === rule && each.kind === kind).map(({ evidence }) => evidence)
  }

  #add(rule: TillRuleId, kind: Kind, { at, method, path, answer }: Exchange, note: string): void {
    if (this.of(rule, kind).length >= EVIDENCE_MAX) return
    const { requestId: request_id = null, status = null } = answer ?? {}
    this.#evidence.push({ rule, kind, evidence: { at, request_id, method, path, status, note } })
  }
}

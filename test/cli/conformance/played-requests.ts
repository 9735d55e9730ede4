import type { Basket } from '../../../agent/cli/conformance/baskets.ts'
import type { Exchange } from '../../../agent/cli/conformance/exchange.ts'
import { answerOf, exchangeOf } from '../../../agent/cli/conformance/exchange.ts'
import type { FaultName } from '../../../agent/cli/conformance/faults.ts'
import { RuleBook } from '../../../agent/cli/conformance/rule-book.ts'
import { TILL_RULES } from '../../../agent/contract/till-rules.ts'

export type Sent = {
  readonly method?: string
  readonly target?: string
  readonly key?: string
  readonly version?: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}
type Answered = { readonly isMadeUp?: boolean; readonly isLost?: boolean }

const OPERATIONS = '/v1/operations'
const SALE = { type: 'sale', total_amount: '4.50' }

/** Requests and answers as the director gives them to the rules, without agent and proxy. */
export class PlayedRequests {
  readonly book = new RuleBook()
  nowMs = 0

  /** A request that has no answer yet. */
  ask({ method = 'POST', target = OPERATIONS, key, version, body = {}, headers = {} }: Sent): Exchange {
    const own = {
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
    }
    const received = { method, target, headers: { ...own, ...headers }, body: Buffer.from(JSON.stringify(body)) }
    const exchange = exchangeOf(received, { atMs: this.nowMs, wallMs: this.nowMs })
    this.book.asked(exchange)
    return exchange
  }

  answer(exchange: Exchange, status: number, body: object, { isMadeUp = false, isLost = false }: Answered = {}): void {
    const basket = this.book.baskets.of(exchange)
    const reply = { status, headers: {}, body: Buffer.from(JSON.stringify(body)) }
    this.book.recorded(exchange, basket, answerOf(reply, isMadeUp))
    if (!isLost) this.book.answered(exchange, basket)
  }

  create(key: string, answered: Answered & { readonly fault?: FaultName; readonly body?: object } = {}): Exchange {
    const exchange = this.ask({ key, body: answered.body ?? SALE })
    this.strike(key, answered.fault)
    this.answer(exchange, 201, { id: `op_${key}`, status: 'open', resource_version: 1 }, answered)
    return exchange
  }

  /** The fault of a basket is met with its next request. */
  strike(key: string, name: FaultName | undefined): Basket | undefined {
    const basket = this.book.baskets.named(`key:${key}`)
    if (basket !== undefined && name !== undefined) basket.fault = { name, isStruck: true, isOver: false }
    return basket
  }

  askCompletion(key: string, sent: Sent = {}): Exchange {
    return this.ask({ target: `${OPERATIONS}/op_${key}/complete`, key: `${key}:complete`, version: 1, ...sent })
  }

  complete(key: string, sent: Sent = {}, answered: Answered & { readonly more?: object } = {}): void {
    const body = { id: `op_${key}`, status: 'completed', resource_version: 2, ...answered.more }
    this.answer(this.askCompletion(key, sent), 200, body, answered)
  }

  void(key: string, version = 1): void {
    const exchange = this.ask({ target: `${OPERATIONS}/op_${key}/void`, key: `${key}:void`, version })
    this.answer(exchange, 200, { id: `op_${key}`, status: 'voided', resource_version: version + 1 })
  }

  read(key: string, body: object = {}): void {
    const exchange = this.ask({ method: 'GET', target: `${OPERATIONS}/op_${key}` })
    this.answer(exchange, 200, { id: `op_${key}`, status: 'open', resource_version: 1, ...body })
  }

  event(type: string, status = 201, body: object = { status: 'completed' }): void {
    this.answer(this.ask({ key: `${type}-${this.nowMs}`, body: { type } }), status, body)
  }

  /** `T-1: kept` for each rule of which something is known. */
  found(): readonly string[] {
    return TILL_RULES.flatMap(({ id }) =>
      (['kept', 'broken', 'asked'] as const).flatMap((kind) =>
        this.book.notes.of(id, kind).length > 0 ? [`${id} ${kind}`] : [],
      ),
    )
  }

  /** What a rule says of its first finding. */
  broken(): readonly string[] {
    return TILL_RULES.flatMap(({ id }) => this.book.notes.of(id, 'broken').map(({ note }) => `${id} ${note}`))
  }
}

/** A basket that has met this fault, then what the till does. */
export function shown(fault: FaultName, then: (played: PlayedRequests) => void): PlayedRequests {
  const played = new PlayedRequests()
  played.create('a', { isLost: fault === 'create-lost', fault })
  then(played)
  return played
}

import { KEY_PREFIX } from '../../contract/key-ids.ts'
import { at } from '../../laws/demo-shift.ts'
import type { Exchange } from './exchange.ts'
import { isDone } from './exchange.ts'
import type { Fault } from './faults.ts'

/** A sale, or another operation, from its create on. */
export class Basket {
  readonly create: Exchange
  readonly key: string
  fault: Fault | undefined
  /** Once the agent has answered, whether or not the answer reached the till. */
  id: string | undefined
  status: 'unknown' | 'open' | 'completed' | 'voided' = 'unknown'
  /** As the till sent them last. */
  goods: Exchange['body']
  /** The newest that reached the till. */
  version: number | undefined
  /** A rule was broken in it: its consequences are not held against the till. */
  isHeld = false
  /** The next one has begun: no fault hits this one. */
  isPast = false
  readonly #sent = new Set<string>()

  constructor(create: Exchange, key: string) {
    this.create = create
    this.key = key
  }

  /** True for a change that was sent before as it is. */
  isRepeated({ key, print, ifMatch }: Exchange): boolean {
    const sent = `${key} ${ifMatch} ${print}`
    if (this.#sent.has(sent)) return true
    this.#sent.add(sent)
    return false
  }

  /** It may be open at the count: a restart left it, or a rule was broken in it. */
  get isExcused(): boolean {
    return this.isHeld || this.fault?.name === 'agent-killed' || this.fault?.name === 'till-killed'
  }

  /** Its fault has ended, well or badly. */
  endFault(): void {
    if (this.fault !== undefined) this.fault.isOver = true
  }

  get hasEnded(): boolean {
    return this.status === 'completed' || this.status === 'voided'
  }
}

/** All baskets of a run. A request belongs to that of its operation, not to the newest. */
export class Baskets {
  readonly #byKey = new Map<string, Basket>()
  readonly #byId = new Map<string, Basket>()
  newest: Basket | undefined

  /** True for a create under a new key: a sale, a return, an order, and no event of a session. */
  isNew({ act, key }: Exchange): boolean {
    return act.kind === 'create' && !act.type.startsWith('session_') && key !== undefined && !this.#byKey.has(key)
  }

  begin(create: Exchange): Basket {
    const key = String(create.key)
    const basket = new Basket(create, key)
    this.#byKey.set(key, basket)
    this.newest = basket
    return basket
  }

  of({ act, key }: Exchange): Basket | undefined {
    if (act.kind === 'create') return key === undefined ? undefined : this.#byKey.get(key)
    return 'operation' in act ? this.named(act.operation) : undefined
  }

  /** By `op_…`, or the key that made it. */
  named(operation: string): Basket | undefined {
    if (operation.startsWith(KEY_PREFIX)) return this.#byKey.get(operation.slice(KEY_PREFIX.length))
    return this.#byId.get(operation)
  }

  all(): readonly Basket[] {
    return [...this.#byKey.values()]
  }

  /** An answer of the agent, before it is passed on. */
  record(basket: Basket | undefined, { act, body: asked, answer }: Exchange): void {
    const body = answer?.body
    const status = at(body, 'status')
    if (basket === undefined || (status !== 'open' && status !== 'completed' && status !== 'voided')) return
    if (act.kind === 'create' || act.kind === 'amend') basket.goods = asked
    basket.id ??= at(body, 'id')
    this.#byId.set(basket.id, basket)
    // A replayed create answers `open` whatever became of it.
    if (!basket.hasEnded) basket.status = status
  }

  /** An answer has reached the till: the operations in it are those that it has seen. */
  show({ answer }: Exchange): readonly Basket[] {
    if (!isDone(answer) || answer.isMadeUp) return []
    const { body } = answer
    const data = body?.['data']
    return [body, ...(Array.isArray(data) ? data : [])].flatMap((operation) => {
      const basket = this.#byId.get(at(operation, 'id'))
      const version = Number(at(operation, 'resource_version'))
      if (basket === undefined || version === 0) return []
      basket.version = Math.max(basket.version ?? 0, version)
      return [basket]
    })
  }
}

import type { Ending } from './acts.ts'
import { withGoods } from './acts.ts'
import type { Basket, Baskets, NewEntry } from './basket.ts'
import { CREATE_PATH, isSetAside } from './basket.ts'
import type { Carrier } from './carrier.ts'
import type { CreateOperationDto, CreatePaymentDto, Operation } from './contract.ts'
import type { Outcome } from './outcome.ts'

type FollowStep = 'amend' | 'complete' | 'void'
/** Kept with a basket for the screen after a crash. */
export type Kept = { readonly payments?: readonly CreatePaymentDto[]; readonly note?: string }

/** The changes of one till, one after the other. */
export class Desk {
  readonly #baskets: Baskets
  readonly #carrier: Carrier
  #last: Promise<unknown> = Promise.resolve()

  constructor(baskets: Baskets, carrier: Carrier) {
    this.#baskets = baskets
    this.#carrier = carrier
  }

  /** A create and, with an ending, its completion. */
  create(body: CreateOperationDto, kept: Kept, ending?: Ending): Promise<Outcome<Operation>> {
    return this.#queued(async () => {
      const unknown = this.#baskets.unknown()
      if (unknown !== undefined) return { outcome: 'held', by: unknown.entry.ref }
      const basket = await this.#baskets.begin(creating(CREATE_PATH, body, kept))
      if (ending !== undefined) basket.ending = ending
      return this.#sell(basket)
    })
  }

  /** An act that is not an operation: it holds up no sale, and is not held up. */
  record(path: string, body: object): Promise<Outcome<Operation>> {
    return this.#queued(async () => this.#carrier.send(await this.#baskets.begin(creating(path, body, {}))))
  }

  /** The next request of an open operation, with the version that the caller has seen. */
  follow(open: Operation, step: FollowStep, body: object, kept: Kept = {}): Promise<Outcome<Operation>> {
    return this.#queued(() => this.#follow(open, step, body, kept))
  }

  retry(ref: string): Promise<Outcome<Operation>> {
    return this.#queued(async () => {
      const basket = this.#basketOf(ref)
      if (isSetAside(basket)) throw new TypeError(`${ref} was set aside: it is not sent again`)
      const { entry, past, operation } = basket
      const isAnswered = entry.step === 'open' || (operation !== undefined && !past.isUnknown)
      const isEnd = entry.step === 'complete' || entry.step === 'void'
      if (!isAnswered || isEnd || basket.ending !== undefined) return this.#sell(basket)
      return this.#carrier.look(basket)
    })
  }

  setAside(ref: string, reason: string): Promise<void> {
    return this.#queued(() => this.#baskets.replace(this.#basketOf(ref), { setAside: reason }))
  }

  /** Continues a basket that an earlier life of the till left. */
  async resume(basket: Basket): Promise<Outcome<Operation>> {
    const isSilent = basket.entry.step === 'open' || isSetAside(basket)
    return isSilent ? this.#carrier.look(basket) : this.#carrier.send(basket)
  }

  /** After the running change. */
  idle(): Promise<unknown> {
    return this.#last
  }

  async #sell(basket: Basket): Promise<Outcome<Operation>> {
    const sent = await this.#carrier.send(basket)
    const { ending } = basket
    if (ending === undefined || sent.outcome !== 'done' || sent.value.status !== 'open') return sent
    return this.#follow(sent.value, 'complete', withGoods(ending), {})
  }

  async #follow(open: Operation, step: FollowStep, body: object, kept: Kept): Promise<Outcome<Operation>> {
    const known = this.#baskets.ofOperation(open.id)
    if (known !== undefined && isSetAside(known) && step !== 'void')
      throw new TypeError(`${known.entry.ref} was set aside: it can only be voided`)
    if (known?.past.isUnknown === true && !isSetAside(known)) return { outcome: 'held', by: known.entry.ref }
    const next = (ref: string): NewEntry => ({ ...following(ref, open, step, body), ...kept })
    const basket = known ?? (await this.#baskets.begin(next))
    if (known !== undefined) await this.#baskets.replace(known, next(known.entry.ref))
    basket.operation = open
    basket.past.isUnknown = false
    basket.past.notBeforeMs = 0
    delete basket.ending
    return this.#carrier.send(basket)
  }

  #basketOf(ref: string): Basket {
    const basket = this.#baskets.of(ref)
    if (basket === undefined) throw new TypeError(`No request ${ref} is pending`)
    return basket
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work)
    this.#last = run.catch(() => undefined)
    return run
  }
}

function creating(path: string, body: object, kept: Kept): (ref: string) => NewEntry {
  return (ref) => ({ step: 'create', request: { key: `${ref}:create`, method: 'POST', path, body }, ...kept })
}

function following(ref: string, open: Operation, step: FollowStep, body: object): NewEntry {
  const { id, resource_version: version } = open
  const path = `${CREATE_PATH}/${id}`
  const common = { body, ifMatch: version }
  const request =
    step === 'amend'
      ? { key: `${ref}:amend:${version}`, method: 'PATCH' as const, path, ...common }
      : { key: `${ref}:${step}`, method: 'POST' as const, path: `${path}/${step}`, ...common }
  return { step, request, operationId: id, version }
}

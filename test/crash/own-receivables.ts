import { receivable } from '../e2e/germany/on-account.ts'
import { event, goods } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Till, Way } from './till.ts'
import { beginGoods, demand, endGoods, money, refusalOf } from './till.ts'

/**
 * The rate of the goods, whether a part may be paid at once, and what is called with each completed operation; `owed`: with
 * one that is wholly on account.
 */
type Trade = {
  readonly rate: string
  readonly isPartly: boolean
  readonly done: (body: Members) => void
  readonly owed: (body: Members) => void
}
const GERMAN: Trade = { rate: '0.19', isPartly: true, done: () => undefined, owed: () => undefined }

type Claim = { id: string; left: number }

/** The claims that a till has made, in all of its shifts. */
const MADE = new WeakMap<Till, Claim[]>()
const CUSTOMER = { customer: { id: 'k-7', name: 'Firma "Ä"' } }

/** Goods on account by the till's own sums: paid in parts, taken back in parts, never beyond what is left. */
export class OwnReceivables {
  readonly #till: Till
  readonly #register: string
  readonly #made: Claim[]
  readonly #trade: Trade
  /** The last payment of this shift, which may be reversed. */
  #last: { id: string; of: Claim; cents: number } | undefined

  constructor(till: Till, register: string, trade: Trade = GERMAN) {
    this.#till = till
    this.#trade = trade
    this.#register = register
    this.#made = MADE.get(till) ?? []
    MADE.set(till, this.#made)
  }

  /** Returns the euro that enter the drawer, in cents. `euros`: what it holds. */
  async act(euros: number): Promise<number> {
    const lot = this.#till.random.below(100)
    if (this.#made.every(({ left }) => left === 0)) return this.both()
    if (lot < 30) return this.owe()
    if (lot < 70) return this.settle()
    if (lot < 80) return this.#reverse(euros)
    if (lot < 88) await this.#takeBack()
    else if (lot < 94) await this.#giveUp()
    else await this.#overdraw()
    return 0
  }

  /** Goods in part on account, the rest in cash. */
  async owe(way?: Way): Promise<number> {
    const { random } = this.#till
    const [part, left] = [random.pick([0, 1 + random.below(900)]), 100 + random.below(2_400)]
    const cash = this.#trade.isPartly ? part : 0
    const body = goods('sale', this.#register, [[money(cash + left), this.#trade.rate]], CUSTOMER)
    const payments = [...paid('cash', cash), ...paid('on_account', left)]
    this.#made.push({ id: await this.#complete(body, payments, way), left })
    return cash
  }

  /** A part of what is left, or all of it. */
  async settle(way?: Way): Promise<number> {
    const claim = this.#any()
    if (claim === undefined) return 0
    const cents = this.#till.random.chance(0.4) ? claim.left : 1 + this.#till.random.below(claim.left)
    const id = await this.#complete(this.#settling(claim, cents), paid('cash', cents), way)
    claim.left -= cents
    this.#last = { id, of: claim, cents }
    return cents
  }

  /** One is made, and a part of it paid. */
  async both(way?: Way): Promise<number> {
    const cash = await this.owe(way)
    return cash + (await this.settle(way))
  }

  /** The last payment was wrong: the claim is open again. */
  async #reverse(euros: number): Promise<number> {
    const last = this.#last
    this.#last = undefined
    if (last === undefined || last.cents > euros) return 0
    const undone = event('void', this.#register, { related_operation_id: last.id })
    this.#trade.done(await this.#till.act('/v1/operations', undone))
    last.of.left += last.cents
    return -last.cents
  }

  /** Goods come back for what was not paid. */
  async #takeBack(): Promise<void> {
    const claim = this.#any()
    if (claim === undefined) return
    const cents = 1 + this.#till.random.below(claim.left)
    const more = { ...CUSTOMER, related_operation_id: claim.id }
    const body = goods('return', this.#register, [[money(-cents), this.#trade.rate]], more)
    await this.#complete(body, paid('on_account', -cents))
    claim.left -= cents
  }

  /** A payment that is voided before its end leaves the claim as it was. */
  async #giveUp(): Promise<void> {
    const claim = this.#any()
    if (claim === undefined) return
    const { path, version } = await beginGoods(this.#till, this.#settling(claim, claim.left))
    await this.#till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
  }

  /** A cent more than is left is refused, with what is left. */
  async #overdraw(): Promise<void> {
    const claim = this.#any()
    if (claim === undefined) return
    const body = this.#settling(claim, claim.left + 1)
    const refusal = await this.#till.act('/v1/operations', body).then(() => undefined, refusalOf)
    const { code, details } = (refusal ?? {}) as { code?: string; details?: { left?: string } }
    const isBeyond = code === 'amount_exceeded' && details?.left === money(claim.left)
    demand(isBeyond, `claim ${claim.id} must have ${money(claim.left)} left: ${JSON.stringify(refusal)}`)
  }

  #any(): Claim | undefined {
    const open = this.#made.filter(({ left }) => left > 0)
    return open[this.#till.random.below(Math.max(1, open.length))]
  }

  #settling({ id }: Claim, cents: number): Members {
    return goods('sale', this.#register, [receivable(money(cents), { related_operation_id: id })])
  }

  async #complete(body: Members, payments: readonly Members[], way?: Way): Promise<string> {
    const begun = await beginGoods(this.#till, body, way)
    await endGoods(this.#till, begun, { payments })
    const isOwed = payments.every(({ method }) => method === 'on_account')
    if (isOwed) this.#trade.owed(body)
    else this.#trade.done(body)
    return begun.id
  }
}

function paid(method: string, cents: number): Members[] {
  return cents === 0 ? [] : [{ payment_id: method, method, status: 'captured', amount: money(cents), currency: 'EUR' }]
}

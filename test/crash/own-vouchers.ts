import { voucher } from '../e2e/germany/single-purpose.ts'
import { goods } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Till, Way } from './till.ts'
import { beginGoods, demand, endGoods, money, paymentsOf, refusalOf } from './till.ts'

/** The rates of goods and vouchers, and what is called with each completed operation. */
type Trade = { readonly rates: readonly [string, ...string[]]; readonly done: (body: Members) => void }
const GERMAN: Trade = { rates: ['0.19', '0.07'], done: () => undefined }

type Voucher = { number: string; rate: string; sold: number; left: number }

/** The vouchers of one purpose that a till has sold, in all of its shifts. */
const SOLD = new WeakMap<Till, Voucher[]>()

/** Vouchers of one purpose by the till's own sums: sold for cash, redeemed in parts, never beyond what is left. */
export class OwnVouchers {
  readonly #till: Till
  readonly #register: string
  readonly #sold: Voucher[]
  readonly #trade: Trade

  constructor(till: Till, register: string, trade: Trade = GERMAN) {
    this.#till = till
    this.#trade = trade
    this.#register = register
    this.#sold = SOLD.get(till) ?? []
    SOLD.set(till, this.#sold)
  }

  /** Returns the euro that enter the drawer, in cents. */
  async act(): Promise<number> {
    const lot = this.#till.random.below(100)
    if (this.#sold.every(({ left }) => left === 0)) return this.both()
    if (lot < 40) return this.sell()
    if (lot < 75) await this.redeem()
    else if (lot < 88) await this.giveUp()
    else await this.overdraw()
    return 0
  }

  async sell(way?: Way): Promise<number> {
    const { random } = this.#till
    const [sold, rate] = [200 + random.below(4_800), random.pick(this.#trade.rates)]
    const number = `EZ ${this.#till.name} ${this.#sold.length + 1}`
    const body = goods('sale', this.#register, [voucher(money(sold), rate, number)])
    await this.#complete(body, true, way)
    this.#sold.push({ number, rate, sold, left: sold })
    return sold
  }

  /** A part of what is left, or all of it; what the goods cost more comes by card. */
  async redeem(way?: Way): Promise<void> {
    const one = this.#any()
    if (one === undefined) return
    const { random } = this.#till
    const cents = random.chance(0.4) ? one.left : 1 + random.below(one.left)
    await this.#complete(this.#redeeming(one, cents, cents + random.below(300)), false, way)
    one.left -= cents
  }

  /** A redemption that is voided leaves the voucher as it was. */
  async giveUp(): Promise<void> {
    const one = this.#any()
    if (one === undefined) return
    const { path, version } = await beginGoods(this.#till, this.#redeeming(one, one.left, one.left))
    await this.#till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
  }

  /** A cent more than is left is refused, with what is left. */
  async overdraw(): Promise<void> {
    const one = this.#sold[this.#till.random.below(this.#sold.length)]
    if (one === undefined) return
    const body = this.#redeeming(one, one.left + 1, one.left + 1)
    const refusal = await this.#till.act('/v1/operations', body).then(() => undefined, refusalOf)
    demand(refusal !== undefined, `voucher ${one.number} has only ${money(one.left)} left`)
    const { code, details } = refusal as { code: string; details?: { left?: string } }
    const isBeyond = code === 'amount_exceeded' && details?.left === money(one.left)
    demand(isBeyond, `voucher ${one.number} must have ${money(one.left)} left: ${JSON.stringify(refusal)}`)
  }

  /** One is sold, and redeemed. */
  async both(way?: Way): Promise<number> {
    const sold = await this.sell(way)
    await this.redeem(way)
    return sold
  }

  #any(): Voucher | undefined {
    const usable = this.#sold.filter(({ left }) => left > 0)
    return usable[this.#till.random.below(Math.max(1, usable.length))]
  }

  #redeeming({ number, rate }: Voucher, cents: number, price: number): Members {
    return goods('sale', this.#register, [[money(price), rate], voucher(money(-cents), rate, number)])
  }

  async #complete(body: Members, cash: boolean, way?: Way): Promise<void> {
    const begun = await beginGoods(this.#till, body, way)
    await endGoods(this.#till, begun, { payments: paymentsOf(String(body['total_amount']), cash) })
    this.#trade.done(body)
  }
}

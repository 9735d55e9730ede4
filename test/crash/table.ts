import { goods, order } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Till } from './till.ts'
import { beginGoods, demand, money } from './till.ts'

const DISHES = [
  { sku_identifier: 'pils', title: 'Pils "0,4"', price: 420, rate: '0.19' },
  { sku_identifier: 'goulash', title: 'Gulasch; scharf', price: 1290, rate: '0.07' },
  { sku_identifier: 'bottle', title: 'Pfand', price: 25, rate: '0.19', type: 'container_deposit' },
] as const
type Dish = (typeof DISHES)[number]
type Lines = Parameters<typeof order>[1]

/** A table of a restaurant: it orders, cancels and is billed elsewhere. None of it moves cash. */
export class Table {
  readonly #till: Till
  readonly #register: string
  readonly #group: string
  /** Pieces that are ordered and not cancelled, by article. */
  readonly #open = new Map<Dish, number>()

  constructor(till: Till, register: string, group: string) {
    this.#till = till
    this.#register = register
    this.#group = group
  }

  async act(): Promise<void> {
    const lot = this.#till.random.below(100)
    if (lot < 45) await this.order()
    else if (lot < 65) await this.cancel()
    else if (lot < 75) await this.#giveUp()
    else if (lot < 85) await this.#end('transfer', {})
    else if (lot < 95) await this.#end('employee_benefit', { customer: { name: 'Ada', id: 'u7' } })
    else await this.#practise()
  }

  /** Some pieces of some dishes. */
  async order(): Promise<void> {
    const wanted = DISHES.filter(() => this.#till.random.chance(0.6)).map((dish) => [dish, this.#pieces()] as const)
    const [first] = DISHES
    const lines = wanted.length > 0 ? wanted : [[first, 1] as const]
    await this.#complete(order(this.#register, linesOf(lines), { allocation_group: this.#group }))
    for (const [dish, pieces] of lines) this.#open.set(dish, (this.#open.get(dish) ?? 0) + pieces)
  }

  /** At most what is open of a dish. */
  async cancel(): Promise<void> {
    const [dish, open] = [...this.#open].find(([, pieces]) => pieces > 0) ?? []
    if (dish === undefined || open === undefined) return
    const pieces = 1 + this.#till.random.below(open)
    await this.#complete(order(this.#register, linesOf([[dish, -pieces]]), { allocation_group: this.#group }))
    this.#open.set(dish, open - pieces)
  }

  async orderAndCancel(): Promise<void> {
    await this.order()
    await this.cancel()
  }

  async #giveUp(): Promise<void> {
    const body = order(this.#register, linesOf([[DISHES[0], 1]]), { allocation_group: this.#group })
    const { path, version } = await beginGoods(this.#till, withTotal(body))
    await this.#till.act(`${path}/void`, { reason: 'operator_cancelled' }, version)
  }

  async #practise(): Promise<void> {
    const lines = linesOf([[DISHES[1], 2]])
    await this.#complete(order(this.#register, lines, { allocation_group: this.#group, training: true }))
  }

  async #end(type: 'transfer' | 'employee_benefit', more: Members): Promise<void> {
    await this.#complete(goods(type, this.#register, linesOf([[DISHES[1], this.#pieces()]]), more))
  }

  #pieces(): number {
    return 1 + this.#till.random.below(3)
  }

  async #complete(body: Members): Promise<void> {
    const whole = withTotal(body)
    const { path, version, last } = await beginGoods(this.#till, whole)
    const done = await this.#till.act(`${path}/complete`, last, version)
    demand(done['status'] === 'completed', `${path} must be completed: ${String(done['status'])}`)
    demand(done['total_amount'] === whole.total_amount, `${path} must come to ${whole.total_amount}`)
  }
}

/** The total of an order may be left out: the till knows it anyway. */
function withTotal(body: Members): Members & { total_amount: string } {
  const lines = body['line_items'] as readonly { total_amount: string }[]
  const cents = lines.reduce((sum, { total_amount: amount }) => sum + Math.round(Number(amount) * 100), 0)
  return { ...body, total_amount: money(cents) }
}

function linesOf(wanted: readonly (readonly [Dish, number])[]): Lines {
  return wanted.map(([{ price, rate, ...dish }, pieces]) => {
    const line = { ...dish, quantity: pieces, unit_price: money(price) }
    return [money(pieces * price), rate, line]
  })
}

import { event, goods, order } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Till } from './till.ts'
import { beginGoods, demand, endGoods, money, paymentsOf } from './till.ts'

const DISHES = [
  { sku_identifier: 'pils', title: 'Pils "0,4"', price: 420, rate: '0.19' },
  { sku_identifier: 'goulash', title: 'Gulasch; scharf', price: 1290, rate: '0.07' },
  { sku_identifier: 'bottle', title: 'Pfand', price: 25, rate: '0.19', type: 'container_deposit' },
] as const
type Dish = (typeof DISHES)[number]
type Lines = Parameters<typeof order>[1]

/** A bill that may be reversed: what it settled, and where. */
type Bill = { id: string; group: string; settled: Map<Dish, number> }

/** The number of tables that a till has opened: no two of them share a name. */
const OPENED = new WeakMap<Till, number>()

/** A table of a restaurant: it orders, cancels, moves and is billed, by card or elsewhere. None of it moves cash. */
export class Table {
  readonly #till: Till
  readonly #register: string
  readonly #groups: readonly [string, string]
  /** Pieces that are ordered and neither cancelled nor billed, by group and article. */
  readonly #open = new Map<string, Map<Dish, number>>()
  /** The group where the guests sit now. */
  #group: string
  #bill: Bill | undefined

  constructor(till: Till, register: string, name: string) {
    const serial = (OPENED.get(till) ?? 0) + 1
    OPENED.set(till, serial)
    this.#till = till
    this.#register = register
    this.#groups = [`${name} ${serial}`, `${name} ${serial} hinten`]
    this.#group = this.#groups[0]
  }

  async act(): Promise<void> {
    const lot = this.#till.random.below(100)
    if (lot < 35) await this.order()
    else if (lot < 48) await this.cancel()
    else if (lot < 63) await this.bill()
    else if (lot < 73) await this.move()
    else if (lot < 80) await this.reverse()
    else if (lot < 86) await this.#giveUp()
    else if (lot < 91) await this.#end('transfer', {})
    else if (lot < 96) await this.#end('employee_benefit', { customer: { name: 'Ada', id: 'u7' } })
    else await this.#practise()
  }

  /** Some pieces of some dishes. */
  async order(): Promise<void> {
    const wanted = DISHES.filter(() => this.#till.random.chance(0.6)).map((dish) => [dish, this.#pieces()] as const)
    const [first] = DISHES
    const lines = wanted.length > 0 ? wanted : [[first, 1] as const]
    await this.#complete(order(this.#register, linesOf(lines), { allocation_group: this.#group }))
    for (const [dish, pieces] of lines) this.#add(this.#group, dish, pieces)
  }

  /** At most what is open of a dish. */
  async cancel(): Promise<void> {
    const [dish, open] = this.#anyOpen() ?? []
    if (dish === undefined || open === undefined) return
    const pieces = 1 + this.#till.random.below(open)
    await this.#complete(order(this.#register, linesOf([[dish, -pieces]]), { allocation_group: this.#group }))
    this.#add(this.#group, dish, -pieces)
  }

  /** Some of what is open and, now and then, more than that. */
  async bill(): Promise<void> {
    const [dish = DISHES[1], open = 0] = this.#anyOpen() ?? []
    const pieces = 1 + this.#till.random.below(open + 1)
    const body = goods('sale', this.#register, linesOf([[dish, pieces]]), { allocation_group: this.#group })
    const done = await this.#complete(body, { payments: paymentsOf(withTotal(body).total_amount, false) })
    const lines = done['settled_order_lines'] as readonly { quantity: string }[]
    const settled = Math.min(open, pieces)
    const sum = lines.reduce((all, { quantity }) => all + Number(quantity), 0)
    demand(sum === settled, `${String(done['id'])} must settle ${settled}: ${JSON.stringify(lines)}`)
    this.#add(this.#group, dish, -settled)
    this.#bill = { id: String(done['id']), group: this.#group, settled: new Map([[dish, settled]]) }
  }

  /** Everything to the other table. */
  async move(): Promise<void> {
    const [from, to] = this.#group === this.#groups[0] ? this.#groups : [this.#groups[1], this.#groups[0]]
    const open = [...(this.#open.get(from) ?? [])].filter(([, pieces]) => pieces > 0)
    if (open.length > 0) {
      const groups = { from_allocation_group: from, allocation_group: to }
      const moved = await this.#till.act('/v1/operations', event('order_move', this.#register, groups))
      const sum = (moved['moved_lines'] as readonly { quantity: string }[]).reduce(
        (all, { quantity }) => all + Number(quantity),
        0,
      )
      const expected = open.reduce((all, [, pieces]) => all + pieces, 0)
      demand(sum === expected, `${String(moved['id'])} must move ${expected}, it moved ${sum}`)
      for (const [dish, pieces] of open) {
        this.#add(from, dish, -pieces)
        this.#add(to, dish, pieces)
      }
    }
    this.#group = to
  }

  /** The last bill was wrong: its lines are open again where they were. */
  async reverse(): Promise<void> {
    const bill = this.#bill
    this.#bill = undefined
    if (bill === undefined) return
    await this.#till.act('/v1/operations', event('void', this.#register, { related_operation_id: bill.id }))
    for (const [dish, pieces] of bill.settled) this.#add(bill.group, dish, pieces)
  }

  /** One of each. */
  async evening(): Promise<void> {
    await this.order()
    await this.cancel()
    await this.order()
    await this.move()
    await this.bill()
    await this.reverse()
  }

  #add(group: string, dish: Dish, pieces: number): void {
    const open = this.#open.get(group) ?? new Map<Dish, number>()
    this.#open.set(group, open.set(dish, (open.get(dish) ?? 0) + pieces))
  }

  #anyOpen(): [Dish, number] | undefined {
    return [...(this.#open.get(this.#group) ?? [])].find(([, pieces]) => pieces > 0)
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

  async #complete(body: Members, paid: object = {}): Promise<Members> {
    const whole = withTotal(body)
    const begun = await beginGoods(this.#till, whole)
    const done = await endGoods(this.#till, begun, paid)
    demand(done['total_amount'] === whole.total_amount, `${begun.path} must come to ${whole.total_amount}`)
    return done
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

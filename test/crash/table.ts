import { event, goods, order } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Taken } from './ordered-lines.ts'
import { OrderedLines } from './ordered-lines.ts'
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
type Bill = { id: string; group: string; settled: readonly Taken[] }

/** The number of tables that a till has opened: no two of them share a name. */
const OPENED = new WeakMap<Till, number>()

/** A table of a restaurant: it orders, cancels, moves and is billed, by card or elsewhere. None of it moves cash. */
export class Table {
  readonly #till: Till
  readonly #register: string
  readonly #groups: readonly [string, string]
  /** Lines that are ordered and neither cancelled nor billed. */
  readonly #open = new OrderedLines<Dish>()
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
    const done = await this.#complete(order(this.#register, linesOf(lines), { allocation_group: this.#group }))
    const ordered = done['line_items'] as readonly { id: string }[]
    for (const [at, [dish, pieces]] of lines.entries())
      this.#open.order(this.#group, dish, String(ordered[at]?.id), pieces)
  }

  /** At most what is open of a dish. */
  async cancel(): Promise<void> {
    const open = this.#open.any(this.#group)
    if (open === undefined) return
    const pieces = open.pieces < 1 ? open.pieces : 1 + this.#till.random.below(Math.floor(open.pieces))
    await this.#complete(order(this.#register, linesOf([[open.dish, -pieces]]), { allocation_group: this.#group }))
    this.#open.cancel(this.#group, open.dish, pieces)
  }

  /** Some of what is open, in whole pieces or a part of one, by article or by line; now and then, more than that. */
  async bill(): Promise<void> {
    const { dish, pieces: open } = this.#open.any(this.#group) ?? { dish: DISHES[1], pieces: 0 }
    const { random } = this.#till
    const named = random.chance(0.4) ? this.#open.newest(this.#group, dish) : undefined
    const whole = named === undefined ? 1 + random.below(Math.floor(open) + 1) : 1
    // A half of a bottle has no price.
    const isPart = !('type' in dish) && (random.chance(0.3) || (named !== undefined && named.pieces < 1))
    const pieces = isPart ? whole - 0.5 : whole
    const lines = linesOf([[dish, pieces]], named && { order_line_id: named.line })
    const body = goods('sale', this.#register, lines, { allocation_group: this.#group })
    const done = await this.#complete(body, { payments: paymentsOf(withTotal(body).total_amount, false) })
    const answered = done['settled_order_lines'] as readonly { order_line_id: string; quantity: string }[]
    const taken = answered.map(({ order_line_id: line, quantity }) => ({ line, pieces: Number(quantity) }))
    const settled = this.#open.settle(this.#group, dish, pieces, named?.line)
    demand(
      JSON.stringify(taken) === JSON.stringify(settled),
      `${String(done['id'])} must settle ${JSON.stringify(settled)}: ${JSON.stringify(taken)}`,
    )
    this.#bill = { id: String(done['id']), group: this.#group, settled }
  }

  /** Everything to the other table. */
  async move(): Promise<void> {
    const [from, to] = this.#group === this.#groups[0] ? this.#groups : [this.#groups[1], this.#groups[0]]
    if (this.#open.in(from).length > 0) {
      const groups = { from_allocation_group: from, allocation_group: to }
      const done = await this.#till.act('/v1/operations', event('order_move', this.#register, groups))
      const answered = done['moved_lines'] as readonly { order_line_id: string; quantity: string }[]
      const moved = answered.map(({ order_line_id: line, quantity }) => ({ line, pieces: Number(quantity) }))
      const expected = this.#open.move(from, to)
      demand(
        JSON.stringify(moved) === JSON.stringify(expected),
        `${String(done['id'])} must move ${JSON.stringify(expected)}: ${JSON.stringify(moved)}`,
      )
    }
    this.#group = to
  }

  /** The last bill was wrong: its lines are open again where they were. */
  async reverse(): Promise<void> {
    const bill = this.#bill
    this.#bill = undefined
    if (bill === undefined) return
    await this.#till.act('/v1/operations', event('void', this.#register, { related_operation_id: bill.id }))
    this.#open.reopen(bill.group, bill.settled)
  }

  /** One of each. */
  async evening(): Promise<void> {
    await this.order()
    await this.cancel()
    await this.order()
    await this.move()
    await this.bill()
    await this.reverse()
    await this.#wrongRoom()
  }

  /** Put on a room by mistake, and taken back: the lines are open again where they were. */
  async #wrongRoom(): Promise<void> {
    const open = this.#open.any(this.#group)
    if (open === undefined) return
    const pieces = Math.min(1, open.pieces)
    const body = goods('transfer', this.#register, linesOf([[open.dish, pieces]]), { allocation_group: this.#group })
    const { id } = await this.#complete(body)
    const settled = this.#open.settle(this.#group, open.dish, pieces)
    await this.#till.act('/v1/operations', event('void', this.#register, { related_operation_id: id }))
    this.#open.reopen(this.#group, settled)
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

function linesOf(wanted: readonly (readonly [Dish, number])[], more: Members = {}): Lines {
  return wanted.map(([{ price, rate, ...dish }, pieces]) => {
    const quantity = Number.isInteger(pieces) ? pieces : String(pieces)
    const line = { ...dish, quantity, unit_price: money(price), ...more }
    return [money(pieces * price), rate, line]
  })
}

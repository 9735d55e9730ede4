import { elsewhere, event, goods } from '../e2e/goods.ts'
import type { Members } from './answer-log.ts'
import type { Till, Way } from './till.ts'
import { beginGoods, demand, endGoods, money } from './till.ts'

/** In the smallest units of the currency, and their value in cents of euro. */
type Held = { units: number; base: number }
type Sold = { id: string; euros: number; moved: readonly [currency: string, Held][] }

/** `rate`: cents of euro for one unit of the currency. */
type Currency = readonly [name: string, rate: number]
const CURRENCIES: readonly [Currency, ...Currency[]] = [
  ['CHF', 93],
  ['USD', 88],
  ['DKK', 13],
]

/** The foreign cash that a till itself counts in its drawer, from the opening of a session to its close. */
export class ForeignDrawer {
  readonly #till: Till
  readonly #register: string
  readonly #held = new Map<string, Held>()
  #last: Sold | undefined

  constructor(till: Till, register: string) {
    this.#till = till
    this.#register = register
  }

  /**
   * Sells for foreign cash, gives some back, or reverses a sale. `euros`: what the drawer holds, in cents. Returns how many
   * enter it.
   */
  async act(euros: number): Promise<number> {
    const lot = this.#till.random.below(100)
    if (lot < 65) return this.sell(euros)
    return lot < 80 ? this.giveBack() : this.reverse(euros)
  }

  /** Goods for whole units; change is given in euro or in the currency, and what is missing comes by card. */
  async sell(euros: number, way?: Way): Promise<number> {
    const { random } = this.#till
    const currency = random.pick(CURRENCIES)
    const total = 100 + random.below(4_900)
    const paid = this.#foreign(currency, 500 * (1 + random.below(12)))
    const over = paid.base - total
    const rest = -over
    const isInKind = over > 0 && (over > euros || random.chance(0.3))
    const back = isInKind ? { units: -Math.round((over * 100) / currency[1]), base: -over } : undefined
    const moved = [paid, ...(back === undefined || back.units === 0 ? [] : [back])]
    const others = back !== undefined || rest === 0 ? [] : [payment(rest < 0 ? 'cash' : 'card', rest)]
    if (back?.units === 0) return 0
    const lines = [[money(total), random.pick(['0.19', '0.07'])]] as const
    const payments = [...moved.map((each, at) => foreignPayment(currency[0], each, at)), ...others]
    const id = await this.#complete(goods('sale', this.#register, lines), payments, way)
    const euro = back === undefined && rest < 0 ? rest : 0
    const sums = moved.map((each): [string, Held] => [currency[0], each])
    for (const [name, each] of sums) this.#add(name, each)
    this.#last = { id, euros: euro, moved: sums }
    return euro
  }

  /** Goods of another system come back for a part of what is held of a currency. */
  async giveBack(): Promise<number> {
    const { random } = this.#till
    const currency = CURRENCIES.find(([name]) => (this.#held.get(name)?.units ?? 0) > 100)
    if (currency === undefined) return 0
    const units = 100 + random.below((this.#held.get(currency[0])?.units ?? 0) - 99)
    const back = this.#foreign(currency, -units)
    const lines = [[money(back.base), '0.19']] as const
    const body = goods('return', this.#register, lines, elsewhere)
    await this.#complete(body, [foreignPayment(currency[0], back, 0)])
    this.#add(currency[0], back)
    return 0
  }

  /** The last sale was wrong: its foreign cash goes back, and its change comes back. */
  async reverse(euros: number): Promise<number> {
    const last = this.#last
    this.#last = undefined
    if (last === undefined || euros - last.euros < 0) return 0
    const out = new Map<string, number>()
    for (const [name, { units }] of last.moved) out.set(name, (out.get(name) ?? 0) + units)
    if ([...out].some(([name, units]) => (this.#held.get(name)?.units ?? 0) < units)) return 0
    await this.#till.act('/v1/operations', event('void', this.#register, { related_operation_id: last.id }))
    for (const [name, { units, base }] of last.moved) this.#add(name, { units: -units, base: -base })
    return -last.euros
  }

  /** What a count says of it: now and then, some are missing or too many. The answers of count and close must say the same. */
  counted(): { sent: Members; expected: readonly Members[] } {
    const expected = [...this.#held]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, { units, base }]) => {
        const difference = units === 0 ? 0 : Math.max(-units, this.#till.random.pick([0, 0, -200, 150]))
        const value = units === 0 ? 0 : awayFromZero((difference * base) / units)
        return {
          currency,
          expected_amount: money(units),
          counted_amount: money(units + difference),
          diff_amount: money(difference),
          base_amount: money(base + value),
        }
      })
    if (expected.length === 0) return { sent: {}, expected }
    const sent = expected.map(({ currency, counted_amount: amount }) => ({ currency, counted_amount: amount }))
    return { sent: { foreign_cash: sent }, expected }
  }

  #foreign([, rate]: Currency, units: number): Held {
    return { units, base: awayFromZero((units * rate) / 100) }
  }

  #add(currency: string, { units, base }: Held): void {
    const held = this.#held.get(currency) ?? { units: 0, base: 0 }
    this.#held.set(currency, { units: held.units + units, base: held.base + base })
  }

  async #complete(body: Members, payments: readonly Members[], way?: Way): Promise<string> {
    const begun = await beginGoods(this.#till, body, way)
    await endGoods(this.#till, begun, { payments })
    return begun.id
  }
}

/** The foreign cash of the answer to a count or a close must be what the till itself counts. */
export function demandForeign(answer: Members, expected: readonly Members[]): void {
  const answered = (answer['foreign_cash'] ?? []) as readonly Members[]
  const names = ['currency', 'expected_amount', 'counted_amount', 'diff_amount', 'base_amount']
  const texts = [answered, expected].map((list) => JSON.stringify(list.map((each) => names.map((name) => each[name]))))
  demand(texts[0] === texts[1], `${String(answer['id'])} must hold ${texts[1]}: ${texts[0]}`)
}

function foreignPayment(currency: string, { units, base }: Held, at: number): Members {
  return { ...payment('cash', units), payment_id: `f${at}`, currency, base_amount: money(base) }
}

function payment(method: string, cents: number): Members {
  return { payment_id: method, method, status: 'captured', amount: money(cents), currency: 'EUR' }
}

function awayFromZero(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value))
}

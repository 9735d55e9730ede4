import { join } from 'node:path'
import { seeded } from '../../crash/seeded.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members, Operation } from '../client.ts'
import { elsewhere, event, goods, pay } from '../goods.ts'

const CONFIG = {
  devices: [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'tse-2', driver: 'tse-simulator' },
  ],
  dsfinvk: { exportDrawerOpenings: true },
  deadlineMs: 2000,
}
const EVERYTHING = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const DAY_MS = 86_400_000
const RATES = ['0.19', '0.07', '0.07', '0', '0.078', '0.055'] as const
const TITLES = [
  'Brötchen',
  'Käse; "alt"',
  'Kaffee\r\nschwarz',
  '=1+1',
  'Tee 🍵',
  'x'.repeat(300),
  '\u0007',
  ' ',
] as const
const MOVEMENTS: readonly [readonly [string, number], ...(readonly [string, number])[]] = [
  ['safe_drop', -1],
  ['float_in', 1],
  ['pay_in', 1],
  ['pay_out', -1],
  ['tip_payout', -1],
  ['owner_deposit', 1],
]

/** Waits for a device take a twentieth of their time. */
class TradingClock extends CalendarClock {
  override after(delayMs: number, act: () => void): () => void {
    return super.after(delayMs / 20, act)
  }
}

type Till = Register & { device: string; isGone: boolean; sold: Operation[]; deposits: Operation[] }
type Lines = Parameters<typeof goods>[2]

/** The first line has a discount of the cart of 0.40, the last one a separate discount of 0.30. */
function discounted(lines: Lines[number][]): Members {
  const above = (at: number, cents: number, more: Members = {}): void => {
    const [amount, rate, before] = lines.at(at) ?? ['1.00', '0.07']
    const full = (Number(amount) + cents / 100).toFixed(2)
    lines[at < 0 ? lines.length + at : at] = [amount, rate, { ...before, quantity: 1, unit_price: full, ...more }]
  }
  lines.push(['2.00', '0.07', { title: 'Kuchen' }])
  above(-1, 30, { discounts: [{ description: 'Vortag', amount: '0.30' }] })
  above(0, 40)
  return { cart_level_discounts: [{ description: 'Treue', amount: '0.40' }] }
}

function totalOf(operation: Operation): string {
  return String(Reflect.get(operation, 'total_amount'))
}

/**
 * Days of trade of a shop with three registers on two TSEs, through the real agent: every request of a till, outages,
 * restarts, changed master data, a TSE replaced in the middle of a session, a retired register.
 */
export class GermanMonths {
  readonly bench: Bench
  readonly #clock: TradingClock
  readonly #random
  readonly #tills: Till[] = []
  #day: string
  #merchant = ''

  private constructor(bench: Bench, clock: TradingClock, seed: number, begin: string) {
    this.bench = bench
    this.#clock = clock
    this.#random = seeded(seed)
    this.#day = begin
  }

  static async open(seed: number, begin: string): Promise<GermanMonths> {
    const clock = new TradingClock(`${begin}T06:00:00Z`)
    const months = new GermanMonths(await Bench.open({ clock, config: CONFIG }), clock, seed, begin)
    const { merchantId, locationId } = await months.bench.shop()
    months.#merchant = merchantId
    for (const device of ['tse-1', 'tse-1', 'tse-2']) await months.#register(locationId, device)
    return months
  }

  /** `days` of trade; the TSE is replaced on the middle one, a register is retired on the last but one. */
  async trade(days: number): Promise<void> {
    for (let day = 0; day < days; day++) {
      this.#clock.jump(`${this.#day}T06:00:00Z`)
      await this.#masterData(day)
      await this.#trade(
        this.#tills.filter(({ isGone }) => !isGone),
        day === Math.floor(days / 2),
      )
      if (day === days - 2) await this.#decommission()
      this.#day = new Date(Date.parse(this.#day) + DAY_MS).toISOString().slice(0, 10)
    }
  }

  async #trade(tills: readonly Till[], isExchange: boolean): Promise<void> {
    for (const till of tills) await this.#open(till)
    for (const till of tills) for (let acts = 2 + this.#random.below(4); acts > 0; acts--) await this.#act(till)
    if (isExchange) await this.bench.agent.administration.retireTse('tse-1', 'Ende', 'tse-2')
    if (this.#random.chance(0.2)) await this.#outage(this.#random.pick(['tse-1', 'tse-2']), tills)
    if (this.#random.chance(0.1)) await this.bench.restart()
    this.#clock.jump(`${this.#day}T${this.#random.pick(['17', '22', '23'])}:30:00Z`)
    for (const till of tills) await this.#sell(till)
    for (const till of tills) await this.#close(till)
  }

  /** Everything as one package. */
  async package(directory: string): Promise<string> {
    const path = join(directory, 'package.zip')
    await this.bench.agent.administration.exportTo('dsfinvk', EVERYTHING, path)
    return path
  }

  async #register(location: string, device: string): Promise<void> {
    const { office } = this.bench
    const newRegister = await office.post('/v1/registers', { location_id: location, name: 'K', fiscal_device: device })
    const id = String(newRegister['id'])
    const done = await office.post(`/v1/registers/${id}/fiscalize`, {}, 202)
    const key = String(done['register_api_key'])
    const till = this.bench.client({ 'X-Register-Api-Key': key })
    this.#tills.push({ id, key, clientId: '', till, device, isGone: false, sold: [], deposits: [] })
  }

  async #open({ id, till }: Till): Promise<void> {
    const float = this.#random.pick(['0.00', '50.00', '27.50'])
    await till.create(event('session_open', id, { opening_balance_amount: float }))
  }

  async #close(register: Till): Promise<void> {
    const { id, till } = register
    register.sold = []
    const expected = Number((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
    const counted = Math.max(0, this.#random.pick([expected, expected, expected - 0.05, expected + 2]))
    await till.create(event('session_cash_count', id, { counted_closing_amount: counted.toFixed(2) }))
    const taken = this.#random.pick([0, -counted, -counted / 2])
    const adjustment = { closing_adjustment_amount: taken.toFixed(2).replace('-0.00', '0.00') }
    await till.create(event('session_close', id, { business_date: this.#day, ...adjustment }))
  }

  async #act(till: Till): Promise<void> {
    const dice = this.#random.below(100)
    if (dice < 50) return this.#sell(till)
    if (dice < 58) return this.#giveBack(till)
    if (dice < 63) return this.#abort(till)
    if (dice < 68) return this.#sell(till, { training: true })
    if (dice < 75) return this.#reverse(till)
    if (dice < 83) return this.#deposit(till)
    if (dice < 93) return this.#move(till)
    return this.#openDrawer(till)
  }

  #lines(sign: 1 | -1): Lines {
    return Array.from({ length: 1 + this.#random.below(4) }, (): Lines[number] => {
      const amount = (sign * (1 + this.#random.below(5000))) / 100
      const more: Members = { title: this.#random.pick(TITLES) }
      if (this.#random.chance(0.1)) return [amount.toFixed(2), '0.19', { ...more, type: 'container_deposit' }]
      const weighed = this.#random.chance(0.2) && { quantity: '0.333', unit_price: (amount / 0.333).toFixed(2) }
      return [amount.toFixed(2), this.#random.pick(RATES), { ...more, ...weighed }]
    })
  }

  async #sell(register: Till, more: Members = {}): Promise<void> {
    const { id, till } = register
    const lines = [...this.#lines(1)]
    if (this.#random.chance(0.1)) lines.push(['20.00', '0', { type: 'gift_card', gift_card_id: 'GC-1' }])
    if (this.#random.chance(0.05)) lines.push(['1.00', '0.19', { type: 'service_charge' }])
    const cart = this.#random.chance(0.1) ? discounted(lines) : {}
    const tip = this.#random.chance(0.1) ? { tip_amount: '1.50' } : {}
    const open = await till.create(goods('sale', id, lines, { ...tip, ...cart, ...more }))
    const done = await till.complete(open, this.#payments(Number(totalOf(open))))
    if (!('training' in more)) register.sold.push(done)
  }

  /** In cash with change, by card, with a voucher, or split. */
  #payments(total: number): Members[] {
    const way = this.#random.below(5)
    if (way === 0) return [pay('cash', (total + 5).toFixed(2)), pay('cash', '-5.00')]
    if (way === 1) return [pay('card', total.toFixed(2), { scheme: this.#random.pick(['girocard', 'Visa', '"X";']) })]
    if (way === 2 && total > 1)
      return [pay('gift_card', '1.00', { gift_card_id: 'GC-1' }), pay('cash', (total - 1).toFixed(2))]
    if (way === 3 && total > 1) return [pay('mobile', '1.00'), pay('cash', (total - 1).toFixed(2))]
    return [pay('cash', total.toFixed(2))]
  }

  async #giveBack({ id, till, sold }: Till): Promise<void> {
    // A partly returned sale cannot be reversed.
    const original = sold.pop()
    const reference = original === undefined ? elsewhere : { related_operation_id: original.id }
    const type = this.#random.pick(['return', 'exchange'] as const)
    const lines = type === 'return' ? this.#lines(-1) : [...this.#lines(-1), ...this.#lines(1)]
    const open = await till.create(goods(type, id, lines, reference))
    await till.complete(open, [pay('cash', totalOf(open))])
  }

  async #abort({ id, till }: Till): Promise<void> {
    await till.void(await till.create(goods('sale', id, this.#lines(1))))
  }

  async #reverse({ id, till, sold }: Till): Promise<void> {
    const original = sold.pop()
    if (original !== undefined) await till.create(event('void', id, { related_operation_id: original.id }))
  }

  /** Paid in advance today, taken off on a later day. */
  async #deposit(register: Till): Promise<void> {
    const { id, till, deposits } = register
    const before = this.#random.chance(0.5) ? deposits.shift() : undefined
    if (before === undefined) {
      const open = await till.create(goods('deposit', id, [['30.00', '0.19', { type: 'deposit' }]]))
      deposits.push(await till.complete(open, [pay('card', '30.00')]))
      return
    }
    const lines: Lines = [
      ['100.00', '0.19'],
      ['-30.00', '0.19', { type: 'deposit' }],
    ]
    const open = await till.create(goods('deposit_capture', id, lines, { related_operation_id: before.id }))
    await till.complete(open, [pay('cash', '70.00')])
  }

  async #move({ id, till }: Till): Promise<void> {
    const [movement, sign] = this.#random.pick(MOVEMENTS)
    const amount = ((sign * (1 + this.#random.below(2000))) / 100).toFixed(2)
    const held = Number((await till.get(`/v1/registers/${id}/session`))['expected_closing_amount'])
    if (sign < 0 && held + Number(amount) < 0) return
    await till.create(event('session_cash_adjustment', id, { cash_amount: amount, movement_type: movement }))
  }

  async #openDrawer({ till }: Till): Promise<void> {
    const body = { occurred_at: new Date(this.#clock.now()).toISOString(), reason: 'Wechselgeld' }
    await till.post('/v1/cash-drawer-openings', body)
  }

  /** Sales continue without the TSE; some were begun before it was lost. */
  async #outage(device: string, tills: readonly Till[]): Promise<void> {
    const openSale = await Promise.all(tills.map(({ id, till }) => till.create(goods('sale', id, this.#lines(1)))))
    await this.bench.faultAt(device, 'unplugged@*')
    for (const [index, open] of openSale.entries())
      await tills[index]?.till.complete(open, this.#payments(Number(totalOf(open))))
    for (const till of tills) await this.#sell(till)
    await this.bench.faultAt(device, 'clear')
    const isBack = ({ id, state }: Members) => id !== device || state === 'ready' || state === 'foreign'
    await this.bench.until(() => this.bench.agent.application.devices().every(isBack))
    await this.bench.until(() => this.bench.agent.application.readiness().ready)
  }

  /** Moved to another house: closed sessions keep its address. */
  async #masterData(day: number): Promise<void> {
    if (day % 7 !== 3) return
    const address = { line1: `Hauptstraße ${day}`, city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
    await this.bench.office.patch(`/v1/merchants/${this.#merchant}`, { address })
  }

  async #decommission(): Promise<void> {
    const till = this.#tills[1]
    if (till === undefined) return
    await this.bench.office.post(`/v1/registers/${till.id}/decommission`, {}, 200)
    till.isGone = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]()
  }
}

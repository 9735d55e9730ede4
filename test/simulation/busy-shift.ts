import { countDrawer } from '../crash/count.ts'
import { demandForeign, ForeignDrawer } from '../crash/foreign-drawer.ts'
import type { Lines } from '../crash/lines-back.ts'
import { linesBack } from '../crash/lines-back.ts'
import { OwnReceivables } from '../crash/own-receivables.ts'
import { OwnVouchers } from '../crash/own-vouchers.ts'
import { Table } from '../crash/table.ts'
import type { Till } from '../crash/till.ts'
import { beginGoods, money } from '../crash/till.ts'
import { stamps } from '../crash/vat-file.ts'
import { elsewhere, event, goods } from '../e2e/goods.ts'

type Members = { readonly [member: string]: unknown }
type Payment = { method: string; cents: number; more?: Members }
/** A completed movement that may be reversed or referred to. */
type Sold = { id: string; cash: number; lines: Lines }

/** 8 % is of the file. */
const RATES = ['0.19', '0.19', '0.07', '0.07', '0.08', '0.055', '0'] as const
const METHODS = ['card', 'mobile', 'bank_transfer', 'voucher', 'digital_wallet', 'store_credit', 'other'] as const
const SCHEMES = [undefined, 'girocard', 'Visa', 'V-Pay', 'Gut & "Günstig"'] as const
const TITLES = ['Brötchen', 'Käse; alt', 'Torte "Herz"', 'Kaffee\nschwarz', 'Tee 🍵', 'x'.repeat(300)] as const
type Movement = readonly [type: string, sign: 1 | -1]
const MOVEMENTS: readonly [Movement, ...Movement[]] = [
  ['safe_drop', -1],
  ['bank_deposit', -1],
  ['float_in', 1],
  ['owner_withdrawal', -1],
  ['owner_deposit', 1],
  ['pay_in', 1],
  ['pay_out', -1],
  ['wage', -1],
  ['tip_payout', -1],
  ['correction', 1],
]

/** A shift with every act of the API, whose count must match. */
export async function workBusyShift(till: Till, register: string, acts: number): Promise<void> {
  const shift = new BusyShift(till, register)
  await shift.open()
  for (let done = 0; done < acts && !till.over; done++) await shift.act()
  await shift.close()
}

class BusyShift {
  readonly #till: Till
  readonly #register: string
  readonly #sold: Sold[] = []
  readonly #reversed = new Set<string>()
  /** Partly returned sales, which cannot be reversed. */
  readonly #returned = new Set<string>()
  #cents = 0
  readonly #table: Table
  readonly #foreign: ForeignDrawer
  readonly #vouchers: OwnVouchers
  readonly #claims: OwnReceivables

  constructor(till: Till, register: string) {
    this.#till = till
    this.#register = register
    this.#table = new Table(till, register, `Tisch ${register}`)
    this.#foreign = new ForeignDrawer(till, register)
    this.#vouchers = new OwnVouchers(till, register)
    this.#claims = new OwnReceivables(till, register)
  }

  async open(): Promise<void> {
    this.#cents = this.#till.random.pick([0, 5_000, 12_345])
    await this.#event('session_open', { opening_balance_amount: money(this.#cents) })
  }

  async close(): Promise<void> {
    const { random } = this.#till
    if (this.#cents < 0) await this.#move('float_in', -this.#cents)
    const difference = random.pick([0, 0, -3, 100])
    const counted = Math.max(0, this.#cents + difference)
    const shift = { till: this.#till, register: this.#register, event: this.#event.bind(this) }
    const drawer = { cents: this.#cents, counted, foreign: this.#foreign }
    const expected = await countDrawer(shift, drawer, random.chance(0.25))
    const taken = random.pick([0, counted, Math.floor(counted / 2)])
    const adjustment = taken === 0 ? {} : { closing_adjustment_amount: money(-taken), closing_adjustment_note: 'Bank' }
    const closed = await this.#till.close({ register_id: this.#register, currency: 'EUR', ...adjustment })
    demandForeign(closed, expected)
  }

  async act(): Promise<void> {
    const lot = this.#till.random.below(100)
    if (lot < 12) await this.#table.act()
    else if (lot < 18) this.#cents += await this.#foreign.act(this.#cents)
    else if (lot < 23) this.#cents += await this.#vouchers.act()
    else if (lot < 48) await this.#sell('sale', this.#mixedLines())
    else if (lot < 55) await this.#giveBack('return')
    else if (lot < 61) await this.#giveBack('exchange')
    else if (lot < 67) await this.#giveUp()
    else if (lot < 73) await this.#sell('sale', this.#mixedLines(), { training: true })
    else if (lot < 81) await this.#reverse()
    else if (lot < 86) await this.#deposit()
    else if (lot < 90) this.#cents += await this.#claims.act(this.#cents)
    else await this.#moveSome()
  }

  async #sell(
    type: Parameters<typeof goods>[0],
    lines: Lines,
    more: Members & { tip_amount?: string } = {},
  ): Promise<Sold> {
    const { random } = this.#till
    const tip = type === 'sale' && random.chance(0.15) ? { tip_amount: money(random.below(500)) } : {}
    const body = goods(type, this.#register, lines, { ...this.#people(), ...tip, ...more })
    const { id, path, version, last } = await beginGoods(this.#till, body)
    const tipped = this.#tip(type, last, lines, String(body['tip_amount']))
    const paid = this.#payments(Math.round(Number(body['total_amount']) * 100) + tipped.cents)
    const payments = paid.map(({ method, cents, more = {} }, at) => {
      return { payment_id: `p${at}`, method, status: 'captured', amount: money(cents), currency: 'EUR', ...more }
    })
    await this.#till.act(`${path}/complete`, { payments, ...last, ...tipped.members }, version)
    const cash = paid.reduce((sum, { method, cents }) => sum + (method === 'cash' ? cents : 0), 0)
    const sold = { id, cash, lines }
    if (more['training'] === true) return sold
    this.#cents += cash
    this.#sold.push(sold)
    return sold
  }

  /**
   * A tip that comes with the payments, in cents beyond the total, in the place of the one that was sent; goods that come
   * with them have it among their own amounts.
   */
  #tip(type: string, last: object, lines: Lines, sent: string): { cents: number; members: Members } {
    const { random } = this.#till
    const isTipped = type === 'sale' && Object.keys(last).length === 0 && random.chance(0.15)
    if (!isTipped) return { cents: 0, members: {} }
    const cents = random.below(500)
    const isOwn = (more: Members = {}): boolean =>
      (more['type'] ?? 'item') === 'item' && more['agency_id'] === undefined
    const isTaxed = lines.some(([amount, , more]) => Number(amount) > 0 && isOwn(more))
    const recipient = random.pick(['employee', 'owner'])
    const members = { tip_amount: money(cents), ...(isTaxed && { tip_recipient: recipient }) }
    return { cents: cents - Math.round(Number(sent) * 100), members }
  }

  #people(): Members {
    const { random } = this.#till
    const address = { line1: 'Weg 1', line2: 'Hof', city: 'Köln', postal_code: '50667', country_code: 'DEU' }
    return {
      ...(random.chance(0.5) && { operator_id: 'u7', operator_name: 'Erika Muster' }),
      ...(random.chance(0.1) && { customer: { name: 'Firma "Ä"', id: 'k-1', address, vat_id: 'DE123456789' } }),
      ...(random.chance(0.1) && { note: 'für "Oma";\nMia' }),
    }
  }

  #saleLines(): Lines {
    return Array.from({ length: 1 + this.#till.random.below(4) }, () => this.#line(1))
  }

  /** Also with lines that go the other way. */
  #mixedLines(): Lines {
    const sold = this.#saleLines()
    const original = (): string | undefined => {
      const id = this.#oneThatStands()?.id
      if (id !== undefined) this.#returned.add(id)
      return id
    }
    return [...sold, ...linesBack(this.#till.random, sold, RATES, original)]
  }

  #line(sign: 1 | -1): Lines[number] {
    const { random } = this.#till
    const cents = 1 + random.below(5_000)
    const name = { title: random.pick(TITLES) }
    const title = { ...name, ...(cents % 10 === 0 && { agency_id: 7 }) }
    const lot = random.below(100)
    if (lot < 8) return [money(sign * cents), '0', { ...title, type: 'gift_card', gift_card_id: `GC-${cents}` }]
    if (lot < 14) return [money(sign * 25), random.pick(RATES), { ...title, type: 'container_deposit' }]
    if (lot < 20) return [money(sign * cents), random.pick(RATES), { ...name, type: 'service_charge' }]
    if (lot < 24) return stamps(sign * cents, title)
    if (random.chance(0.15)) {
      const off = Math.min(cents, 1 + random.below(50))
      const price = { unit_price: money(sign * cents), quantity: 1, discounts: [{ amount: money(off) }] }
      return [money(sign * (cents - off)), random.pick(RATES), { ...title, ...price }]
    }
    const quantity = random.pick([1, 2, 3, '0.250', '1.333333'])
    const price = cents + 1
    const total = sign * Math.round(Number(quantity) * price)
    return [money(total), random.pick(RATES), { ...title, quantity, unit_price: money(sign * price) }]
  }

  #payments(total: number): Payment[] {
    const { random } = this.#till
    const paid: Payment[] = []
    let remaining = total
    if (total !== 0 && random.chance(0.15)) {
      const voucher = random.pick([total, Math.trunc(total / 2)])
      paid.push({ method: 'gift_card', cents: voucher, more: { gift_card_id: 'GC-7' } })
      remaining -= voucher
    }
    if (remaining > 0 && random.chance(0.3))
      return [...paid, { method: 'cash', cents: remaining + 500 }, { method: 'cash', cents: -500 }]
    if (random.chance(0.3)) return [...paid, { method: 'cash', cents: remaining }]
    const method = random.pick(METHODS)
    const scheme = method === 'card' ? random.pick(SCHEMES) : undefined
    const first = random.chance(0.2) ? Math.trunc(remaining / 3) : remaining
    paid.push({ method, cents: first, ...(scheme !== undefined && { more: { scheme } }) })
    return first === remaining ? paid : [...paid, { method: 'cash', cents: remaining - first }]
  }

  async #giveBack(type: 'return' | 'exchange'): Promise<void> {
    const { random } = this.#till
    const original = random.chance(0.6) ? this.#oneThatStands() : undefined
    const reference = original === undefined ? elsewhere : { related_operation_id: original.id }
    const lines = this.#saleLines().map(() => this.#line(type === 'return' || random.chance(0.5) ? -1 : 1))
    if (original !== undefined) this.#returned.add(original.id)
    await this.#sell(type, lines, reference)
    // A returned sale cannot be referred to again, so that a chain of references stays short.
    this.#sold.pop()
  }

  async #giveUp(): Promise<void> {
    const body = goods('sale', this.#register, this.#mixedLines(), this.#people())
    const { path, version } = await beginGoods(this.#till, body)
    await this.#till.act(`${path}/void`, { reason: 'customer_abandoned_checkout' }, version)
  }

  async #reverse(): Promise<void> {
    const original = this.#oneThatStands()
    if (original === undefined || this.#returned.has(original.id)) return
    this.#reversed.add(original.id)
    await this.#event('void', { related_operation_id: original.id, reason: 'Tippfehler' })
    this.#cents -= original.cash
  }

  /** Sold in this shift, and not reversed. */
  #oneThatStands(): Sold | undefined {
    const standing = this.#sold.filter(({ id }) => !this.#reversed.has(id))
    return standing[this.#till.random.below(Math.max(1, standing.length))]
  }

  async #deposit(): Promise<void> {
    const paid = await this.#sell('deposit', [[money(1_000), '0.19', { type: 'deposit' }]])
    this.#sold.pop()
    if (!this.#till.random.chance(0.7)) return
    const lines: Lines = [
      [money(-1_000), '0.19', { type: 'deposit' }],
      [money(2_500), '0.19'],
    ]
    await this.#sell('deposit_capture', lines, { related_operation_id: paid.id })
    this.#sold.pop()
  }

  async #moveSome(): Promise<void> {
    const [movement, sign] = this.#till.random.pick(MOVEMENTS)
    const cents = sign * (1 + this.#till.random.below(5_000))
    if (cents < 0 && this.#cents + cents < 0) return
    await this.#move(movement, cents)
  }

  async #move(movement: string, cents: number): Promise<void> {
    await this.#event('session_cash_adjustment', { cash_amount: money(cents), movement_type: movement })
    this.#cents += cents
  }

  #event(type: string, members: Members): Promise<Members> {
    return this.#till.act('/v1/operations', event(type, this.#register, members))
  }
}

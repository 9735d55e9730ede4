import type { Lines } from '../crash/lines-back.ts'
import { linesBack } from '../crash/lines-back.ts'
import { Table } from '../crash/table.ts'
import type { Till } from '../crash/till.ts'
import { beginGoods, money, TillStopped } from '../crash/till.ts'
import { elsewhere, event, goods } from '../e2e/goods.ts'

type Members = { readonly [member: string]: unknown }
type Payment = { method: string; cents: number; more?: Members }
/** A completed movement that may be reversed or referred to. */
type Sold = { id: string; cash: number; lines: Lines }

const RATES = ['0.19', '0.19', '0.07', '0.07', '0.078', '0.055', '0'] as const
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

  constructor(till: Till, register: string) {
    this.#till = till
    this.#register = register
    this.#table = new Table(till, register, `Tisch ${register}`)
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
    const count = await this.#event('session_cash_count', { counted_closing_amount: money(counted) })
    if (count['expected_closing_amount'] !== money(this.#cents))
      throw new TillStopped(`the drawer must hold ${money(this.#cents)}: ${String(count['expected_closing_amount'])}`)
    const taken = random.pick([0, counted, Math.floor(counted / 2)])
    const adjustment = taken === 0 ? {} : { closing_adjustment_amount: money(-taken), closing_adjustment_note: 'Bank' }
    await this.#till.close({ register_id: this.#register, currency: 'EUR', ...adjustment })
  }

  async act(): Promise<void> {
    const lot = this.#till.random.below(100)
    if (lot < 12) await this.#table.act()
    else if (lot < 45) await this.#sell('sale', this.#mixedLines())
    else if (lot < 53) await this.#giveBack('return')
    else if (lot < 60) await this.#giveBack('exchange')
    else if (lot < 67) await this.#giveUp()
    else if (lot < 73) await this.#sell('sale', this.#mixedLines(), { training: true })
    else if (lot < 81) await this.#reverse()
    else if (lot < 86) await this.#deposit()
    else if (lot < 90) await this.#claim()
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
    const paid = this.#payments(Math.round(Number(body['total_amount']) * 100))
    const payments = paid.map(({ method, cents, more = {} }, at) => {
      return { payment_id: `p${at}`, method, status: 'captured', amount: money(cents), currency: 'EUR', ...more }
    })
    await this.#till.act(`${path}/complete`, { payments, ...last }, version)
    const cash = paid.reduce((sum, { method, cents }) => sum + (method === 'cash' ? cents : 0), 0)
    const sold = { id, cash, lines }
    if (more['training'] === true) return sold
    this.#cents += cash
    this.#sold.push(sold)
    return sold
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

  /** Goods in part on account: the rest of the claim is known to the cent, whatever is paid of it or comes back. */
  async #claim(): Promise<void> {
    const { random } = this.#till
    const customer = { customer: { id: 'k-7', name: 'Firma "Ä"' } }
    let left = 100 + random.below(2_400)
    const sold = await this.#owe('sale', [[money(2_500), '0.19']], { cash: 2_500 - left, onAccount: left }, customer)
    if (random.chance(0.4)) {
      const back = 1 + random.below(left)
      const more = { ...customer, related_operation_id: sold }
      await this.#owe('return', [[money(-back), '0.19']], { cash: 0, onAccount: -back }, more)
      left -= back
    }
    for (let parts = random.below(3); parts > 0 && left > 0; parts--) {
      const cents = parts === 1 ? left : 1 + random.below(left)
      const line = { type: 'receivable', related_operation_id: sold }
      await this.#owe('sale', [[money(cents), '0', line]], { cash: cents, onAccount: 0 }, {})
      left -= cents
    }
  }

  async #owe(
    type: 'sale' | 'return',
    lines: Lines,
    { cash, onAccount }: { cash: number; onAccount: number },
    more: Members,
  ): Promise<string> {
    const { id, path, version, last } = await beginGoods(this.#till, goods(type, this.#register, lines, more))
    const paid = [
      ['cash', cash],
      ['on_account', onAccount],
    ] as const
    const payments = paid.flatMap(([method, cents]) =>
      cents === 0 ? [] : [{ payment_id: method, method, status: 'captured', amount: money(cents), currency: 'EUR' }],
    )
    await this.#till.act(`${path}/complete`, { payments, ...last }, version)
    this.#cents += cash
    return id
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

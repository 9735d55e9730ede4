import { parseRfc3339 } from '../../../base/clock.ts'
import { absolute, divideRounded, toAtoms, toCents } from '../../../base/money.ts'
import { said } from '../../../base/text.ts'
import { voucherName } from '../../../base/voucher-number.ts'
import { centsIn } from '../checked.ts'
import { isOperationKind, isUnpaidKind } from '../documents/kind.ts'
import type { Act, EventBody, Members } from '../events.ts'
import type { BookState } from './book-state.ts'
import { paidCents } from './operation-parts.ts'
import type { OrderBalance } from './order-balance.ts'
import { OrderBalances } from './order-balance.ts'
import { SessionTurnovers } from './session-turnovers.ts'
import type { TakenBackName } from './taken-back.ts'
import { countOrdered, TakenBackBons } from './taken-back.ts'
import { Unproven } from './unproven.ts'
import type { OutsideAct, Priced, SoldCart, TenderedAmount, UnsoldAct, UnsoldKind, UnsoldLine } from './unsold-acts.ts'
import { splitBasket } from './unsold-acts.ts'
import type { Paid } from './unsold-members.ts'
import {
  arePaidElsewhere,
  cancelledIn,
  cartDiscountsIn,
  cashOf,
  countedIn,
  discountsIn,
  externalIn,
  giftsIn,
  isMinusAct,
  listIn,
  numberIn,
  pricedIn,
  saidIn,
  sumOf,
  withRead,
} from './unsold-members.ts'
import type { Begun, End } from './unsold-operation.ts'
import { beginOf, placeOf } from './unsold-operation.ts'

type Noted = { readonly seq: number; readonly kind: string; readonly op: string; readonly at: string }

/**
 * Completed sales of a register without training, and without those that are outside of the documents of their law. `turnover`:
 * of all operations, those that take back included.
 */
export type Sales = { bons: number; count: number; cents: bigint; cash: bigint; turnover: bigint }

/**
 * Functions of laws: the turnover of an operation in the books of its law ('' without one), the payments of an act that
 * bring no money, and what recorded an operation instead of a document of its law.
 */
export type UnsoldReaders = {
  turnover(law: string, cart: SoldCart, total: bigint): bigint
  tendered(act: Act): readonly TenderedAmount[]
  outside(information: Members): OutsideAct | undefined
}
const NO_READERS: UnsoldReaders = {
  tendered: () => [],
  outside: () => undefined,
  turnover: (_law, _cart, total) => total,
}

const TAKES_BACK: readonly string[] = ['return', 'void']
const UNPAID_ORDERED: Readonly<Record<string, UnsoldKind>> = {
  transfer: 'transfer_ordered',
  employee_benefit: 'staff_ordered',
}

/**
 * Folds the acts without turnover of a range from all events of a journal, from the marks of the events alone. Anyone may
 * have edited the journal: it throws for an event that this program does not write.
 */
export class Unsold {
  readonly acts: UnsoldAct[] = []
  readonly sales = new Map<string, Sales>()
  readonly takenBack = new TakenBackBons()
  readonly unproven = new Unproven()
  /** Z numbers of closed sessions. */
  readonly zOf = new Map<string, number>()
  readonly #range: readonly [number, number]
  readonly #readers: UnsoldReaders
  readonly #begun = new Map<string, Begun>()
  readonly #turnovers = new SessionTurnovers()
  readonly #orders: OrderBalances
  readonly #soldVouchers = new Set<string>()
  /** Voids of a session that no later sale repeats, by their amount. */
  readonly #voids = new Map<string, UnsoldAct[]>()

  constructor(range: readonly [number, number], readers = NO_READERS) {
    this.#range = range
    this.#readers = readers
    this.#orders = new OrderBalances(range)
  }

  note({ seq, kind, op, at }: Noted, body: EventBody): void {
    this.unproven.note({ kind, op }, body)
    const atMs = parseRfc3339(at) ?? 0
    const isOfRange = atMs >= this.#range[0] && atMs <= this.#range[1]
    const { receipt, index, set, session } = body
    if (isOfRange && receipt !== undefined) this.#salesOf(receipt.register).bons += 1
    const end = { seq, at, atMs, bon: numberIn(body), isOfRange }
    if (index?.kind === 'drawer_opening' && set?.['operation_id'] == null)
      this.#add('drawer', { begun: beginOf(op, index, body), ...end }, 0n)
    const begun = this.#after(op, body)
    if (begun !== undefined) this.#move({ begun, ...end }, body)
    this.#turnovers.note(kind, body)
    if (session?.set?.['state'] === 'closed') this.#close(session.id, session.own?.z_number)
  }

  /** Turnover of a closed session, by register and Z; undefined if the journal lost a bon of it. */
  turnoverOf(register: string, z: number): bigint | undefined {
    return this.#turnovers.of(register, z)
  }

  /** After the last event: `state` is that of the books, which calculated the open lines a second time. */
  balances(state: Pick<BookState, 'openLines'>): OrderBalance[] {
    return this.#orders.balances((location) => state.openLines(location))
  }

  #after(op: string, body: EventBody): Begun | undefined {
    const { index, set } = body
    const isBegin = index !== undefined && isOperationKind(index.kind)
    const begun = isBegin ? beginOf(op, index, body) : this.#begun.get(op)
    if (begun === undefined) return undefined
    if (isBegin) this.#begun.set(op, begun)
    else begun.shown = withRead(begun.shown, set)
    const total = absolute(centsIn(begun.shown['total_amount']))
    if (total > begun.peak) begun.peak = total
    return begun
  }

  /** Printed again after a refusal: the last time counts. */
  #print(begun: Begun, act: Act): void {
    const tendered = this.#readers.tendered(act)
    if (tendered.length > 0) begun.tendered = tendered
  }

  #move(end: End, body: EventBody): void {
    const { act, orders, status = 'open', index, plan, answer } = body
    const { begun } = end
    // A reversal begins as completed, and ends with its receipt.
    const isBegin = index !== undefined && plan !== undefined && answer === undefined
    if (act !== undefined) this.#print(begun, act)
    if (orders !== undefined) this.#order(end, body)
    if (status === 'open' || isBegin) return
    this.#begun.delete(begun.op)
    for (const act of begun.unnumbered) act.bon = end.bon
    if (status === 'completed' || status === 'voided') this.#end(end, body, status)
  }

  #close(session: string, z: number | undefined): void {
    if (z !== undefined) this.zOf.set(session, z)
    this.#voids.delete(session)
    this.#orders.forget(session)
  }

  #order(end: End, { orders: mark, plan }: EventBody): void {
    const { begun, seq, atMs } = end
    if (mark === undefined) return
    const asked = withRead(begun.shown, plan?.set)
    const { kind, session } = begun
    const done = this.#orders.note(seq, { kind, session, atMs, mark, lines: listIn(asked, 'line_items') })
    begun.settled = done.list
    const unpaid = UNPAID_ORDERED[kind]
    const acts = [
      done.takenBack > 0n && this.#add('order_cancelled', end, done.takenBack),
      done.less > 0n && this.#add('billed_less', end, done.less),
      unpaid !== undefined && done.taken > 0n && this.#add(unpaid, end, done.taken),
    ]
    begun.unnumbered.push(...acts.filter((act) => typeof act === 'object'))
  }

  #end(end: End, body: EventBody, status: 'completed' | 'voided'): void {
    const { kind, shown, isUnpaidVoid } = end.begun
    const total = centsIn(shown['total_amount'])
    this.#count(end, body, status, total)
    if (!Array.isArray(shown['line_items'])) return
    if (shown['training'] === true) this.#add('training', end, absolute(total))
    else if (status === 'voided') this.#abandoned(end)
    else if (isUnpaidVoid) this.#add('unpaid_void', end, absolute(total))
    else if (isUnpaidKind(kind)) this.#unpaid(end, total)
    else this.#paid(end, total, countedIn(shown, body), body)
  }

  /** For the closing of the bon: with signs, and without what was never sold. */
  #count({ begun }: End, { receipt }: EventBody, status: string, total: bigint): void {
    const { kind, shown, isUnpaidVoid } = begun
    if (receipt === undefined || status === 'voided') return
    const add = (name: TakenBackName, cents: bigint): void =>
      this.takenBack.add(receipt.register, receipt.number, name, cents)
    if (shown['training'] === true) add('training', total)
    else if (kind === 'order') countOrdered(shown, add)
    if (shown['training'] === true || isUnpaidVoid || isUnpaidKind(kind)) return
    if (kind === 'void') add('reversals', total)
    if (kind === 'return') add('returns', total)
    for (const line of listIn(shown, 'cancelled_line_items')) add('cancelled_lines', toCents(line.total_amount))
  }

  #turnover(
    { begun: { kind, register, session, shown, law = '' }, isOfRange }: End,
    total: bigint,
    cash: bigint,
  ): void {
    const cart = { line_items: listIn(shown, 'line_items'), discounts: cartDiscountsIn(shown) }
    const turnover = this.#readers.turnover(law, cart, total)
    this.#turnovers.add(session, turnover)
    if (!isOfRange) return
    const sales = this.#salesOf(register)
    sales.turnover += turnover
    if (TAKES_BACK.includes(kind)) return
    sales.count += 1
    sales.cents += total
    sales.cash += cash
  }

  #paid(end: End, total: bigint, payments: readonly Paid[], { set }: EventBody): void {
    const cash = cashOf(payments)
    const information = set?.['fiscal_information']
    const outside = information == null ? undefined : this.#readers.outside(information as Members)
    this.#record(end, total, payments, outside)
    if (outside === undefined) this.#turnover(end, total, cash)
    else this.#add(outside.kind, end, total)
    if (end.begun.kind === 'void') this.#reversed(end, absolute(total), absolute(cash))
    else {
      this.#taken(end, cancelledIn(end.begun.shown))
      this.#sold(end, total, payments)
    }
  }

  #record(end: End, total: bigint, payments: readonly Paid[], outside: OutsideAct | undefined): void {
    const { begun, seq, at, bon, isOfRange } = end
    const { op: operation, register, kind } = begun
    // A void repeats the payments of its original.
    const counted = kind === 'void' ? [] : payments
    if (isOfRange) this.unproven.completed({ seq, at, register, bon, operation }, total, counted, outside)
  }

  /** Goods that are still open on its table were neither sold nor taken away. */
  #abandoned(end: End): void {
    const { shown, peak } = end.begun
    const goods = [...cancelledIn(shown), ...pricedIn(listIn(shown, 'line_items'))]
    const gone = this.#withoutOpen(end, goods)
    if (goods.length > 0 && gone.length === 0) return
    const { basket, taken } = splitBasket(gone, peak)
    this.#add('abandoned', end, basket, { reason: saidIn(shown, 'void_reason') })
    for (const one of taken) this.#cancelled(end, one)
  }

  #taken(end: End, cancelled: readonly Priced[]): void {
    for (const one of this.#withoutOpen(end, cancelled)) this.#cancelled(end, one)
  }

  #cancelled(end: End, { line, cents }: Priced): void {
    const atMs = parseRfc3339(line.cancelled_at ?? '') ?? end.atMs
    this.#add('cancelled_line', { ...end, atMs }, cents, { operator: line.operator_id })
  }

  /** Without the goods that are open on the table of the bill. */
  #withoutOpen({ begun: { shown } }: End, goods: readonly Priced[]): Priced[] {
    const [location, group] = [saidIn(shown, 'location_id'), saidIn(shown, 'allocation_group')]
    if (goods.length === 0 || location === undefined || group === undefined) return [...goods]
    const open = this.#orders.openIn(location, group)
    return goods.flatMap(({ line, cents }) => {
      const units = absolute(toAtoms(String(line.quantity)))
      const left = open.get(line.sku_identifier) ?? 0n
      const there = left < units ? left : units
      open.set(line.sku_identifier, left - there)
      if (there === units && units > 0n) return []
      return [{ line, cents: there === 0n ? cents : cents - divideRounded(cents * there, units) }]
    })
  }

  #unpaid(end: End, total: bigint): void {
    const { kind, settled, shown } = end.begun
    this.#taken(end, cancelledIn(shown))
    const rest = absolute(total) - settled
    if (kind === 'order' || rest <= 0n) return
    this.#add(kind === 'transfer' ? 'transfer' : 'staff', end, rest)
  }

  #reversed(end: End, cents: bigint, cash: bigint): void {
    const { shown } = end.begun
    const [original, reason] = [saidIn(shown, 'related_operation_id'), saidIn(shown, 'reason')]
    const act = this.#add('void', end, cents, { cash, original, reason })
    const key = placeOf(end)
    if (act !== undefined) this.#voids.set(key, [...(this.#voids.get(key) ?? []), act])
  }

  #sold(end: End, total: bigint, payments: readonly Paid[]): void {
    const { kind, shown, tendered } = end.begun
    const lines = listIn(shown, 'line_items')
    if (kind === 'return') this.#returned(end, absolute(total), absolute(cashOf(payments)))
    else this.#repeated(end, total)
    if (kind === 'sale' && total === 0n) this.#add('zero_sale', end, 0n)
    if (kind !== 'return') for (const line of lines) this.#minus(end, line)
    const back = lines.filter((line) => line.type === 'container_deposit' && toCents(line.total_amount) < 0n)
    if (back.length > 0) this.#add('empties', end, absolute(sumOf(back)))
    if (kind !== 'return') this.#reduced(end, lines)
    const agency = lines.filter(({ agency_id: id }) => id !== undefined)
    if (agency.length > 0) this.#add('agency', end, absolute(sumOf(agency)))
    this.#vouchers(end, lines, payments)
    if (end.begun.register !== '' && arePaidElsewhere(payments)) this.#add('elsewhere', end, absolute(total))
    for (const { kind: unpaid, cents } of tendered) this.#add(unpaid, end, cents)
  }

  #reduced(end: End, lines: readonly UnsoldLine[]): void {
    for (const cents of discountsIn(end.begun.shown)) this.#add('discount', end, cents)
    for (const cents of giftsIn(lines)) this.#add('gift', end, cents)
  }

  /** A return without its empties, which have their own row. */
  #returned(end: End, total: bigint, cash: bigint): void {
    const { shown } = end.begun
    const lines = listIn(shown, 'line_items')
    const goods = absolute(sumOf(lines.filter(({ type }) => type !== 'container_deposit')))
    if (lines.length > 0 && lines.every(({ type }) => type === 'container_deposit')) return
    const original = saidIn(shown, 'related_operation_id')
    const cents = goods < total ? goods : total
    const known = original ?? lines.find((line) => line.related_operation_id !== undefined)?.related_operation_id
    const others = { original: known ?? externalIn(shown), isUnknown: known === undefined }
    this.#add('return', end, cents, { cash: cash < cents ? cash : cents, ...others })
  }

  /** A wrong payment method is put right by a void and the same sale again. */
  #repeated(end: End, total: bigint): void {
    const voids = this.#voids.get(placeOf(end))
    const act = voids?.find(({ cents, isResold }) => !isResold && cents === total)
    if (act !== undefined) act.isResold = true
  }

  #minus(end: End, line: UnsoldLine): void {
    const { type = 'item', total_amount: total, related_operation_id: own, external_related_operation: other } = line
    const cents = toCents(total)
    if (cents >= 0n || !isMinusAct(type)) return
    const { shown, kind } = end.begun
    const ofAll = kind === 'exchange' ? saidIn(shown, 'related_operation_id') : undefined
    const original = own ?? ofAll
    const isNamed = original !== undefined || other !== undefined || kind === 'exchange'
    const others = { original: original ?? other?.external_operation_id, isUnknown: isNamed && original === undefined }
    this.#add(isNamed ? 'returned_line' : 'minus_line', end, -cents, others)
  }

  #vouchers(end: End, lines: readonly UnsoldLine[], payments: readonly Paid[]): void {
    const { merchant } = end.begun
    const redeemed = [
      ...lines.flatMap(({ type, gift_card_id: id, total_amount: total }) => {
        const cents = toCents(total)
        if (id === undefined) return []
        if (cents > 0n) this.#soldVouchers.add(`${merchant} ${voucherName(id)}`)
        return type === 'single_purpose_voucher' && cents < 0n ? [[id, -cents] as const] : []
      }),
      ...payments.flatMap((payment) => {
        const { method, gift_card_id: id = '' } = payment
        return method === 'gift_card' && paidCents(payment) > 0n ? [[id, paidCents(payment)] as const] : []
      }),
    ]
    for (const [id, cents] of redeemed)
      if (!this.#soldVouchers.has(`${merchant} ${voucherName(id)}`)) this.#add('voucher', end, cents, { original: id })
  }

  #salesOf(register: string): Sales {
    const sales = this.sales.get(register) ?? { bons: 0, count: 0, cents: 0n, cash: 0n, turnover: 0n }
    this.sales.set(register, sales)
    return sales
  }

  #add(kind: UnsoldKind, { begun, atMs, bon, isOfRange }: End, cents: bigint, more: More = {}): UnsoldAct | undefined {
    if (!isOfRange) return undefined
    const { op, register, session, shown } = begun
    const act: UnsoldAct = {
      kind,
      register,
      location: saidIn(shown, 'location_id') ?? '',
      session,
      atMs,
      operation: op,
      operator: said(more.operator) ?? saidIn(shown, 'operator_name') ?? saidIn(shown, 'operator_id') ?? '',
      bon,
      cents,
      cash: more.cash ?? 0n,
      original: more.original ?? '',
      reason: more.reason ?? '',
      isUnknown: more.isUnknown === true,
      isResold: false,
    }
    this.acts.push(act)
    this.#salesOf(register)
    return act
  }
}

type More = {
  readonly cash?: bigint | undefined
  readonly original?: string | undefined
  readonly reason?: string | undefined
  readonly operator?: string | undefined
  readonly isUnknown?: boolean
}

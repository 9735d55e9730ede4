import type { Answer, ShiftStep, ShiftTill, Tender } from '../../../demo-shift.ts'
import { at, mustBe } from '../../../demo-shift.ts'
import type { Entry } from './menu.ts'
import { basket, euros, grossOf } from './menu.ts'
import { OPEN_TABLES } from './open-lines.ts'
import type { Waiter } from './shop.ts'
import { shortened } from './words.ts'

/** Characters of the goods of an order, and of those in a row of the open tables. */
const WORDS_MAX = 66
const ROW_WORDS_MAX = 55
const CENTS = 100

/** The method of the one payment of a bill. */
type Method = 'cash' | 'card'
/** A payment at the counter. */
export type Payment = {
  readonly method: string
  readonly amount: string
  readonly currency?: string
  readonly base_amount?: string
}
/** Goods without payments. */
type Unpaid = 'transfer' | 'employee_benefit'

/** The acts of waiters at the tables of a register. Each throws DemoError for an answer that does not fit. */
export class Service {
  readonly #till: ShiftTill
  /** In the drawer, in cents. */
  #cash = 0
  /** Foreign cash in the drawer, in cents of its currency. */
  readonly #foreign = new Map<string, number>()

  constructor(till: ShiftTill) {
    this.#till = till
  }

  async opens(floatCents: number): Promise<ShiftStep> {
    this.#cash = floatCents
    const amount = euros(floatCents)
    const operation = await this.#till.event('session_open', { opening_balance_amount: amount })
    return { title: 'Opening float', amount, operation, notes: [] }
  }

  async order(waiter: Waiter, table: string, entries: readonly Entry[]): Promise<ShiftStep> {
    const sale = { type: 'order' as const, tenders: [], more: { ...waiter, allocation_group: table } }
    const step = await this.#till.sell(`${table}, order by ${waiter.operator_name}`, basket(entries), sale)
    return { ...step, notes: [inWords(entries)] }
  }

  /** A bill in one tender. */
  async bill(waiter: Waiter, table: string, entries: readonly Entry[], method: Method): Promise<ShiftStep> {
    const sale = { tenders: this.#paid(entries, method), more: { ...waiter, allocation_group: table } }
    const step = await this.#till.sell(`${table}, bill`, basket(entries), sale)
    return { ...step, notes: [`${inWords(entries)}, ${method}`] }
  }

  /** The same in two requests, for what happens between them. */
  async begin(waiter: Waiter, table: string, entries: readonly Entry[]): Promise<Answer> {
    return this.#till.open(basket(entries), { more: { ...waiter, allocation_group: table } })
  }

  /** Replaces the goods of an open bill. */
  async amend(open: Answer, entries: readonly Entry[]): Promise<Answer> {
    const body = { ...basket(entries), tip_amount: '0.00' }
    return this.#till.send('PATCH', `/v1/operations/${at(open, 'id')}`, body, { version: at(open, 'resource_version') })
  }

  /** Completes an open bill with its last goods. */
  async completeWith(open: Answer, entries: readonly Entry[], method: Method): Promise<Answer> {
    const completion = { ...basket(entries), tip_amount: '0.00' }
    return this.#till.complete(open, { tenders: this.#paid(entries, method), completion })
  }

  /** The whole table, or what is named, to another one. */
  async move(waiter: Waiter, from: string, to: string, entries?: readonly Entry[]): Promise<ShiftStep> {
    const lines = entries?.map(([quantity, { sku }]) => ({ sku_identifier: sku, quantity }))
    const operation = await this.#till.event('order_move', {
      ...waiter,
      from_allocation_group: from,
      allocation_group: to,
      ...(lines !== undefined && { line_items: lines }),
    })
    const what = entries === undefined ? 'everything' : inWords(entries)
    return { title: `${from} moves to ${to}`, amount: '', operation, notes: [what] }
  }

  async unpaid(title: string, type: Unpaid, entries: readonly Entry[], more: object): Promise<ShiftStep> {
    const step = await this.#till.sell(title, basket(entries), { type, tenders: [], more })
    return { ...step, notes: [inWords(entries)] }
  }

  /** A sale at the counter, of no table. */
  async sell(title: string, entries: readonly Entry[], more: object): Promise<ShiftStep> {
    const step = await this.#till.sell(title, basket(entries), { tenders: this.#paid(entries, 'cash'), more })
    return { ...step, notes: [inWords(entries)] }
  }

  /** A sale at the counter with these payments; `completion` has further members of its end. */
  async take(title: string, entries: readonly Entry[], payments: readonly Payment[], completion = {}, more = {}) {
    const paid = payments.map((payment, index) => {
      return { payment_id: `${title} ${index + 1}`, status: 'captured', currency: 'EUR', ...payment }
    })
    for (const payment of payments) this.#put(payment)
    const sale = { tenders: [], completion: { payments: paid, ...completion }, more }
    const step = await this.#till.sell(title, basket(entries), sale)
    return { ...step, notes: [inWords(entries)] }
  }

  #put({ method, amount, currency }: Payment): void {
    const cents = Math.round(Number(amount) * CENTS)
    if (method !== 'cash') return
    if (currency === undefined) this.#cash += cents
    else this.#foreign.set(currency, (this.#foreign.get(currency) ?? 0) + cents)
  }

  /** Reverses a bill that was paid in cash. */
  async reverse(
    waiter: Waiter,
    table: string,
    { operation }: ShiftStep,
    entries: readonly Entry[],
  ): Promise<ShiftStep> {
    const voided = await this.#till.event('void', { ...waiter, related_operation_id: at(operation, 'id') })
    this.#cash -= grossOf(entries)
    return { title: `${table}, the bill is reversed`, amount: at(voided, 'total_amount'), operation: voided, notes: [] }
  }

  /** The completion of an open bill in cash: each call sends the same request, under the same key. */
  completion(open: Answer, entries: readonly Entry[]): () => Promise<Answer> {
    const id = at(open, 'id')
    const payments = this.#paid(entries, 'cash').map(([method, amount]) => {
      return { payment_id: `${id}-1`, method, amount, status: 'captured', currency: 'EUR' }
    })
    const more = { version: at(open, 'resource_version'), key: `complete-${id}` }
    return () => this.#till.send('POST', `/v1/operations/${id}/complete`, { payments }, more)
  }

  /** Counts what is expected, and closes; `mistypedCents` is what the first count has instead. */
  async *ends(leftCents: number, mistypedCents?: number): AsyncGenerator<ShiftStep> {
    const amount = euros(this.#cash)
    const foreign = [...this.#foreign].map(([currency, cents]) => ({ currency, counted_amount: euros(cents) }))
    const whole = foreign.length > 0 ? { foreign_cash: foreign } : {}
    let corrected = {}
    if (mistypedCents !== undefined) {
      const mistyped = euros(mistypedCents)
      const operation = await this.#till.event('session_cash_count', { counted_closing_amount: mistyped, ...whole })
      corrected = { corrects_operation_id: at(operation, 'id') }
      yield { title: 'Count, mistyped', amount: mistyped, operation, notes: [] }
    }
    const counted = await this.#till.event('session_cash_count', {
      counted_closing_amount: amount,
      ...whole,
      ...corrected,
    })
    mustBe('expected_closing_amount', at(counted, 'expected_closing_amount'), amount)
    for (const index of foreign.keys())
      mustBe('diff_amount', at(counted, 'foreign_cash', String(index), 'diff_amount'), '0.00')
    const openTables = at(counted, 'open_allocation_groups')
    const notes = openTables === '' ? ['as expected'] : [`as expected, open tables: ${openTables}`]
    yield { title: 'Count', amount, operation: counted, notes }
    const taken = euros(leftCents - this.#cash)
    const members = { business_date: this.#till.businessDate, closing_adjustment_amount: taken }
    const closed = await this.#till.event('session_close', members)
    mustBe('amount_left', at(closed, 'amount_left'), euros(leftCents))
    // The close takes all foreign cash out.
    this.#foreign.clear()
    yield { title: 'Close, to the bank', amount: taken, operation: closed, notes: [] }
  }

  /** The open tables, a line for each. */
  async openTables(): Promise<ShiftStep> {
    const { data } = await this.#till.send('GET', `/v1/allocation-groups?register_id=${this.#till.register}&limit=50`)
    const groups = data as readonly Answer[]
    return { title: OPEN_TABLES, amount: String(groups.length), operation: {}, notes: groups.map(tableRow) }
  }

  #paid(entries: readonly Entry[], method: Method): readonly Tender[] {
    const cents = grossOf(entries)
    if (method === 'cash') this.#cash += cents
    return [[method, euros(cents)]]
  }
}

/** `2 Pils 0,4 l, 1 Wiener Schnitzel`. */
function inWords(entries: readonly Entry[]): string {
  return shortened(entries.map(([quantity, { title }]) => `${quantity} ${title}`).join(', '), WORDS_MAX)
}

function tableRow(group: Answer): string {
  const lines = group['open_lines'] as readonly Answer[]
  const words = lines.map((line) => `${at(line, 'quantity')} ${at(line, 'title')}`).join(', ')
  return `${at(group, 'allocation_group').padEnd(9)} ${at(group, 'total_amount').padStart(6)}  ${shortened(words, ROW_WORDS_MAX)}`
}

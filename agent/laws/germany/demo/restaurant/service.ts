import { Counter } from '../../../demo-counter.ts'
import type { Entry } from '../../../demo-menu.ts'
import { euros, grossOf, inWords } from '../../../demo-menu.ts'
import type { Answer, ShiftStep, ShiftTill, Tender } from '../../../demo-shift.ts'
import { at } from '../../../demo-shift.ts'
import { shortened } from '../../../demo-words.ts'
import { basket } from './menu.ts'
import { OPEN_TABLES } from './open-lines.ts'
import type { Waiter } from './shop.ts'

/** Characters of the goods in a row of the open tables. */
const ROW_WORDS_MAX = 55

/** The method of the one payment of a bill. */
type Method = 'cash' | 'card'
/** Goods without payments. */
type Unpaid = 'transfer' | 'employee_benefit'

/** The acts of waiters at the tables of a register. Each throws DemoError for an answer that does not fit. */
export class Service extends Counter {
  constructor(till: ShiftTill) {
    super(till, basket)
  }

  async order(waiter: Waiter, table: string, entries: readonly Entry[]): Promise<ShiftStep> {
    const sale = { type: 'order' as const, tenders: [], more: { ...waiter, allocation_group: table } }
    const step = await this.till.sell(`${table}, order by ${waiter.operator_name}`, basket(entries), sale)
    return { ...step, notes: [inWords(entries)] }
  }

  /** A bill in one tender. */
  async bill(waiter: Waiter, table: string, entries: readonly Entry[], method: Method): Promise<ShiftStep> {
    const sale = { tenders: this.#paid(entries, method), more: { ...waiter, allocation_group: table } }
    const step = await this.till.sell(`${table}, bill`, basket(entries), sale)
    return { ...step, notes: [`${inWords(entries)}, ${method}`] }
  }

  /** The same in two requests, for what happens between them. */
  async begin(waiter: Waiter, table: string, entries: readonly Entry[]): Promise<Answer> {
    return this.till.open(basket(entries), { more: { ...waiter, allocation_group: table } })
  }

  /** Replaces the goods of an open bill. */
  async amend(open: Answer, entries: readonly Entry[]): Promise<Answer> {
    const body = { ...basket(entries), tip_amount: '0.00' }
    return this.till.send('PATCH', `/v1/operations/${at(open, 'id')}`, body, { version: at(open, 'resource_version') })
  }

  /** Completes an open bill with its last goods. */
  async completeWith(open: Answer, entries: readonly Entry[], method: Method): Promise<Answer> {
    const completion = { ...basket(entries), tip_amount: '0.00' }
    return this.till.complete(open, { tenders: this.#paid(entries, method), completion })
  }

  /** The whole table, or what is named, to another one. */
  async move(waiter: Waiter, from: string, to: string, entries?: readonly Entry[]): Promise<ShiftStep> {
    const lines = entries?.map(([quantity, { sku }]) => ({ sku_identifier: sku, quantity }))
    const operation = await this.till.event('order_move', {
      ...waiter,
      from_allocation_group: from,
      allocation_group: to,
      ...(lines !== undefined && { line_items: lines }),
    })
    const what = entries === undefined ? 'everything' : inWords(entries)
    return { title: `${from} moves to ${to}`, amount: '', operation, notes: [what] }
  }

  async unpaid(title: string, type: Unpaid, entries: readonly Entry[], more: object): Promise<ShiftStep> {
    const step = await this.till.sell(title, basket(entries), { type, tenders: [], more })
    return { ...step, notes: [inWords(entries)] }
  }

  /** A sale at the counter, of no table. */
  async sell(title: string, entries: readonly Entry[], more: object): Promise<ShiftStep> {
    const step = await this.till.sell(title, basket(entries), { tenders: this.#paid(entries, 'cash'), more })
    return { ...step, notes: [inWords(entries)] }
  }

  /** Reverses a bill that was paid in cash. */
  async reverse(
    waiter: Waiter,
    table: string,
    { operation }: ShiftStep,
    entries: readonly Entry[],
  ): Promise<ShiftStep> {
    const voided = await this.till.event('void', { ...waiter, related_operation_id: at(operation, 'id') })
    this.addCash(-grossOf(entries))
    return { title: `${table}, the bill is reversed`, amount: at(voided, 'total_amount'), operation: voided, notes: [] }
  }

  /** The completion of an open bill in cash: each call sends the same request, under the same key. */
  completion(open: Answer, entries: readonly Entry[]): () => Promise<Answer> {
    const id = at(open, 'id')
    const payments = this.#paid(entries, 'cash').map(([method, amount]) => {
      return { payment_id: `${id}-1`, method, amount, status: 'captured', currency: 'EUR' }
    })
    const more = { version: at(open, 'resource_version'), key: `complete-${id}` }
    return () => this.till.send('POST', `/v1/operations/${id}/complete`, { payments }, more)
  }

  /** The open tables, a line for each. */
  async openTables(): Promise<ShiftStep> {
    const { data } = await this.till.send('GET', `/v1/allocation-groups?register_id=${this.till.register}&limit=50`)
    const groups = data as readonly Answer[]
    return { title: OPEN_TABLES, amount: String(groups.length), operation: {}, notes: groups.map(tableRow) }
  }

  #paid(entries: readonly Entry[], method: Method): readonly Tender[] {
    const cents = grossOf(entries)
    if (method === 'cash') this.addCash(cents)
    return [[method, euros(cents)]]
  }
}

function tableRow(group: Answer): string {
  const lines = group['open_lines'] as readonly Answer[]
  const words = lines.map((line) => `${at(line, 'quantity')} ${at(line, 'title')}`).join(', ')
  return `${at(group, 'allocation_group').padEnd(9)} ${at(group, 'total_amount').padStart(6)}  ${shortened(words, ROW_WORDS_MAX)}`
}

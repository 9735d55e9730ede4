import type { Entry } from './demo-menu.ts'
import { euros, inWords } from './demo-menu.ts'
import type { Goods, Sale, ShiftStep, ShiftTill } from './demo-shift.ts'
import { at, mustBe } from './demo-shift.ts'

const CENTS = 100

/** A payment, with the members that its law has. */
export type Payment = {
  readonly method: string
  readonly amount: string
  readonly currency?: string
  readonly base_amount?: string
  readonly gift_card_id?: string
  readonly tender?: string
  readonly count?: number
  readonly tid?: string
}

/** `completion`, `more`: further members of its end and of its begin. */
type Taken = Pick<Sale, 'type' | 'more' | 'completion'>

/** A counter and its drawer. Each act throws DemoError for an answer that does not fit. */
export class Counter {
  protected readonly till: ShiftTill
  readonly #basket: (entries: readonly Entry[]) => Goods
  /** In the drawer, in cents. */
  #cash = 0
  /** Foreign cash in the drawer, in cents of its currency. */
  readonly #foreign = new Map<string, number>()

  constructor(till: ShiftTill, basket: (entries: readonly Entry[]) => Goods) {
    this.till = till
    this.#basket = basket
  }

  async opens(floatCents: number): Promise<ShiftStep> {
    this.#cash = floatCents
    const amount = euros(floatCents)
    const operation = await this.till.event('session_open', { opening_balance_amount: amount })
    return { title: 'Opening float', amount, operation, notes: [] }
  }

  async take(
    title: string,
    entries: readonly Entry[],
    payments: readonly Payment[],
    { completion, ...taken }: Taken = {},
  ): Promise<ShiftStep> {
    const sale = { ...taken, tenders: [], completion: { payments: this.paid(title, payments), ...completion } }
    const step = await this.till.sell(title, this.#basket(entries), sale)
    return { ...step, notes: [inWords(entries)] }
  }

  /** The payments of a request; their cash is in the drawer. */
  protected paid(name: string, payments: readonly Payment[]): readonly object[] {
    return payments.map((payment, index) => {
      this.#put(payment)
      return { payment_id: `${name} ${index + 1}`, status: 'captured', currency: 'EUR', ...payment }
    })
  }

  protected addCash(cents: number): void {
    this.#cash += cents
  }

  #put({ method, amount, currency }: Payment): void {
    const cents = Math.round(Number(amount) * CENTS)
    if (method !== 'cash') return
    if (currency === undefined) this.#cash += cents
    else this.#foreign.set(currency, (this.#foreign.get(currency) ?? 0) + cents)
  }

  /** Counts what is expected, and closes; `mistypedCents` is what the first count has instead. */
  async *ends(leftCents: number, mistypedCents?: number): AsyncGenerator<ShiftStep> {
    const amount = euros(this.#cash)
    const foreign = [...this.#foreign].map(([currency, cents]) => ({ currency, counted_amount: euros(cents) }))
    const whole = foreign.length > 0 ? { foreign_cash: foreign } : {}
    let corrected = {}
    if (mistypedCents !== undefined) {
      const mistyped = euros(mistypedCents)
      const operation = await this.till.event('session_cash_count', { counted_closing_amount: mistyped, ...whole })
      corrected = { corrects_operation_id: at(operation, 'id') }
      yield { title: 'Count, mistyped', amount: mistyped, operation, notes: [] }
    }
    const counted = await this.till.event('session_cash_count', {
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
    const members = { business_date: this.till.businessDate, closing_adjustment_amount: taken }
    const closed = await this.till.event('session_close', members)
    mustBe('amount_left', at(closed, 'amount_left'), euros(leftCents))
    // The close takes all foreign cash out.
    this.#foreign.clear()
    yield { title: 'Close, to the bank', amount: taken, operation: closed, notes: [] }
  }
}

/** Paid exactly in cash. */
export function inCash(cents: number): Payment {
  return { method: 'cash', amount: euros(cents) }
}

import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { NumberTable } from '../../../base/number-table.ts'
import { membersIn } from '../checked.ts'
import type { EventBody } from '../events.ts'

/** The first and the last number of a register. */
export type ReceiptRange = { register: string; first: number; last: number }

const SECOND_MS = 1000
const ROWS = 65_536

/** The times and receipts of the events so far, in few bytes each: a later confirmation of the clock may need any of them. */
export class ClockHistory {
  /** Seconds since 1970 by seq. */
  readonly #times = tableOf({ second: 'uint32' })
  /** Receipts in their order; `register` is a place in the list. */
  readonly #receipts = tableOf({ seq: 'uint32', number: 'uint32', register: 'uint32' })
  readonly #registers: string[] = []
  #count = 0

  note({ seq, at }: { seq: number; at: string }, json: () => unknown): void {
    this.#times.set(seq, { second: secondOf(at) })
    const receipt = receiptOf(json)
    if (receipt === undefined) return
    const index = this.#registers.indexOf(receipt.register)
    const register = index >= 0 ? index : this.#registers.push(receipt.register) - 1
    this.#receipts.set(this.#count++, { seq, number: receipt.number, register })
  }

  /** True for an event whose time is after the other one. */
  isLater(seq: number, time: string): boolean {
    return this.#times.get(seq).second > secondOf(time)
  }

  /** In whole seconds. */
  timesOf(first: number, last: number): { from: string; to: string } {
    const textOf = (seq: number): string => rfc3339(this.#times.get(seq).second * SECOND_MS)
    return { from: textOf(first), to: textOf(last) }
  }

  /** The receipts of events from one seq to before another. */
  receiptsFrom(from: number, before: number): ReceiptRange[] {
    const ranges = new Map<string, ReceiptRange>()
    for (let place = this.#count - 1; place >= 0; place--) {
      const { seq, number, register: at } = this.#receipts.get(place)
      if (seq < from) break
      const register = this.#registers[at] ?? ''
      const last = ranges.get(register)?.last ?? number
      if (seq < before) ranges.set(register, { register, first: number, last })
    }
    return [...ranges.values()].reverse()
  }
}

/** Undefined for an event of another form: the journal may come from anyone. */
export function receiptOf(json: () => unknown): { register: string; number: number } | undefined {
  try {
    const { register, number } = membersIn((json() as EventBody).receipt) ?? {}
    return typeof register === 'string' && typeof number === 'number' ? { register, number } : undefined
  } catch {
    // Invalid JSON is a separate finding.
    return undefined
  }
}

function secondOf(time: string): number {
  return Math.max(0, Math.floor((parseRfc3339(time) ?? 0) / SECOND_MS))
}

function tableOf<Column extends string>(columns: Readonly<Record<Column, 'uint32'>>): NumberTable<Column> {
  const refusal = (number: number): string => `no journal has ${number} events`
  return new NumberTable({ columns, rows: ROWS, chunksMax: Number.POSITIVE_INFINITY, refusal })
}

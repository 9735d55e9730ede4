import { toAtoms, toCents } from '../../../base/money.ts'
import type { Members } from '../events.ts'
import { listIn } from './unsold-members.ts'

/** The sums that each closing shows, also 0: acts that were taken back, taken away, or only practised. */
export const TAKEN_BACK = ['reversals', 'returns', 'cancelled_lines', 'training'] as const
/** Lines of orders, if there are any: with a negative quantity, and taken away before the order was completed. */
export const OF_ORDERS = ['sent_back_order_lines', 'cancelled_order_lines'] as const
export type TakenBackName = (typeof TAKEN_BACK | typeof OF_ORDERS)[number]
type Sum = { count: number; cents: bigint }
export type TakenBackSums = Readonly<Record<TakenBackName, Readonly<Sum>>>

type Entry = { readonly bon: number; readonly name: TakenBackName; readonly cents: bigint }

/** These of all numbered bons, calculated a second time: the law's closings count their own. */
export class TakenBackBons {
  readonly #registers = new Map<string, Entry[]>()

  add(register: string, bon: number, name: TakenBackName, cents: bigint): void {
    const entries = this.#registers.get(register) ?? []
    this.#registers.set(register, entries)
    entries.push({ bon, name, cents })
  }

  /** The sums of the bons with these numbers, inclusive. */
  within(register: string, first: number, last: number): TakenBackSums {
    const sums = {
      ...{ reversals: { count: 0, cents: 0n }, returns: { count: 0, cents: 0n } },
      ...{ cancelled_lines: { count: 0, cents: 0n }, training: { count: 0, cents: 0n } },
      ...{ sent_back_order_lines: { count: 0, cents: 0n }, cancelled_order_lines: { count: 0, cents: 0n } },
    } satisfies Record<TakenBackName, Sum>
    const entries = this.#registers.get(register) ?? []
    for (let at = firstFrom(entries, first); at < entries.length; at++) {
      const { bon, name, cents } = entries[at] as Entry
      if (bon > last) break
      sums[name].count += 1
      sums[name].cents += cents
    }
    return sums
  }
}

/** Numbers of a register only rise. */
function firstFrom(entries: readonly Entry[], bon: number): number {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle] as Entry).bon < bon) low = middle + 1
    else high = middle
  }
  return low
}

/** Lines of an order that came back, and lines that were taken off it before it was served. */
export function countOrdered(shown: Members, add: (name: TakenBackName, cents: bigint) => void): void {
  const back = listIn(shown, 'line_items').filter(({ quantity }) => toAtoms(String(quantity)) < 0n)
  for (const { total_amount: total } of back) add('sent_back_order_lines', toCents(total))
  for (const { total_amount: total } of listIn(shown, 'cancelled_line_items'))
    add('cancelled_order_lines', toCents(total))
}

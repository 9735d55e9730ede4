import { BonTable } from './bon-table.ts'

/** `bons` have a receipt number; `gross` is the sum of those that were completed, in cents. */
type Sales = { readonly bons: number; readonly gross: number }
/** The sums that the close of a session recorded, and those of the events before it; `last`: the receipt number before its own. */
export type ClosedSession = { recorded: Sales; counted: Sales; last: number }
/** A rate in hundredths of a percent, under a key that the configuration gave it. */
export type OwnRate = { readonly key: number; readonly rate: number }
/**
 * The rates of a closing, in hundredths of a percent. `recorded`: those in force when it was made, by key, undefined if
 * the configuration added none; `sold`: those of the lines of its bons; `own`: those of the configuration in its bons.
 */
export type ClosingRates = {
  readonly recorded: ReadonlyMap<number, number> | undefined
  readonly sold: ReadonlySet<number>
  readonly own: readonly OwnRate[]
}
/**
 * `seq`: its last event. `second`: when it was made, since 1970; 0 for a clock that had lost its time. `leftCents`: euro in
 * the drawer after it, if its session was counted.
 */
export type Closing = {
  z: number
  seq: number
  leftCents: number | undefined
  session: ClosedSession | undefined
  second: number
  recordedRates: ReadonlyMap<number, number> | undefined
}

/** The recorded bons of a German register, and the last number of each of its closings. */
export class RegisterBons {
  readonly table = new BonTable()
  /** In their order. */
  readonly closings: (Omit<Closing, 'recordedRates'> & { last: number; rates: ClosingRates })[] = []
  /** Numbers of bons that came when the session of their operation was closed. */
  readonly late: number[] = []
  /** Numbers of bons whose TSE has not reported yet: a package that is written later may have the signature. */
  readonly unsettled = new Set<number>()
  /** Rates of the bons since the last closing. */
  #sold = new Set<number>()
  #own: OwnRate[] = []

  /** Adds the rates of a recorded bon. */
  noteRates(sold: Iterable<number>, own: Iterable<OwnRate>): void {
    for (const rate of sold) this.#sold.add(rate)
    for (const one of own)
      if (!this.#own.some(({ key, rate }) => key === one.key && rate === one.rate)) this.#own.push(one)
  }

  /** The closing that a number belongs to; undefined if it is in no closing. */
  closingOf(number: number): number | undefined {
    let [low, high] = [0, this.closings.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.closings[middle]?.last ?? 0) < number) low = middle + 1
      else high = middle
    }
    return this.closings[low]?.z
  }

  /** The last recorded bon is the last of this closing. */
  close({ recordedRates: recorded, ...closing }: Closing): void {
    const rates = { recorded, sold: this.#sold, own: this.#own }
    this.closings.push({ ...closing, last: this.table.last, rates })
    this.#sold = new Set()
    this.#own = []
  }
}

import { BonTable } from './bon-table.ts'

/** `bons` have a receipt number; `gross` is the sum of those that were completed, in cents. */
type Sales = { readonly bons: number; readonly gross: number }
/** The sums that the close of a session recorded, and those of the events before it; `last`: the receipt number before its own. */
export type ClosedSession = { recorded: Sales; counted: Sales; last: number }
/** `second`: when it was made, since 1970; 0 for a clock that had lost its time. */
export type Closing = { z: number; session: ClosedSession | undefined; second: number }

/** The recorded bons of a German register, and the last number of each of its closings. */
export class RegisterBons {
  readonly table = new BonTable()
  /** In their order. */
  readonly closings: (Closing & { last: number })[] = []
  /** Numbers of bons that came when the session of their operation was closed. */
  readonly late: number[] = []

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
  close(closing: Closing): void {
    this.closings.push({ ...closing, last: this.table.last })
  }
}

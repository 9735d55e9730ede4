import { NumberTable } from '../../base/number-table.ts'

/** Times of a bon in seconds since 1970; 0 for one that it does not have, or that a clock had lost. */
export type BonSeconds = {
  readonly start: number
  readonly end: number
  readonly tseStart: number
  readonly tseEnd: number
}

/**
 * A bon as the journal records it. `transaction` and `counter` are 0 if no TSE signed it, `cents` is NaN if its sum is
 * unknown.
 */
export type RecordedBon = BonSeconds & {
  readonly transaction: number
  readonly counter: number
  readonly cents: number
}

export const RECORDED = 1
/** A package has its signature. */
export const MET_TSE = 2
/** A package has it, with its sum. */
export const MET = 4

/** Bons of one register by their numbers, 33 bytes each; at most 16 million. */
export class BonTable extends NumberTable<keyof RecordedBon | 'flags'> {
  #last = 0

  constructor() {
    super({
      columns: {
        ...{ cents: 'float64', transaction: 'uint32', counter: 'uint32' },
        ...{ start: 'uint32', end: 'uint32', tseStart: 'uint32', tseEnd: 'uint32', flags: 'uint8' },
      },
      rows: 1024,
      chunksMax: 16_384,
      refusal: (number) => `no register gives the number ${number} to a bon`,
    })
  }

  /** The highest number. */
  get last(): number {
    return this.#last
  }

  /** Throws RangeError for a number that no register gives. */
  record(number: number, bon: RecordedBon): void {
    this.set(number, { ...bon, flags: RECORDED })
    this.#last = Math.max(this.#last, number)
  }

  mark(number: number, flag: number): void {
    const { flags } = this.get(number)
    if (flags !== 0) this.set(number, { flags: flags | flag })
  }
}

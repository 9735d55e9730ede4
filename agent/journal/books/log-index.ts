import { NumberTable } from '../../../base/number-table.ts'

/** Flags of an entry, by bits. */
export const EXPECTED_START = 1
export const EXPECTED_FINISH = 2
export const MET_START = 4
export const MET_FINISH = 8
/** Its finish was requested, and the journal has no signature of it. */
export const TRIED_FINISH = 16

export type IndexedLog = ReturnType<LogIndex['get']>

/**
 * Logs of one TSE by the number of their transaction: 13 bytes each, two digests, the event that records it, flags. It
 * holds up to 67 million transactions, more than three units can sign.
 */
export class LogIndex extends NumberTable<'start' | 'finish' | 'seq' | 'flags'> {
  constructor() {
    super({
      columns: { start: 'uint32', finish: 'uint32', seq: 'uint32', flags: 'uint8' },
      rows: 65_536,
      chunksMax: 1024,
      refusal: (number) => `no TSE gives the number ${number} to a transaction`,
    })
  }

  /** The transactions that have the one bit and not the other, in the order of their numbers. */
  *lacking(wanted: number, met: number): Generator<{ transaction: number; seq: number }> {
    for (const transaction of this.numbersWith('flags')) {
      const { flags, seq } = this.get(transaction)
      if ((flags & wanted) !== 0 && (flags & met) === 0) yield { transaction, seq }
    }
  }
}

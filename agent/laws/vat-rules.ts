import type { CreateGoods } from '../contract/goods.ts'
import type { VatRate } from '../contract/vat-rates.ts'
import type { Members } from '../journal/events.ts'

export type TaxedLine = CreateGoods['line_items'][number]
export type Tax = TaxedLine['taxes'][number]

/** Rates and codes of a law that the configuration may add to: an operation remembers what those it uses meant. */
export type VatRules = {
  /** The rates of a calendar date, and the codes. */
  list(date: string): readonly VatRate[]
  /** False if the configuration adds none. */
  readonly isConfigured: boolean
  /** The number of a rate on a local date; `state`: that of the law for the operation, which may remember another. */
  keyOf(tax: Pick<Tax, 'rate' | 'code'>, date: string, state?: Members): number | undefined
  /**
   * The law's state of an operation that uses other ones than `before`, its state so far; undefined if it uses none.
   * `days`: on which its rates may be in force; `originalOf`: the law's state of the operation that a line comes from.
   */
  remembered<Line extends Pick<TaxedLine, 'taxes'>>(
    lines: readonly Line[],
    used: {
      readonly days: readonly string[]
      readonly before: Members
      readonly originalOf: (line: Line) => Members | undefined
    },
  ): Members | undefined
}

import { divideRounded, formatCents, formatRounded, toAtoms, toCents, withoutZeros } from '../../base/money.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import type { Members } from '../journal/events.ts'
import { lineRules } from '../register/line-types.ts'
import type { Say } from '../texts/receipts.ts'
import type { GoodsLine } from './documents.ts'
import type { ReceiptLaw } from './receipt-law.ts'
import type { Untaxed } from './untaxed.ts'

const ONE = 100_000_000n
/** A name with words, not only a rate. */
const HAS_LETTER = /\p{L}/u
const LETTERS = 'HIJKLMNOPQRSTUVWXYZ'

/** Turnover of one rate; for a rate of 0 by its reason, and by the till's name if the law does not prescribe words. */
export type TaxGroup = {
  readonly rate: bigint
  readonly untaxed: Untaxed | undefined
  readonly words?: string
  /** The letter of its kind, as the operation recorded it. */
  readonly letter?: string
}

/** Multi-purpose vouchers, tips to employees and movements of the drawer: UST_SCHLUESSEL 5. */
export const NOT_TAXABLE: TaxGroup = { rate: 0n, untaxed: 'not_taxable' }

/** Fixed letters, like those of a law's rates; other rates get the next letters, highest rate first. */
const UNTAXED_LETTERS: Partial<Record<Untaxed, string>> = { not_taxable: 'E', exempt: 'F', zero_rated: 'G' }

/**
 * The tax group of a line; several entries (possible without a supported law) count as one rate. `recorded`: the law's
 * state of the operation.
 */
export function taxGroupOf(line: Pick<GoodsLine, 'type' | 'taxes'>, law: ReceiptLaw, recorded: Members): TaxGroup {
  const [first] = line.taxes
  if (first === undefined) return NOT_TAXABLE
  const { reasonOf, namesZeroRates, settlement } = law
  const { isTurnover, isSettlement } = lineRules(line.type)
  const words = namesZeroRates && HAS_LETTER.test(first.name) ? { words: first.name.trim() } : {}
  if (isSettlement) return { ...NOT_TAXABLE, untaxed: settlement, ...words }
  if (!isTurnover) return { ...NOT_TAXABLE, ...words }
  const rate = line.taxes.reduce((sum, tax) => sum + toAtoms(tax.rate), 0n)
  const own = law.taxOf?.(first, recorded)
  return rate === 0n ? { rate, untaxed: reasonOf(first.code), ...words, ...own } : { rate, untaxed: undefined, ...own }
}

/** The letters of a receipt's tax groups. */
export function taxKeys(groups: readonly TaxGroup[], { rateLetters }: ReceiptLaw): (group: TaxGroup) => string {
  // A letter of a kind is that of the group which recorded it: another rate of the kind gets one of the next.
  const recorded = new Map(
    groups.flatMap((group) => (group.letter === undefined ? [] : [[group.letter, nameOf(group)]])),
  )
  const fixed = (group: TaxGroup): string | undefined => {
    const { rate, untaxed, words } = group
    if (words !== undefined) return undefined
    const letter = untaxed === undefined ? (group.letter ?? rateLetters[String(rate)]) : UNTAXED_LETTERS[untaxed]
    return letter === undefined || (recorded.get(letter) ?? nameOf(group)) === nameOf(group) ? letter : undefined
  }
  const others = groups.filter((group) => fixed(group) === undefined).sort(byRate)
  const names = [...new Set(others.map(nameOf))]
  return (group) => fixed(group) ?? letterAt(names.indexOf(nameOf(group)))
}

/** Highest rate first; rates of 0 by reason. */
function byRate(a: TaxGroup, b: TaxGroup): number {
  if (a.rate !== b.rate) return a.rate < b.rate ? 1 : -1
  return nameOf(a) < nameOf(b) ? -1 : 1
}

/** A key: turnover with the same one is in one row. */
export function nameOf({ rate, untaxed, words = '' }: TaxGroup): string {
  return untaxed === undefined ? `${rate} ${words}`.trim() : `${untaxed} ${words}`
}

function letterAt(index: number): string {
  return LETTERS[index] ?? `Z${index}`
}

/**
 * Net, tax and gross of each group, in the order of the keys: one rounding per group, as in transactions_vat of the
 * DSFinV-K. A row of zeros is kept only if it is the only one.
 */
export function taxRows(
  turnover: readonly { group: TaxGroup; value: string }[],
  keyOf: (group: TaxGroup) => string,
  say: Say,
  decimalPoint: string,
): ReceiptModel['taxes'] {
  const sums = new Map<string, { group: TaxGroup; gross: bigint }>()
  for (const { group, value } of turnover) {
    const gross = (sums.get(keyOf(group))?.gross ?? 0n) + toCents(value)
    sums.set(keyOf(group), { group, gross })
  }
  const rows = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => taxRow(key, sum, say, decimalPoint))
  const filled = rows.filter(({ gross }) => gross !== '0.00')
  return filled.length > 0 ? filled : rows.slice(0, 1)
}

function taxRow(
  key: string,
  { group, gross }: { group: TaxGroup; gross: bigint },
  say: Say,
  decimalPoint: string,
): ReceiptModel['taxes'][number] {
  const tax = divideRounded(gross * group.rate, ONE + group.rate)
  return {
    key,
    label: `${say('vat')} ${percent(group.rate).replace('.', decimalPoint)} %`,
    rate: withoutZeros(formatRounded(group.rate, ONE, 8)),
    note: group.words ?? (group.untaxed === undefined ? null : say(group.untaxed)),
    net: formatCents(gross - tax),
    tax: formatCents(tax),
    gross: formatCents(gross),
  }
}

/** `"10.7"` of the rate 0.107 in atoms. */
export function percent(rate: bigint): string {
  return withoutZeros(formatRounded(rate * 100n, ONE, 6))
}

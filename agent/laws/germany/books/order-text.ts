import {
  absolute,
  divideRounded,
  formatCents,
  formatRounded,
  toAtoms,
  toCents,
  withoutZeros,
} from '../../../../base/money.ts'
import { linesIn } from '../../../journal/books/operation-parts.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import type { Members } from '../../../journal/events.ts'

const TEXT_MAX = 255
const ATOMS_PER_THOUSANDTH = 100_000n
const ATOMS_PER_PRICE_UNIT = 1000n
const THOUSAND = 1000n
/** The factors with which a price of five decimals is tried, in thousandths (FAKTOR of lines.csv). */
const FACTORS = [THOUSAND, 10n ** 6n, 10n ** 9n, 10n ** 12n]
/** Controls and directional formatting have no place in a column. */
const LEFT_OUT = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

type Line = ReturnType<typeof linesIn>[number]

/** The processData of `Bestellung-V1` (DSFinV-K 2.2, Anhang I): ../order-text.ts a second time, on purpose. */
export function orderTextOf({ shown }: StoredParts): string {
  return linesIn(shown).map(lineText).join('\r')
}

/** The text of each line of an order, or of a move. */
export function lineTexts(lines: readonly Members[]): string[] {
  return linesIn({ line_items: lines }).map(lineText)
}

function lineText(line: Line): string {
  const total = toCents(line.total_amount)
  const sent = toAtoms(String(line.quantity ?? 1))
  const size = divideRounded(absolute(sent), ATOMS_PER_THOUSANDTH) || THOUSAND
  const isBack = total === 0n ? sent < 0n : total < 0n
  const pieces = withoutZeros(formatRounded(isBack ? -size : size, THOUSAND, 3))
  const price = priceOf(size, absolute(toAtoms(line.unit_price ?? '0')), absolute(total))
  return `${pieces};"${textOf(line).replaceAll('"', '""')}";${formatCents(price / THOUSAND)}`
}

/** In hundred-thousandths: as it was sent if it gives the total, else the first that does. */
function priceOf(size: bigint, atoms: bigint, total: bigint): bigint {
  const gives = (price: bigint, factor: bigint): boolean => divideRounded(size * price, factor * THOUSAND) === total
  const sent = divideRounded(atoms, ATOMS_PER_PRICE_UNIT)
  if (gives(sent, THOUSAND)) return sent
  for (const factor of FACTORS) {
    const price = divideRounded(total * THOUSAND * factor, size)
    if (gives(price, factor)) return price
  }
  return sent
}

function textOf({ title = '', sku_identifier: sku = '' }: Line): string {
  const isEmpty = written(title)
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim()
  const text = written(isEmpty === '' ? sku : title).slice(0, TEXT_MAX)
  const whole = text.length === TEXT_MAX ? text.replace(/[\uD800-\uDBFF]$/, '') : text
  return whole.trim() === '' ? '-' : whole
}

function written(text: string): string {
  return text.replace(/\r\n|[\n\r\t\u2028\u2029]/g, ' ').replace(LEFT_OUT, '')
}

import { asciiText } from '../../../base/ascii.ts'
import type { CreateGoods } from '../../contract/goods.ts'

type Line = CreateGoods['line_items'][number]
type Discount = NonNullable<Line['discounts']>[number]
/** The parts of an operation that have words of the till. */
type Titled = { readonly line_items: readonly Line[]; readonly cart_level_discounts?: readonly Discount[] | undefined }

/** Every printer prints this much of a text. */
const PRINTED_LENGTH = 32
/** A letter or digit up to here is printed, whatever is before it: a sign has at most four characters in ASCII. */
const CERTAIN_LENGTH = 8
const DISCOUNT = 'SCONTO'

/**
 * The goods with words that a printer can print: a documento commerciale names each article (DM 7/12/2016). A title
 * without a printable letter or digit is replaced by the article number, and that by the number of the line.
 */
export function worded<Goods extends Titled>(goods: Goods): Goods {
  const { line_items: lines, cart_level_discounts: cart } = goods
  return {
    ...goods,
    line_items: lines.map(wordedLine),
    ...(cart !== undefined && { cart_level_discounts: named(cart) }),
  }
}

function wordedLine(line: Line, index: number): Line {
  const { title, sku_identifier: sku, discounts } = line
  const name = [title, sku].find(isPrinted) ?? `ART. ${index + 1}`
  if (name === title && discounts === undefined) return line
  return { ...line, title: name, ...(discounts !== undefined && { discounts: named(discounts) }) }
}

function named(discounts: readonly Discount[]): Discount[] {
  return discounts.map((discount) => {
    const { description = DISCOUNT } = discount
    return { ...discount, description: isPrinted(description) ? description : DISCOUNT }
  })
}

function isPrinted(text: string): boolean {
  return hasWord(text.slice(0, CERTAIN_LENGTH)) || hasWord(asciiText(text).slice(0, PRINTED_LENGTH))
}

function hasWord(text: string): boolean {
  return /[0-9A-Za-z]/.test(text)
}

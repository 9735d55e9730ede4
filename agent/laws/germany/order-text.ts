import {
  absolute,
  divideRounded,
  formatCents,
  formatRounded,
  toAtoms,
  toCents,
  withoutZeros,
} from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import { articleOf, articleText } from './article.ts'
import { ARTICLE_TEXT_MAX, mandatoryText } from './written-text.ts'

export const BESTELLUNG = 'Bestellung-V1'
/** Signed and proven with each TSE that is tested. */
const BYTES_MAX = 6000
const QUANTITY_ONE = 1000n
const QUANTITY_DECIMALS = 3
const ATOMS_PER_THOUSANDTH = 100_000n
const PRICE_UNITS_PER_CENT = 1000n

/**
 * processData of `Bestellung-V1`: `<quantity>;"<text>";<price>` of each line, joined by CR (DSFinV-K 2.2, Anhang I). All
 * three come from the row of the books, which may differ from the request: a package would contradict its TSE. It is made
 * again on purpose: books/order-text.ts, verify/dsfinvk/tse-check.ts.
 */
export function orderText(lines: CreateGoods['line_items']): string {
  return lines.map(lineText).join('\r')
}

function lineText(line: CreateGoods['line_items'][number]): string {
  const { quantity, unitPrice } = articleOf(line, toCents(line.total_amount))
  const text = mandatoryText(articleText(line), ARTICLE_TEXT_MAX)
  return written({ quantity, text, priceCents: unitPrice / PRICE_UNITS_PER_CENT })
}

/** A line of an order as its text has it. */
export type OrderedLine = {
  /** Signed thousandths. */
  readonly quantity: bigint
  readonly text: string
  readonly priceCents: bigint
}

function written({ quantity, text, priceCents }: OrderedLine): string {
  const pieces = withoutZeros(formatRounded(quantity, QUANTITY_ONE, QUANTITY_DECIMALS))
  return `${pieces};"${text.replaceAll('"', '""')}";${formatCents(priceCents)}`
}

const LINE = /^(-?\d{1,9}(?:\.\d{1,3})?);"((?:[^"]|"")*)";(\d{1,10}\.\d\d)$/

/** The lines of such a text; undefined for any that {@link orderText} would not write exactly so. */
export function readOrder(text: string): readonly OrderedLine[] | undefined {
  const lines: OrderedLine[] = []
  for (const record of text.split('\r')) {
    const [, pieces = '', title = '', price = ''] = LINE.exec(record) ?? []
    if (pieces === '') return undefined
    const named = title.replaceAll('""', '"')
    const line = { quantity: toAtoms(pieces) / ATOMS_PER_THOUSANDTH, text: named, priceCents: toCents(price) }
    if (line.quantity === 0n || written(line) !== record || mandatoryText(named, ARTICLE_TEXT_MAX) !== named)
      return undefined
    lines.push(line)
  }
  return lines
}

/** The gross of a line of which only the signed text is left: quantity times price, which was cut to the cent. */
export function orderedCents({ quantity, priceCents }: OrderedLine): bigint {
  const cents = divideRounded(absolute(quantity) * priceCents, QUANTITY_ONE)
  return quantity < 0n ? -cents : cents
}

/** Throws `unprocessable_entity` for an order whose text is too long for a TSE. Practice has no such text. */
export function refuseLongOrder({ training, line_items: lines }: CreateGoods): void {
  if (training === true) return
  const bytes = Buffer.byteLength(orderText(lines))
  if (bytes <= BYTES_MAX) return
  throw new FiskalError(
    'unprocessable_entity',
    `The text that the TSE signs for this order has ${bytes} bytes, at most ${BYTES_MAX} are possible: send two orders.`,
    { pointer: '/line_items', bytes, limit: BYTES_MAX },
  )
}

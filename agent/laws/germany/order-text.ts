import { formatCents, formatRounded, toCents, withoutZeros } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import { articleOf, articleText } from './dsfinvk/article.ts'
import { mandatoryText } from './dsfinvk/csv.ts'
import { ARTICLE_TEXT_MAX } from './dsfinvk/tables.ts'

export const BESTELLUNG = 'Bestellung-V1'
/** Signed and proven with each TSE that is tested. */
const BYTES_MAX = 6000
const QUANTITY_ONE = 1000n
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
  const pieces = withoutZeros(formatRounded(quantity, QUANTITY_ONE, 3))
  const text = mandatoryText(articleText(line), ARTICLE_TEXT_MAX).replaceAll('"', '""')
  return `${pieces};"${text}";${formatCents(unitPrice / PRICE_UNITS_PER_CENT)}`
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

import { divideRounded, formatAtoms, formatCents, formatRounded, toAtoms, toCents } from '../../../base/money.ts'
import type { OpenLine } from '../../journal/books/open-lines.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import { unitsOf } from '../../register/amounts.ts'
import { exactTax } from '../../register/tax-amount.ts'
import { orderIn } from './line-kinds.ts'

type Order = DocumentOf<'order'>
type LineItem = Order['shown']['line_items'][number]

const ONE = 100_000_000n

/** A part of an order's line, in the words and at the price of the order. */
export function partOf(
  { order, line, quantity }: Pick<OpenLine, 'order' | 'line' | 'quantity'>,
  document: Order | undefined,
) {
  const ordered = document?.shown.line_items.find(({ id }) => id === line)
  if (document === undefined || ordered === undefined) throw new Error(`order ${order} has no line ${line}`)
  const { sku_identifier, title, unit_price, taxes } = ordered
  const isWhole = quantity === unitsOf(ordered)
  const total = formatCents(divideRounded(toCents(ordered.total_amount) * quantity, unitsOf(ordered)))
  return {
    order_id: order,
    order_line_id: line,
    register: document.shown.register_id,
    sku_identifier,
    title,
    quantity: formatAtoms(quantity),
    unit_price,
    total_amount: total,
    in_house: ordered.in_house ?? document.shown.in_house,
    taxes: taxes.map(({ id: _, ...tax }) => ({ ...tax, tax_amount: isWhole ? tax.tax_amount : taxIn(total, tax) })),
  }
}

/** The parts that open lines have of their orders, each of which is read once, and their sum. */
export function openParts(view: Parameters<typeof orderIn>[0], lines: readonly OpenLine[]) {
  const orders = new Map<string, Order>()
  for (const { order } of lines) {
    const document = orders.has(order) ? undefined : orderIn(view, order)
    if (document !== undefined) orders.set(order, document)
  }
  const parts = lines.map((line) => partOf(line, orders.get(line.order)))
  return { orders, parts, cents: parts.reduce((sum, part) => sum + toCents(part.total_amount), 0n) }
}

/** The tax that a part contains, with as many decimals as in the order. */
function taxIn(total: string, { rate, tax_amount: ordered }: Omit<LineItem['taxes'][number], 'id'>): string {
  const rateAtoms = toAtoms(rate)
  const { numerator, denominator } = exactTax(toAtoms(total), rateAtoms, rateAtoms)
  return formatRounded(numerator, denominator * ONE, ordered.split('.')[1]?.length ?? 0)
}

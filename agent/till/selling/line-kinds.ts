import { toAtoms, withoutZeros } from '../../../base/money.ts'
import type { OpenLine } from '../../journal/books/open-lines.ts'
import type { DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import { ofKind } from '../../journal/documents/document.ts'
import type { Progress } from '../../journal/progress.ts'

/** The price of a line, and its rate and code: a law with orders has one tax a line. */
export type LineKind = { readonly rate: string; readonly code: string; readonly price: bigint }
/** A line with a price. */
export type Priced = {
  readonly unit_price: string
  readonly taxes: readonly { readonly rate: string; readonly code?: string | undefined }[]
}
type Ordered = Pick<OpenLine, 'order' | 'line'>
/** The kind of an open line, as it was ordered. */
export type KindOf = (part: Ordered) => LineKind | undefined
type Reads = {
  operation(id: string): OperationDocument | undefined
  progress(id: string): Progress
}

/** From the nearest on: a latte to go at 7 % must not settle the latte at 19 % that is drunk here. */
export const NEARNESS = [isSameKind, isTaxedAlike] as const

/** True at the same rate, code and price. */
export function isSameKind(one: LineKind | undefined, other: LineKind): boolean {
  return one?.price === other.price && isTaxedAlike(one, other)
}

/** True at the same rate and code. */
export function isTaxedAlike(one: LineKind | undefined, other: LineKind): boolean {
  return one?.rate === other.rate && one.code === other.code
}

export function kindOfLine({ unit_price, taxes }: Priced): LineKind {
  const { rate = '0', code = '' } = taxes[0] ?? {}
  return { rate: withoutZeros(rate), code, price: toAtoms(unit_price) }
}

/** Reads each order once, when it is first asked for. */
export function kindsIn(view: Reads): KindOf {
  const orders = new Map<string, ReadonlyMap<string, LineKind>>()
  return ({ order, line }) => {
    const known = orders.get(order) ?? kindsOfOrder(orderIn(view, order))
    orders.set(order, known)
    return known.get(line)
  }
}

function kindsOfOrder(order: DocumentOf<'order'> | undefined): ReadonlyMap<string, LineKind> {
  return new Map(order?.shown.line_items.map((line) => [line.id, kindOfLine(line)]))
}

/** An order with the goods that come with its running end: their lines are open from the request on. */
export function orderIn(view: Reads, id: string): DocumentOf<'order'> | undefined {
  const order = ofKind(view.operation(id), 'order')
  const progress = view.progress(id)
  const coming = 'request' in progress ? progress.request.plan.set : undefined
  return coming === undefined ? order : order?.with({ set: coming })
}

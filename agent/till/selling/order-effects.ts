import { parseRfc3339 } from '../../../base/clock.ts'
import { formatAtoms } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { addedAt } from '../../journal/books/location-orders.ts'
import type { OpenLines, OpenPart } from '../../journal/books/open-lines.ts'
import type { DocumentOf, OperationDocument, ReversibleDocument } from '../../journal/documents/document.ts'
import type { OperationKind } from '../../journal/documents/kind.ts'
import type { EventBody, OrdersMark } from '../../journal/events.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { unitsOf } from '../../register/amounts.ts'
import { checkLineTotals } from '../../register/line-totals.ts'
import { kindsIn } from './line-kinds.ts'
import { areOrderedAlike, cancelledBy, endedBy, refuseTooManyOpen, settledBy } from './open-lines.ts'

/** A goods movement of a table, room or person. */
type OfGroup = DocumentOf<'sale' | 'deposit_capture' | 'order' | 'transfer' | 'employee_benefit'>
type GroupRequest = Extract<CreateGoods, { type: OfGroup['kind'] }>

/** The changes of the open lines by a completion, and the members that show them. */
export type OrderEffect = {
  readonly orders?: OrdersMark
  readonly set?: {
    readonly settled_order_lines: readonly {
      order_id: string
      order_line_id: string
      quantity: string
      allocation_group: string
    }[]
    readonly first_order_at?: string
    readonly hints?: readonly { code: string; message: string }[]
  }
  /** The orders of which an order takes something back. */
  readonly own?: { readonly taken_from: readonly string[] }
  /** Parts of lines that a void of the bill opens again. */
  readonly settled?: readonly OpenPart[]
}

export const NO_EFFECT: OrderEffect = {}

/**
 * Throws `order_quantity_exceeded` if the goods settle or cancel more than is open now, and `unprocessable_entity` if the
 * location has too many open lines. Practice opens and settles nothing.
 */
export function checkOpenLines(view: View, request: GroupRequest, group: string): void {
  const location = view.register(request.register_id ?? '')?.shown.location_id
  if (location === undefined || request.training === true) return
  const { line_items: lines } = request
  const [open, kindOf] = [view.openLines(location), kindsIn(view)]
  if (request.type !== 'order') settledBy(lines, group, open, kindOf)
  else {
    cancelledBy(lines, group, open, kindOf)
    refuseTooManyOpen(open, lines.filter(isOrdered).length)
  }
}

/** Decided in the commit that asks for the end: two bills that wait for one TSE must not settle the same line. */
export function orderEffect(view: View, kind: OperationKind, shown: OfGroup['shown']): OrderEffect {
  const { allocation_group: group, location_id: location, line_items: lines } = shown
  if (group === undefined || location === null || shown.training === true) return NO_EFFECT
  const [open, kindOf] = [view.openLines(location), kindsIn(view)]
  if (kind !== 'order') {
    const parts = settledBy(lines, group, open, kindOf)
    // Another bill may have taken the part since, of which a line has the rest.
    checkLineTotals(shown, (index) => partsEndedBy(view, shown, index))
    return parts.length > 0 ? settlement(view, location, parts) : settledNothing(group, open)
  }
  const ordered = lines.filter(isOrdered)
  refuseTooManyOpen(open, ordered.length)
  const back = cancelledBy(lines, group, open, kindOf)
  const taken = back.map(markOf)
  const taken_from = [...new Set(back.map((part) => part.order))]
  const added = ordered.map((line) => ({
    line: line.id,
    order: shown.id,
    group,
    born: group,
    sku: line.sku_identifier,
    quantity: String(unitsOf(line)),
  }))
  return {
    orders: { location, ...(added.length > 0 && { added }), ...(taken.length > 0 && { taken }) },
    ...(taken_from.length > 0 && { own: { taken_from } }),
  }
}

function settlement(view: View, location: string, parts: readonly OpenPart[]): OrderEffect {
  const firstOrderAt = firstOrderIn(view, parts)
  const set = {
    settled_order_lines: settledLines(parts),
    ...(firstOrderAt !== undefined && { first_order_at: firstOrderAt }),
  }
  return { orders: { location, taken: parts.map(markOf) }, set, settled: parts }
}

/** A bill with other articles than the table has may be meant for another table. */
function settledNothing(group: string, open: OpenLines | undefined): OrderEffect {
  const count = open?.in(group).length ?? 0
  const message = `Nothing that ${group} ordered is on this bill: ${count} lines of it stay open.`
  const hints = count === 0 ? {} : { hints: [{ code: 'settled_nothing', message }] }
  return { set: { settled_order_lines: [], ...hints } }
}

/** A line that was open in two groups is one line of an order. */
function settledLines(parts: readonly OpenPart[]): NonNullable<OrderEffect['set']>['settled_order_lines'] {
  const sums = new Map<string, OpenPart>()
  for (const part of parts) {
    const quantity = (sums.get(part.line)?.quantity ?? 0n) + part.quantity
    sums.set(part.line, { ...part, quantity })
  }
  return Array.from(sums.values(), ({ order, line, quantity, born }) => ({
    order_id: order,
    order_line_id: line,
    quantity: formatAtoms(quantity),
    allocation_group: born,
  }))
}

/** When the first order of these lines began: the time of the TSE, in an outage that of the till. */
export function firstOrderIn(
  view: { operation(id: string): OperationDocument | undefined },
  parts: readonly Pick<OpenPart, 'order'>[],
): string | undefined {
  const orders = [...new Set(parts.map(({ order }) => order))].map((id) => view.operation(id)?.shown)
  const times = orders.flatMap((shown) => (shown === undefined ? [] : [begunAt(shown)]))
  return times.sort((one, other) => (parseRfc3339(one) ?? 0) - (parseRfc3339(other) ?? 0))[0]
}

function begunAt({ fiscal, created_at: created }: OperationDocument['shown']): string {
  return fiscal.start_event?.signed_at ?? created
}

/** The lines that a bill had settled are open again, in the groups where they were, and as old as before. */
export function reopenedBy(view: View, original: ReversibleDocument): OrdersMark | undefined {
  const { shown } = original
  const settled = 'settled_order_lines' in shown ? (shown.settled_order_lines ?? []) : []
  if (settled.length === 0) return undefined
  const orders = new Map(settled.map((line) => [line.order_line_id, line.order_id]))
  const bill = ordersIn(view, original.id, ({ taken }) => taken !== undefined)
  if (bill === undefined) return undefined
  const { location, taken = [] } = bill.orders
  const added = taken.flatMap(({ line, group, quantity }) => {
    const order = ordersIn(view, orders.get(line) ?? '', ({ added = [] }) => added.some((one) => one.line === line))
    const first = order && addedAt(order.seq, order.orders, line)
    return first === undefined ? [] : [{ ...first, group, quantity }]
  })
  return { location, added }
}

function ordersIn(
  view: View,
  op: string,
  isWanted: (orders: OrdersMark) => boolean,
): { seq: number; orders: OrdersMark } | undefined {
  for (const event of view.eventsOf(op)) {
    const { orders }: EventBody = bodyOf(event)
    if (orders !== undefined && isWanted(orders)) return { seq: event.seq, orders }
  }
  return undefined
}

function markOf({ line, group, quantity }: OpenPart): { line: string; group: string; quantity: string } {
  return { line, group, quantity: String(quantity) }
}

/** True for a line at the rate of the orders that it bills or cancels, as far as their lines are open. */
export function isAtOrderedRate(view: View, request: CreateGoods, line: CreateGoods['line_items'][number]): boolean {
  if (!('allocation_group' in request) || request.allocation_group === undefined) return false
  const location = view.register(request.register_id ?? '')?.shown.location_id
  if (location === undefined) return false
  const { line_items: lines, allocation_group: group, type } = request
  // An order takes back in negative lines; those that it adds have the rate of today.
  if (type === 'order' && unitsOf(line) > 0n) return false
  return areOrderedAlike(lines, line, group, view.openLines(location), kindsIn(view))
}

/**
 * How many parts the ordered lines had that end with a line of a bill at their price, this one included; 0 if none was taken in
 * parts. Asked only for a total that is not quantity times price.
 */
export function partsEndedBy(view: View, goods: CreateGoods | OfGroup['shown'], index: number): number {
  const { allocation_group: group } = { allocation_group: undefined, ...goods }
  const location = view.register(goods.register_id ?? '')?.shown.location_id
  const open = location === undefined ? undefined : view.openLines(location)
  if (group === undefined || goods.type === 'order' || goods.training === true) return 0
  const ended = endedBy(goods.line_items, index, { group, open, kindOf: kindsIn(view) })
  const counts = ended.map(({ part, parts }) => parts + partsTakenOf(view, part))
  return counts.reduce((sum, count) => (count > 1 ? sum + count : sum), 0)
}

/** The commits that took a part of an ordered line, which is open since its order. */
function partsTakenOf(view: View, { order, line }: OpenPart): number {
  const text = `"line":${JSON.stringify(line)}`
  const from = view.operationRow(order)?.seq ?? 1
  let taken = 0
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const events = view.portionNaming(text, from, before)
    const oldest = events.at(-1)
    if (oldest === undefined) return taken
    for (const event of events) {
      const { orders }: EventBody = bodyOf(event)
      if (orders?.taken?.some((part) => part.line === line) === true) taken++
    }
    before = oldest.seq
  }
}

function isOrdered(line: { readonly quantity: number | string }): boolean {
  return unitsOf(line) > 0n
}

import { formatAtoms } from '../../../base/money.ts'
import { FiskalError } from '../../errors.ts'
import type { OpenLine, OpenLines, OpenPart } from '../../journal/books/open-lines.ts'
import { QUANTITY_MIN, unitsOf } from '../../register/amounts.ts'

/** Open lines that a location may have at most. */
const OPEN_LINES_MAX = 5000
/** The books round less to 0, so no bill, order or move can name it. */
const UNITS_MIN = unitsOf({ quantity: QUANTITY_MIN })

/** A line of a bill, of an order or of a move. */
export type Wanted = {
  readonly sku_identifier?: string | undefined
  readonly order_line_id?: string | undefined
  readonly quantity: number | string
}

const NOTHING_OPEN: OpenLines = { size: 0, groups: () => [], in: () => [], named: () => [] }

/** `left`: what the request has not used up so far. */
class Stock {
  readonly #left = new Map<string, bigint>()

  /** Takes up to that much of the parts, in their order, and what is left of one if nothing could ever take it alone. */
  take(parts: readonly OpenPart[], wanted: bigint): { taken: OpenPart[]; missing: bigint } {
    const taken: OpenPart[] = []
    let missing = wanted
    for (const part of parts) {
      const key = keyOf(part)
      const left = this.#left.get(key) ?? part.quantity
      const wantedOfIt = left < missing ? left : missing
      if (wantedOfIt === 0n) continue
      const quantity = left - wantedOfIt < UNITS_MIN ? left : wantedOfIt
      this.#left.set(key, left - quantity)
      taken.push({ ...part, quantity })
      missing -= wantedOfIt
    }
    return { taken, missing }
  }
}

/**
 * The open lines that a bill of the group settles: exactly the named ones, and of the others those of the same article,
 * the oldest first, as far as there are any. Lines that go the other way settle nothing. Throws
 * `order_quantity_exceeded` if less is open of a named line.
 */
export function settledBy(lines: readonly Wanted[], group: string, open: OpenLines = NOTHING_OPEN): OpenPart[] {
  if (open.size === 0 && !lines.some(isNaming)) return []
  const stock = new Stock()
  const named = namedBy(lines, open)
  const wanted = lines.map((line, index) => ({ line, index, atoms: unitsOf(line) })).filter(({ atoms }) => atoms > 0n)
  // First those that have no choice.
  const exact = wanted.filter(({ line }) => isNaming(line))
  const first = exact.flatMap(({ line, index, atoms }) => {
    const parts = ofLine(named, line).sort((one, other) => Number(other.group === group) - Number(one.group === group))
    return takeAll(stock, parts, { line, atoms, pointer: `/line_items/${index}` })
  })
  const articles = bySku(inGroup(open, group))
  const others = wanted.filter(({ line }) => !isNaming(line))
  const rest = others.flatMap(
    ({ line, atoms }) => stock.take(articles.get(line.sku_identifier ?? '') ?? [], atoms).taken,
  )
  return merged([...first, ...rest])
}

/**
 * The open lines of the group that the negative lines of an order cancel: the named one, or the youngest of the same
 * article. Throws `order_quantity_exceeded` if less is open.
 */
export function cancelledBy(lines: readonly Wanted[], group: string, open: OpenLines = NOTHING_OPEN): OpenPart[] {
  const back = lines.map((line, index) => ({ line, index, atoms: -unitsOf(line) })).filter(({ atoms }) => atoms > 0n)
  return takenFrom(back, inGroup(open, group).reverse())
}

/**
 * The open lines of the group that a move takes to another one: all of them, or the named lines and articles, the oldest
 * first. Throws `order_quantity_exceeded` if less is open.
 */
export function movedBy(
  lines: readonly Wanted[] | undefined,
  group: string,
  open: OpenLines = NOTHING_OPEN,
): OpenPart[] {
  const parts = inGroup(open, group)
  if (lines !== undefined) {
    const wanted = lines.map((line, index) => ({ line, index, atoms: unitsOf(line) }))
    return takenFrom(wanted, parts).sort(byAge)
  }
  if (parts.length > 0) return parts
  throw new FiskalError('order_quantity_exceeded', `Nothing is open in ${group}.`, {
    left: '0',
    wanted: '0',
    sku_identifier: null,
    pointer: '/from_allocation_group',
  })
}

/** Throws `unprocessable_entity` if the location would have more open lines than it may. */
export function refuseTooManyOpen({ size }: OpenLines = NOTHING_OPEN, added: number): void {
  if (added <= 0 || size + added <= OPEN_LINES_MAX) return
  throw new FiskalError(
    'unprocessable_entity',
    `The location has ${size} open order lines, and at most ${OPEN_LINES_MAX}: bill, cancel or move some of them first.`,
    { limit: OPEN_LINES_MAX, open_lines: size, pointer: '/line_items' },
  )
}

type Demand = { readonly line: Wanted; readonly atoms: bigint; readonly pointer: string }

/** The named lines first: they have no choice. */
function takenFrom(
  wanted: readonly { line: Wanted; index: number; atoms: bigint }[],
  parts: readonly OpenPart[],
): OpenPart[] {
  const stock = new Stock()
  const articles = bySku(parts)
  const ordered = [...wanted.filter(({ line }) => isNaming(line)), ...wanted.filter(({ line }) => !isNaming(line))]
  const taken = ordered.flatMap(({ line, index, atoms }) => {
    const candidates = isNaming(line) ? ofLine(parts, line) : (articles.get(line.sku_identifier ?? '') ?? [])
    return takeAll(stock, candidates, { line, atoms, pointer: `/line_items/${index}` })
  })
  return merged(taken)
}

function takeAll(stock: Stock, parts: readonly OpenPart[], { line, atoms, pointer }: Demand): OpenPart[] {
  const { taken, missing } = stock.take(parts, atoms)
  if (missing === 0n) return taken
  const what = line.order_line_id === undefined ? `article ${line.sku_identifier}` : `order line ${line.order_line_id}`
  const [left, wanted] = [formatAtoms(atoms - missing), formatAtoms(atoms)]
  throw new FiskalError('order_quantity_exceeded', `Of ${what} ${left} is open, ${wanted} is wanted.`, {
    left,
    wanted,
    sku_identifier: line.sku_identifier ?? null,
    pointer,
  })
}

function isNaming({ order_line_id }: Wanted): boolean {
  return order_line_id !== undefined
}

function namedBy(lines: readonly Wanted[], open: OpenLines): readonly OpenPart[] {
  const ids = new Set(lines.map((line) => line.order_line_id).filter((id) => id !== undefined))
  return ids.size === 0 ? [] : open.named(ids)
}

/** An id with another article names nothing that is open. */
function ofLine(parts: readonly OpenPart[], { order_line_id, sku_identifier: sku }: Wanted): OpenPart[] {
  return parts.filter((part) => part.line === order_line_id && (sku === undefined || part.sku === sku))
}

function inGroup(open: OpenLines, group: string): OpenPart[] {
  return open.in(group).map((line) => ({ ...line, group }))
}

function bySku(parts: readonly OpenPart[]): Map<string, OpenPart[]> {
  const articles = new Map<string, OpenPart[]>()
  for (const part of parts) {
    const known = articles.get(part.sku)
    if (known === undefined) articles.set(part.sku, [part])
    else known.push(part)
  }
  return articles
}

/** Adds the parts of the same line and group up. */
function merged(parts: readonly OpenPart[]): OpenPart[] {
  const sums = new Map<string, OpenPart>()
  for (const part of parts) {
    const key = keyOf(part)
    const before = sums.get(key)
    sums.set(key, before === undefined ? part : { ...before, quantity: before.quantity + part.quantity })
  }
  return [...sums.values()]
}

/** An id has no blank. */
function keyOf({ line, group }: OpenPart): string {
  return `${line} ${group}`
}

function byAge(one: OpenLine, other: OpenLine): number {
  return one.since - other.since
}

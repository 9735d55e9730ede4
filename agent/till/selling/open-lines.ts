import { formatAtoms } from '../../../base/money.ts'
import { FiskalError } from '../../errors.ts'
import type { OpenLine, OpenLines, OpenPart } from '../../journal/books/open-lines.ts'
import { amountText, QUANTITY_MIN, unitsOf } from '../../register/amounts.ts'
import { isReferenced } from '../../register/direction.ts'
import type { KindOf, Priced } from './line-kinds.ts'
import { isSameKind, isTaxedAlike, kindOfLine, NEARNESS } from './line-kinds.ts'

/** Open lines of an article that a refusal lists. */
const SHOWN_MAX = 20
/** Open lines that a location may have at most. */
const OPEN_LINES_MAX = 5000
/** The books round less to 0, so no bill, order or move can name it. */
const UNITS_MIN = unitsOf({ quantity: QUANTITY_MIN })

/** An article or a line of an order that moves. */
export type Wanted = {
  readonly sku_identifier?: string | undefined
  readonly order_line_id?: string | undefined
  readonly quantity: number | string
}
/** A line of a bill or of an order. */
export type Sent = Wanted & Priced & Parameters<typeof isReferenced>[0]

const NOTHING_OPEN: OpenLines = { size: 0, groups: () => [], in: () => [], named: () => [] }

/** `by`: the place of the line of the request that takes the part. */
type Taken = OpenPart & { readonly by: number }

/** `left`: what the request has not used up so far. */
class Stock {
  readonly #left = new Map<string, bigint>()

  /** Takes up to that much of the parts, in their order, and what is left of one if nothing could ever take it alone. */
  take(parts: readonly OpenPart[], wanted: bigint, by: number): { taken: Taken[]; missing: bigint } {
    const taken: Taken[] = []
    let missing = wanted
    for (const part of parts) {
      const key = keyOf(part)
      const left = this.#left.get(key) ?? part.quantity
      const wantedOfIt = left < missing ? left : missing
      if (wantedOfIt === 0n) continue
      const quantity = left - wantedOfIt < UNITS_MIN ? left : wantedOfIt
      this.#left.set(key, left - quantity)
      taken.push({ ...part, quantity, by })
      missing -= wantedOfIt
    }
    return { taken, missing }
  }
}

/**
 * The open lines that a bill of the group settles: exactly the named ones, and of the others those of the same article, as
 * far as there are any: the nearest in rate, code and price first, of these the oldest. A line that goes the other way
 * takes off what the bill has of its kind. Throws `order_quantity_exceeded` if less is open of a named line.
 */
export function settledBy(
  lines: readonly Sent[],
  group: string,
  open: OpenLines = NOTHING_OPEN,
  kindOf: KindOf,
): OpenPart[] {
  return merged(takenBy(lines, group, open, kindOf))
}

/** An ordered line of which a bill leaves nothing open, and how many lines of the bill take a part of it. */
type Ended = { readonly part: OpenPart; readonly parts: number }

/** The ordered lines that end with this line of a bill, at their price. */
export function endedBy(
  lines: readonly Sent[],
  index: number,
  { group, open = NOTHING_OPEN, kindOf }: { group: string; open: OpenLines | undefined; kindOf: KindOf },
): Ended[] {
  const line = lines[index]
  if (line === undefined) return []
  const kind = kindOfLine(line)
  const taken = takenBy(lines, group, open, kindOf)
  const ids = new Set(taken.filter(({ by }) => by === index).map((part) => part.line))
  return [...ids].flatMap((id): Ended[] => {
    const parts = taken.filter((part) => part.line === id)
    const [last] = parts.toSorted((one, other) => other.by - one.by)
    const left = sumOf(open.named(new Set([id])).map(({ quantity }) => quantity))
    const isEnd = last?.by === index && sumOf(parts.map(({ quantity }) => quantity)) === left
    return isEnd && isSameKind(kindOf(last), kind)
      ? [{ part: last, parts: new Set(parts.map(({ by }) => by)).size }]
      : []
  })
}

/** Each with the line of the bill that takes it. */
function takenBy(lines: readonly Sent[], group: string, open: OpenLines, kindOf: KindOf): Taken[] {
  if (open.size === 0 && !lines.some(isNaming)) return []
  const stock = new Stock()
  const named = namedBy(lines, open)
  const wanted = netOf(lines)
  // First those that have no choice.
  const exact = wanted.filter(({ line }) => isNaming(line))
  const first = exact.flatMap(({ line, index, atoms }) => {
    const parts = ofLine(named, line).sort((one, other) => Number(other.group === group) - Number(one.group === group))
    return takeAll(stock, parts, { line, atoms, index })
  })
  const articles = bySku(inGroup(open, group), ({ sku }) => sku)
  const unnamed = wanted.filter(({ line }) => !isNaming(line))
  const others = bySku(unnamed, ({ line }) => line.sku_identifier ?? '')
  const rest = [...others].flatMap(([sku, demands]) => takeNearest(stock, articles.get(sku) ?? [], demands, kindOf))
  return [...first, ...rest]
}

/**
 * The open lines of the group that the negative lines of an order cancel, each at the rate, code and price of the line: the
 * named one, or the youngest of the same article. So what is open of a table is always the sum of its signed orders. Throws
 * `order_quantity_exceeded` if less is open.
 */
export function cancelledBy(
  lines: readonly Sent[],
  group: string,
  open: OpenLines = NOTHING_OPEN,
  kindOf: KindOf,
): OpenPart[] {
  const back = lines.map((line, index) => ({ line, index, atoms: -unitsOf(line) })).filter(({ atoms }) => atoms > 0n)
  const candidatesOf = candidatesIn(inGroup(open, group).reverse())
  return takenFrom(back, (line) => {
    const [all, kind] = [candidatesOf(line), kindOfLine(line)]
    const fitting = all.filter((part) => isSameKind(kindOf(part), kind))
    return { parts: fitting, details: () => ({ open: all.slice(0, SHOWN_MAX).map((part) => shownPart(part, kindOf)) }) }
  })
}

/**
 * True if the lines are of the article, rate and code of this one as far as those are open: they were ordered at a rate that has
 * changed since, which is that of the supply (§ 27 (1) UStG). A negative line takes off what the request has.
 */
export function areOrderedAlike(
  lines: readonly Sent[],
  line: Sent,
  group: string,
  open: OpenLines = NOTHING_OPEN,
  kindOf: KindOf,
): boolean {
  const kind = kindOfLine(line)
  const isAlike = (other: Sent): boolean => isOfArticle(other, line) && isTaxedAlike(kindOfLine(other), kind)
  const candidates = isNaming(line) ? ofLine(namedBy([line], open), line) : candidatesIn(inGroup(open, group))(line)
  const fitting = candidates.filter((part) => isTaxedAlike(kindOf(part), kind))
  const wanted = sumOf(lines.filter(isAlike).map(unitsOf))
  return fitting.length > 0 && wanted <= sumOf(fitting.map(({ quantity }) => quantity))
}

function isOfArticle(one: Wanted, other: Wanted): boolean {
  return one.sku_identifier === other.sku_identifier && one.order_line_id === other.order_line_id
}

/** An open part for a refusal: a person sees at which price it can be taken back. */
function shownPart(part: OpenPart, kindOf: KindOf) {
  const { rate = null, code = '', price } = kindOf(part) ?? {}
  return {
    order_line_id: part.line,
    quantity: formatAtoms(part.quantity),
    unit_price: price === undefined ? null : amountText(price),
    rate,
    ...(code !== '' && { code }),
  }
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
    const candidatesOf = candidatesIn(parts)
    return takenFrom(wanted, (line) => ({ parts: candidatesOf(line) })).sort(byAge)
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

/** `details`: of the refusal if less is open. */
type Demand = {
  readonly line: Wanted
  readonly atoms: bigint
  readonly index: number
  readonly details?: (() => object) | undefined
}
type Billed = { readonly line: Sent; readonly index: number; readonly atoms: bigint }

/** The lines of a bill, less the quantities of those that go the other way: at their price first, then at another. */
function netOf(lines: readonly Sent[]): Billed[] {
  const all = lines.map((line, index) => ({ line, index, atoms: unitsOf(line) }))
  const billed = all.filter(({ atoms }) => atoms > 0n)
  // Goods of an earlier sale that come back were not ordered here.
  for (const { line, atoms } of all.filter(({ line, atoms }) => atoms < 0n && !isReferenced(line))) {
    let left = -atoms
    const kind = kindOfLine(line)
    // A named line has no choice: the others give way first.
    const alike = billed
      .filter((one) => one.line.sku_identifier === line.sku_identifier)
      .sort((one, other) => Number(isNaming(one.line)) - Number(isNaming(other.line)))
    for (const isNear of NEARNESS) {
      for (const one of alike) {
        if (!isNear(kindOfLine(one.line), kind)) continue
        const off = one.atoms < left ? one.atoms : left
        one.atoms -= off
        left -= off
      }
    }
  }
  return billed.filter(({ atoms }) => atoms > 0n)
}

/** The open lines of one article that its demands settle. The orders are read only if there is a choice. */
function takeNearest(stock: Stock, parts: readonly OpenPart[], demands: readonly Billed[], kindOf: KindOf): Taken[] {
  const [wanted, open] = [sumOf(demands.map(({ atoms }) => atoms)), sumOf(parts.map(({ quantity }) => quantity))]
  const near = wanted >= open || parts.length < 2 ? [] : NEARNESS
  const left = demands.map(({ line, index, atoms }) => ({ line, index, atoms }))
  return [...near, undefined].flatMap((isNear) =>
    left.flatMap((demand) => {
      if (demand.atoms === 0n) return []
      const kind = kindOfLine(demand.line)
      const fitting = isNear === undefined ? parts : parts.filter((part) => isNear(kindOf(part), kind))
      const { taken, missing } = stock.take(fitting, demand.atoms, demand.index)
      demand.atoms = missing
      return taken
    }),
  )
}

function sumOf(units: readonly bigint[]): bigint {
  return units.reduce((sum, each) => sum + each, 0n)
}

type Candidates = Pick<Demand, 'details'> & { readonly parts: readonly OpenPart[] }

/** The named lines first: they have no choice. */
function takenFrom<Line extends Wanted>(
  wanted: readonly { line: Line; index: number; atoms: bigint }[],
  candidatesOf: (line: Line) => Candidates,
): OpenPart[] {
  const stock = new Stock()
  const ordered = [...wanted.filter(({ line }) => isNaming(line)), ...wanted.filter(({ line }) => !isNaming(line))]
  const taken = ordered.flatMap(({ line, index, atoms }) => {
    const { parts, details } = candidatesOf(line)
    return takeAll(stock, parts, { line, atoms, index, details })
  })
  return merged(taken)
}

/** The named line, or those of the article. */
function candidatesIn(parts: readonly OpenPart[]): (line: Wanted) => readonly OpenPart[] {
  const articles = bySku(parts, ({ sku }) => sku)
  return (line) => (isNaming(line) ? ofLine(parts, line) : (articles.get(line.sku_identifier ?? '') ?? []))
}

function takeAll(stock: Stock, parts: readonly OpenPart[], { line, atoms, index, details }: Demand): Taken[] {
  const { taken, missing } = stock.take(parts, atoms, index)
  if (missing === 0n) return taken
  const what = line.order_line_id === undefined ? `article ${line.sku_identifier}` : `order line ${line.order_line_id}`
  const [left, wanted] = [formatAtoms(atoms - missing), formatAtoms(atoms)]
  throw new FiskalError('order_quantity_exceeded', `Of ${what} ${left} is open, ${wanted} is wanted.`, {
    left,
    wanted,
    sku_identifier: line.sku_identifier ?? null,
    pointer: `/line_items/${index}`,
    ...details?.(),
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

function bySku<Each>(all: readonly Each[], skuOf: (each: Each) => string): Map<string, Each[]> {
  const articles = new Map<string, Each[]>()
  for (const each of all) {
    const known = articles.get(skuOf(each))
    if (known === undefined) articles.set(skuOf(each), [each])
    else known.push(each)
  }
  return articles
}

/** Adds the parts of the same line and group up. */
function merged(taken: readonly Taken[]): OpenPart[] {
  const sums = new Map<string, OpenPart>()
  for (const { by: _by, ...part } of taken) {
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

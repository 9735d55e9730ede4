import { absolute, divideRounded, SQUARE_ATOMS_PER_CENT, toAtoms, toCents } from '../../../base/money.ts'
import type { OrdersMark } from '../events.ts'
import { LocationOrders } from './location-orders.ts'
import type { OpenLines } from './open-lines.ts'

/** Cents of one location's orders. `before`: open when the range began; `less`: billed for less than ordered. */
export type OrderSums = Record<
  'before' | 'ordered' | 'reopened' | 'billed' | 'takenBack' | 'transfer' | 'staff' | 'less',
  bigint
> & {
  /** Parts of `takenBack`: later than 30 minutes after the order; reopened by a void, whose amount its own row has. */
  late: bigint
  afterVoid: bigint
  /** The change of the open lines after the range: opened less settled and taken back. */
  after: bigint
}
/** The sums, the amount that is open after them, and `rest`: the difference to the open lines of the books. */
export type OrderBalance = {
  readonly location: string
  readonly sums: OrderSums
  readonly open: bigint
  /** When the oldest open line was ordered; undefined if nothing is open, or if later events changed it. */
  readonly oldestMs: number | undefined
  readonly rest: bigint
}

/** A movement that opens, settles or takes back order lines. */
export type OrderMovement = {
  readonly kind: string
  readonly session: string | undefined
  readonly atMs: number
  readonly mark: OrdersMark
  readonly lines: readonly GoodsLine[]
}
export type GoodsLine = {
  readonly id?: string
  readonly type?: string
  readonly sku_identifier: string
  readonly quantity: number | string
  readonly unit_price: string
  readonly total_amount: string
}
/**
 * The effect of a movement, in cents: `taken` as ordered, by a bill; `list`: the prices of these goods on the bill, before
 * discounts.
 */
export type Settled = {
  readonly takenBack: bigint
  readonly taken: bigint
  readonly less: bigint
  readonly list: bigint
}

/** `total` and `ordered` as ordered. `holds`: how many running sessions billed it; a void may open it until they close. */
type Ordered = {
  readonly sku: string
  readonly total: bigint
  readonly ordered: bigint
  readonly atMs: number
  open: bigint
  reopened: bigint
  holds: number
}
type Place = { readonly lines: Map<string, Ordered>; readonly orders: LocationOrders; readonly sums: OrderSums }
type Known = { readonly id: string; readonly line: Ordered; readonly units: bigint }
type Period = 'before' | 'within' | 'after'

const LATE_MS = 30 * 60_000
const NOTHING: Settled = { takenBack: 0n, taken: 0n, less: 0n, list: 0n }

/** The orders of each location in money, from the marks of their events and the prices of their lines. */
export class OrderBalances {
  readonly #range: readonly [number, number]
  readonly #places = new Map<string, Place>()
  readonly #billed = new Map<string, Ordered[]>()

  constructor(range: readonly [number, number]) {
    this.#range = range
  }

  /** Takes the event that asks for the end of a movement. */
  note(seq: number, movement: OrderMovement): Settled {
    const { kind, mark, atMs } = movement
    const place = this.#place(mark.location)
    const period = atMs < this.#range[0] ? 'before' : atMs > this.#range[1] ? 'after' : 'within'
    const settled = this.#take(place, movement, period)
    for (const one of mark.added ?? []) {
      const line = place.lines.get(one.line) ?? this.#ordered(place, one.line, one.sku, movement)
      const units = BigInt(one.quantity)
      flow(place.sums, period, kind === 'order' ? 'ordered' : 'reopened', changed(line, units))
      if (kind !== 'order') line.reopened += units
    }
    place.orders.note(seq, mark)
    return settled
  }

  /** The units of each article that are open in a group. */
  openIn(location: string, group: string): Map<string, bigint> {
    const units = new Map<string, bigint>()
    for (const { sku, quantity } of this.#places.get(location)?.orders.in(group) ?? [])
      units.set(sku, (units.get(sku) ?? 0n) + quantity)
    return units
  }

  /** A closed session's bills cannot be voided any longer. */
  forget(session: string): void {
    const billed = this.#billed.get(session) ?? []
    this.#billed.delete(session)
    for (const line of billed) line.holds -= 1
    for (const { lines } of this.#places.values())
      for (const [id, { open, holds }] of billed.length === 0 ? [] : lines)
        if (open === 0n && holds === 0) lines.delete(id)
  }

  /** `openLines`: those of the books, calculated a second time. */
  balances(openLines: (location: string) => OpenLines | undefined): OrderBalance[] {
    return [...this.#places].map(([location, { lines, sums }]) => {
      const open =
        sums.before + sums.ordered + sums.reopened - sums.billed - sums.takenBack - sums.transfer - sums.staff
      const found = new Map<string, bigint>()
      for (const { lines: parts } of openLines(location)?.groups() ?? [])
        for (const { line, quantity } of parts) found.set(line, (found.get(line) ?? 0n) + quantity)
      const counted = [...found].reduce((sum, [id, units]) => sum + worth(lines.get(id), units), 0n)
      const times = [...found.keys()].flatMap((id) => lines.get(id)?.atMs ?? [])
      const oldestMs = sums.after === 0n && times.length > 0 ? Math.min(...times) : undefined
      return { location, sums, open, oldestMs, rest: open + sums.after - counted }
    })
  }

  #take(place: Place, movement: OrderMovement, period: Period): Settled {
    const { kind, session, mark, lines } = movement
    const known = (mark.taken ?? []).flatMap(({ line: id, quantity }) => {
      const line = place.lines.get(id)
      return line === undefined ? [] : [{ id, line, units: BigInt(quantity) }]
    })
    if (known.length === 0) return NOTHING
    if (kind === 'order') return this.#takeBack(place, known, movement, period)
    const bySku = new Map<string, { cents: bigint; units: bigint }>()
    let taken = 0n
    for (const { line, units } of known) {
      const { cents } = takenOff(line, units)
      taken += cents
      const before = bySku.get(line.sku) ?? { cents: 0n, units: 0n }
      bySku.set(line.sku, { cents: before.cents + cents, units: before.units + units })
      if (session !== undefined) this.#hold(session, line)
    }
    flow(place.sums, period, FLOW_OF[kind] ?? 'billed', taken)
    const { less, list } = comparedWith(lines, bySku)
    if (period === 'within') place.sums.less += less
    return { takenBack: 0n, taken, less, list }
  }

  #takeBack({ lines, sums }: Place, known: readonly Known[], { atMs }: OrderMovement, period: Period): Settled {
    let takenBack = 0n
    for (const { id, line, units } of known) {
      const { cents, afterVoid } = takenOff(line, units)
      takenBack += cents
      flow(sums, period, 'takenBack', cents)
      if (period === 'within') sums.afterVoid += afterVoid
      if (period === 'within' && atMs - line.atMs > LATE_MS) sums.late += cents
      if (line.open === 0n && line.holds === 0) lines.delete(id)
    }
    return { ...NOTHING, takenBack }
  }

  #hold(session: string, line: Ordered): void {
    const held = this.#billed.get(session) ?? []
    this.#billed.set(session, held)
    held.push(line)
    line.holds += 1
  }

  #ordered(place: Place, id: string, sku: string, { atMs, lines }: OrderMovement): Ordered {
    const line = lines.find((one) => one.id === id)
    const total = line === undefined ? 0n : toCents(line.total_amount)
    const ordered = line === undefined ? 1n : absolute(toAtoms(String(line.quantity)))
    const made = { sku, total, ordered, atMs, open: 0n, reopened: 0n, holds: 0 }
    place.lines.set(id, made)
    return made
  }

  #place(location: string): Place {
    const none = { before: 0n, ordered: 0n, reopened: 0n, billed: 0n, takenBack: 0n, transfer: 0n, staff: 0n, less: 0n }
    const sums = { ...none, late: 0n, afterVoid: 0n, after: 0n }
    const place = this.#places.get(location) ?? { lines: new Map(), orders: new LocationOrders(), sums }
    this.#places.set(location, place)
    return place
  }
}

const FLOW_OF: Readonly<Record<string, 'transfer' | 'staff'>> = { transfer: 'transfer', employee_benefit: 'staff' }

type Flow = 'ordered' | 'reopened' | 'billed' | 'takenBack' | 'transfer' | 'staff'

function flow(sums: OrderSums, period: Period, name: Flow, cents: bigint): void {
  if (period === 'within') sums[name] += cents
  else sums[period] += name === 'ordered' || name === 'reopened' ? cents : -cents
}

/** Units that a void has opened again go first. */
function takenOff(line: Ordered, units: bigint): { cents: bigint; afterVoid: bigint } {
  const again = units < line.reopened ? units : line.reopened
  line.reopened -= again
  const afterVoid = -changed(line, -again)
  return { cents: afterVoid - changed(line, again - units), afterVoid }
}

/** Changes the open units, and returns by how much their amount changes. */
function changed(line: Ordered, units: bigint): bigint {
  const before = worth(line, line.open)
  line.open += units
  return worth(line, line.open) - before
}

/** The share of so many units, rounded once, so that parts add up. */
function worth(line: Ordered | undefined, units: bigint): bigint {
  return line === undefined ? 0n : divideRounded(line.total * units, line.ordered)
}

/** The price on the bill of what it settles, article by article, and by how much it is lower than ordered. */
function comparedWith(
  lines: readonly GoodsLine[],
  bySku: ReadonlyMap<string, { readonly cents: bigint; readonly units: bigint }>,
): { less: bigint; list: bigint } {
  const billed = new Map<string, { units: bigint; list: bigint }>()
  for (const { sku_identifier: sku, quantity, unit_price: price } of lines) {
    const units = toAtoms(String(quantity))
    if (units <= 0n || !bySku.has(sku)) continue
    const before = billed.get(sku) ?? { units: 0n, list: 0n }
    const list = divideRounded(units * toAtoms(price), SQUARE_ATOMS_PER_CENT)
    billed.set(sku, { units: before.units + units, list: before.list + list })
  }
  let [less, sum] = [0n, 0n]
  for (const [sku, { cents, units }] of bySku) {
    const bill = billed.get(sku)
    const list =
      bill === undefined ? 0n : divideRounded(bill.list * (units < bill.units ? units : bill.units), bill.units)
    sum += list
    if (list < cents) less += cents - list
  }
  return { less, list: sum }
}

import type { Json } from '../../../base/canonical.ts'
import type { OrdersMark } from '../events.ts'
import type { OpenLine, OpenLines, OpenPart } from './open-lines.ts'

/** The places of one event: an order has at most 100 lines. */
const PLACES = 100

type Taken = { readonly line: string; readonly group: string; readonly quantity: bigint }
/** A line of the JSON. */
type WrittenLine = Omit<OpenLine, 'quantity'> & { readonly quantity: string }
type Written = {
  readonly location: string
  readonly groups: readonly { readonly group: string; readonly lines: readonly WrittenLine[] }[]
}

/** The open order lines of one location, folded from the marks of events. The list of a group is never changed. */
export class LocationOrders implements OpenLines {
  readonly #groups: Map<string, readonly OpenLine[]>
  #size = 0

  constructor(groups: Iterable<readonly [string, readonly OpenLine[]]> = []) {
    this.#groups = new Map(groups)
    for (const lines of this.#groups.values()) this.#size += lines.length
  }

  copy(): LocationOrders {
    return new LocationOrders(this.#groups)
  }

  get size(): number {
    return this.#size
  }

  groups(): { group: string; lines: readonly OpenLine[] }[] {
    const groups = Array.from(this.#groups, ([group, lines]) => ({ group, lines }))
    return groups.sort((one, other) => ageOf(one) - ageOf(other))
  }

  in(group: string): readonly OpenLine[] {
    return this.#groups.get(group) ?? []
  }

  named(ids: ReadonlySet<string>): OpenPart[] {
    const found: OpenPart[] = []
    for (const [group, lines] of this.#groups)
      for (const line of lines) if (ids.has(line.line)) found.push({ ...line, group })
    return found
  }

  /** An event was appended. It takes at most the open part of a line. */
  note(seq: number, { added = [], taken = [], moved = [] }: OrdersMark): void {
    for (const part of taken) this.#take(inUnits(part))
    for (const { to, ...part } of moved) {
      const line = this.#take(inUnits(part))
      if (line !== undefined) this.#add(to, line)
    }
    for (const [place, { group, quantity, since = seq * PLACES + place, ...line }] of added.entries())
      this.#add(group, { ...line, since, quantity: BigInt(quantity) })
  }

  toJson(location: string): Json {
    const groups = Array.from(this.#groups, ([group, lines]) => ({
      group,
      lines: lines.map((line) => ({ ...line, quantity: String(line.quantity) })),
    }))
    return { location, groups } satisfies Written
  }

  /** Reads what {@link toJson} returned. */
  static read(json: Json): [string, LocationOrders] {
    const { location, groups } = json as Written
    const lists = groups.map(({ group, lines }) => [group, lines.map(readLine)] as const)
    return [location, new LocationOrders(lists)]
  }

  /** The part of the line that it took; undefined if nothing is open. */
  #take({ line: id, group, quantity }: Taken): OpenLine | undefined {
    const lines = this.in(group)
    const at = lines.findIndex(({ line }) => line === id)
    const line = lines[at]
    if (line === undefined) return undefined
    const isWhole = quantity >= line.quantity
    const left = isWhole ? [] : [{ ...line, quantity: line.quantity - quantity }]
    this.#set(group, lines.toSpliced(at, 1, ...left))
    return isWhole ? line : { ...line, quantity }
  }

  /** At its place by age; to what is open of it there, if anything is. */
  #add(group: string, line: OpenLine): void {
    const lines = this.in(group)
    const after = lines.findLastIndex(({ since }) => since <= line.since)
    const before = lines[after]
    if (before?.line === line.line)
      this.#set(group, lines.with(after, { ...before, quantity: before.quantity + line.quantity }))
    else this.#set(group, lines.toSpliced(after + 1, 0, line))
  }

  #set(group: string, lines: readonly OpenLine[]): void {
    this.#size += lines.length - this.in(group).length
    if (lines.length === 0) this.#groups.delete(group)
    else this.#groups.set(group, lines)
  }
}

/** The parts that the event settles, cancels or moves beyond what is open of them by then. */
export function beyondOpen(
  lines: OpenLines | undefined,
  { taken = [], moved = [] }: OrdersMark,
): (Taken & { readonly open: bigint })[] {
  const left = new Map<string, bigint>()
  return [...taken, ...moved].flatMap((part) => {
    const { line, group, quantity } = inUnits(part)
    const key = `${line} ${group}`
    const open = left.get(key) ?? lines?.in(group).find((one) => one.line === line)?.quantity ?? 0n
    left.set(key, open > quantity ? open - quantity : 0n)
    return quantity > 0n && quantity <= open ? [] : [{ line, group, quantity, open }]
  })
}

type Added = NonNullable<OrdersMark['added']>[number]

/** The line as the event with that `seq` has ordered it, with its place among all lines; undefined if it has not. */
export function addedAt(seq: number, { added = [] }: OrdersMark, line: string): Added | undefined {
  const place = added.findIndex((one) => one.line === line)
  const first = added[place]
  return first && { since: seq * PLACES + place, ...first }
}

function inUnits({ line, group, quantity }: { line: string; group: string; quantity: string }): Taken {
  return { line, group, quantity: BigInt(quantity) }
}

function readLine({ quantity, ...line }: WrittenLine): OpenLine {
  return { ...line, quantity: BigInt(quantity) }
}

function ageOf({ lines }: { readonly lines: readonly OpenLine[] }): number {
  return lines[0]?.since ?? 0
}

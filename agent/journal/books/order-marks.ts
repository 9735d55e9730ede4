import { formatAtoms, toAtoms } from '../../../base/money.ts'
import type { EventBody, Members, OrdersMark } from '../events.ts'
import { shortList } from './findings.ts'
import type { OpenLines, OpenPart } from './open-lines.ts'
import { withPicked } from './picked-members.ts'

/** Members of an operation that say which order lines it opens, settles or moves. */
const NAMES = [
  'location_id',
  'allocation_group',
  'from_allocation_group',
  'training',
  'line_items',
  'moved_lines',
  'settled_order_lines',
  'related_operation_id',
] as const
/** They settle lines, and their void opens these again. */
const BILLS: readonly string[] = ['sale', 'deposit_capture', 'transfer', 'employee_benefit']
const KINDS: readonly string[] = [...BILLS, 'order', 'order_move', 'void']
/** The rest of a line that goes with its last part (till/selling/open-lines.ts), in units of 10⁻⁸: less than that. */
const REST = 50_000n

type Line = { readonly id: string; readonly sku_identifier: string; readonly quantity: number | string }
type BillLine = Line & { readonly order_line_id?: string }
type Part = { readonly order_id: string; readonly order_line_id: string; readonly quantity: string }
type Settled = Part & { readonly allocation_group: string }
type Added = NonNullable<OrdersMark['added']>[number]
type Taken = NonNullable<OrdersMark['taken']>[number]

/** An operation until it ends. */
type Begun = { readonly kind: string; readonly session: string | undefined; readonly shown: Members }
/** The lines that a bill settled, as they were open then. */
type Bill = { readonly session: string | undefined; readonly location: string; readonly parts: readonly OpenPart[] }
/** The changes of the open lines by an event, and those that its document gives. */
type MarkDifference = { readonly stated: string; readonly counted: string }
type Moment = { readonly op: string; readonly shown: Members; readonly mark: OrdersMark | undefined; open: Open }
type Open = (location: string) => OpenLines | undefined

/**
 * Compares what each event does to the open order lines (`orders`) with the operation that does it, calculated a second
 * time: a line that is dropped from an order, or settled by no bill, is on no list from then on. Memory: open operations,
 * and the bills of running sessions, which may be voided.
 */
export class OrderMarks {
  readonly #begun = new Map<string, Begun>()
  readonly #bills = new Map<string, Bill>()

  /** Takes the next event; `open`: before it. Returns a difference, if it has one. */
  note(op: string, body: EventBody, open: Open): MarkDifference | undefined {
    const { orders: mark, plan, status = 'open', session } = body
    const begun = this.#after(op, body)
    const asked = plan?.goal === 'completed' ? begun : undefined
    const shown = asked && withPicked(NAMES, asked.shown, plan?.set)
    const counted = asked && shown ? this.#expected(asked.kind, { op, shown, mark, open }) : []
    const stated = mark === undefined ? [] : statedBy(mark)
    if (asked && mark?.taken !== undefined) this.#keep(op, asked, mark, open)
    if (status !== 'open') this.#begun.delete(op)
    if (session?.set?.['state'] === 'closed') this.#forget(session.id)
    // Most events have no order lines.
    if (stated.length + counted.length === 0 || listed(stated) === listed(counted)) return undefined
    return { stated: shortList(stated), counted: shortList(counted) }
  }

  #after(op: string, { index, set }: EventBody): Begun | undefined {
    const before = this.#begun.get(op)
    const isBegin = index !== undefined && before === undefined && KINDS.includes(index.kind)
    const begun = isBegin ? { kind: index.kind, session: index.session, shown: {} } : before
    if (begun === undefined) return undefined
    const shown = withPicked(NAMES, begun.shown, set)
    const after = shown === begun.shown ? begun : { ...begun, shown }
    this.#begun.set(op, after)
    return after
  }

  #expected(kind: string, moment: Moment): string[] {
    const { location_id: location, training } = moment.shown
    if (typeof location !== 'string' || training === true) return []
    switch (kind) {
      case 'order':
        return ordered(moment, location)
      case 'order_move':
        return movedBy(moment, location)
      case 'void':
        return this.#reopened(moment)
      default:
        return settledBy(moment, location)
    }
  }

  #reopened({ shown }: Moment): string[] {
    const bill = this.#bills.get(String(shown['related_operation_id']))
    if (bill === undefined) return []
    const { location, parts } = bill
    return parts.map(({ quantity, ...part }) => addedText(location, { ...part, quantity: String(quantity) }))
  }

  #keep(op: string, { kind, session }: Begun, { location, taken = [] }: OrdersMark, open: Open): void {
    if (!BILLS.includes(kind)) return
    const parts = taken.flatMap((one) => {
      const part = partIn(open(location), one)
      return part === undefined ? [] : [{ ...part, quantity: BigInt(one.quantity) }]
    })
    this.#bills.set(op, { session, location, parts })
  }

  #forget(session: string): void {
    for (const [op, bill] of this.#bills) if (bill.session === session) this.#bills.delete(op)
  }
}

/** The positive lines begin to be open; of each article as much is cancelled as the negative ones name. */
function ordered({ op, shown, mark, open }: Moment, location: string): string[] {
  const lines = listOf<Line>(shown, 'line_items').map((line) => ({ ...line, units: toAtoms(String(line.quantity)) }))
  const group = String(shown['allocation_group'])
  const added = lines
    .filter(({ units }) => units > 0n)
    .map(({ id, sku_identifier: sku, units }) =>
      addedText(location, { line: id, order: op, group, born: group, sku, quantity: String(units) }),
    )
  const back = sums(lines.filter(({ units }) => units < 0n).map(({ sku_identifier: sku, units }) => [sku, -units]))
  const taken = (mark?.taken ?? []).filter((one) => one.group === group)
  const skus = taken.map((one) => [partIn(open(location), one)?.sku ?? '', one] as const)
  const kept = new Set<Taken>()
  for (const [sku, wanted] of back) {
    const ofIt = skus.filter(([other]) => other === sku).map(([, one]) => one)
    if (isTaken(ofIt, wanted)) for (const one of ofIt) kept.add(one)
  }
  const missing = [...back].filter(([sku]) => !skus.some(([other]) => other === sku))
  return [
    ...added,
    ...taken.filter((one) => kept.has(one)).map((one) => takenText(location, one)),
    ...missing.map(([sku, units]) => `-${formatAtoms(units)} ${sku} ${group} ${location}`),
  ]
}

/** As the bill says (`settled_order_lines`), at most what it bills, and of another group only what it names. */
function settledBy({ shown, mark, open }: Moment, location: string): string[] {
  const group = shown['allocation_group']
  if (typeof group !== 'string') return []
  const lines = listOf<BillLine>(shown, 'line_items').filter(({ quantity }) => toAtoms(String(quantity)) > 0n)
  const named = new Set(lines.map((line) => line.order_line_id))
  const settled = listOf<Settled>(shown, 'settled_order_lines')
  const left = sums(settled.map((one) => [settledKey(one), toAtoms(one.quantity)]))
  const billed = sums(lines.map((line) => [line.sku_identifier, toAtoms(String(line.quantity))]))
  const taken = (mark?.taken ?? []).filter((one) => {
    const part = partIn(open(location), one)
    if (part === undefined || !(one.group === group || named.has(one.line))) return false
    const key = settledKey({ order_id: part.order, order_line_id: part.line, allocation_group: part.born })
    const units = BigInt(one.quantity)
    const [ofLine, ofArticle] = [(left.get(key) ?? 0n) - units, (billed.get(part.sku) ?? 0n) - units + REST]
    left.set(key, ofLine)
    billed.set(part.sku, ofArticle)
    return ofLine >= 0n && ofArticle >= 0n
  })
  const missing = [...left].filter(([, units]) => units > 0n)
  return [
    ...taken.map((one) => takenText(location, one)),
    ...missing.map(([key, units]) => `-${formatAtoms(units)} ${key} ${location}`),
  ]
}

function movedBy({ shown }: Moment, location: string): string[] {
  const [group, to] = [String(shown['from_allocation_group']), String(shown['allocation_group'])]
  return listOf<Part>(shown, 'moved_lines').map(({ order_line_id: line, quantity }) =>
    movedText(location, { line, group, to, quantity: String(toAtoms(quantity)) }),
  )
}

function statedBy({ location, added = [], taken = [], moved = [] }: OrdersMark): string[] {
  return [
    ...added.map((one) => addedText(location, one)),
    ...taken.map((one) => takenText(location, one)),
    ...moved.map((one) => movedText(location, one)),
  ]
}

function addedText(location: string, { line, order, group, born, sku, quantity, since }: Added): string {
  const age = since === undefined ? [] : [since]
  return [`+${formatAtoms(BigInt(quantity))}`, sku, line, order, born, group, ...age, location].join(' ')
}

function takenText(location: string, { line, group, quantity }: Taken): string {
  return `-${formatAtoms(BigInt(quantity))} ${line} ${group} ${location}`
}

function movedText(location: string, { to, ...part }: Taken & { readonly to: string }): string {
  return `${takenText(location, part)} → ${to}`
}

function settledKey({ order_id, order_line_id, allocation_group }: Omit<Settled, 'quantity'>): string {
  return `${order_id} ${order_line_id} ${allocation_group}`
}

/** The rest of a line that is too little to be named goes with its last part. */
function isTaken(parts: readonly Taken[], wanted: bigint): boolean {
  const beyond = parts.reduce((sum, { quantity }) => sum + BigInt(quantity), 0n) - wanted
  return beyond >= 0n && beyond < REST * BigInt(Math.max(1, parts.length))
}

function partIn(open: OpenLines | undefined, { line, group }: Taken): OpenPart | undefined {
  const part = open?.in(group).find((one) => one.line === line)
  return part && { ...part, group }
}

function sums(entries: readonly (readonly [string, bigint])[]): Map<string, bigint> {
  const totals = new Map<string, bigint>()
  for (const [key, units] of entries) totals.set(key, (totals.get(key) ?? 0n) + units)
  return totals
}

function listOf<Entry>(shown: Members, name: (typeof NAMES)[number]): readonly Entry[] {
  const list = shown[name]
  return Array.isArray(list) ? (list as unknown as readonly Entry[]) : []
}

function listed(texts: readonly string[]): string {
  return [...texts].sort().join('\n')
}

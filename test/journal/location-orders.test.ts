// @module-tag heavy
import { expect, test } from 'vitest'
import { BookState } from '../../agent/journal/books/book-state.ts'
import { Books } from '../../agent/journal/books/books.ts'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import type { OpenPart } from '../../agent/journal/books/open-lines.ts'
import type { OrdersMark } from '../../agent/journal/events.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { kindOfLine } from '../../agent/till/selling/line-kinds.ts'
import type { Sent } from '../../agent/till/selling/open-lines.ts'
import { cancelledBy, movedBy, settledBy } from '../../agent/till/selling/open-lines.ts'
import type { Seeded } from '../crash/seeded.ts'
import { seeded } from '../crash/seeded.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

const AT = '2026-03-12T18:00:00.000Z'
const LOCATION = 'loc_1'
const GROUPS = ['Tisch 7', 'Tisch 12', '__proto__', 'Ünÿ 💛'] as const
const SKUS = ['eis', 'bier', 'wein'] as const
const UNIT = 50_000_000n

/** Half a piece of an ordered line, which costs half of its price. */
type Piece = {
  readonly line: string
  readonly order: string
  readonly sku: string
  readonly kind: Kind
  readonly age: number
  group: string
}
type Kind = { readonly rate: string; readonly price: number }

const DEAREST: Kind = { rate: '0.19', price: 840 }
const CHEAPER: readonly Kind[] = [
  { rate: '0.19', price: 720 },
  { rate: '0.19', price: 390 },
  ...[840, 720, 390].map((price) => ({ rate: '0.07', price })),
]
const KINDS: readonly [Kind, ...Kind[]] = [DEAREST, ...CHEAPER]
const NEARNESS: readonly ((one: Kind, other: Kind) => boolean)[] = [
  (one, other) => one === other,
  (one, other) => one.rate === other.rate,
  () => true,
]

function lineOf(sku: string, { rate, price }: Kind, quantity: number): Sent {
  return { sku_identifier: sku, quantity, unit_price: (price / 100).toFixed(2), taxes: [{ rate }] }
}

/** The open lines as a waiter would keep them: one note for each half piece. */
class Oracle {
  pieces: Piece[] = []

  /** The oldest first; half pieces of one line lie together. */
  of(group: string, sku?: string): Piece[] {
    const there = this.pieces.filter((piece) => piece.group === group && (sku === undefined || piece.sku === sku))
    return there.sort((one, other) => one.age - other.age)
  }

  take(pieces: readonly Piece[]): void {
    this.pieces = this.pieces.filter((piece) => !pieces.includes(piece))
  }

  /** The nearest first, of these the oldest. `wanted`: half pieces of each kind. */
  settle(group: string, sku: string, wanted: ReadonlyMap<Kind, number>): Piece[] {
    const left = new Map(wanted)
    const settled: Piece[] = []
    for (const isNear of NEARNESS)
      for (const [kind, halves] of left) {
        const near = this.of(group, sku).filter((piece) => isNear(piece.kind, kind))
        const taken = near.slice(0, halves)
        this.take(taken)
        settled.push(...taken)
        left.set(kind, halves - taken.length)
      }
    return settled
  }
}

/** What is owed at each table by rate: signed orders, less what bills settled at the prices of the orders. */
class Ledger {
  readonly #sums = new Map<string, number>()

  add(group: string, { rate, price }: Kind, halves: number): void {
    const key = `${group} ${rate}`
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + (halves * price) / 2)
  }

  addAll(pieces: readonly Piece[], sign: 1 | -1): void {
    for (const { group, kind } of pieces) this.add(group, kind, sign)
  }

  sums(): string[] {
    return [...this.#sums]
      .filter(([, cents]) => cents !== 0)
      .map(([key, cents]) => `${key} ${cents}`)
      .toSorted()
  }
}

function marksOf(parts: readonly OpenPart[]) {
  return parts.map(({ line, group, quantity }) => ({ line, group, quantity: String(quantity) }))
}

/** A tavern whose tables are kept twice. */
class Tavern {
  readonly random: Seeded
  readonly state = new BookState()
  readonly oracle = new Oracle()
  readonly bills: { parts: OpenPart[]; pieces: Piece[] }[] = []
  readonly events: OrdersMark[] = []
  readonly ledger = new Ledger()
  readonly kinds = new Map<string, Kind>()
  #ordered = 0

  constructor(random: Seeded) {
    this.random = random
  }

  step(): void {
    const { random } = this
    const [group, sku] = [random.pick(GROUPS), random.pick(SKUS)]
    random.pick([
      () => this.order(group),
      () => this.order(group),
      () => this.bill(group, sku),
      () => this.cancel(group, sku),
      () => this.move(group, sku),
      () => this.void(),
    ])()
  }

  order(group: string): void {
    const order = `op_${this.events.length}`
    const added = Array.from({ length: 1 + this.random.below(3) }, (_, index) => {
      const [line, sku, halves] = [
        `li_${this.events.length}_${index}`,
        this.random.pick(SKUS),
        1 + this.random.below(5),
      ]
      const [age, kind] = [this.#ordered++, this.random.pick(KINDS)]
      this.kinds.set(line, kind)
      this.ledger.add(group, kind, halves)
      for (let half = 0; half < halves; half++) this.oracle.pieces.push({ line, order, sku, kind, age, group })
      return { line, order, group, born: group, sku, quantity: String(BigInt(halves) * UNIT) }
    })
    this.#note({ added })
  }

  bill(group: string, sku: string): void {
    const [lines, wanted] = this.#billed(sku)
    const parts = settledBy(lines, group, this.state.openLines(LOCATION), (part) => this.#kindOf(part.line))
    const pieces = this.oracle.settle(group, sku, wanted)
    this.ledger.addAll(pieces, -1)
    this.bills.push({ parts, pieces })
    this.#note({ taken: marksOf(parts) })
  }

  cancel(group: string, sku: string): void {
    const [kind, halves] = [this.random.pick(KINDS), 1 + this.random.below(2)]
    const there = this.oracle.of(group, sku).filter((piece) => piece.kind === kind)
    const cancel = () =>
      cancelledBy([lineOf(sku, kind, -halves / 2)], group, this.state.openLines(LOCATION), ({ line }) =>
        this.#kindOf(line),
      )
    if (there.length < halves) expect(cancel).toThrow('is open')
    else {
      this.oracle.take(there.slice(-halves))
      this.ledger.add(group, kind, -halves)
      this.#note({ taken: marksOf(cancel()) })
    }
  }

  move(group: string, sku: string): void {
    const [there, to] = [this.oracle.of(group, sku), this.random.pick(GROUPS)]
    if (to === group || there.length === 0) return
    const pieces = there.slice(0, 1 + this.random.below(there.length))
    const parts = movedBy(
      [{ sku_identifier: sku, quantity: String(pieces.length / 2) }],
      group,
      this.state.openLines(LOCATION),
    )
    this.ledger.addAll(pieces, -1)
    for (const piece of pieces) piece.group = to
    this.ledger.addAll(pieces, 1)
    this.#note({ moved: marksOf(parts).map((part) => ({ ...part, to })) })
  }

  void(): void {
    const [bill] = this.bills.splice(this.random.below(this.bills.length), 1)
    if (bill === undefined || bill.parts.length === 0) return
    this.oracle.pieces.push(...bill.pieces)
    this.ledger.addAll(bill.pieces, 1)
    const added = bill.parts.map(({ quantity, ...part }) => ({ ...part, quantity: String(quantity) }))
    this.#note({ added })
  }

  /** The open lines of the state, in half pieces: group, line and number. */
  folded(state: BookState): string[] {
    return GROUPS.flatMap((group) =>
      (state.openLines(LOCATION)?.in(group) ?? []).map(({ line, quantity }) => `${group} ${line} ${quantity / UNIT}`),
    )
  }

  kept(): string[] {
    return GROUPS.flatMap((group) => {
      const counts = new Map<string, number>()
      for (const { line } of this.oracle.of(group)) counts.set(line, (counts.get(line) ?? 0) + 1)
      return [...counts].map(([line, halves]) => `${group} ${line} ${halves}`)
    })
  }

  /** The same in cents by table and rate, as the state has it. */
  owed(): string[] {
    const owed = new Ledger()
    for (const { group, lines } of this.state.openLines(LOCATION)?.groups() ?? [])
      for (const { line, quantity } of lines) {
        const kind = this.kinds.get(line)
        if (kind !== undefined) owed.add(group, kind, Number(quantity / UNIT))
      }
    return owed.sums()
  }

  /** Up to three lines of an article, some of them taken off again, and the half pieces of each kind that are left. */
  #billed(sku: string): [lines: Sent[], wanted: Map<Kind, number>] {
    const wanted = new Map<Kind, number>()
    const lines = Array.from({ length: 1 + this.random.below(3) }, () => {
      const [kind, halves] = [this.random.pick(KINDS), 1 + this.random.below(6)]
      wanted.set(kind, (wanted.get(kind) ?? 0) + halves)
      return lineOf(sku, kind, halves / 2)
    })
    const [kind, halves] = [...wanted][0] ?? []
    if (kind === undefined || halves === undefined || this.random.below(3) > 0) return [lines, wanted]
    const off = 1 + this.random.below(halves)
    wanted.set(kind, halves - off)
    return [[...lines, lineOf(sku, kind, -off / 2)], wanted]
  }

  #kindOf(line: string) {
    const kind = this.kinds.get(line)
    return kind && kindOfLine(lineOf('', kind, 1))
  }

  #note(mark: Omit<OrdersMark, 'location'>): void {
    const orders = { location: LOCATION, ...mark }
    this.events.push(orders)
    this.state.check({ orders })
    this.state.note(this.events.length, AT, `op_${this.events.length}`, { orders })
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'a table owes its signed orders less what bills settled of them, by rate, whatever moves or is voided (seed %i)',
  (seed) => {
    const tavern = new Tavern(seeded(seed))
    for (let step = 0; step < 200; step++) {
      const saved = step % 7 === 0 ? tavern.state.saved() : undefined
      const before = tavern.state.toJson()
      tavern.step()
      expect(tavern.folded(tavern.state)).toEqual(tavern.kept())
      expect(tavern.owed()).toEqual(tavern.ledger.sums())
      const after = tavern.state.toJson()
      if (saved === undefined) continue
      tavern.state.restore(saved)
      expect(tavern.state.toJson()).toBe(before)
      tavern.state.restore(BookState.from(after).saved())
    }
    const again = new BookState()
    for (const [index, orders] of tavern.events.entries()) again.note(index + 1, AT, 'op', { orders })
    expect(tavern.folded(again)).toEqual(tavern.kept())
    expect(tavern.state.openLines(LOCATION)?.size ?? 0).toBe(tavern.kept().length)
  },
)

const ADDED = { line: 'li_1', order: 'op_1', group: 'T7', born: 'T7', sku: 'eis', quantity: '100000000' }
const TAKEN = { line: 'li_1', group: 'T7', quantity: '100000000' }

test('an event that settles more than is open is refused alone, and the lines stay open', async () => {
  const journal = await openJournal(await temporaryDirectory())
  const commit = (orders: OrdersMark) =>
    journal.commit('outcome', () => ({ events: [markEvent('op_1', { orders })], result: undefined }))
  await commit({ location: LOCATION, added: [ADDED] })
  for (const wrong of [
    { taken: [{ ...TAKEN, quantity: '100000001' }] },
    { taken: [TAKEN, { ...TAKEN, quantity: '1' }] },
    { moved: [{ ...TAKEN, group: 'T8', to: 'T7' }] },
    { taken: [{ ...TAKEN, quantity: '-1' }] },
  ])
    await expect(commit({ location: LOCATION, ...wrong })).rejects.toThrow('more than is open')
  expect(journal.view.openLines(LOCATION)?.size).toBe(1)
  await commit({ location: LOCATION, taken: [TAKEN] })
  expect(journal.view.openLines(LOCATION)).toBeUndefined()
  await journal.close()
})

/** The findings of a journal with these marks, but for those of the documents, which it does not have. */
function findings(...marks: readonly Omit<OrdersMark, 'location'>[]): string[] {
  const books = new Books('salt', LAW_BOOKS)
  for (const [index, mark] of marks.entries()) {
    const body = JSON.stringify({ orders: { location: LOCATION, ...mark } })
    books.note({ seq: index + 1, kind: 'operation.completion_requested', op: `op_${index + 1}`, at: AT, body })
  }
  const found = books.findings.all().filter(({ code }) => code !== 'open_lines_differ')
  return found.map((finding) => describeBooks(finding, 'en', LAW_BOOKS))
}

test('a line that an edited journal settles twice, or moves without an order, is found', () => {
  const moved = { ...TAKEN, to: 'T8' }
  expect(findings({ added: [ADDED] }, { moved: [moved] }, { taken: [{ ...TAKEN, group: 'T8' }] })).toEqual([])
  expect(findings({ added: [ADDED] }, { taken: [TAKEN] }, { taken: [TAKEN] })).toEqual([
    'Operation op_3: event 3 takes 1 of order line li_1 in T7; 0 of it is open there. (order_lines_differ)',
  ])
  expect(findings({ moved: [{ ...moved, quantity: '50000000' }] })).toEqual([
    'Operation op_1: event 1 takes 0.5 of order line li_1 in T7; 0 of it is open there. (order_lines_differ)',
  ])
  expect(findings({ added: [{ ...ADDED, quantity: 'many' }] })).toEqual([
    'Event 1 cannot be read: its content is not of this program. (event_unreadable)',
  ])
})

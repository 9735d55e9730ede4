import { expect, test } from 'vitest'
import { BookState } from '../../agent/journal/books/book-state.ts'
import { Books } from '../../agent/journal/books/books.ts'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import type { OpenPart } from '../../agent/journal/books/open-lines.ts'
import type { OrdersMark } from '../../agent/journal/events.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import type { Wanted } from '../../agent/till/selling/open-lines.ts'
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

/** Half a piece of an ordered line. */
type Piece = {
  readonly line: string
  readonly order: string
  readonly sku: string
  readonly age: number
  group: string
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
      const age = this.#ordered++
      for (let half = 0; half < halves; half++) this.oracle.pieces.push({ line, order, sku, age, group })
      return { line, order, group, born: group, sku, quantity: String(BigInt(halves) * UNIT) }
    })
    this.#note({ added })
  }

  bill(group: string, sku: string): void {
    const wanted = this.#wanted(sku)
    const parts = settledBy([wanted], group, this.state.openLines(LOCATION))
    const pieces = this.oracle.of(group, sku).slice(0, Number(wanted.quantity) * 2)
    this.oracle.take(pieces)
    this.bills.push({ parts, pieces })
    this.#note({ taken: marksOf(parts) })
  }

  cancel(group: string, sku: string): void {
    const there = this.oracle.of(group, sku)
    const halves = 1 + this.random.below(4)
    const cancel = () =>
      cancelledBy([{ sku_identifier: sku, quantity: -halves / 2 }], group, this.state.openLines(LOCATION))
    if (there.length < halves) expect(cancel).toThrow('is open')
    else {
      this.oracle.take(there.slice(-halves))
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
    for (const piece of pieces) piece.group = to
    this.#note({ moved: marksOf(parts).map((part) => ({ ...part, to })) })
  }

  void(): void {
    const [bill] = this.bills.splice(this.random.below(this.bills.length), 1)
    if (bill === undefined || bill.parts.length === 0) return
    this.oracle.pieces.push(...bill.pieces)
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

  #wanted(sku: string): Wanted {
    return { sku_identifier: sku, quantity: (1 + this.random.below(8)) / 2 }
  }

  #note(mark: Omit<OrdersMark, 'location'>): void {
    const orders = { location: LOCATION, ...mark }
    this.events.push(orders)
    this.state.check({ orders })
    this.state.note(this.events.length, AT, `op_${this.events.length}`, { orders })
  }
}

test.each([1, 2, 3, 4, 5, 6])(
  'orders, bills, moves and voids leave open what was ordered and not settled (seed %i)',
  (seed) => {
    const tavern = new Tavern(seeded(seed))
    for (let step = 0; step < 200; step++) {
      const saved = step % 7 === 0 ? tavern.state.saved() : undefined
      const before = tavern.state.toJson()
      tavern.step()
      expect(tavern.folded(tavern.state)).toEqual(tavern.kept())
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

import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Members } from './answer-log.ts'

type Event = { seq: number; kind: string; op: string; parsed: Members }
type Line = { id: string; sku_identifier: string; quantity: number | string }
type Operation = Members & {
  type?: string
  location_id?: string
  allocation_group?: string
  from_allocation_group?: string
  related_operation_id?: string
  training?: boolean
  line_items?: readonly Line[]
  moved_lines?: readonly Line[]
  settled_order_lines?: readonly { order_line_id: string; quantity: string }[]
}
type Mark = {
  location: string
  added?: readonly { line: string; group: string; sku: string; quantity: string }[]
  taken?: readonly { line: string; group: string; quantity: string }[]
  moved?: readonly { line: string; group: string; to: string; quantity: string }[]
}

const UNITS = 1e8

/** Pieces by `location group article`; none that are 0. */
type OpenPieces = ReadonlyMap<string, number>

/**
 * Ordered − cancelled − billed + reversed by the documents, and the same by the marks of the events, as far as they
 * differ. A bill of these tests settles lines of its own table.
 */
export function checkOpenOrders(events: readonly Event[], broken: string[]): void {
  const [documents, marks] = [byDocuments(events), byMarks(events)]
  for (const key of new Set([...documents.keys(), ...marks.keys()]))
    if (documents.get(key) !== marks.get(key))
      broken.push(`open are ${marks.get(key) ?? 0} of ${key}, the documents leave ${documents.get(key) ?? 0}`)
}

/** What the marks of the events leave open. */
function byMarks(events: readonly Pick<Event, 'parsed'>[]): OpenPieces {
  const sum = new Sums()
  const articles = new Map<string, string>()
  for (const { parsed } of events) {
    const mark = parsed['orders'] as Mark | undefined
    if (mark === undefined) continue
    const { location, added = [], taken = [], moved = [] } = mark
    for (const { line, group, sku, quantity } of added) {
      articles.set(line, sku)
      sum.add(location, group, sku, Number(quantity) / UNITS)
    }
    for (const { line, group, quantity } of taken)
      sum.add(location, group, articles.get(line), -Number(quantity) / UNITS)
    for (const { line, group, to, quantity } of moved) {
      sum.add(location, group, articles.get(line), -Number(quantity) / UNITS)
      sum.add(location, to, articles.get(line), Number(quantity) / UNITS)
    }
  }
  return sum.pieces()
}

/** The same from what the operations say: a completion counts from its request on. */
function byDocuments(events: readonly Event[]): OpenPieces {
  const sum = new Sums()
  const documents = new Map<string, Operation>()
  const articles = new Map<string, string>()
  for (const { op, parsed } of events) {
    const { plan } = parsed as { plan?: { goal: string; set?: Members } }
    const document: Operation = { ...documents.get(op), ...(parsed['set'] as Operation | undefined) }
    documents.set(op, document)
    if (plan?.goal !== 'completed') continue
    const ended: Operation = { ...document, ...(plan.set as Operation | undefined) }
    documents.set(op, ended)
    if (ended.training === true) continue
    for (const { id, sku_identifier: sku } of ended.line_items ?? []) articles.set(id, sku)
    noteEnd(sum, ended, articles, documents)
  }
  return sum.pieces()
}

type Documents = ReadonlyMap<string, Operation>

function noteEnd(sum: Sums, ended: Operation, articles: ReadonlyMap<string, string>, documents: Documents): void {
  if (ended.type === 'order') noteOrder(sum, ended)
  if (ended.type === 'order_move') noteMove(sum, ended)
  const isVoid = ended.type === 'void'
  const bill = isVoid ? documents.get(String(ended.related_operation_id)) : ended
  noteBill(sum, bill, articles, isVoid ? 1 : -1)
}

function noteOrder(
  sum: Sums,
  { location_id: location = '', allocation_group: group = '', line_items }: Operation,
): void {
  for (const { sku_identifier: sku, quantity } of line_items ?? []) sum.add(location, group, sku, Number(quantity))
}

function noteMove(sum: Sums, move: Operation): void {
  const { location_id: location = '', from_allocation_group: from = '', allocation_group: to = '' } = move
  for (const { sku_identifier: sku, quantity } of move.moved_lines ?? []) {
    sum.add(location, from, sku, -Number(quantity))
    sum.add(location, to, sku, Number(quantity))
  }
}

function noteBill(
  sum: Sums,
  { location_id: location = '', allocation_group: group = '', settled_order_lines: lines = [] }: Operation = {},
  articles: ReadonlyMap<string, string>,
  sign: 1 | -1,
): void {
  for (const { order_line_id: line, quantity } of lines)
    sum.add(location, group, articles.get(line), sign * Number(quantity))
}

class Sums {
  readonly #sums = new Map<string, number>()

  add(location: string, group: string, article: string | undefined, pieces: number): void {
    const key = `${location} ${group} ${article ?? 'unknown'}`
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + pieces)
  }

  pieces(): OpenPieces {
    return new Map([...this.#sums].filter(([, pieces]) => pieces !== 0))
  }
}

/** The open pieces that a running agent lists: GET /v1/allocation-groups, page by page. */
export async function listedPieces(url: string, key: string): Promise<OpenPieces> {
  const sum = new Sums()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = new URL(`/v1/allocation-groups?limit=2&cursor=${cursor}`, url)
    const response = await fetch(page, { headers: { authorization: `Bearer ${key}` } })
    const { data, next_cursor: next } = (await response.json()) as { data: Members[]; next_cursor: string | null }
    for (const { location_id: location, allocation_group: group, open_lines: lines } of data)
      for (const { sku_identifier: sku, quantity } of lines as readonly { sku_identifier: string; quantity: string }[])
        sum.add(String(location), String(group), sku, Number(quantity))
    cursor = next
  }
  return sum.pieces()
}

/** How a list differs from the journal of an agent that has stopped, in words. */
export function differingList(listed: OpenPieces, state: string): string[] {
  const db = new Database(join(state, 'journal.db'), { readonly: true })
  try {
    const rows = db.prepare<[], { body: string }>('SELECT body FROM event ORDER BY seq').all()
    const marked = byMarks(rows.map(({ body }) => ({ parsed: JSON.parse(body) as Members })))
    const keys = [...new Set([...listed.keys(), ...marked.keys()])].filter((key) => listed.get(key) !== marked.get(key))
    return keys.map((key) => `${listed.get(key) ?? 0} of ${key} are listed, ${marked.get(key) ?? 0} are open`)
  } finally {
    db.close()
  }
}

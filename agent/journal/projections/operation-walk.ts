import type { Database } from 'better-sqlite3'
import type { OperationText } from './operations.ts'
import { SPAN_SEQS, textHash } from './operations.ts'

export type OperationFilter = {
  merchant: string
  /** null: without a register. */
  register?: string | null | undefined
  session?: string | undefined
  type?: string | undefined
  status?: string | undefined
  from?: string | undefined
  to?: string | undefined
  /** Needs a register. */
  receiptNumber?: number | undefined
} & { [Member in OperationText]?: string | undefined }

export type Order = 'asc' | 'desc'

/** The rows beyond a seq, up to another one and with it. */
type Stretch = { order: Order; beyond: number; upTo?: number | undefined }

/** The seqs before the first row and after the last one. */
export const BEFORE_FIRST = { asc: 0, desc: Number.MAX_SAFE_INTEGER } as const satisfies Record<Order, number>
const AFTER_LAST = { asc: BEFORE_FIRST.desc, desc: BEFORE_FIRST.asc } as const

/** Rows that a list reads at once, whether they match or not: some 3 ms. */
const LOOKED_AT = 5000
/** The same for rows at random places of their table. */
const SCATTERED_LOOKED_AT = 1000
/** Sorts after all digits. */
const LAST_TIME = ':'

type Value = string | number | Buffer
/** Parts of a statement over the operations of a filter; `values` has those of `from` first. */
type Walk = { from: string; where: string; by: string; values: readonly Value[] }
type Condition = readonly [text: string, ...values: readonly Value[]]

/** The operations of a filter in a stretch, by the index that fits it best. The rows of a text may have had it only once. */
export function walkOf(filter: OperationFilter, stretch: Stretch): Walk {
  const { order, beyond, upTo = AFTER_LAST[order] } = stretch
  const isForward = order === 'asc'
  const text = textOf(filter)
  const seq = text === undefined ? 'operation.seq' : 'operation_text.seq'
  const conditions: Condition[] = [
    ...(text === undefined ? [] : [['operation_text.hash = ?', text] as const]),
    [isForward ? `${seq} > ? AND ${seq} <= ?` : `${seq} < ? AND ${seq} >= ?`, beyond, upTo],
    ...conditionsOf(filter),
  ]
  const where = conditions.map(([part]) => part).join(' AND ')
  const values = conditions.flatMap(([, ...parts]) => parts)
  const way = isForward ? 'ASC' : 'DESC'
  if (isSpanned(filter)) {
    const bounds = spanBounds(filter, stretch)
    return { from: spanned(filter), where, by: `span.block ${way}, ${seq} ${way}`, values: [...bounds, ...values] }
  }
  const from = text === undefined ? 'operation' : 'operation_text CROSS JOIN operation USING (seq)'
  return { from, where, by: `${seq} ${way}`, values }
}

/**
 * The seq up to which a list looks for operations in one read: in years of sales hardly any may fit the filter.
 * Undefined if one read reaches the end.
 */
export function walkedUpTo(db: Database, filter: OperationFilter, stretch: Stretch): number | undefined {
  const { order, beyond } = stretch
  const text = textOf(filter)
  if (filter.receiptNumber !== undefined) return undefined
  if (text !== undefined) return nth(db, 'operation_text', stretch, [['hash = ?', text]], SCATTERED_LOOKED_AT)
  const owned = ownedBy(filter)
  if (!isSpanned(filter)) return nth(db, 'operation', stretch, owned, LOOKED_AT)
  const block = db
    .prepare<unknown[], number | null>(
      `SELECT ${order === 'asc' ? 'min' : 'max'}(block) FROM operation_span WHERE ${SPANS}`,
    )
    .pluck()
    .get(...spanBounds(filter, stretch))
  if (block == null) return undefined
  const edge = order === 'asc' ? Math.max(beyond, block * SPAN_SEQS - 1) : Math.min(beyond, (block + 1) * SPAN_SEQS)
  return nth(db, 'operation', { order, beyond: edge }, owned, LOOKED_AT)
}

/** The seq of the row of a table that so many rows are before. */
function nth(
  db: Database,
  table: 'operation' | 'operation_text',
  { order, beyond }: Stretch,
  conditions: readonly Condition[],
  offset: number,
): number | undefined {
  const [sign, way] = order === 'asc' ? ['>', 'ASC'] : ['<', 'DESC']
  const where = [`seq ${sign} ?`, ...conditions.map(([part]) => part)].join(' AND ')
  const values = conditions.flatMap(([, ...parts]) => parts)
  const text = `SELECT seq FROM ${table} WHERE ${where} ORDER BY seq ${way} LIMIT 1 OFFSET ${offset}`
  return db
    .prepare<unknown[], number>(text)
    .pluck()
    .get(beyond, ...values)
}

/** The hash of the text that finds the fewest operations. */
function textOf({ external_id: external, allocation_group: group }: OperationFilter): Buffer | undefined {
  if (external !== undefined) return textHash('external_id', external)
  return group === undefined ? undefined : textHash('allocation_group', group)
}

/** True if the spans of time are the shortest way: texts and receipt numbers are shorter. */
function isSpanned(filter: OperationFilter): boolean {
  if (filter.receiptNumber !== undefined || textOf(filter) !== undefined) return false
  return filter.from !== undefined || filter.to !== undefined
}

const SPANS = 'block >= ? AND block <= ? AND last >= ? AND first < ?'

function spanBounds(filter: OperationFilter, stretch: Stretch): [number, number, string, string] {
  const { order, beyond, upTo = AFTER_LAST[order] } = stretch
  const blocks = [beyond, upTo].map((seq) => Math.floor(seq / SPAN_SEQS))
  return [Math.min(...blocks), Math.max(...blocks), filter.from ?? '', filter.to ?? LAST_TIME]
}

/**
 * Only operations of the spans that overlap the time, in the order of their seqs. Each span is a seek in the index that
 * fits, which is named because SQLite would otherwise build one over the whole table.
 */
function spanned({ register, session }: OperationFilter): string {
  const owned = register === undefined ? 'NOT INDEXED' : 'INDEXED BY operation_register'
  const index = session === undefined ? owned : 'INDEXED BY operation_session'
  const begin = `span.block * ${SPAN_SEQS}`
  return `(SELECT block FROM operation_span WHERE ${SPANS}) AS span
    CROSS JOIN operation ${index} ON operation.seq BETWEEN ${begin} AND ${begin} + ${SPAN_SEQS - 1}`
}

/** The conditions that have an index. */
function ownedBy({ register, session }: OperationFilter): Condition[] {
  return [
    ...sent('register = (SELECT seq FROM resource WHERE id = ?)', register ?? undefined),
    ...sent('session = (SELECT seq FROM session WHERE id = ?)', session),
    ...(register === null ? [['register IS NULL'] as const] : []),
  ]
}

/** A closing has a receipt number, too, but is not an operation. */
const NUMBERED = `operation.seq = (SELECT min(seq) FROM event WHERE op <> '' AND op = (SELECT op FROM event WHERE seq =
  (SELECT seq FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?) AND number = ?)))`

function conditionsOf(filter: OperationFilter): Condition[] {
  const { register, receiptNumber: number } = filter
  return [
    ['operation.merchant = (SELECT seq FROM resource WHERE id = ?)', filter.merchant],
    ...ownedBy(filter),
    ...sent('operation.type = ?', filter.type),
    ...sent('operation.status = ?', filter.status),
    ...sent('event.at >= ?', filter.from),
    ...sent('event.at < ?', filter.to),
    ...(number === undefined ? [] : [[NUMBERED, register ?? '', number] as const]),
  ]
}

function sent(text: string, value: string | undefined): Condition[] {
  return value === undefined ? [] : [[text, value]]
}

import type { Database } from 'better-sqlite3'
import { SPAN_SEQS } from './operations.ts'

export type OperationRow = { seq: number; id: string; type: string; status: string }

export type OperationFilter = {
  merchant: string
  /** null: without a register. */
  register?: string | null | undefined
  session?: string | undefined
  type?: string | undefined
  status?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

/** Undefined members filter nothing. */
type OwnerFilter = { merchant?: string | undefined; register?: string | undefined }

/** Rows that a list reads at once, whether they match or not: some 3 ms. */
const OPERATIONS_LOOKED_AT = 5000
const END = Number.MAX_SAFE_INTEGER
const NEWEST = 'operation.seq > (SELECT max(seq) FROM operation) - 100000'

/**
 * Only operations of the spans that overlap the time, in the order of their seqs. Each span is a seek in the index that
 * fits, which is named because SQLite would otherwise build one over the whole table.
 */
function spanned({ register, session }: OperationFilter): string {
  const owned = register === undefined ? 'NOT INDEXED' : 'INDEXED BY operation_register'
  const index = session === undefined ? owned : 'INDEXED BY operation_session'
  const begin = `span.block * ${SPAN_SEQS}`
  return `(SELECT block FROM operation_span WHERE block >= ? AND last >= ? AND first < ? AND block <= ?) AS span
    CROSS JOIN operation ${index} ON operation.seq BETWEEN ${begin} AND ${begin} + ${SPAN_SEQS - 1}`
}

/** Sorts after all digits. */
const LAST_TIME = ':'

/** Lists of operations and their rows. `writeTables` brings the tables to the head before they are read. */
export function operationReads({ db, writeTables }: { db: Database; writeTables: () => void }) {
  const columns = `operation.seq AS seq, event.op AS id, operation.type AS type, operation.status AS status`
  const one = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq) WHERE operation.seq = (SELECT min(seq) FROM event WHERE op = ? AND op <> '')`,
  )
  const openOf = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq)
     WHERE operation.session = (SELECT seq FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1)
     AND operation.status = 'open' ORDER BY operation.seq LIMIT 1000`,
  )
  const firstSpan = db
    .prepare<[number, string, string], number | null>(
      'SELECT min(block) FROM operation_span WHERE block >= ? AND last >= ? AND first < ?',
    )
    .pluck()
  return {
    operationRow: (id: string): OperationRow | undefined => {
      writeTables()
      return one.get(id)
    },
    /** Open operations belong to the newest session of the register: no session closes while one is open. */
    openOperations: (register: string): OperationRow[] => {
      writeTables()
      return openOf.all(register)
    },
    /** Newest first, of a register, a merchant, or all. */
    newestOperations: ({ merchant, register }: OwnerFilter, limit: number): OperationRow[] => {
      writeTables()
      const column = register === undefined ? 'merchant' : 'register'
      const owner = register ?? merchant
      // For one of several merchants only the newest operations are searched: there is no index of merchants.
      const where =
        owner === undefined ? 'TRUE' : `operation.${column} = (SELECT seq FROM resource WHERE id = ?) AND ${NEWEST}`
      const statement = db.prepare<unknown[], OperationRow>(
        `SELECT ${columns} FROM operation JOIN event USING (seq) WHERE ${where} ORDER BY operation.seq DESC LIMIT ?`,
      )
      return owner === undefined ? statement.all(limit) : statement.all(owner, limit)
    },
    /** Operations after a seq, up to another. */
    operations: (filter: OperationFilter, after: number, limit: number, upTo = END): OperationRow[] => {
      writeTables()
      const { where, values } = operationWhere(filter)
      const inTime = isInTime(filter)
      const statement = db.prepare<unknown[], OperationRow>(
        `SELECT ${columns} FROM ${inTime ? spanned(filter) : 'operation'} JOIN event USING (seq)
         WHERE operation.seq > ? AND operation.seq <= ? AND ${where} ORDER BY ${inTime ? 'span.block, ' : ''}operation.seq LIMIT ?`,
      )
      const bounds = inTime ? [...spanBounds(filter, after), Math.floor(upTo / SPAN_SEQS)] : []
      return statement.all(...bounds, after, upTo, ...values, limit)
    },
    /**
     * The seq up to which a list reads operations at once: in years of sales hardly any may fit the rest of the filter.
     * Undefined if all others fit.
     */
    operationsUpTo: (filter: OperationFilter, after: number): number | undefined => {
      writeTables()
      const begin = isInTime(filter) ? firstSpan.get(...spanBounds(filter, after)) : 0
      if (begin == null) return undefined
      const { where, values } = operationWhere({ register: filter.register, session: filter.session })
      const statement = db
        .prepare<unknown[], number>(
          `SELECT seq FROM operation WHERE seq > ? AND ${where || 'TRUE'} ORDER BY seq LIMIT 1 OFFSET ${OPERATIONS_LOOKED_AT}`,
        )
        .pluck()
      return statement.get(Math.max(after, begin * SPAN_SEQS - 1), ...values)
    },
  }
}

function isInTime({ from, to }: OperationFilter): boolean {
  return from !== undefined || to !== undefined
}

function spanBounds({ from, to }: OperationFilter, after: number): [block: number, from: string, to: string] {
  return [Math.floor(after / SPAN_SEQS), from ?? '', to ?? LAST_TIME]
}

function operationWhere(filter: Partial<OperationFilter>): { where: string; values: string[] } {
  const parts: [string, string | null | undefined][] = [
    ['operation.merchant = (SELECT seq FROM resource WHERE id = ?)', filter.merchant],
    ['operation.register = (SELECT seq FROM resource WHERE id = ?)', filter.register],
    ['operation.session = (SELECT seq FROM session WHERE id = ?)', filter.session],
    ['operation.type = ?', filter.type],
    ['operation.status = ?', filter.status],
    ['event.at >= ?', filter.from],
    ['event.at < ?', filter.to],
  ]
  const used = parts.filter((part): part is [string, string] => typeof part[1] === 'string')
  const texts = [...used.map(([text]) => text), ...(filter.register === null ? ['operation.register IS NULL'] : [])]
  return { where: texts.join(' AND '), values: used.map(([, value]) => value) }
}

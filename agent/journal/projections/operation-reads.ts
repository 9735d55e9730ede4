import type { Database } from 'better-sqlite3'
import type { OperationKind } from '../documents/kind.ts'
import type { LaterWork } from '../later-work.ts'
import type { OperationFilter, Order } from './operation-walk.ts'
import { walkedUpTo, walkOf } from './operation-walk.ts'

export type OperationRow = { seq: number; id: string; type: string; status: string }

/** `ended`: the event that completed it. */
type CompletedRow = { id: string; type: OperationKind; ended: number }

/** Undefined members filter nothing. */
type OwnerFilter = { merchant?: string | undefined; register?: string | undefined }

const NEWEST = 'operation.seq > (SELECT max(seq) FROM operation) - 100000'

type Reading = { db: Database; writeTables: () => void; later: Pick<LaterWork, 'isPossible' | 'of'> }

/** Lists of operations and their rows. `writeTables` brings the tables to the head before they are read. */
export function operationReads({ db, writeTables, later }: Reading) {
  const columns = `operation.seq AS seq, event.op AS id, operation.type AS type, operation.status AS status`
  const one = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq) WHERE operation.seq = (SELECT min(seq) FROM event WHERE op = ? AND op <> '')`,
  )
  const openOf = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq)
     WHERE operation.session = (SELECT seq FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1)
     AND operation.status = 'open' ORDER BY operation.seq LIMIT 1000`,
  )
  const lastOf = db.prepare<[string], CompletedRow>(
    `SELECT event.op AS id, type, ended FROM last_completed JOIN event USING (seq)
     WHERE last_completed.register = (SELECT seq FROM resource WHERE id = ?) ORDER BY ended DESC`,
  )
  return {
    operationRow: (id: string): OperationRow | undefined => {
      writeTables()
      return one.get(id)
    },
    /**
     * Open operations belong to the newest session of the register: no session closes while one is open, except those
     * that only a later program knows.
     */
    openOperations: (register: string): OperationRow[] => {
      writeTables()
      const rows = openOf.all(register)
      return later.isPossible ? rows.filter(({ id }) => later.of(id) === undefined) : rows
    },
    /** As the tables have them, which may be behind: writes nothing. Some of them may have ended. */
    openOperationsWritten: (register: string): OperationRow[] => openOf.all(register),
    /** The operation of each type that the register completed last; the last of them first. */
    lastCompleted: (register: string): CompletedRow[] => {
      writeTables()
      return lastOf.all(register)
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
    /**
     * Operations after a seq, up to another; backwards those before it, down to another. Among those of a text of the filter are operations that had it before they were
     * amended.
     */
    operations: (filter: OperationFilter, beyond: number, limit: number, upTo?: number, order: Order = 'asc') => {
      writeTables()
      const { from, where, by, values } = walkOf(filter, { order, beyond, upTo })
      const statement = db.prepare<unknown[], OperationRow>(
        `SELECT ${columns} FROM ${from} JOIN event ON event.seq = operation.seq WHERE ${where} ORDER BY ${by} LIMIT ?`,
      )
      return statement.all(...values, limit)
    },
    /** The seq up to which a list reads operations at once; undefined if all others fit. */
    operationsUpTo: (filter: OperationFilter, beyond: number, order: Order = 'asc'): number | undefined => {
      writeTables()
      return walkedUpTo(db, filter, { order, beyond })
    },
  }
}

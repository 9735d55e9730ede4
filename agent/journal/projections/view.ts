import type { Database } from 'better-sqlite3'
import type { Members, StoredEvent } from '../events.ts'
import { bodyOf } from '../events.ts'
import type { Cache, KeyRow, ResourceRow } from './cache.ts'
import { merged } from './cache.ts'
import { recall } from './recent.ts'

export type OperationRow = { seq: number; id: string; type: string; status: string }
export type SessionRow = { id: string; seq: number; register: string; state: string; cash: number; doc: Members }
/** `running`: 1 while nothing has answered it. */
export type ClaimRow = { print: Buffer; seq: number; running: 0 | 1 }
export type IntentRow = { seq: number; op: string; device: string }
export type OperationFilter = {
  merchant: string
  register?: string | undefined
  session?: string | undefined
  type?: string | undefined
  status?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

/** Synchronous reads of the journal and its projections. Inside a commit they see what came before in the same group. */
export type View = ReturnType<typeof viewOf>

export function viewOf(db: Database, cache: Cache) {
  return {
    ...eventReads(db, cache),
    ...resourceReads(db, cache),
    ...operationReads(db),
    ...sessionReads(db),
    ...deviceReads(db),
    ...keyReads(db, cache),
  }
}

function eventReads(db: Database, { documents }: Cache) {
  const one = db.prepare<[number], StoredEvent>('SELECT * FROM event WHERE seq = ?')
  const ofOp = db.prepare<[string, number], StoredEvent>(
    "SELECT * FROM event WHERE op = ? AND op <> '' AND seq <= ? ORDER BY seq",
  )
  const range = db.prepare<[number, number], StoredEvent>('SELECT * FROM event WHERE seq > ? ORDER BY seq LIMIT ?')
  const claim = db.prepare<[Buffer], ClaimRow>(
    'SELECT print, seq, EXISTS (SELECT 1 FROM pending WHERE seq = claim.seq AND claim IS NOT NULL) AS running FROM claim WHERE id = ?',
  )
  const intents = db.prepare<[], IntentRow>('SELECT seq, op, device FROM pending WHERE device IS NOT NULL ORDER BY seq')
  const intentsOf = db.prepare<[string], IntentRow>(
    'SELECT seq, op, device FROM pending WHERE op = ? AND device IS NOT NULL ORDER BY seq',
  )
  // Events of no resource are not indexed: nobody may ask for them by op.
  const eventsOf = (op: string, upTo = Number.MAX_SAFE_INTEGER): StoredEvent[] => (op === '' ? [] : ofOp.all(op, upTo))
  return {
    event: (seq: number): StoredEvent | undefined => one.get(seq),
    eventsAfter: (seq: number, limit: number): StoredEvent[] => range.all(seq, limit),
    eventsOf,
    /** The merge of the `set` members of all events of `op` up to a seq; undefined when there are none. */
    document: (op: string, upTo?: number): Members | undefined =>
      upTo === undefined ? recall(documents, op, (op) => merge(eventsOf(op))) : merge(eventsOf(op, upTo)),
    claim: (id: Buffer): ClaimRow | undefined => claim.get(id),
    openIntents: (): IntentRow[] => intents.all(),
    openIntentsOf: (op: string): IntentRow[] => intentsOf.all(op),
  }
}

function merge(events: readonly StoredEvent[]): Members | undefined {
  if (events.length === 0) return undefined
  return events.reduce<Members>((document, event) => merged(document, bodyOf(event).set), {})
}

/** Narrows a list of resources; what is undefined narrows nothing. */
export type ResourceFilter = { merchant?: string | undefined; register?: string | undefined }

function resourceReads(db: Database, cache: Cache) {
  const one = db.prepare<[string], ResourceRow>('SELECT * FROM resource WHERE id = ?')
  const list = db.prepare<unknown[], ResourceRow>(
    `SELECT * FROM resource WHERE type = ? AND seq > ? AND coalesce(merchant = ?, TRUE) AND coalesce(register = ?, TRUE)
     ORDER BY seq LIMIT ?`,
  )
  const last = db.prepare<[string], { number: number | null }>(
    'SELECT max(number) AS number FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?)',
  )
  const chain = db.prepare<[string], { state: string }>('SELECT state FROM chain_state WHERE register = ?')
  const receipts = db.prepare<[string, number, number], { number: number; seq: number }>(
    'SELECT number, seq FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?) AND number > ? ORDER BY number LIMIT ?',
  )
  return {
    resource: (id: string): ResourceRow | undefined => recall(cache.resources, id, (id) => one.get(id)),
    resources: (type: string, filter: ResourceFilter, after: number, limit: number): ResourceRow[] =>
      list.all(type, after, filter.merchant ?? null, filter.register ?? null, limit),
    /** The receipt number the next final bon of the register gets. */
    nextReceiptNumber: (register: string): number => (last.get(register)?.number ?? 0) + 1,
    /** Receipts of a register in the order of their numbers: the event that made each final. */
    receipts: (register: string, after: number, limit: number): { number: number; seq: number }[] =>
      receipts.all(register, after, limit),
    /** What a chaining law carries from one receipt of the register to the next. */
    chainState: (register: string): Members | undefined => {
      const row = chain.get(register)
      return row && (JSON.parse(row.state) as Members)
    },
  }
}

function operationReads(db: Database) {
  const columns = `operation.seq AS seq, event.op AS id, operation.type AS type, operation.status AS status`
  const one = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq) WHERE operation.seq = (SELECT min(seq) FROM event WHERE op = ? AND op <> '')`,
  )
  const openOf = db.prepare<[string], OperationRow>(
    `SELECT ${columns} FROM operation JOIN event USING (seq)
     WHERE operation.session = (SELECT seq FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1)
     AND operation.status = 'open' ORDER BY operation.seq LIMIT 1000`,
  )
  return {
    operation: (id: string): OperationRow | undefined => one.get(id),
    /** What is open on a register is of its newest session: none is closed over an open one. */
    openOperations: (register: string): OperationRow[] => openOf.all(register),
    operations: (filter: OperationFilter, after: number, limit: number): OperationRow[] => {
      const { where, values } = operationWhere(filter)
      const statement = db.prepare<unknown[], OperationRow>(
        `SELECT ${columns} FROM operation JOIN event USING (seq) WHERE operation.seq > ? AND ${where} ORDER BY operation.seq LIMIT ?`,
      )
      return statement.all(after, ...values, limit)
    },
  }
}

function operationWhere(filter: OperationFilter): { where: string; values: string[] } {
  const parts: [string, string | undefined][] = [
    ['operation.merchant = (SELECT seq FROM resource WHERE id = ?)', filter.merchant],
    ['operation.register = (SELECT seq FROM resource WHERE id = ?)', filter.register],
    ['operation.session = (SELECT seq FROM session WHERE id = ?)', filter.session],
    ['operation.type = ?', filter.type],
    ['operation.status = ?', filter.status],
    ['event.at >= ?', filter.from],
    ['event.at < ?', filter.to],
  ]
  const used = parts.filter((part): part is [string, string] => part[1] !== undefined)
  return { where: used.map(([text]) => text).join(' AND '), values: used.map(([, value]) => value) }
}

function sessionReads(db: Database) {
  type Row = Omit<SessionRow, 'doc'> & { doc: string }
  const parsed = (row: Row | undefined): SessionRow | undefined =>
    row && { ...row, doc: JSON.parse(row.doc) as Members }
  const one = db.prepare<[string], Row>('SELECT * FROM session WHERE id = ?')
  const last = db.prepare<[string], Row>('SELECT * FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1')
  const lastState = db.prepare<[string], { id: string; state: string }>(
    'SELECT id, state FROM session WHERE register = ? ORDER BY seq DESC LIMIT 1',
  )
  const list = db.prepare<unknown[], Row>(
    `SELECT * FROM session WHERE seq > ? AND coalesce(register = ?, TRUE) AND coalesce(state = ?, TRUE)
     AND register IN (SELECT id FROM resource WHERE type = 'register' AND merchant = ?) ORDER BY seq LIMIT ?`,
  )
  const running = db.prepare<[], { register: string }>("SELECT register FROM session WHERE state <> 'closed'")
  const z = db.prepare<[string], { n: number }>(
    "SELECT count(*) AS n FROM session WHERE register = ? AND state = 'closed'",
  )
  return {
    session: (id: string): SessionRow | undefined => parsed(one.get(id)),
    /** The register's newest session, whatever its state. */
    lastSession: (register: string): SessionRow | undefined => parsed(last.get(register)),
    /** The same without its document: every sale asks. */
    lastSessionState: (register: string): { id: string; state: string } | undefined => lastState.get(register),
    sessions: (
      filter: { merchant: string; register?: string | undefined; state?: string | undefined },
      after: number,
      limit: number,
    ): SessionRow[] =>
      list
        .all(after, filter.register ?? null, filter.state ?? null, filter.merchant, limit)
        .flatMap((row) => parsed(row) ?? []),
    /** Registers that have a session which is not closed. */
    registersInSession: (): string[] => running.all().map((row) => row.register),
    closedSessions: (register: string): number => z.get(register)?.n ?? 0,
  }
}

function deviceReads(db: Database) {
  const open = db.prepare<[string], { number: number; op: string }>(
    'SELECT number, op FROM device_transaction WHERE device = ? ORDER BY number',
  )
  const serial = db.prepare<[string], { serial: string }>('SELECT serial FROM device_enrolment WHERE device = ?')
  return {
    /** Transactions of a device that the journal holds to be open, with their operations. */
    deviceTransactions: (device: string): { number: number; op: string }[] => open.all(device),
    enrolledSerial: (device: string): string | undefined => serial.get(device)?.serial,
  }
}

function keyReads(db: Database, { keys }: Cache) {
  const one = db.prepare<[string], KeyRow>('SELECT * FROM api_key WHERE id = ?')
  const all = db.prepare<[], KeyRow>('SELECT * FROM api_key ORDER BY created_at, id LIMIT 10000')
  return {
    key: (id: string): KeyRow | undefined => recall(keys, id, (id) => one.get(id)),
    keys: (): KeyRow[] => all.all(),
  }
}

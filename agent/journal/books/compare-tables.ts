import type { Database } from 'better-sqlite3'
import { canonicalJson } from '../../../base/canonical.ts'
import type { BookState } from './book-state.ts'
import type { Maps } from './state-maps.ts'

type Compare = (state: BookState) => string | undefined

/** Which tables show what a map of the state holds. */
const COMPARISONS: { readonly [Name in keyof Maps]: readonly ((db: Database) => Compare)[] } = {
  registers: [receiptsOf, chainsOf],
  sessions: [sessionsOf],
  keys: [keysOf],
  devices: [devicesOf],
  intents: [intentsOf],
  // Only the folded state has these.
  totals: [],
  targets: [],
  orders: [],
}

/**
 * Names the first row in which the tables contradict the state, for the members that the state has; the tables must be
 * at the head. A few queries a register: verification finds changes to older receipts or lists.
 */
export function tableComparison(db: Database): Compare {
  const parts = Object.values(COMPARISONS).flatMap((comparisons) => comparisons.map((open) => open(db)))
  return (state) => {
    for (const differing of parts) {
      const difference = differing(state)
      if (difference !== undefined) return difference
    }
    return undefined
  }
}

function receiptsOf(db: Database): Compare {
  const last = db
    .prepare<[string], number | null>(
      'SELECT max(number) FROM receipt WHERE register = (SELECT seq FROM resource WHERE id = ?)',
    )
    .pluck()
  // Counted from two indexes alone: reads no session, however many there were.
  const closed = db
    .prepare<[string, string], number>(
      `SELECT (SELECT count(*) FROM session INDEXED BY session_register WHERE register = ?)
       - (SELECT count(*) FROM session INDEXED BY session_running WHERE register = ? AND state <> 'closed')`,
    )
    .pluck()
  return (state) => {
    for (const register of state.registers()) {
      if ((last.get(register) ?? 0) !== state.lastReceipt(register)) return `receipt of ${register}`
      if (closed.get(register, register) !== state.closedSessions(register)) return `closed sessions of ${register}`
    }
    return undefined
  }
}

type SessionRow = {
  id: string
  register: string
  state: string
  cash: number
  doc: string
  foreign_cash: string | null
}

function sessionsOf(db: Database): Compare {
  const running = db.prepare<[], SessionRow>(
    "SELECT id, register, state, cash, doc, foreign_cash FROM session WHERE state <> 'closed' ORDER BY id",
  )
  return (state) => {
    const expected = Array.from(state.sessions(), ({ id, register, state: now, cash, doc, foreign }) => ({
      id,
      register,
      state: now,
      cash,
      doc: canonicalJson(doc),
      foreign_cash: foreign === undefined ? null : canonicalJson(foreign),
    }))
    return difference('session', running.all(), expected.sort(byId))
  }
}

function chainsOf(db: Database): Compare {
  const chains = db.prepare<[], { id: string; state: string }>(
    'SELECT register AS id, state FROM chain_state ORDER BY register',
  )
  return (state) => {
    const expected = Array.from(state.registers()).flatMap((id) => {
      const chain = state.chainOf(id)
      return chain === undefined ? [] : [{ id, state: canonicalJson(chain) }]
    })
    return difference('chain_state', chains.all(), expected.sort(byId))
  }
}

type KeyRow = {
  id: string
  kind: string
  register: string | null
  hash: Buffer
  created_at: string
  revoked_at: string
  certificate: string | null
}

function keysOf(db: Database): Compare {
  const keys = db.prepare<[], KeyRow>('SELECT * FROM api_key ORDER BY id')
  return (state) => {
    const rows = keys.all().map((row) => ({ ...row, hash: row.hash.toString('base64url') }))
    const expected = state.keys().map(({ id, kind, register, hash, created_at, revoked_at, certificate = null }) => ({
      id,
      kind,
      register,
      hash,
      created_at,
      revoked_at,
      certificate,
    }))
    return difference('api_key', rows, expected.sort(byId))
  }
}

function devicesOf(db: Database): Compare {
  const devices = db.prepare<[], { id: string; serial: string }>(
    'SELECT device AS id, serial FROM device_enrolment ORDER BY device',
  )
  return (state) => {
    const expected = state.enrolments().map(({ device, serial }) => ({ id: device, serial }))
    return difference('device_enrolment', devices.all(), expected)
  }
}

function intentsOf(db: Database): Compare {
  const open = db.prepare<[], { id: number; op: string; device: string }>(
    'SELECT seq AS id, op, device FROM pending WHERE device IS NOT NULL ORDER BY seq',
  )
  return (state) => {
    const expected = state.intents().map(({ seq, op, device }) => ({ id: seq, op, device }))
    return difference('pending', open.all(), expected)
  }
}

type Named = { readonly id: string | number }

/** Both in the order of their ids, with the same members in the same order. */
function difference(table: string, rows: readonly Named[], expected: readonly Named[]): string | undefined {
  const at = expected.findIndex((row, index) => JSON.stringify(row) !== JSON.stringify(rows[index]))
  if (at >= 0) return `${table} ${rows[at]?.id ?? expected[at]?.id}`
  const surplus = rows[expected.length]
  return surplus === undefined ? undefined : `${table} ${surplus.id}`
}

function byId(one: Named, other: Named): number {
  return one.id < other.id ? -1 : 1
}

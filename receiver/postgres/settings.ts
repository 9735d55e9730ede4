import { Socket } from 'node:net'
import pg from 'pg'
import { lookupWithin } from '../../base/names.ts'
import { messageOf } from '../../base/thrown.ts'
import { LOOPBACK, NAME_MS } from '../../sync/protocol/receiver-address.ts'
import { demandKnown } from '../store.ts'
import { clientSettings } from './client-settings.ts'
import { missingRights } from './rights.ts'

/** Each must be on, or a power cut may destroy an acknowledged event. */
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit']
/** Settings that each connection of the receiver requests; a pooler in between may refuse or forget them. */
export const CONNECTION_SETTINGS = '-c lock_timeout=2000 -c statement_timeout=20000 -c synchronous_commit=on'
const FORM =
  'postgres://ROLE:PASSWORD@HOST:PORT/DATABASE, signs of the password that mean something there as %40 (@), %2F (/), %23 (#), %3F (?), %25 (%)'

/**
 * PostgreSQL is unreachable, refuses every login, or was not prepared: a receiver that reported "ready" would refuse
 * everything.
 */
export class PostgresUnusableError extends Error {
  override readonly name = 'PostgresUnusableError'
  readonly code:
    | 'store_unavailable'
    | 'store_unprepared'
    | 'store_read_only'
    | 'store_owner_too_weak'
    | 'store_pooled'
    | 'store_insecure'
  /** It may become usable later, with nothing changed here. */
  readonly isAway: boolean

  constructor(code: PostgresUnusableError['code'], message: string, isAway = false) {
    super(message)
    this.code = code
    this.isAway = isAway
  }
}

/**
 * No server listens yet, or DNS does not resolve the name, which the machine that is off may do itself (mDNS); the
 * server starts, or has no connection left.
 */
const AWAY = new Set<unknown>([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'name_server_silent',
  'ENOTFOUND',
  '57P03',
  '53300',
])

function isAway(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === undefined ? saysNothing(error) : AWAY.has(code)
}

/** True for pg's errors without a code: a timeout, or the server closed the connection, now or before the query. */
export function saysNothing(error: unknown): boolean {
  return /timeout|terminated|not queryable/i.test(messageOf(error))
}

/** The socket of a connection: pg calls `connect` with a port and a name, or with a path. */
class NamedSocket extends Socket {
  override connect(...given: readonly unknown[]): this {
    const [port, host] = given
    const isNamed = typeof port === 'number' && typeof host === 'string'
    return isNamed
      ? super.connect({ port, host, lookup: lookupWithin(NAME_MS) })
      : super.connect(...(given as Parameters<Socket['connect']>))
  }
}

/** Options of each connection; its time limit includes the lookup of the name. */
export const CONNECTING = { connectionTimeoutMillis: 5000, stream: () => new NamedSocket() } as const

/** Limit of the short queries of a start. */
const ANSWER_MS = 25_000

/** Runs `work` on a separate connection. Throws PostgresUnusableError also if it breaks or times out, and as `work`. */
async function asking<T>(connection: string, answerMs: number, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectPostgres(connection, { options: CONNECTION_SETTINGS, query_timeout: answerMs })
  try {
    return await work(client)
  } catch (error) {
    if (error instanceof PostgresUnusableError || !isAway(error)) throw error
    throw new PostgresUnusableError(
      'store_unavailable',
      `PostgreSQL: ${messageOf(error)}. The connection was lost during a query.`,
      true,
    )
  } finally {
    await client.end()
  }
}

/**
 * Returns `present` if it differs from `last` in role and password alone: connections to two databases at once would
 * mix them.
 */
export function renewedConnection(last: string, present: string): string {
  return placeOf(present) === placeOf(last) ? present : last
}

function placeOf(connection: string): string {
  return connection.replace(/^(\w+:\/\/)[^@/?]*@/, '$1')
}

/**
 * Journals of shops and the password of the role are not sent unencrypted, unless the configuration explicitly allows
 * it.
 */
function demandSecrecy({ host, ssl }: pg.Client, connection: string): void {
  const isHere = host.startsWith('/') || host === '::1' || LOOPBACK.test(host.toLowerCase())
  if (ssl || isHere || /[?&]sslmode=disable(&|$)/.test(connection)) return
  throw new PostgresUnusableError(
    'store_insecure',
    `Data for PostgreSQL at ${host} would cross a network unencrypted: end the connection string with ` +
      '?sslmode=verify-full, and &sslrootcert=FILE for an own CA; ?sslmode=disable if something else encrypts.',
  )
}

const POOLER_REMEDY =
  'name the server itself in the connection string, or let the pooler keep each connection its server and pass its settings ' +
  '(PgBouncer: "pool_mode = session" and "ignore_startup_parameters = options")'

/**
 * A separate connection, which the caller must end; an answer is awaited without limit unless `more` sets one. Throws
 * PostgresUnusableError.
 */
export async function connectPostgres(connection: string, more: pg.ClientConfig = {}): Promise<pg.Client> {
  // For any other text, pg would look for a server of the name that it finds in it.
  if (!/^(postgres(ql)?|socket):\/\//.test(connection))
    throw new PostgresUnusableError('store_unavailable', `This is not a connection string. It has the form ${FORM}.`)
  try {
    const client = new pg.Client({ ...CONNECTING, ...more, ...clientSettings(connection) })
    demandSecrecy(client, connection)
    // Queries report their own errors; a connection that breaks between two of them would end the process.
    client.on('error', () => undefined)
    await client.connect()
    return client
  } catch (error) {
    if (error instanceof PostgresUnusableError) throw error
    // If several addresses refuse, pg has the reason in the code alone.
    const said = messageOf(error) || String((error as { code?: unknown }).code)
    if (/startup parameter/.test(said))
      throw new PostgresUnusableError('store_pooled', `A pooler is in front of PostgreSQL (${said}): ${POOLER_REMEDY}.`)
    throw new PostgresUnusableError(
      'store_unavailable',
      `PostgreSQL: ${said}. Check that it runs, and address, role, password and database of the connection string ` +
        `(${FORM}); "fiskal-edge receiver prepare" makes the role.`,
      isAway(error),
    )
  }
}

/** Throws PostgresUnusableError if the role of that connection cannot do everything that the receiver does. */
export function demandPrepared(connection: string, answerMs = ANSWER_MS): Promise<void> {
  return asking(connection, answerMs, async (client) => {
    await asking(connection, answerMs, (holder) => demandStatements(client, holder))
    await demandWritable(client)
    await demandUnicode(client)
    const missing = await missingRights(client)
    if (missing.length === 0) return demandKnownVersion(client)
    throw new PostgresUnusableError(
      'store_unprepared',
      `The database or this role does not have everything that this version needs (${missing.join(', ')}): run ` +
        '"fiskal-edge receiver prepare", as after each update.',
    )
  })
}

/** Throws `store_too_new`; a database of the versions before has no such table. */
export async function demandKnownVersion(client: pg.Client): Promise<void> {
  const present = await client.query<{ is: boolean }>("SELECT to_regclass('store_version') IS NOT NULL AS is")
  if (present.rows[0]?.is !== true) return
  const { rows } = await client.query<{ version: number | null }>('SELECT max(version) AS version FROM store_version')
  demandKnown(rows[0]?.version ?? 0)
}

/** The database must be able to hold every text in the ids of tills. SQL_ASCII takes bytes as they come. */
export async function demandUnicode(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>("SELECT current_setting('server_encoding') AS encoding")
  const encoding = rows[0]?.encoding ?? ''
  if (encoding === 'UTF8' || encoding === 'SQL_ASCII') return
  throw new PostgresUnusableError(
    'store_unprepared',
    `The database is in ${encoding}, which cannot hold all that tills send: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.`,
  )
}

/**
 * Prepared statements belong to a server process. A pooler that assigns another process after each transaction must
 * prepare them again: here it has to give the first client another process, because the second one holds the one that
 * it had.
 */
async function demandStatements(client: pg.Client, holder: pg.Client): Promise<void> {
  const probe = { name: 'probe', text: 'SELECT 1' }
  await client.query(probe)
  try {
    await holder.query('BEGIN')
    await client.query(probe)
  } catch (error) {
    if (isAway(error)) throw error
    throw new PostgresUnusableError(
      'store_pooled',
      `A pooler in front of PostgreSQL reassigns connections after each transaction (${messageOf(error)}): ${POOLER_REMEDY}.`,
    )
  }
}

/** A standby answers every query, and takes nothing. */
async function demandWritable(client: pg.Client): Promise<void> {
  const sql = "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS closed"
  const { rows } = await client.query<{ standby: boolean; closed: boolean }>(sql)
  if (rows[0]?.closed !== true) return
  const remedy = rows[0].standby
    ? 'it is a standby. Name the primary in the connection string.'
    : 'default_transaction_read_only is on, for this role, this database or the server. Set it off.'
  throw new PostgresUnusableError('store_read_only', `PostgreSQL takes nothing here: ${remedy}`)
}

/**
 * Settings that permit the server to lose acknowledged events, as `name = value`; empty if all are safe. Throws
 * PostgresUnusableError, pg's DatabaseError.
 */
export function unsafeSettings(connection: string): Promise<readonly string[]> {
  return asking(connection, ANSWER_MS, async (client) => {
    const sql = "SELECT name, setting FROM pg_settings WHERE name = ANY ($1) AND setting <> 'on'"
    const { rows } = await client.query<{ name: string; setting: string }>(sql, [DURABLE])
    return rows.map(({ name, setting }) => `${name} = ${setting}`)
  })
}

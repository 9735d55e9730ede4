import pg from 'pg'
import { messageOf } from '../thrown.ts'

/** Each must be on, or an acknowledged event may be gone after a power cut. */
const DURABLE = ['fsync', 'full_page_writes']
/** What the receiver adds to. */
const TABLES = 'chain event checkpoint fork_evidence token agent_blob blob_reference agent_config'.split(' ')

/** PostgreSQL is not there, lets nobody in, or was not prepared: a receiver that said "ready" would refuse everything. */
class PostgresUnusableError extends Error {
  override readonly name = 'PostgresUnusableError'
  readonly code: 'store_unavailable' | 'store_unprepared'

  constructor(code: PostgresUnusableError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** A connection of its own, to be ended. Throws PostgresUnusableError. */
export async function connectPostgres(connection: string): Promise<pg.Client> {
  try {
    const client = new pg.Client({ connectionString: connection, connectionTimeoutMillis: 5000 })
    await client.connect()
    return client
  } catch (error) {
    // Of several addresses that refuse, pg has the reason in the code alone.
    const said = messageOf(error) || String((error as { code?: unknown }).code)
    throw new PostgresUnusableError(
      'store_unavailable',
      `PostgreSQL: ${said}. Check that it runs, and address, role, password and database of the connection string ` +
        '(postgres://ROLE:PASSWORD@HOST:PORT/DATABASE); "fiskal-edge receiver prepare" makes the role.',
    )
  }
}

/** Throws PostgresUnusableError where the role of that connection has not all tables, or may not add to them. */
export async function demandPrepared(connection: string): Promise<void> {
  const client = await connectPostgres(connection)
  try {
    const sql = `SELECT name FROM unnest($1::text[]) AS name
      WHERE coalesce(NOT has_table_privilege(to_regclass(name), 'INSERT'), true)`
    const { rows } = await client.query<{ name: string }>(sql, [TABLES])
    if (rows.length === 0) return
    throw new PostgresUnusableError(
      'store_unprepared',
      `The database has no ${rows.map(({ name }) => name).join(', ')} that this role may add to: run "fiskal-edge receiver prepare".`,
    )
  } finally {
    await client.end()
  }
}

/**
 * Settings of the server that would let it forget what it acknowledged, as `name = value`; empty where all is well.
 * Throws PostgresUnusableError, pg's DatabaseError.
 */
export async function unsafeSettings(connection: string): Promise<readonly string[]> {
  const client = await connectPostgres(connection)
  try {
    const sql = "SELECT name, setting FROM pg_settings WHERE name = ANY ($1) AND setting <> 'on'"
    const { rows } = await client.query<{ name: string; setting: string }>(sql, [DURABLE])
    return rows.map(({ name, setting }) => `${name} = ${setting}`)
  } finally {
    await client.end()
  }
}

import pg from 'pg'

/** Each must be on, or an acknowledged event may be gone after a power cut. */
const DURABLE = ['fsync', 'full_page_writes']

/**
 * Settings of the server that would let it forget what it acknowledged, as `name = value`; empty where all is well.
 * Throws pg's DatabaseError.
 */
export async function unsafeSettings(connection: string): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: connection, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    const sql = "SELECT name, setting FROM pg_settings WHERE name = ANY ($1) AND setting <> 'on'"
    const { rows } = await client.query<{ name: string; setting: string }>(sql, [DURABLE])
    return rows.map(({ name, setting }) => `${name} = ${setting}`)
  } finally {
    await client.end()
  }
}

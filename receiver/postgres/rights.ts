import pg from 'pg'

/** The receiver's rights on a table in addition to reading and inserting. */
type Rights = { readonly changes?: readonly string[]; readonly removes?: boolean }

/**
 * Events and evidence are only inserted: the receiver has no right to change or remove them. Old backups are removed.
 */
const RIGHTS: Readonly<Record<string, Rights>> = {
  chain: { changes: ['head_seq', 'head_hash', 'state', 'heard_at'] },
  event: {},
  checkpoint: {},
  fork_evidence: {},
  token: { changes: ['revoked', 'used_at'] },
  agent_blob: { removes: true },
  blob_reference: {},
  agent: { changes: ['tenant_id', 'by'] },
  agent_moved: {},
  refused: {},
  refused_count: { changes: ['n', 'last_at'] },
  store_version: {},
}

/** One right on a table, or on a column of it. */
type Right = { readonly kind: string; readonly table: string; readonly column?: string }

function rightsOf([table, { changes = [], removes = false }]: [string, Rights]): readonly Right[] {
  return [
    ...['SELECT', 'INSERT', ...(removes ? ['DELETE'] : [])].map((kind) => ({ kind, table })),
    ...changes.map((column) => ({ kind: 'UPDATE', table, column })),
  ]
}

const ALL: readonly Right[] = Object.entries(RIGHTS).flatMap(rightsOf)

/** The statements that grant them to that role. */
export function grantsTo(role: string): string {
  const grantee = pg.escapeIdentifier(role)
  return ALL.map(
    ({ kind, table, column }) =>
      `GRANT ${kind}${column === undefined ? '' : ` (${column})`} ON ${table} TO ${grantee};`,
  ).join('\n')
}

/**
 * Rights that the role of that connection does not have, also if the table or column does not exist: `UPDATE on
 * token.used_at`.
 */
export async function missingRights(client: pg.Client): Promise<readonly string[]> {
  const sql = `SELECT kind, name, col FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted (kind, name, col)
    WHERE CASE WHEN col = '' THEN coalesce(NOT has_table_privilege(to_regclass(name), kind), true)
      ELSE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(name) AND attname = col
        AND NOT attisdropped AND has_column_privilege(attrelid, attnum, kind)) END`
  const columns = ALL.map(({ column = '' }) => column)
  const wanted = [ALL.map(({ kind }) => kind), ALL.map(({ table }) => table), columns]
  const { rows } = await client.query<{ kind: string; name: string; col: string }>(sql, wanted)
  return rows.map(({ kind, name, col }) => `${kind} on ${name}${col === '' ? '' : `.${col}`}`)
}

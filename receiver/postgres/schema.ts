import pg from 'pg'
import { CodedError, messageOf } from '../../base/thrown.ts'
import { STORE_VERSION } from '../store.ts'
import { grantsTo } from './rights.ts'
import { connectPostgres, demandKnownVersion, demandUnicode, PostgresUnusableError } from './settings.ts'

const PARTITIONS = 32
/** SQLSTATE insufficient_privilege. */
const NO_PRIVILEGE = '42501'

/**
 * In a database without owners, an agent belongs to the tenant of its lowest epoch, or otherwise to that of its first
 * token.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS chain (
  chain_id uuid PRIMARY KEY, tenant_id uuid NOT NULL, agent_id uuid NOT NULL, epoch int NOT NULL CHECK (epoch > 0),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32), genesis text NOT NULL,
  head_seq bigint NOT NULL DEFAULT 0, head_hash bytea NOT NULL CHECK (octet_length(head_hash) = 32),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'fenced', 'forked', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now(), heard_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (agent_id, epoch)) WITH (fillfactor = 50);
CREATE INDEX IF NOT EXISTS chain_tenant ON chain (tenant_id, chain_id);
CREATE TABLE IF NOT EXISTS event (
  chain_id uuid NOT NULL REFERENCES chain, seq bigint NOT NULL CHECK (seq > 0), kind text NOT NULL, op text NOT NULL,
  at text NOT NULL, boot text NOT NULL, mono text NOT NULL, body bytea NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32), received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (chain_id, seq)) PARTITION BY HASH (chain_id);
CREATE TABLE IF NOT EXISTS checkpoint (
  chain_id uuid NOT NULL, seq bigint NOT NULL, head bytea NOT NULL, kid text NOT NULL, sig bytea NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (chain_id, seq, sig));
CREATE TABLE IF NOT EXISTS fork_evidence (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), chain_id uuid NOT NULL, seq bigint NOT NULL, stored_hash bytea NOT NULL,
  received_hash bytea NOT NULL, batch bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS token (
  id text PRIMARY KEY, hash bytea NOT NULL UNIQUE, kind text NOT NULL CHECK (kind IN ('agent', 'office')),
  tenant_id uuid NOT NULL, agent_id uuid, revoked boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now());
ALTER TABLE token ADD COLUMN IF NOT EXISTS used_at timestamptz;
CREATE TABLE IF NOT EXISTS agent_blob (
  agent_id uuid NOT NULL, sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32), tenant_id uuid NOT NULL,
  size int NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), bytes bytea NOT NULL,
  PRIMARY KEY (agent_id, sha256));
ALTER TABLE agent_blob ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS blob_reference (
  chain_id uuid NOT NULL, seq bigint NOT NULL, sha256 bytea NOT NULL, bytes bigint NOT NULL, media_type text NOT NULL,
  PRIMARY KEY (chain_id, seq, sha256));
CREATE TABLE IF NOT EXISTS agent (
  agent_id uuid PRIMARY KEY, tenant_id uuid NOT NULL, chain_id uuid, since timestamptz NOT NULL DEFAULT now(),
  by text NOT NULL CHECK (by IN ('token', 'genesis', 'moved')));
CREATE INDEX IF NOT EXISTS agent_tenant ON agent (tenant_id);
CREATE TABLE IF NOT EXISTS agent_moved (
  agent_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(), from_tenant uuid NOT NULL, to_tenant uuid NOT NULL,
  reason text NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
  agent_id uuid NOT NULL, tenant_id uuid NOT NULL, chain_id uuid NOT NULL, seq bigint, code text NOT NULL,
  sha256 bytea NOT NULL, bytes bytea NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS refused_count (
  agent_id uuid NOT NULL, tenant_id uuid NOT NULL, n bigint NOT NULL, first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (agent_id, tenant_id));
INSERT INTO agent SELECT agent_id, tenant_id, chain_id, created_at, 'genesis' FROM chain ORDER BY epoch ON CONFLICT DO NOTHING;
INSERT INTO agent SELECT agent_id, tenant_id, NULL, created_at, 'token' FROM token
  WHERE kind = 'agent' AND NOT revoked ORDER BY created_at ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS store_version (version int PRIMARY KEY);
INSERT INTO store_version VALUES (${STORE_VERSION}) ON CONFLICT DO NOTHING;
`

export type PreparePostgresOptions = {
  /** Connection string of the owner of the database, who may create tables and grant. */
  readonly owner: string
  /** The receiver's role; made if it is missing. Not the owner. */
  readonly role: string
  /** Password of the role, if the role is made. */
  readonly password?: string
}

/**
 * Makes the missing tables and rights; may run again at any time. Throws PostgresUnusableError, pg's DatabaseError,
 * `receiver_role_too_strong`.
 */
export async function preparePostgres({ owner, role, password }: PreparePostgresOptions): Promise<void> {
  const client = await connectPostgres(owner)
  try {
    await demandUnicode(client)
    await demandKnownVersion(client)
    await prepareRole(client, role, password)
    const partitions = Array.from(
      { length: PARTITIONS },
      (_, index) =>
        `CREATE TABLE IF NOT EXISTS event_${index} PARTITION OF event FOR VALUES WITH (MODULUS ${PARTITIONS}, REMAINDER ${index});`,
    )
    await client.query(`BEGIN; ${TABLES} ${partitions.join('\n')} ${grantsTo(role)} COMMIT;`)
  } catch (error) {
    throw (error as { code?: unknown }).code === NO_PRIVILEGE ? ownerTooWeak(error) : error
  } finally {
    await client.end()
  }
}

/** The owner's connection string names another role. */
function ownerTooWeak(error: unknown): PostgresUnusableError {
  return new PostgresUnusableError(
    'store_owner_too_weak',
    `PostgreSQL: ${messageOf(error)}. Name the owner of the database in the connection string of the owner: a superuser, ` +
      'or who may make tables and roles (CREATEROLE).',
  )
}

async function prepareRole(client: pg.Client, role: string, password: string | undefined): Promise<void> {
  const sql = `SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER') AS strong FROM pg_roles WHERE rolname = $1`
  const { rows } = await client.query<{ strong: boolean }>(sql, [role])
  if (rows[0]?.strong === true) {
    throw new CodedError(
      'receiver_role_too_strong',
      `The role ${role} owns the tables or is a superuser: name one that may only add to them.`,
    )
  }
  if (rows.length > 0) return
  const secret = password === undefined ? '' : ` PASSWORD ${pg.escapeLiteral(password)}`
  await client.query(`CREATE ROLE ${pg.escapeIdentifier(role)} LOGIN${secret}`)
}

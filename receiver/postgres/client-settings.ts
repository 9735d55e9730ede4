import { userInfo } from 'node:os'
import type pg from 'pg'
import type { ConnectionOptions } from 'pg-connection-string'
import { parse } from 'pg-connection-string'
import { clientTrust } from '../../base/trust.ts'

/**
 * The settings of a connection string. pg takes a setting that is missing from the environment (PGHOST, PGSSLMODE,
 * PGPASSWORD …): each that decides where a journal goes has a value here.
 */
export function clientSettings(connection: string): pg.ClientConfig {
  const { host, port, user, password, database, ssl, sslnegotiation, ...more } = parse(connection)
  const role = user || userInfo().username
  return {
    ...(more as pg.ClientConfig),
    host: host || 'localhost',
    port: Number(port || 5432),
    user: role,
    // Called only if the server asks for one.
    password: password || (() => ''),
    database: database || role,
    ssl: trustOf(ssl),
    sslnegotiation: sslnegotiation ?? 'postgres',
  }
}

/** `sslmode=no-verify` and its like stay possible: there the connection string decides. */
function trustOf(ssl: ConnectionOptions['ssl']): pg.ClientConfig['ssl'] {
  if (ssl === undefined || ssl === false || ssl === '') return false
  const { ca, cert, key, ...more } = typeof ssl === 'object' ? ssl : {}
  const own = { ...(ca !== undefined && { ca }), ...(cert && { cert }), ...(key !== undefined && { key }) }
  return { ...clientTrust(own), ...(ssl === 'no-verify' && { rejectUnauthorized: false }), ...more }
}

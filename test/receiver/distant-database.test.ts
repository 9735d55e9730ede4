// @module-tag heavy
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectPostgres } from '../../receiver/postgres/settings.ts'
import { freePort } from '../free-port.ts'
import { Authority } from '../sync/servers/certificates.ts'
import type { TestPostgres } from '../sync/servers/postgres.ts'
import { startPostgres } from '../sync/servers/postgres.ts'

/** This machine, by an address that a program takes for another one. */
const ELSEWHERE = '0.0.0.0'

const authority = new Authority()
let postgres: TestPostgres
let distant = ''
beforeAll(async () => {
  const port = await freePort()
  postgres = await startPostgres({ empty: true, tls: { port, ...authority.issue(`IP:${ELSEWHERE}`) } })
  distant = `postgres://postgres@${ELSEWHERE}:${port}/postgres`
})
afterAll(async () => {
  await postgres.stop()
  authority.remove()
})

async function isEncrypted(connection: string): Promise<unknown> {
  const client = await connectPostgres(connection)
  try {
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
    return rows[0]?.ssl
  } finally {
    await client.end()
  }
}

test('no plain connection goes to a database on another machine, unless the configuration asks for it', async () => {
  const refused = { code: 'store_insecure', message: expect.stringContaining('sslmode=verify-full'), isAway: false }
  await expect(isEncrypted(distant)).rejects.toMatchObject(refused)
  expect(await isEncrypted(`${distant}?sslmode=disable`)).toBe(false)
})

test('a database on another machine is talked to over TLS when it shows a certificate of the CA that is named', async () => {
  expect(await isEncrypted(`${distant}?sslmode=verify-full&sslrootcert=${authority.caFile}`)).toBe(true)
  const other = new Authority()
  try {
    const connection = `${distant}?sslmode=verify-full&sslrootcert=${other.caFile}`
    await expect(isEncrypted(connection)).rejects.toMatchObject({ code: 'store_unavailable' })
  } finally {
    other.remove()
  }
})

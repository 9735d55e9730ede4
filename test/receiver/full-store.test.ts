import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgresStore } from '../../receiver/postgres/store.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { startPostgres } from '../sync/servers/postgres.ts'
import { heavy } from '../tags.ts'

const STORE = new URL('../../receiver/sqlite/store.ts', import.meta.url).href
const office = { kind: 'office', tenantId: randomUUID() } as const
const HASH = Buffer.alloc(32, 7)

test('a receiver whose disk is full still accepts its tokens, so that a shop is restored from it', async () => {
  const directory = await temporaryDirectory()
  const program = `const { openSqliteStore } = await import(${JSON.stringify(STORE)})
    const { writeSync, openSync } = await import('node:fs')
    const file = ${JSON.stringify(directory)} + '/receiver.db'
    const hash = Buffer.alloc(32, 7)
    const store = openSqliteStore(file, { now: () => Date.now() })
    await store.addToken('tok_1', hash, ${JSON.stringify(office)})
    const filler = openSync(${JSON.stringify(directory)} + '/filler', 'w')
    try { for (;;) writeSync(filler, Buffer.alloc(4096)) } catch {}
    const known = await store.identify(hash)
    const refused = await store.addToken('tok_2', Buffer.alloc(32, 8), ${JSON.stringify(office)}).catch(({ code }) => code)
    console.log(JSON.stringify([known.identity.kind, refused]))`
  const script = 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$1" --input-type=module -e "$2"'
  const args = ['-rm', 'sh', '-c', script, directory, process.execPath, program]
  const { stdout } = await promisify(execFile)('unshare', args)
  expect(JSON.parse(stdout)).toEqual(['office', 'SQLITE_FULL'])
})

test('so it is with a PostgreSQL that takes nothing more', heavy(), async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const store = openPostgresStore({ connection: postgres.application, onError: () => undefined })
  await store.addToken('tok_1', HASH, office)
  const owner = new pg.Client({ connectionString: postgres.owner })
  await owner.connect()
  await owner.query('ALTER SYSTEM SET default_transaction_read_only = on')
  await owner.query('SELECT pg_reload_conf()')
  await owner.end()
  await expect
    .poll(() => store.revokeToken('tok_none').catch(({ message }: Error) => message))
    .toContain('read-only transaction')
  expect(await store.identify(HASH)).toMatchObject({ identity: office })
  await store.close()
})

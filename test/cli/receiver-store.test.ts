// @module-tag heavy
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { openConfiguredStore } from '../../agent/cli/receiver/store.ts'
import { readReceiverConfig } from '../../agent/config/receiver.ts'
import { startPostgres } from '../sync/servers/postgres.ts'

test('another role or password in the connection file is used at the next connection; another database is not', async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const folder = mkdtempSync(join(tmpdir(), 'receiver-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const connectionFile = join(folder, 'receiver.pg')
  const write = (text: string): void => writeFileSync(connectionFile, text, { mode: 0o600 })
  const config = join(folder, 'receiver.json')
  writeFileSync(config, JSON.stringify({ version: 1, store: { kind: 'postgres', connectionFile } }))
  write(`${postgres.application}\n`)
  const store = await openConfiguredStore(readReceiverConfig(config), { error: () => undefined })
  onTestFinished(() => store.close())
  const owner = new pg.Client({ connectionString: postgres.owner })
  await owner.connect()
  onTestFinished(() => owner.end())
  const renew = async (from: string, to: string): Promise<void> => {
    await owner.query(`ALTER ROLE ${from} RENAME TO ${to}`)
    await owner.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fiskal-receiver'",
    )
  }
  const ask = () => store.chains(randomUUID(), 1)
  expect(await ask()).toEqual([])
  await renew('receiver', 'renewed')
  await expect.poll(() => ask().catch(({ message }: Error) => message)).toContain('"receiver"')
  const renewed = postgres.application.replace('//receiver@', '//renewed:new@')
  write(renewed)
  expect(await ask()).toEqual([])
  for (const text of [renewed.replace('/postgres?', '/elsewhere?'), '', 'postgres://']) {
    write(text)
    await renew('renewed', 'renewed_again')
    await renew('renewed_again', 'renewed')
    await expect.poll(() => ask().catch(({ message }: Error) => message)).toEqual([])
  }
})

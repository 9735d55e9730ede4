// @module-tag heavy
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { Ran } from '../../cli/command.ts'
import { fiskalEdge, removedLater, runReceiver } from '../../cli/command.ts'
import { startPostgres } from '../../sync/servers/postgres.ts'
import { Bench } from '../bench.ts'
import { FastClock } from '../fast-clock.ts'
import { goods } from '../goods.ts'

test('an empty PostgreSQL becomes a head office by commands alone, with a role that may only add', async () => {
  const postgres = await startPostgres({ empty: true })
  onTestFinished(() => postgres.stop())
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `${text}\n`, { mode: 0o600 })
    return join(folder, name)
  }
  const receiver = (...args: string[]): Promise<Ran> => fiskalEdge('receiver', ...args)
  const ownerFile = file('owner.pg', postgres.owner)
  const prepare = ['prepare', '--owner-file', ownerFile, '--role', 'receiver', '--password-file', file('pw', "it's")]
  for (const _ of ['first', 'again']) expect(await receiver(...prepare)).toMatchObject({ code: 0, err: '' })
  const strong = await receiver('prepare', '--owner-file', ownerFile, '--role', 'postgres')
  expect([strong.code, strong.err]).toEqual([1, expect.stringContaining('superuser')])

  const owner = new pg.Client({ connectionString: postgres.owner })
  await owner.connect()
  onTestFinished(() => owner.end())
  const asked = async (sql: string): Promise<unknown> => Object.values((await owner.query(sql)).rows[0] ?? {})[0]
  expect(await asked("SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'event'::regclass")).toBe(32)
  const may = (right: string): Promise<unknown> => asked(`SELECT has_table_privilege('receiver', 'event', '${right}')`)
  for (const right of ['SELECT', 'INSERT']) expect(await may(right), right).toBe(true)
  for (const right of ['UPDATE', 'DELETE', 'TRUNCATE']) expect(await may(right), right).toBe(false)

  const store = { kind: 'postgres', connectionFile: file('receiver.pg', postgres.application) }
  const { url, config, pid, ended } = await runReceiver(folder, { store })
  const tokenFile = join(folder, 'agent.token')
  const targets = [{ id: 'cloud', kind: 'https', url, tokenFile }]
  await using bench = await Bench.open({ clock: new FastClock(20), config: { sync: { targets } } })
  const { facts } = JSON.parse(bench.journal()[0]?.body ?? '{}') as { facts: { agent_id: string } }
  const issued = JSON.parse((await receiver('token', 'agent', facts.agent_id, '--config', config, '--json')).out)
  file('agent.token', (issued as { token: string }).token)
  const { id, till } = await bench.till()
  const sold = await till.create(goods('sale', id, [['3.00', '0.07']]))
  await bench.until(async () => (await till.read(sold.id)).sync_status === 'acknowledged')
  const audit = await receiver('audit', '--config', config, '--json')
  expect([audit.code, JSON.parse(audit.out)]).toEqual([0, expect.objectContaining({ chains: 1, broken: [] })])

  await owner.query("UPDATE event SET body = '{}' WHERE seq = 2")
  const broken = await receiver('audit', '--config', config)
  expect([broken.code, broken.out]).toEqual([1, expect.stringContaining('the hash of event 2')])
  process.kill(pid, 'SIGTERM')
  expect((await ended).code).toBe(0)

  // An acknowledged event must survive a power cut.
  await owner.query('ALTER SYSTEM SET fsync = off')
  await owner.query('SELECT pg_reload_conf()')
  await expect.poll(() => asked('SHOW fsync')).toBe('off')
  const refused = await receiver('run', '--config', config)
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('fsync = off')])
})

import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../sync/servers/postgres.ts'
import { heavy } from '../tags.ts'
import { once } from '../waits.ts'
import { BIN, fiskalEdge, removedLater } from './command.ts'

function configFor(connection: string): string {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  writeFileSync(join(folder, 'connection'), connection, { mode: 0o600 })
  const store = { kind: 'postgres', connectionFile: 'connection' }
  writeFileSync(join(folder, 'receiver.json'), JSON.stringify({ version: 1, listen: { port: 0 }, store }))
  return join(folder, 'receiver.json')
}

/** Its first output on standard error, and then on standard output. */
function starting(connection: string) {
  const args = [BIN, 'receiver', 'run', '--config', configFor(connection)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  const [told, ready] = [once(child.stderr, 'data'), once(child.stdout, 'data')]
  return { child, ended, told, ready }
}

test('a receiver waits for a database that is unreachable at its start', heavy(), async () => {
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  await database.kill()
  const { child, ended, told, ready } = starting(database.application)
  expect(String(await told)).toContain('"code":"store_unreachable"')
  await database.start()
  expect(String(await ready)).toContain('is ready at')
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('a receiver that waits for its database is stopped as any other', heavy(), async () => {
  const { child, ended, told } = starting('postgres://receiver@127.0.0.1:9/receiver')
  expect(String(await told)).toContain('ECONNREFUSED')
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})

test('a database whose name does not resolve yet is waited for: its machine may serve that name', heavy(), async () => {
  const { child, ended, told } = starting('postgres://receiver@database.invalid:5432/receiver?sslmode=verify-full')
  expect(String(await told)).toMatch(/"code":"store_unreachable".*no such host name: database\.invalid/)
  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})

test('an error that no wait can fix ends the start', async () => {
  const ran = await fiskalEdge('receiver', 'run', '--config', configFor('nonsense'))
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('store_unavailable')])
})

import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../sync/servers/postgres.ts'
import { removedLater, runReceiver } from './command.ts'

test('a receiver whose terminal is closed (SIGHUP) closes its store', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const file = join(folder, 'store.db')
  const receiver = await runReceiver(folder, { store: { kind: 'sqlite', file } })
  receiver.child.kill('SIGHUP')
  expect(await receiver.ended).toMatchObject({ code: 0, err: '' })
  expect(existsSync(`${file}-wal`)).toBe(false)
})

test('a receiver that waits for a database which is silent ends at the second signal', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await lineTo(database.application)
  writeFileSync(join(folder, 'connection'), line.connection, { mode: 0o600 })
  const store = { kind: 'postgres', connectionFile: join(folder, 'connection') }
  const receiver = await runReceiver(folder, { store })
  line.silence()
  const asking = fetch(`${receiver.url}/v1/chains`, { headers: { authorization: 'Bearer none' } }).catch(
    () => undefined,
  )
  await line.asked
  receiver.child.kill('SIGTERM')
  // Who waited for the answer is let go; the database is waited for.
  await asking
  const again = setInterval(() => receiver.child.kill('SIGINT'), 50)
  onTestFinished(() => clearInterval(again))
  expect(await receiver.ended).toMatchObject({ code: 1, err: '' })
}, 60_000)

/** A TCP line to a database behind a socket of the Unix family. Once it is silent nothing is passed on. */
async function lineTo(application: string) {
  const address = new URL(application)
  const path = join(address.searchParams.get('host') ?? '', '.s.PGSQL.5432')
  const ends: Socket[] = []
  let isSilent = false
  let tellAsked: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve
  })
  const server = createServer((client) => {
    const upstream = connect(path)
    ends.push(client, upstream)
    for (const end of [client, upstream]) end.on('error', () => undefined)
    client.on('data', (bytes) => {
      if (isSilent) tellAsked()
      else upstream.write(bytes)
    })
    client.on('close', () => upstream.destroy())
    upstream.on('data', (bytes) => client.write(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  const { port } = server.address() as { port: number }
  return {
    connection: `postgresql://${address.username}@127.0.0.1:${port}/postgres`,
    asked,
    silence: () => {
      isSilent = true
    },
  }
}

import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../sync/servers/postgres.ts'
import { silentLine } from '../sync/servers/silent-line.ts'
import { heavy } from '../tags.ts'
import { removedLater, runReceiver } from './command.ts'

test('a receiver whose terminal is closed (SIGHUP) closes its store', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const file = join(folder, 'store.db')
  const receiver = await runReceiver(folder, { store: { kind: 'sqlite', file } })
  receiver.child.kill('SIGHUP')
  expect(await receiver.ended).toMatchObject({ code: 0, err: '' })
  expect(existsSync(`${file}-wal`)).toBe(false)
})

test('the receiver exits on the second signal while it waits for a database', heavy(), async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const database = await startPostgres()
  onTestFinished(() => database.stop())
  const line = await silentLine(database.application)
  writeFileSync(join(folder, 'connection'), line.connection, { mode: 0o600 })
  const store = { kind: 'postgres', connectionFile: join(folder, 'connection') }
  const receiver = await runReceiver(folder, { store })
  line.silence()
  const asking = fetch(`${receiver.url}/v1/chains`, { headers: { authorization: 'Bearer none' } }).catch(
    () => undefined,
  )
  await line.asked
  receiver.child.kill('SIGTERM')
  // The waiting caller is released; the database is still waited for.
  await asking
  const again = setInterval(() => receiver.child.kill('SIGINT'), 50)
  onTestFinished(() => clearInterval(again))
  expect(await receiver.ended).toMatchObject({ code: 1, err: '' })
})

import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removedLater, runReceiver } from './command.ts'

test('a receiver whose terminal is closed (SIGHUP) closes its store', async () => {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'receiver-')))
  const file = join(folder, 'store.db')
  const receiver = await runReceiver(folder, { store: { kind: 'sqlite', file } })
  receiver.child.kill('SIGHUP')
  expect(await receiver.ended).toMatchObject({ code: 0, err: '' })
  expect(existsSync(`${file}-wal`)).toBe(false)
})

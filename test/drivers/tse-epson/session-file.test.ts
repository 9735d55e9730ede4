import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SessionFile } from '../../../drivers/tse-epson/session-file.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'

test('the session is replaced as a whole: a kill during the write leaves the former one, still accepted', async () => {
  const directory = await temporaryDirectory()
  const file = new SessionFile(directory)
  file.keep({ clientId: 'sock1', dataId: 7 })
  const before = openSync(join(directory, 'session.json'), 'r')
  onTestFinished(() => closeSync(before))
  file.keep({ clientId: 'sock1', dataId: 8 })
  expect(JSON.parse(readFileSync(before, 'utf8'))).toEqual({ clientId: 'sock1', dataId: 7 })
  expect(new SessionFile(directory).read()).toEqual({ clientId: 'sock1', dataId: 8 })
  file.keep(undefined)
  expect(new SessionFile(directory).read()).toBeUndefined()
})

test('a session that cannot be kept breaks no signature off: it is forgotten', async () => {
  const file = new SessionFile(join(await temporaryDirectory(), 'gone'))
  file.keep({ clientId: 'sock1', dataId: 7 })
  expect(file.read()).toBeUndefined()
})

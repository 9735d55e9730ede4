// @module-tag heavy
import { rmSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { examineBackup } from '../../agent/backup/examine.ts'
import { reopenJournal } from '../../agent/backup/hand-over.ts'
import { lastBackup } from '../../agent/backup/last.ts'
import { makeBackup } from '../../agent/backup/make.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { appendNotes, openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'
import { backUp, handOver, PARTS, PASSPHRASE, restore } from './parts.ts'
import { restingState } from './resting-state.ts'

/** SQLite's error from within a commit. */
const failing = {
  fault: (point: string): void => {
    if (point === 'journal.before-commit') throw new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
  },
}

test('a disk that fills up under a restore is reported, and no file and no key stays', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const { file } = await backUp(state, folder)
  const other = join(folder, 'other')
  await expect(restore(other, file, failing)).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  expect((await readdir(other)).filter((name) => name.startsWith('restore'))).toEqual([])
  expect(await restore(other, file)).toMatchObject({ events: 202 })
})

test('a disk that fills up under a move, or under its reversal, is reported, and the journal is as it was', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const move = { ...PARTS, stateDirectory: state, path: join(folder, 'move.backup'), passphrase: PASSPHRASE }
  await expect(handOver({ ...move, ...failing })).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  expect(await verifyJournal(state)).toMatchObject({ valid: true, events: 201 })
  await handOver(move)
  await expect(reopenJournal({ ...move, ...failing })).rejects.toMatchObject({ code: 'SQLITE_FULL' })
  expect(await reopenJournal(move)).toEqual({ wasMoved: true })
})

test('an unreadable state is not called damaged, so that no restore over a full disk moves it away', async () => {
  const folder = await temporaryDirectory()
  const { state, signer } = await restingState()
  const journal = await openJournal(state, { signer })
  await appendNotes(journal, 1)
  await journal.close()
  const { file } = await backUp(state, folder)
  // A log that cannot be made.
  await rm(join(state, 'journal.db-wal'), { force: true })
  await mkdir(join(state, 'journal.db-wal'))
  await expect(restore(state, file)).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' })
})

test.each([['backup.written'], ['backup.checked']])(
  'a backup whose file another process has begun again (%s) reports that, and leaves that file alone',
  async (at) => {
    const folder = await temporaryDirectory()
    const { state } = await restingState()
    const path = join(folder, 'shop.backup')
    const overtaken = (point: string): void => {
      if (point !== at) return
      rmSync(`${path}.tmp`)
      writeFileSync(`${path}.tmp`, 'of the other one')
    }
    const made = { ...PARTS, stateDirectory: state, path, passphrase: PASSPHRASE, archives: 'inside' } as const
    await expect(makeBackup({ ...made, fault: overtaken })).rejects.toMatchObject({ code: 'backup_overtaken' })
    expect(await readdir(folder)).toEqual(['shop.backup.tmp'])
    expect(await readFile(`${path}.tmp`, 'utf8')).toBe('of the other one')
    expect((await makeBackup(made)).file).toBe(path)
  },
)

test('of three backups that are begun to one file at the same moment one is made, and the others report that', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const path = join(folder, 'shop.backup')
  const backups = Array.from({ length: 3 }, () =>
    makeBackup({ ...PARTS, stateDirectory: state, path, passphrase: PASSPHRASE }).catch((error: Error) => error),
  )
  const made = await Promise.all(backups)
  const refused = made.filter((one) => one instanceof Error)
  expect(refused).toMatchObject([{ code: 'backup_overtaken' }, { code: 'backup_overtaken' }])
  expect(await readdir(folder)).toEqual(['shop.backup'])
  expect((await examineBackup(path, LAW_BOOKS)).report.valid).toBe(true)
})

test('backups that are made at the same moment, each to its own file, are all made, without EEXIST or ENOENT', async () => {
  const folder = await temporaryDirectory()
  const { state } = await restingState()
  const names = ['one.backup', 'two.backup', 'three.backup']
  const newBackup = await Promise.all(names.map((name) => backUp(state, folder, name)))
  expect(newBackup.map(({ file }) => file)).toEqual(names.map((name) => join(folder, name)))
  expect(names.map((name) => join(folder, name))).toContain(lastBackup(state)?.file)
  expect((await readdir(state)).filter((name) => name.endsWith('.tmp'))).toEqual([])
})

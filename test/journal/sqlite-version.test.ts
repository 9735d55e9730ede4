import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { journalPath, readHead } from '../../agent/journal/journal-file.ts'
import { sqliteFault } from '../../base/sqlite-version.ts'
import { openSqliteStore } from '../../receiver/sqlite/store.ts'
import { appendNotes, openJournal, temporaryDirectory } from './temporary-journal.ts'

/** Each connection opened until the end of the scope reports that version of SQLite. */
function withSqlite(version: string) {
  const prepare = Database.prototype.prepare
  const spy = vi.spyOn(Database.prototype, 'prepare').mockImplementation(function (this: Database.Database, sql) {
    this.function('sqlite_version', () => version)
    return Reflect.apply(prepare, this, [sql])
  })
  return { [Symbol.dispose]: () => spy.mockRestore() }
}

test.each(['3.51.2', '3.50.7', '3.8.11.1', '2.9.9', ''])(
  'a journal is not opened with SQLite "%s"',
  async (version) => {
    const directory = await temporaryDirectory()
    const journal = await openJournal(directory)
    await appendNotes(journal, 3)
    await journal.close()
    const before = await readFile(journalPath(directory))
    {
      using _ = withSqlite(version)
      const refusal = {
        code: 'journal_unsafe',
        message: expect.stringContaining(`SQLite ${version}, and one before 3.51.3`),
      }
      await expect(openJournal(directory)).rejects.toMatchObject(refusal)
    }
    expect(await readFile(journalPath(directory))).toEqual(before)
    // The refusal left the lock free and the journal as it was.
    const again = await openJournal(directory)
    expect(again.read((db) => readHead(db).seq)).toBeGreaterThanOrEqual(3)
    await again.close()
  },
)

test('the store of a receiver is not opened with an SQLite that may lose a committed page', async () => {
  const file = join(await temporaryDirectory(), 'receiver.db')
  using _ = withSqlite('3.51.2')
  expect(() => openSqliteStore(file, Date)).toThrow(expect.objectContaining({ code: 'store_unsafe' }))
  expect(existsSync(`${file}-wal`)).toBe(false)
})

test.each(['3.51.3', '3.54.1', '3.100.0', '4.0.0', '3.55.0.1'])(
  'SQLite %s is accepted, and so is the one of this program',
  (version) => {
    expect(sqliteFault(new Database(''))).toBeUndefined()
    using _ = withSqlite(version)
    expect(sqliteFault(new Database(''))).toBeUndefined()
  },
)

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { JOURNAL_FILE } from '../../agent/journal/database.ts'
import type { KindWithoutFacts } from '../../agent/journal/event-facts.ts'
import { bodyOf } from '../../agent/journal/events.ts'
import { JournalVersionError, MIGRATIONS, SCHEMA, schemaState } from '../../agent/journal/migrations.ts'
import { newerProgram } from '../../agent/journal/newer-program.ts'
import { isAtLeast, packageVersion } from '../../base/version.ts'
import { verifyJournal } from '../verified-journal.ts'
import { appendNotes, openJournal, temporaryDirectory } from './temporary-journal.ts'

const NEWER = SCHEMA + 1

/** A journal as a program with one more migration leaves it. */
async function leftByNewer(minSafeVersion: string): Promise<string> {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  const kind = 'levy.sent' as KindWithoutFacts
  await journal.record(() => [{ kind, op: 'op_1', body: { set: { sent: true } } }])
  await journal.close()
  const db = new Database(join(directory, JOURNAL_FILE))
  db.pragma(`user_version = ${NEWER}`)
  db.exec('CREATE TABLE duty (id TEXT PRIMARY KEY) STRICT; INSERT INTO duty VALUES (1)')
  const set = db.prepare('UPDATE meta SET value = ? WHERE name = ?')
  set.run(minSafeVersion, 'min_safe_version')
  set.run('9.1.0', 'written_by')
  set.run(String(NEWER), 'schema')
  set.run('77', 'projection_version')
  db.close()
  writeFileSync(join(directory, 'journal.version'), announced(minSafeVersion))
  return directory
}

function announced(minSafeVersion: string): string {
  return `${NEWER}\nmin_safe_version ${minSafeVersion}\nwritten_by 9.1.0\n`
}

test('a journal that a newer program wrote, and that this one may open, continues and keeps its version', async () => {
  const directory = await leftByNewer(packageVersion())
  const journal = await openJournal(directory)
  await appendNotes(journal, 2)
  expect(journal.read(newerProgram)).toEqual({ version: '9.1.0', schema: NEWER, unknownEvents: 1 })
  expect(journal.read(schemaState)).toEqual({ schema: NEWER, minSafeVersion: packageVersion(), writtenBy: '9.1.0' })
  expect(journal.view.eventsOf('op_1').map((event) => bodyOf(event).set)).toEqual([{ sent: true }])
  expect(journal.read((db) => db.prepare('SELECT count(*) FROM duty').pluck().get())).toBe(1)
  await journal.close()
  expect(readFileSync(join(directory, 'journal.version'), 'utf8')).toBe(announced(packageVersion()))
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, projections: 'equal', findings: [] })
})

test('a journal that asks for a newer program than this one is refused with both versions, and nothing is changed', async () => {
  const directory = await leftByNewer('9.0.0')
  const before = readFileSync(join(directory, JOURNAL_FILE))
  const opened = openJournal(directory)
  await expect(opened).rejects.toBeInstanceOf(JournalVersionError)
  await expect(opened).rejects.toMatchObject({ code: 'journal_too_new' })
  await expect(opened).rejects.toThrow(`written by fiskal-edge 9.1.0; this is ${packageVersion()} `)
  await expect(opened).rejects.toThrow('install fiskal-edge 9.0.0 or newer again')
  expect(readFileSync(join(directory, JOURNAL_FILE)).equals(before)).toBe(true)
  expect(readFileSync(join(directory, 'journal.version'), 'utf8')).toBe(announced('9.0.0'))
})

test.each([1, 4])(
  'a journal of schema %i, from before the first release, is refused by name and left as it is',
  async (schema) => {
    const directory = await temporaryDirectory()
    const journal = await openJournal(directory)
    await appendNotes(journal, 3)
    await journal.close()
    const db = new Database(join(directory, JOURNAL_FILE))
    db.pragma(`user_version = ${schema}`)
    db.close()
    const before = readFileSync(join(directory, JOURNAL_FILE))
    await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_too_old' })
    await expect(openJournal(directory)).rejects.toThrow(`reads schema ${SCHEMA} or newer. Nothing was changed`)
    await expect(verifyJournal(directory)).rejects.toMatchObject({ code: 'journal_too_old' })
    expect(readFileSync(join(directory, JOURNAL_FILE)).equals(before)).toBe(true)
  },
)

test('a journal that does not state which versions may open it is refused', async () => {
  await expect(openJournal(await leftByNewer(''))).rejects.toBeInstanceOf(JournalVersionError)
  await expect(openJournal(await leftByNewer('soon'))).rejects.toBeInstanceOf(JournalVersionError)
})

test('the schemas of the migrations follow each other, and no later one asks for less', () => {
  for (const [index, { schema, minSafeVersion }] of MIGRATIONS.entries()) {
    expect(schema).toBe(5 + index)
    expect(isAtLeast(minSafeVersion, MIGRATIONS[index - 1]?.minSafeVersion ?? '0.0.0')).toBe(true)
    expect(isAtLeast(packageVersion(), minSafeVersion)).toBe(true)
  }
})

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.10', '1.2.9', true],
  ['1.2.3', '1.3.0', false],
  ['2.0.0', '1.9.9', true],
  ['1.2.3-rc.1', '1.2.3', true],
  ['', '0.0.1', false],
  ['1.2.3', '', false],
  ['1.2', '1.1.0', false],
  ['3.8.11.1', '3.51.3', false],
  ['3.55.0.1', '3.51.3', true],
])('version %s is at least %s: %s', (version, other, is) => {
  expect(isAtLeast(version, other)).toBe(is)
})

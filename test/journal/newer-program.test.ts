import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { KindWithoutFacts } from '../../agent/journal/event-facts.ts'
import { bodyOf, factsOf } from '../../agent/journal/events.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { MIGRATIONS, SCHEMA, schemaState } from '../../agent/journal/migrations.ts'
import { newerProgram } from '../../agent/journal/newer-program.ts'
import { debianVersion, isAtLeast, OLDEST_SAFE_VERSION, packageVersion } from '../../base/version.ts'
import { verifyJournal } from '../verified-journal.ts'
import { execFileSync } from '../waits.ts'
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
  const db = new Database(journalPath(directory))
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
  const before = readFileSync(journalPath(directory))
  const opened = openJournal(directory)
  await expect(opened).rejects.toMatchObject({ code: 'journal_too_new' })
  await expect(opened).rejects.toThrow(`written by fiskal-edge 9.1.0; this is ${packageVersion()} `)
  await expect(opened).rejects.toThrow('install fiskal-edge 9.0.0 or newer again')
  expect(readFileSync(journalPath(directory)).equals(before)).toBe(true)
  expect(readFileSync(join(directory, 'journal.version'), 'utf8')).toBe(announced('9.0.0'))
})

test.each([1, 4])(
  'a journal of schema %i, from before the first release, is refused by name and left as it is',
  async (schema) => {
    const directory = await temporaryDirectory()
    const journal = await openJournal(directory)
    await appendNotes(journal, 3)
    await journal.close()
    const db = new Database(journalPath(directory))
    db.pragma(`user_version = ${schema}`)
    db.close()
    const before = readFileSync(journalPath(directory))
    await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_too_old' })
    await expect(openJournal(directory)).rejects.toThrow(`reads schema ${SCHEMA} or newer. Nothing was changed`)
    await expect(verifyJournal(directory)).rejects.toMatchObject({ code: 'journal_too_old' })
    expect(readFileSync(journalPath(directory)).equals(before)).toBe(true)
  },
)

test('a journal that does not state which versions may open it is refused', async () => {
  await expect(openJournal(await leftByNewer(''))).rejects.toMatchObject({ code: 'journal_too_new' })
  await expect(openJournal(await leftByNewer('soon'))).rejects.toMatchObject({ code: 'journal_too_new' })
})

test('the schemas of the migrations follow each other, and this program may open what it has written', () => {
  expect(MIGRATIONS.map(({ schema }) => schema)).toEqual(MIGRATIONS.map((_, index) => 6 + index))
  expect(isAtLeast(packageVersion(), OLDEST_SAFE_VERSION)).toBe(true)
})

/** A journal of the own schema, with the event of a program of that version. */
async function writtenBy(version: string, oldestSafe: string): Promise<string> {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 3)
  const facts = { version, schema: SCHEMA, oldest_safe_version: oldestSafe }
  await journal.record(() => [{ kind: 'program.changed', op: 'program', body: { facts } }])
  await journal.close()
  return directory
}

function announcedIn(directory: string): string {
  return readFileSync(join(directory, 'journal.version'), 'utf8')
}

test('the oldest safe version counts at the own schema too, by the event alone', async () => {
  const directory = await writtenBy('9.1.0', '9.0.0')
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_too_new' })
  await expect(openJournal(directory)).rejects.toThrow('install fiskal-edge 9.0.0 or newer again')
  await expect(verifyJournal(directory)).rejects.toMatchObject({ code: 'journal_too_new' })
})

test.each(['', 'soon', '9.0.0+deb12u1'])(
  'an oldest safe version %j that cannot be read lets no program in',
  async (safe) => {
    await expect(openJournal(await writtenBy('9.1.0', safe))).rejects.toMatchObject({ code: 'journal_too_new' })
  },
)

test('an opening and the events before a start is ready leave the oldest safe version and name no program', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 2)
  expect(journal.read(schemaState).minSafeVersion).toBe('0.0.0')
  expect(announcedIn(directory)).toContain('min_safe_version 0.0.0\n')
  journal.becameReady()
  expect(announcedIn(directory)).toContain('min_safe_version 0.0.0\n')
  expect(journal.view.eventsOf('program')).toEqual([])
  await appendNotes(journal, 2)
  const facts = { version: packageVersion(), schema: SCHEMA, oldest_safe_version: OLDEST_SAFE_VERSION }
  expect(journal.view.eventsOf('program').map((event) => factsOf(event, 'program.changed'))).toEqual([facts])
  expect(journal.read(schemaState)).toMatchObject({ minSafeVersion: OLDEST_SAFE_VERSION, writtenBy: packageVersion() })
  expect(announcedIn(directory)).toContain(`min_safe_version ${OLDEST_SAFE_VERSION}\n`)
  await journal.close()
  const again = await openJournal(directory)
  again.becameReady()
  await appendNotes(again, 1)
  expect(again.view.eventsOf('program')).toHaveLength(1)
  await again.close()
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, findings: [] })
})

test('after a newer program this one records itself, keeps the oldest safe version, and reports the newer one', async () => {
  const directory = await writtenBy('9.1.0', packageVersion())
  const journal = await openJournal(directory)
  expect(journal.read(newerProgram)).toEqual({ version: '9.1.0', schema: SCHEMA, unknownEvents: 0 })
  journal.becameReady()
  await appendNotes(journal, 1)
  const versions = journal.view.eventsOf('program').map((event) => factsOf(event, 'program.changed')?.version)
  expect(versions).toEqual(['9.1.0', packageVersion()])
  expect(journal.read(newerProgram)?.version).toBe('9.1.0')
  await journal.close()
})

test('a full disk keeps the event of the program back until the version can be announced', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  symlinkSync('/dev/full', join(directory, 'journal.version.tmp'))
  journal.becameReady()
  await appendNotes(journal, 1)
  expect(journal.view.eventsOf('program')).toEqual([])
  await rm(join(directory, 'journal.version.tmp'), { force: true })
  await appendNotes(journal, 1)
  expect(journal.view.eventsOf('program')).toHaveLength(1)
  await journal.close()
})

test.each([
  ['1.2.3', '1.2.3', true],
  ['1.2.10', '1.2.9', true],
  ['1.2.3', '1.3.0', false],
  ['2.0.0', '1.9.9', true],
  ['1.2.3-rc.1', '1.2.3', false],
  ['1.2.3', '1.2.3-rc.9', true],
  ['1.2.3-rc.10', '1.2.3~rc.9', true],
  ['1.2.3~rc.1', '1.2.3-rc.1', true],
  ['1.0.0~rc1', '0.1.0', false],
  ['1.0.0+deb12u1', '0.1.0', false],
  ['1.0.0', '1.0.0+deb12u1', false],
  ['1.2.3-beta', '0.1.0', false],
  ['', '0.0.1', false],
  ['1.2.3', '', false],
  ['1.2', '1.1.0', false],
  ['3.8.11.1', '3.51.3', false],
  ['3.55.0.1', '3.51.3', true],
])('version %s is at least %s: %s', (version, other, is) => {
  expect(isAtLeast(version, other)).toBe(is)
})

test.each([
  ['1.0.0-rc.1', '1.0.0~rc.1'],
  ['1.0.0', '1.0.0'],
])('version %s of package.json is %s in a control file, which dpkg sorts alike', (version, control) => {
  expect(debianVersion(version)).toBe(control)
  expect(isAtLeast('1.0.0', control)).toBe(true)
  execFileSync('dpkg', ['--compare-versions', '1.0.0', 'ge', control])
})

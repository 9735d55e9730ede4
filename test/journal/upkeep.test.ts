import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Journal } from '../../agent/journal/journal.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import type { JournalOptions } from '../../agent/journal/journal-options.ts'
import { ManualClock } from '../manual-clock.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

/** Groups after which the log is due. */
const GROUPS = 100
const PAUSE_MS = 10
/** After this time the log is checkpointed, whatever the phase of the groups. */
const LONG_MS = 2 * PAUSE_MS

async function appendGroups(journal: Journal, count: number): Promise<void> {
  for (let group = 0; group < count; group++) await appendNote(journal, `note ${group}`)
}

/** The content of the database file itself, without the log. */
async function openBooks(changes: Partial<JournalOptions> = {}) {
  const directory = await temporaryDirectory()
  const clock = new ManualClock()
  const journal = await openJournal(directory, { clock, ...changes })
  const file = journalPath(directory)
  const projected = () => journal.read((db) => db.prepare('SELECT seq FROM projected').pluck().get())
  return { journal, clock, file, bytes: () => statSync(file).size, projected }
}

test('log and tables are checkpointed in the pause after a group, never within one', async () => {
  const { journal, clock, bytes, projected } = await openBooks()
  const before = bytes()
  await appendGroups(journal, GROUPS)
  expect(bytes()).toBe(before)
  await clock.advance(LONG_MS)
  expect(bytes()).toBeGreaterThan(before)
  expect(projected()).toBe(journal.headSeq)
  await journal.close()
})

test('a group with a waiting caller goes first', async () => {
  let hold = false
  const held: (() => void)[] = []
  const defer = (drain: () => void) => {
    if (hold) held.push(drain)
    else setImmediate(drain)
  }
  const { journal, clock, bytes } = await openBooks({ defer })
  await appendGroups(journal, GROUPS)
  const before = bytes()
  hold = true
  const waited = appendNote(journal, 'in the pause')
  await clock.advance(LONG_MS)
  expect(bytes()).toBe(before)
  hold = false
  for (const drain of held) drain()
  await waited
  await clock.advance(LONG_MS)
  expect(bytes()).toBeGreaterThan(before)
  await journal.close()
})

test('while groups follow each other there is no pause', async () => {
  const { journal, clock, bytes } = await openBooks()
  await appendGroups(journal, GROUPS)
  const before = bytes()
  for (let group = 0; group < 5; group++) {
    await clock.advance(PAUSE_MS / 2)
    await appendNote(journal, `note ${group}`)
  }
  expect(bytes()).toBe(before)
  await clock.advance(LONG_MS)
  expect(bytes()).toBeGreaterThan(before)
  await journal.close()
})

test('a journal that is closed before the pause has nothing to do in it', async () => {
  const { journal, clock, file } = await openBooks()
  await appendGroups(journal, GROUPS)
  const { headSeq } = journal
  await journal.close()
  await clock.advance(LONG_MS)
  const db = new Database(file, { readonly: true })
  expect(db.prepare('SELECT max(seq) FROM event').pluck().get()).toBe(headSeq)
  db.close()
})

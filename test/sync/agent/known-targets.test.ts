import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { BookState } from '../../../agent/journal/books/book-state.ts'
import { stateNow } from '../../../agent/journal/books/state-record.ts'
import { cursorOf } from '../../../agent/journal/cursors.ts'
import type { Journal } from '../../../agent/journal/journal.ts'
import { journalPath } from '../../../agent/journal/journal-file.ts'
import { lastEvents } from '../../../agent/journal/reader.ts'
import { KnownTargets } from '../../../agent/sync/known-targets.ts'
import { openLog } from '../../../base/log.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

const CLOUD = { target: 'cloud', kind: 'https', address: 'https://one.example' }
const MOVED = { ...CLOUD, address: 'https://two.example' }
const AT = '2026-05-04T08:00:00.000Z'

async function started(journal: Journal, configured: readonly (typeof CLOUD)[], acknowledging: readonly string[]) {
  const log = openLog('error', { write: () => undefined })
  const knownTargets = new KnownTargets({ journal, configured, log })
  await knownTargets.open()
  for (const target of acknowledging) knownTargets.acknowledged(target)
  await knownTargets.close()
}

function toldIn(directory: string): unknown[] {
  const told = [...lastEvents(directory, 100)].filter(({ kind }) => kind.startsWith('sync.'))
  return told.map(({ kind, body }) => [kind, (JSON.parse(body) as { witness: unknown }).witness])
}

test('a target is an event at its first acknowledgement, and another at the first start without its address', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  onTestFinished(() => journal.close())
  await started(journal, [CLOUD], [])
  expect(toldIn(directory)).toEqual([])
  await started(journal, [CLOUD], ['cloud', 'cloud'])
  await started(journal, [CLOUD], ['cloud'])
  const added = ['sync.target_added', CLOUD]
  expect(toldIn(directory)).toEqual([added])

  await cursorOf(journal, 'cloud', () => Date.parse(AT)).save({ ackedSeq: 2 })
  await started(journal, [MOVED], ['cloud'])
  const removed = ['sync.target_removed', { ...CLOUD, until: { seq: 2, at: AT } }]
  expect(toldIn(directory)).toEqual([added, removed, ['sync.target_added', MOVED]])
  await started(journal, [MOVED], ['cloud'])
  expect(toldIn(directory)).toHaveLength(3)
  expect(journal.view.knownTargets()).toEqual([
    { ...CLOUD, seq: 2, at: AT, removed_at: expect.any(String) },
    { ...MOVED, seq: 4, at: expect.any(String), removed_at: null },
  ])

  // It comes back: reported again, and known once.
  await started(journal, [CLOUD, MOVED], ['cloud'])
  expect(toldIn(directory).at(-1)).toEqual(added)
  expect(journal.view.knownTargets()).toMatchObject([{ ...CLOUD, seq: 5, removed_at: null }, MOVED])
})

test('a target stays known if the tables were emptied, and its removal then reports no last event', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await started(journal, [CLOUD], ['cloud'])
  await cursorOf(journal, 'cloud', Date.now).save({ ackedSeq: 2 })
  await journal.close()
  const db = new Database(journalPath(directory))
  db.exec('DELETE FROM sync_cursor; DELETE FROM sync_acknowledgement')
  expect(stateNow(db).targets()).toMatchObject([{ ...CLOUD, seq: 2, removed_at: null }])
  db.close()
  const again = await openJournal(directory)
  onTestFinished(() => again.close())
  await started(again, [], [])
  expect(toldIn(directory).at(-1)).toEqual(['sync.target_removed', { ...CLOUD, until: null }])
  expect(again.view.knownTargets()).toMatchObject([{ ...CLOUD, seq: 2, removed_at: expect.any(String) }])
})

test('a book state with targets is written and read again, and one without has an empty list', () => {
  const state = new BookState()
  expect(JSON.parse(state.toJson())).toMatchObject({ targets: [] })
  state.note(7, AT, '', { witness: CLOUD })
  const again = BookState.from(state.toJson())
  expect(again.targets()).toEqual([{ ...CLOUD, seq: 7, at: AT, removed_at: null }])
  expect(again.toJson()).toBe(state.toJson())
})

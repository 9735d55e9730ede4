import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JOURNAL_FILE } from '../../agent/journal/database.ts'
import { acquireLock } from '../../agent/journal/lock.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { verifyJournal } from '../../agent/journal/verify.ts'
import { STEPS, shopHistory } from './projection-events.ts'
import { appendNotes, openJournal, temporaryDirectory } from './temporary-journal.ts'

function contents(directory: string): Record<string, unknown[]> {
  const db = new Database(join(directory, JOURNAL_FILE), { readonly: true })
  const tables = Object.keys(PROJECTION_TABLES).map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()])
  db.close()
  return Object.fromEntries(tables)
}

test('projections rebuilt from the events equal those kept with each append', async () => {
  const directory = await temporaryDirectory()
  const steps = fc.array(fc.tuple(fc.constantFrom(...STEPS), fc.nat(1000)), { minLength: 20, maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const journal = await openJournal(directory)
      const events = shopHistory(journal.headSeq + 1, history)
      await Promise.all(events.map((event) => journal.commit('intent', () => ({ events: [event], result: undefined }))))
      await journal.close()
      const incremental = contents(directory)
      const { projections, findings } = await verifyJournal(directory)
      expect({ projections, findings }).toEqual({ projections: 'equal', findings: [] })
      await rebuildProjections(directory)
      expect(contents(directory)).toEqual(incremental)
    }),
    { numRuns: 15 },
  )
  const used = Object.entries(contents(directory)).filter(([, rows]) => rows.length > 0)
  expect(used.map(([name]) => name).sort()).toEqual(Object.keys(PROJECTION_TABLES).sort())
})

test('projections of another version are rebuilt when the journal is opened', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const history = STEPS.map((step) => [step, 1] as const)
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  await journal.close()
  const before = contents(directory)
  const db = new Database(join(directory, JOURNAL_FILE))
  db.exec("UPDATE meta SET value = '0' WHERE name = 'projection_version'; DROP TABLE session; DELETE FROM claim")
  db.close()
  await (await openJournal(directory)).close()
  expect(contents(directory)).toEqual(before)
})

test('rebuild works under the lock alone and does not touch events', async () => {
  const directory = await temporaryDirectory()
  await expect(rebuildProjections(directory)).rejects.toMatchObject({ code: 'journal_missing' })
  const journal = await openJournal(directory)
  await appendNotes(journal, 2500)
  await journal.close()
  const lock = acquireLock(directory)
  await expect(rebuildProjections(directory)).rejects.toMatchObject({ code: 'state_locked' })
  lock.release()
  expect(await rebuildProjections(directory)).toEqual({ events: 2501 })
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, lastSeq: 2501 })
})

import { hash } from 'node:crypto'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClaimFilter } from '../../agent/journal/projections/claim-filter.ts'
import { Claims } from '../../agent/journal/projections/claims.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import { ManualClock } from '../manual-clock.ts'
import { appendNote, openJournal, temporaryDirectory } from './temporary-journal.ts'

/** Rows that are learned at once. */
const PORTION = 500

const idOf = (key: number | string): string => hash('sha256', `-:/v1/operations\0${key}`, 'base64url')
const rowOf = (id: string): Buffer => Buffer.from(id, 'base64url').subarray(0, 16)

function memory(): Database.Database {
  const db = new Database(':memory:')
  db.exec(`CREATE TABLE event (seq INTEGER PRIMARY KEY); ${PROJECTION_TABLES['claim']}`)
  return db
}

test('the filter never denies a key that was added, and nearly always one that was not', () => {
  const filter = new ClaimFilter(16)
  for (let key = 0; key < 8000; key++) filter.add(idOf(key))
  for (let key = 0; key < 8000; key++) expect(filter.mayHold(idOf(key))).toBe(true)
  let mistaken = 0
  for (let key = 8000; key < 18_000; key++) if (filter.mayHold(idOf(key))) mistaken++
  expect(mistaken).toBeLessThan(400)
})

/** Claims beside a map that does the same. */
class Model {
  readonly claims: Claims
  #noted = new Map<number, number>()
  #written = new Map<number, number>()
  #seq = 0

  constructor(size: number) {
    this.claims = new Claims(memory(), new ClaimFilter(size))
  }

  readonly steps = {
    note: (key: number): void => {
      if (this.#noted.has(key)) return
      this.claims.note(++this.#seq, { claim: { id: idOf(key), print: 'p' } })
      this.#noted.set(key, this.#seq)
    },
    free: (key: number): void => {
      if (this.#noted.delete(key)) this.claims.free(idOf(key))
    },
    write: (): void => {
      this.claims.write()
      this.#written = new Map(this.#noted)
    },
    forget: (): void => {
      this.claims.forget()
      this.#noted = new Map(this.#written)
    },
    learn: (): void => {
      this.claims.learn()
    },
  }

  check(key: number): void {
    expect(this.claims.get(idOf(key))?.seq).toBe(this.#noted.get(key))
  }
}

test('a claim is found whatever was written, freed, rolled back and learned in between', () => {
  const does = fc.constantFrom('note', 'note', 'note', 'free', 'write', 'forget', 'learn')
  const steps = fc.array(fc.tuple(does, fc.nat(100)), { maxLength: 300 })
  fc.assert(
    fc.property(steps, fc.constantFrom(6, 22), (history, size) => {
      const model = new Model(size)
      for (const [what, key] of history) {
        model.steps[what](key)
        model.check(key)
      }
      for (let key = 0; key <= 100; key++) model.check(key)
    }),
  )
})

test('a new key is told without the table once all of it is learned, not before', () => {
  const db = memory()
  const insert = db.prepare('INSERT INTO claim VALUES (?, 1)')
  for (let key = 0; key < PORTION + 10; key++) insert.run(rowOf(idOf(key)))
  const claims = new Claims(db)
  const behind = (key: string): string => {
    insert.run(rowOf(idOf(key)))
    return idOf(key)
  }
  expect(claims.learn()).toBe(true)
  expect(claims.get(behind('while it learns'))).toBeDefined()
  expect(claims.learn()).toBe(false)
  expect(claims.get(behind('when it knows all'))).toBeUndefined()
  for (let key = 0; key < PORTION + 10; key++) expect(claims.get(idOf(key))?.seq).toBe(1)
})

test('a filter that has become too small begins anew, and the table is asked until it has learned', () => {
  const db = memory()
  const claims = new Claims(db, new ClaimFilter(6))
  expect(claims.learn()).toBe(false)
  for (let key = 0; key < 10; key++) claims.note(key + 1, { claim: { id: idOf(key), print: 'p' } })
  claims.write()
  db.prepare('INSERT INTO claim VALUES (?, 11)').run(rowOf(idOf('behind')))
  expect(claims.get(idOf('behind'))).toBeDefined()
  while (claims.learn());
  for (let key = 0; key < 10; key++) expect(claims.get(idOf(key))?.seq).toBe(key + 1)
})

test('keys of a former start are known from the first moment, and after all of them were learned in the pauses', async () => {
  const directory = await temporaryDirectory()
  const count = 2 * PORTION + 100
  const first = await openJournal(directory)
  const events = Array.from({ length: count }, (_, key) => ({
    kind: 'test.noted',
    op: '',
    body: { claim: { id: idOf(key), print: 'p' } },
  }))
  await first.commit('intent', () => ({ events, result: undefined }))
  await first.close()

  const clock = new ManualClock()
  const journal = await openJournal(directory, { clock })
  const known = (): number => {
    let found = 0
    for (let key = 0; key < count; key++) if (journal.view.claim(idOf(key)) !== undefined) found++
    return found
  }
  expect(known()).toBe(count)
  // While tills are served nothing is learned.
  for (let group = 0; group < 5; group++) {
    await appendNote(journal, `note ${group}`)
    await clock.advance(1)
  }
  expect(known()).toBe(count)
  await clock.advance(1000)
  expect(known()).toBe(count)
  expect(journal.view.claim(idOf('new'))).toBeUndefined()
  await journal.close()
})

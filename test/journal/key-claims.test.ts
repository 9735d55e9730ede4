// @module-tag heavy
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { NewEvent } from '../../agent/journal/events.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { KeyClaimFilter } from '../../agent/journal/projections/key-claim-filter.ts'
import { BLOCK_SEQS, KeyClaims } from '../../agent/journal/projections/key-claims.ts'
import { PROJECTION_TABLES } from '../../agent/journal/projections/tables.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { fc } from '../properties.ts'
import { verifyJournal } from '../verified-journal.ts'
import { markEvent } from './some-event.ts'
import { openJournal, temporaryDirectory } from './temporary-journal.ts'

function idOf(key: number | string): string {
  return hash('sha256', `-:/v1/operations\0${key}`, 'base64url')
}

function memory(): Database.Database {
  const db = new Database(':memory:')
  db.exec(`${PROJECTION_TABLES['claim']} ${PROJECTION_TABLES['claim_filter']}`)
  return db
}

test('the filter never denies a key in the block that it was added to, and nearly always one that was not', () => {
  const filter = new KeyClaimFilter()
  const blockOf = (key: number): number => (key * 7) % 70
  for (let key = 0; key < 70_000; key++) filter.add(blockOf(key), idOf(key))
  for (let key = 0; key < 70_000; key += 7) expect(filter.blocksOf(idOf(key))).toContain(blockOf(key))
  let mistaken = 0
  for (let key = 70_000; key < 80_000; key++) mistaken += filter.blocksOf(idOf(key)).length
  expect(mistaken).toBeLessThan(100)
})

test('the blocks that a key was added to are listed newest first, also from planes that were stored', () => {
  const filter = new KeyClaimFilter()
  for (const block of [31, 0, 64, 32, 5]) filter.add(block, idOf('twice'))
  const again = new KeyClaimFilter()
  for (const plane of [0, 1, 2]) again.addPlane(filter.planeBytes(plane))
  for (const each of [filter, again]) expect(each.blocksOf(idOf('twice'))).toEqual([64, 32, 31, 5, 0])
})

/** KeyClaims, and a map that does the same. */
class Model {
  readonly #db = memory()
  claims = new KeyClaims(this.#db)
  #noted = new Map<number, number>()
  #written = new Map<number, number>()
  #seq = 0

  readonly steps = {
    note: (key: number): void => {
      if (this.#noted.has(key)) return
      this.claims.note(++this.#seq, { claim: { id: idOf(key), print: 'p' } })
      this.#noted.set(key, this.#seq)
    },
    free: (key: number): void => {
      const seq = this.#noted.get(key)
      if (seq !== undefined && this.#noted.delete(key)) this.claims.free(idOf(key), seq)
    },
    write: (): void => {
      this.claims.write()
      this.#written = new Map(this.#noted)
    },
    forget: (): void => {
      this.claims.forget()
      this.#noted = new Map(this.#written)
    },
    /** Most of what happens claims nothing. */
    wait: (key: number): void => {
      this.#seq += key * 1000
    },
    restart: (): void => {
      this.claims = new KeyClaims(this.#db)
      this.#noted = new Map(this.#written)
    },
  }

  check(key: number): void {
    expect(this.claims.get(idOf(key))?.seq).toBe(this.#noted.get(key))
  }
}

test('a claim is found after any writes, frees, rollbacks and reads in between', () => {
  const does = fc.constantFrom('note', 'note', 'note', 'free', 'write', 'forget', 'wait', 'restart')
  const steps = fc.array(fc.tuple(does, fc.nat(60)), { maxLength: 100 })
  fc.assert(
    fc.property(steps, (history) => {
      const model = new Model()
      for (const [what, key] of history) {
        model.steps[what](key)
        model.check(key)
      }
      for (let key = 0; key <= 60; key++) model.check(key)
    }),
    { numRuns: 50 },
  )
})

test('a key that was freed twice before it is written is in no block', () => {
  const db = memory()
  const claims = new KeyClaims(db)
  const claim = { id: idOf('again'), print: 'p' }
  claims.note(10, { claim })
  claims.write()
  claims.free(claim.id, 10)
  claims.note(BLOCK_SEQS + 10, { claim })
  claims.free(claim.id, BLOCK_SEQS + 10)
  claims.write()
  expect(claims.get(claim.id)).toBeUndefined()
  expect(new KeyClaims(db).get(claim.id)).toBeUndefined()
})

test('a start reads only the rows of the newest block, and has the keys of all', () => {
  const db = memory()
  const claims = new KeyClaims(db)
  for (let key = 0; key < 40 * 3; key++) {
    claims.note(Math.floor((key * BLOCK_SEQS) / 3) + 1, { claim: { id: idOf(key), print: 'p' } })
    claims.write()
  }
  expect(db.prepare('SELECT plane, complete FROM claim_filter').all()).toEqual([
    { plane: 0, complete: 32 },
    { plane: 1, complete: 39 },
  ])
  const insert = db.prepare('INSERT INTO claim VALUES (?, ?, 1)')
  for (const block of [38, 39]) insert.run(block, Buffer.from(idOf(`behind in ${block}`), 'base64url').subarray(0, 16))
  const again = new KeyClaims(db)
  for (let key = 0; key < 40 * 3; key++) expect(again.get(idOf(key))).toBeDefined()
  expect(again.get(idOf('behind in 38'))).toBeUndefined()
  expect(again.get(idOf('behind in 39'))).toBeDefined()
})

test('a filter that the disk has changed is read from the table, and stored again with the next full block', () => {
  const db = memory()
  const claims = new KeyClaims(db)
  const note = (key: string, block: number): void => {
    claims.note(block * BLOCK_SEQS + 1, { claim: { id: idOf(key), print: 'p' } })
    claims.write()
  }
  for (const [index, block] of [0, 31, 33, 70].entries()) note(`${index}`, block)
  db.exec('UPDATE claim_filter SET bits = zeroblob(length(bits)) WHERE plane = 1')
  const again = new KeyClaims(db)
  const knowsAll = (known: KeyClaims): boolean =>
    ['0', '1', '2', '3'].every((key) => known.get(idOf(key)) !== undefined)
  expect(knowsAll(again)).toBe(true)
  again.note(71 * BLOCK_SEQS + 1, { claim: { id: idOf('4'), print: 'p' } })
  again.write()
  db.exec('DELETE FROM claim WHERE block < 33')
  expect(new KeyClaims(db).get(idOf('2'))?.seq).toBe(33 * BLOCK_SEQS + 1)
  expect(db.prepare('SELECT plane, complete FROM claim_filter').all()).toEqual([
    { plane: 0, complete: 32 },
    { plane: 1, complete: 64 },
    { plane: 2, complete: 71 },
  ])
})

test('a filter that misses a claim is found by the verification, and fixed by a rebuild', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const noted = (key: number): NewEvent => markEvent('', { claim: { id: idOf(key), print: 'p' } })
  const events = Array.from({ length: BLOCK_SEQS + 10 }, (_, key) => noted(key))
  await journal.commit('intent', () => ({ events, result: undefined }))
  await journal.close()
  expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
  const db = new Database(journalPath(directory))
  const empty = new KeyClaimFilter().planeBytes(0)
  db.prepare('UPDATE claim_filter SET bits = ?, crc = ?').run(empty, crc32(empty))
  db.close()
  const { projections, findings } = await verifyJournal(directory)
  expect(projections).toBe('different')
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatchObject({
    part: 'projection',
    what: expect.stringContaining('claim_filter does not contain 0 '),
  })
  await rebuildProjections(directory)
  expect(await verifyJournal(directory)).toMatchObject({ projections: 'equal', findings: [] })
  const again = await openJournal(directory)
  for (const key of [0, 1000, BLOCK_SEQS - 5, BLOCK_SEQS + 5]) expect(again.view.claim(idOf(key))).toBeDefined()
  expect(again.view.claim(idOf('new'))).toBeUndefined()
  await again.close()
})

test('a change that a rollback undid in the stored filter is stored again, also across its planes', () => {
  const db = memory()
  const claims = new KeyClaims(db)
  const note = (key: string, block: number): void =>
    claims.note(block * BLOCK_SEQS + 1, { claim: { id: idOf(key), print: 'p' } })
  note('first', 31)
  claims.write()
  db.exec('SAVEPOINT command')
  note('rolled back', 33)
  claims.write()
  db.exec('ROLLBACK TO command; RELEASE command')
  claims.forget()
  note('late in its block', 31)
  note('next', 34)
  claims.write()
  for (const known of [claims, new KeyClaims(db)]) {
    for (const key of ['first', 'late in its block', 'next']) expect(known.get(idOf(key))).toBeDefined()
    expect(known.get(idOf('rolled back'))).toBeUndefined()
  }
})

test('a verification during a write does not take a new claim for one that the filter misses', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  let key = 0
  const claim = (count: number): Promise<void> =>
    journal.record(() => Array.from({ length: count }, () => markEvent('', { claim: { id: idOf(key++), print: 'p' } })))
  await claim(BLOCK_SEQS + 10)
  let isVerified = false
  const verifying = verifyJournal(directory).finally(() => {
    isVerified = true
  })
  while (!isVerified) {
    await claim(1)
    // A read of a range writes the tables first.
    journal.view.receipts('reg_1', 0, 1)
  }
  expect(await verifying).toMatchObject({ projections: 'equal', findings: [] })
  await journal.close()
})

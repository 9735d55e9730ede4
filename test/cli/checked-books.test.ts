import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JournalReading } from '../../agent/cli/audit/recorded-receipts.ts'
import type { CheckedBooks } from '../../agent/journal/books/book-results.ts'
import { exportJournal } from '../../agent/journal/export.ts'
import { verifyChains } from '../../agent/journal/verify/chains.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { insiderAt, withSqlite } from '../edited-states.ts'
import { STEPS, shopHistory } from '../journal/projection-events.ts'
import { rewriteEvents } from '../journal/rewritten-journal.ts'
import { appendNotes, openJournal, signer, temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'

const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
const GAP = { code: 'receipt_number_gap', seq: 7, facts: { from: 0, to: 3 } }

/** A closed journal whose event 7 has a number that follows no other. */
async function journalWithGap(count: number): Promise<string> {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, count)
  await journal.close()
  const numbered = { receipt: { number: 3, register: 'reg_1' } }
  rewriteEvents(directory, signer, 7, (text) => JSON.stringify({ ...(JSON.parse(text) as object), ...numbered }))
  return directory
}

/** The books of the exported file up to an event. */
async function exportedBooks(directory: string, last: number): Promise<CheckedBooks> {
  const file = join(directory, 'journal.ndjson')
  await exportJournal({ directory, file, range: { first: 1, last }, signer })
  const reading = new JournalReading(EVER)
  const report = await verifyChains(createReadStream(file), { laws: LAW_BOOKS, reader: reading })
  expect(report).toMatchObject({ valid: true, lastSeq: last })
  if (reading.checked === undefined) throw new Error('the file was not checked')
  return reading.checked
}

function verified(directory: string, checked?: CheckedBooks) {
  return verifyJournal(directory, { projections: false, checked })
}

test('the books of a whole file hold for the journal that it was exported from', async () => {
  const directory = await journalWithGap(20)
  const alone = await verified(directory)
  expect(alone).toMatchObject({ valid: false, books: 'different', codes: [GAP] })
  expect(await verified(directory, await exportedBooks(directory, 21))).toEqual(alone)
})

test('the walk ends with the last event of the file', async () => {
  const directory = await journalWithGap(20)
  const checked = await exportedBooks(directory, 15)
  expect(await verified(directory, checked)).toMatchObject({ lastSeq: 15, head: checked.hash, codes: [GAP] })
})

test('the books of a file with another end are read again, up to the newest event', async () => {
  const directory = await journalWithGap(20)
  const alone = await verified(directory)
  const { codes: _, ...checked } = await exportedBooks(directory, 15)
  const forged = { ...checked, codes: [] }
  const otherEnds = [{ hash: `A${checked.hash.slice(1, -1)}A` }, { seq: 16 }, { seq: 99 }, { seq: 0 }]
  for (const end of otherEnds) expect(await verified(directory, { ...forged, ...end })).toEqual(alone)
})

test('an event that was changed or removed since its file was checked is found', async () => {
  const changed = await journalWithGap(20)
  const checked = await exportedBooks(changed, 21)
  insiderAt(changed).removeEvent(12)
  const { codes, ...report } = await verified(changed, checked)
  expect(report).toMatchObject({ valid: false, firstBadSeq: 12, books: 'not_checked' })
  expect(codes).toEqual((await verified(changed)).codes)
})

test('a row of a table that was edited is found, also from the last event of the file on', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const history = STEPS.map((step) => [step, 1] as const)
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  await appendNotes(journal, 5)
  await journal.close()
  const checked = await exportedBooks(directory, 5)
  withSqlite(directory, (db) => void db.exec('UPDATE session SET cash = cash + 1; DELETE FROM api_key'))
  const { findings, codes, ...report } = await verifyJournal(directory, { checked })
  expect(report).toMatchObject({ valid: false, projections: 'different', lastSeq: 5 })
  expect(codes).toMatchObject([{ code: 'projections_differ', level: 'error' }])
  expect(findings.filter(({ part }) => part === 'projection').length).toBeGreaterThanOrEqual(2)
})

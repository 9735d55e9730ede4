import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { JournalDamagedError } from '../../agent/journal/damage.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { lastEvents } from '../../agent/journal/reader.ts'
import { verifyInChild } from '../../agent/proof/in-child.ts'
import { insiderAt, withSqlite } from '../edited-states.ts'
import { heavy } from '../tags.ts'
import { verifyJournal } from '../verified-journal.ts'
import { STEPS, shopHistory } from './projection-events.ts'
import { rewriteEvents } from './rewritten-journal.ts'
import { appendNote, appendNotes, openJournal, signer, temporaryDirectory } from './temporary-journal.ts'

/** A closed journal of 1 + `count` events. */
async function journalOf(count: number): Promise<string> {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, count)
  await journal.close()
  return directory
}

function tamper(directory: string, statements: string): void {
  withSqlite(directory, (db) => void db.exec(statements))
}

/** Permits rows that only an overwritten page can hold. */
function loosen(directory: string): void {
  const db = new Database(journalPath(directory))
  db.unsafeMode()
  db.pragma('writable_schema = ON')
  db.exec(
    "UPDATE sqlite_schema SET sql = replace(replace(sql, 'NOT NULL', ''), 'STRICT', '') WHERE name IN ('event', 'checkpoint')",
  )
  db.close()
}

test('a journal in use verifies whole, while events are appended', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  await appendNotes(journal, 1500)
  const history = STEPS.flatMap((step) => [[step, 1] as const, [step, 2] as const])
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  let appended = 0
  const report = await verifyJournal(directory, {
    onProgress: () => {
      appended++
      void appendNote(journal, 'meanwhile', { enrolled: { device: `tse-${appended}`, serial: 'S' } })
    },
  })
  expect(report).toMatchObject({
    valid: true,
    chain: journal.chain,
    projections: 'equal',
    findings: [],
    checkpoints: 1,
  })
  expect(report.firstBadSeq).toBeUndefined()
  expect(report.lastSeq).toBeGreaterThan(1500)
  expect(appended).toBeGreaterThan(1)
  await journal.close()
})

test('changed, missing and cut events are reported with the first bad seq', async () => {
  const directory = await journalOf(1200)
  tamper(directory, "UPDATE event SET body = replace(body, 'note', 'Note') WHERE seq IN (77, 900)")
  const changed = await verifyJournal(directory)
  expect(changed).toMatchObject({ valid: false, firstBadSeq: 77, lastSeq: 1201, projections: 'not_checked' })
  expect(changed.findings.map(({ part, seq }) => [part, seq])).toEqual([
    ['chain', 77],
    ['chain', 900],
  ])
  expect(await verifyJournal(directory, { from: 901 })).toMatchObject({ valid: true, events: 301 })
  expect(await verifyJournal(directory, { from: 1202 })).toMatchObject({ valid: true, events: 0, lastSeq: 1201 })
  const beyond = await verifyJournal(directory, { from: 1203 })
  expect(beyond).toMatchObject({ valid: false, firstBadSeq: 1202, events: 0, lastSeq: 1201 })
  expect(beyond.findings).toEqual([{ part: 'chain', seq: 1202, what: 'the journal ends before seq 1203' }])

  const holed = await journalOf(50)
  insiderAt(holed).removeEvent(20)
  expect(await verifyJournal(holed)).toMatchObject({ valid: false, firstBadSeq: 20 })

  const cut = await journalOf(50)
  insiderAt(cut).cut(41)
  const report = await verifyJournal(cut)
  expect(report).toMatchObject({ valid: false, firstBadSeq: 41, findings: [{ part: 'checkpoint' }] })
})

test('a forged checkpoint is found', async () => {
  const directory = await journalOf(5)
  tamper(directory, 'UPDATE checkpoint SET sig = zeroblob(64)')
  expect(await verifyJournal(directory)).toMatchObject({ valid: false, findings: [{ part: 'checkpoint', seq: 6 }] })
})

test('projections that do not follow from the events are found', async () => {
  const directory = await temporaryDirectory()
  const journal = await openJournal(directory)
  const history = STEPS.map((step) => [step, 1] as const)
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, history), result: undefined }))
  await journal.close()
  tamper(
    directory,
    "UPDATE session SET cash = cash + 1; DELETE FROM api_key; INSERT INTO device_enrolment VALUES ('x', 'y')",
  )
  const { findings, ...report } = await verifyJournal(directory)
  expect(report).toMatchObject({ valid: false, projections: 'different' })
  expect(report.firstBadSeq).toBeUndefined()
  expect(findings.map(({ part, what }) => `${part} ${what.split(' ').slice(0, 2).join(' ')}`)).toEqual([
    'projection session ses_8',
    'projection device_enrolment x',
    'projection api_key has',
  ])
})

test.each([
  'null',
  '7',
  '{',
  '{"receipt":null}',
  '{"receipt":{"number":{},"register":"reg_1"}}',
  '{"set":null}',
  '{"session":{"id":{},"register":"reg_1","set":{"state":"open"}}}',
  '{"key":7}',
  '{"transaction":null}',
  '{"index":{"kind":"sale"},"set":{}}',
  '[]',
])('a signed event whose body is %s is a finding of the verification', async (odd) => {
  const directory = await journalOf(5)
  rewriteEvents(directory, signer, 4, () => odd)
  const report = await verifyJournal(directory)
  expect(report).toMatchObject({ lastSeq: 6, valid: false })
  expect(report.firstBadSeq).toBeUndefined()
})

test('a flipped byte in a committed page is reported with its event, at any place', async () => {
  const directory = await journalOf(60)
  const path = journalPath(directory)
  const intact = await readFile(path)
  const text = Buffer.from('note 30 ')
  const seq = 32
  // A page that was split keeps a dead copy of what moved: every copy is spoiled, the living one among them.
  const copies: number[] = []
  for (let at = intact.indexOf(text); at >= 0; at = intact.indexOf(text, at + 1)) copies.push(at)
  for (let offset = 0; offset < 5; offset++) {
    for (const at of copies) await flip(path, at + offset)
    expect(await verifyJournal(directory)).toMatchObject({ valid: false, firstBadSeq: seq })
    await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq })
    await writeFile(path, intact)
  }
  expect(await verifyJournal(directory)).toMatchObject({ valid: true })
})

test('a page that SQLite cannot read is damage at the first event it held', async () => {
  const directory = await journalOf(400)
  const path = journalPath(directory)
  const at = (await readFile(path)).indexOf(Buffer.from('note 200 '))
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(4096, 0xff), 0, 4096, at - (at % 4096))
  await file.close()
  const report = await verifyJournal(directory)
  expect(report.valid).toBe(false)
  expect(report.firstBadSeq).toBeGreaterThan(150)
  expect(report.firstBadSeq).toBeLessThanOrEqual(202)
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged' })
})

test('an event whose page was overwritten has members that are not texts: it is the first bad one, for every reader', async () => {
  for (const [member, value] of [
    ['body', 'NULL'],
    ['kind', "x'07'"],
    ['hash', 'NULL'],
  ]) {
    const directory = await journalOf(40)
    loosen(directory)
    tamper(directory, `UPDATE event SET ${member} = ${value} WHERE seq = 30`)
    expect(await verifyJournal(directory)).toMatchObject({ valid: false, firstBadSeq: 30 })
    expect(() => [...lastEvents(directory, 20)]).toThrow(JournalDamagedError)
    await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq: 30 })
  }
  const first = await journalOf(5)
  loosen(first)
  tamper(first, 'UPDATE event SET body = NULL WHERE seq = 1')
  expect(await verifyJournal(first)).toMatchObject({ valid: false, firstBadSeq: 1 })
  await expect(openJournal(first)).rejects.toMatchObject({ code: 'journal_damaged', seq: 1 })
})

test('a checkpoint whose page was overwritten is reported, and comes to an end', async () => {
  const directory = await journalOf(5)
  const journal = await openJournal(directory)
  await appendNotes(journal, 5)
  await journal.close()
  const path = journalPath(directory)
  // Rowid, length of the header, and kinds of a row of checkpoints: its rowid repeats endlessly.
  const row = Buffer.from([11, 6, 0, 0x4c, 0x2d, 0x81, 0x0c])
  const at = (await readFile(path)).indexOf(row)
  expect(at).toBeGreaterThan(0)
  await flip(path, at, 11)
  expect(await verifyJournal(directory)).toMatchObject({
    valid: false,
    findings: [{ part: 'checkpoint' }, { part: 'file' }],
  })

  const without = await journalOf(5)
  loosen(without)
  tamper(without, 'UPDATE checkpoint SET head = NULL')
  expect(await verifyJournal(without)).toMatchObject({ valid: false, findings: [{ part: 'checkpoint', seq: 1 }] })
  await expect(openJournal(without)).rejects.toMatchObject({ code: 'journal_damaged', seq: 6 })
})

test('a journal that cannot even be opened is damage as any other: reported, and not trusted at all', async () => {
  const directory = await journalOf(20)
  await writeFile(journalPath(directory), Buffer.alloc(65_536, 0x5a))
  expect(await verifyJournal(directory)).toMatchObject({
    valid: false,
    firstBadSeq: 1,
    findings: [{ part: 'file', seq: 1, what: expect.stringContaining('SQLITE_NOTADB') }],
  })
  await expect(openJournal(directory)).rejects.toMatchObject({ code: 'journal_damaged', seq: 1 })
})

test('a state directory without a journal is refused by name', async () => {
  await expect(verifyJournal(await temporaryDirectory())).rejects.toMatchObject({ code: 'journal_missing' })
})

test(
  'the background verification resumes after the last good event and begins again when it has finished',
  heavy(),
  async () => {
    const directory = await journalOf(700)
    const { signal } = new AbortController()
    const db = new Database(journalPath(directory), { readonly: true })
    const hash = db.prepare<[], Buffer>('SELECT hash FROM event WHERE seq = 500').pluck().get()
    db.close()
    const { chain } = await verifyJournal(directory)
    const save = (progress: object) => writeFile(join(directory, 'verified.json'), JSON.stringify(progress))
    await save({ chain, seq: 500, hash: hash?.toString('base64url') })
    expect(await verifyInChild(directory, signal)).toMatchObject({ valid: true, firstSeq: 501, events: 201 })
    expect(await verifyInChild(directory, signal)).toMatchObject({ valid: true, firstSeq: 1, events: 701 })
    await save({ chain, seq: 500, hash: 'another' })
    tamper(directory, "UPDATE event SET body = '{}' WHERE seq = 9")
    expect(await verifyInChild(directory, signal)).toMatchObject({ valid: false, firstBadSeq: 9 })
    await rm(journalPath(directory))
    await expect(verifyInChild(directory, signal)).rejects.toMatchObject({ code: 'journal_missing' })
    await expect(verifyInChild(directory, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
  },
)

async function flip(path: string, at: number, bits = 1): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, at)
  await file.write(Buffer.from([(byte[0] ?? 0) ^ bits]), 0, 1, at)
  await file.close()
}

// @module-tag heavy
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Books } from '../../agent/journal/books/books.ts'
import { describeBooks } from '../../agent/journal/books/findings.ts'
import { FIXED_MEMBERS } from '../../agent/journal/books/fixed-members.ts'
import type { Marks, NewEvent } from '../../agent/journal/events.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { journalPath } from '../../agent/journal/journal-file.ts'
import { rebuildProjections } from '../../agent/journal/rebuild.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { verifyJournal } from '../verified-journal.ts'
import { PLAN, STEPS, shopHistory } from './projection-events.ts'
import { markEvent } from './some-event.ts'
import { appendNotes, openJournal, temporaryDirectory } from './temporary-journal.ts'

const RECORD_EVERY = 4096

function append(journal: Journal, ...events: readonly NewEvent[]): Promise<number> {
  return journal.commit('outcome', (_view, seq) => ({ events, result: seq }))
}

/** A register that sells: a session of 50.00, two receipts, one of a sale of 4.50. */
function shop(register: string, session: string): NewEvent[] {
  const index = { kind: 'sale', merchant: 'm_1', register, session } as const
  const [opened, sold] = [`op_${session}_1`, `op_${session}_2`]
  const set = { id: session, state: 'open', opening_balance_amount: '50.00' }
  return [
    markEvent(register, { index: { kind: 'register', merchant: 'm_1' } }),
    markEvent(opened, { index, session: { id: session, register, set, cash: 5000 }, status: 'completed' }),
    markEvent(opened, { receipt: { register, number: 1 }, status: 'completed' }),
    markEvent(sold, { index, set: { total_amount: '4.50' } }),
    markEvent(sold, {
      receipt: { register, number: 2 },
      session: { id: session, register, cash: 450 },
      chain: { register, state: { number: 2 } },
      status: 'completed',
    }),
  ]
}

async function shopJournal(directory: string): Promise<Journal> {
  const journal = await openJournal(directory)
  await append(journal, markEvent('m_1', { index: { kind: 'merchant' } }))
  for (const event of shop('reg_1', 'ses_1')) await append(journal, event)
  return journal
}

/** The values that a sale, a count and a login need. */
function facts({ view }: Journal) {
  return {
    next: view.nextReceiptNumber('reg_1'),
    session: view.session('ses_1'),
    chain: view.chainState('reg_1'),
    closed: view.nextZNumber('reg_1') - 1,
    key: view.key('key_1'),
    serial: view.enrolledSerial('tse-1'),
    open: view.openIntents(),
  }
}

test('the state that is recorded after 4,096 events is that of the stored events, also after a rollback', async () => {
  const directory = await temporaryDirectory()
  const journal = await shopJournal(directory)
  const steps = Array.from({ length: 300 }, (_, at) => [STEPS[at % STEPS.length] ?? 'note', at * 7] as const)
  await journal.commit('intent', (_view, seq) => ({ events: shopHistory(seq, steps), result: undefined }))
  const before = facts(journal)
  const refused = [
    markEvent('', {
      session: { id: 'ses_1', register: 'reg_1', cash: 900 },
      receipt: { register: 'reg_1', number: 3 },
    }),
    markEvent('', {
      key: { id: 'key_1', kind: 'platform', hash: 'AA' },
      enrolled: { device: 'tse-1', serial: 'other' },
    }),
    markEvent('op_x', { plan: PLAN, act: { device: 'tse-1', name: 'start' }, chain: { register: 'reg_1', state: {} } }),
    markEvent('', { receipt: { register: 'reg_1', number: 1 } }),
  ]
  await expect(append(journal, ...refused)).rejects.toThrow('receipt 1 of reg_1 is not its next')
  expect(facts(journal)).toEqual(before)
  while (journal.headSeq < RECORD_EVERY) await appendNotes(journal, Math.min(500, RECORD_EVERY - journal.headSeq))
  expect(journal.headSeq).toBe(RECORD_EVERY + 1)
  expect(journal.view.event(journal.headSeq)).toMatchObject({
    kind: 'journal.state_recorded',
    body: expect.stringMatching(/^\{"facts":\{"sha256":"[0-9a-f]{64}","v":1\}\}$/),
  })
  await appendNotes(journal, 10)
  expect(await verifyJournal(directory)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
  await journal.close()
})

test('the books of a session count its receipts and the sum of the completed operations', async () => {
  const books = new Books('salt', LAW_BOOKS)
  for (const [index, { kind, op, body }] of shop('reg_1', 'ses_1').entries())
    books.note({ seq: index + 1, kind, op, at: '2026-03-02T08:00:00.000Z', body: JSON.stringify(body) })
  expect(books.state.session('ses_1')).toMatchObject({ bons: 2, gross: 450, cash: 5450, state: 'open' })
  expect(books.findings.all()).toEqual([])
})

/** A journal with one state record, and the log of a start; `spoil` gets the closed journal. */
async function startedAfter(spoil: (db: Database.Database, directory: string) => void) {
  const directory = await temporaryDirectory()
  const journal = await shopJournal(directory)
  await appendNotes(journal, RECORD_EVERY)
  await append(journal, markEvent('', { session: { id: 'ses_1', register: 'reg_1', cash: 100 } }))
  const before = facts(journal)
  await journal.close()
  const db = new Database(journalPath(directory))
  spoil(db, directory)
  db.close()
  const why: string[] = []
  let readings = 0
  const onReading = (): void => {
    readings++
  }
  const again = await openJournal(directory, { onRecomputed: (reason) => void why.push(reason), onReading })
  // A start that reads all events reports its progress: here after each 500 of them.
  expect(readings).toBe(why.length === 0 ? 0 : 8)
  expect(facts(again)).toEqual(before)
  expect(facts(again)).toMatchObject({ next: 3, session: { cash: 5550 }, chain: { number: 2 } })
  await again.close()
  return why
}

test('a start takes the recorded state and the events after it', async () => {
  // Events that would have to be read for the long way are unreadable: none of them is asked for.
  expect(
    await startedAfter((db) => {
      db.exec("DROP TRIGGER event_append_only_update; UPDATE event SET body = '{' WHERE seq = 3")
    }),
  ).toEqual([])
})

test.each([
  ['was edited', `UPDATE book_state SET json = replace(json, '"cash":5450', '"cash":100')`, 'another digest'],
  ['is not JSON', "UPDATE book_state SET json = '{'", 'another digest'],
  ['is of another event', 'UPDATE book_state SET seq = seq - 1', 'no record after it'],
  ['is gone', 'DELETE FROM book_state', 'no row'],
])('a start that finds a stored state that %s makes it from all events', async (_which, spoil, why) => {
  expect(await startedAfter((db) => db.exec(spoil))).toEqual([why])
})

test('a rebuild stores the state of the newest record', async () => {
  const directory = await temporaryDirectory()
  const journal = await shopJournal(directory)
  await appendNotes(journal, 2 * RECORD_EVERY)
  await appendNotes(journal, 1)
  await journal.close()
  const db = () => new Database(journalPath(directory))
  const row = () => db().prepare('SELECT seq, json FROM book_state').get()
  const before = row()
  expect(before).toMatchObject({ seq: expect.any(Number) })
  db().exec('DELETE FROM book_state')
  await rebuildProjections(directory)
  expect(row()).toEqual(before)
})

/** The findings in the books of these events. */
function expectedFinding(...events: readonly NewEvent[]): string[] {
  const books = new Books('salt', LAW_BOOKS)
  for (const [index, { kind, op, body }] of events.entries())
    books.note({ seq: index + 1, kind, op, at: '2026-03-02T08:00:00.000Z', body: JSON.stringify(body) })
  return books.findings.all().map((finding) => describeBooks(finding, 'de', LAW_BOOKS))
}

function receipt(number: number): NewEvent {
  return markEvent('', { receipt: { register: 'reg_1', number } })
}

function session(set: Marks['set'], cash?: number, own?: Marks['own']): NewEvent {
  return markEvent('', {
    session: {
      ...{ id: 'ses_1', register: 'reg_1' },
      ...(set !== undefined && { set }),
      ...(cash !== undefined && { cash }),
      ...(own !== undefined && { own }),
    },
  })
}

test('receipt and Z numbers that leave some out or come twice are found', () => {
  expect(expectedFinding(receipt(1), receipt(2), receipt(3))).toEqual([])
  expect(expectedFinding(receipt(1), receipt(3))).toEqual([
    'Auf Bonnummer 1 der Kasse reg_1 folgt 3. (receipt_number_gap)',
  ])
  expect(expectedFinding(receipt(1), receipt(1))).toEqual([
    'Auf Bonnummer 1 der Kasse reg_1 folgt 1. (receipt_number_gap)',
  ])
  const closed = (number: number) => session({ state: 'closed' }, undefined, { z_number: number })
  expect(expectedFinding(closed(1), closed(2))).toEqual([])
  expect(expectedFinding(closed(1), closed(3))).toEqual(['Auf Z-Nr. 1 der Kasse reg_1 folgt 3. (z_number_gap)'])
})

test('a count whose expected cash differs from the events is found, with both amounts', () => {
  const counted = (amount: string) => session({ state: 'counted', expected_closing_amount: amount })
  const sold = [session({ state: 'open' }, 5000), session(undefined, 450), session(undefined, -200)]
  expect(expectedFinding(...sold, counted('52.50'))).toEqual([])
  expect(expectedFinding(...sold, counted('50.00'))).toEqual([
    'Kassensturz der Kasse reg_1 vom 2026-03-02 09:00:00: als Sollbestand ist 50,00 EUR abgesichert, die Aufzeichnungen ergeben 52,50 EUR. (session_cash_differs)',
  ])
})

test('a count with other receipts or another sum than the events is found; an older count has neither', () => {
  const counted = (sales?: { bons: number; gross: number }) =>
    markEvent('', {
      session: {
        ...{ id: 'ses_1', register: 'reg_1', set: { state: 'counted' } },
        ...(sales !== undefined && { sales }),
      },
    })
  const sold = [
    session({ state: 'open' }, 5000),
    markEvent('op_1', { index: { kind: 'sale', session: 'ses_1' }, set: { total_amount: '4.50' } }),
    markEvent('op_1', { receipt: { register: 'reg_1', number: 1 }, status: 'completed' }),
  ]
  expect(expectedFinding(...sold, counted())).toEqual([])
  expect(expectedFinding(...sold, counted({ bons: 1, gross: 450 }))).toEqual([])
  const told = (bons: number, sum: string) =>
    `Kasse reg_1: Bei Ereignis 4 sind ${bons} Bons der Sitzung über ${sum} aufgezeichnet, die Aufzeichnungen ergeben 1 über 4,50 EUR. (session_bons_differ)`
  expect(expectedFinding(...sold, counted({ bons: 2, gross: 450 }))).toEqual([told(2, '4,50 EUR')])
  expect(expectedFinding(...sold, counted({ bons: 1, gross: 750 }))).toEqual([told(1, '7,50 EUR')])
})

test('a state record that does not fit the events before it is found', () => {
  const recorded = (sha256: string): NewEvent => ({
    kind: 'journal.state_recorded',
    op: '',
    body: { facts: { v: 1, sha256 } },
  })
  expect(expectedFinding(receipt(1), recorded('00'.repeat(32)))).toEqual([
    'Der Zwischenstand bei Ereignis 2 passt nicht zu den Ereignissen davor. (state_record_wrong)',
  ])
})

test('events that the agent did not write are findings, never thrown; of many of one code the first twenty are named', () => {
  const books = new Books('salt', LAW_BOOKS)
  const note = (body: string) => books.note({ seq: 1, kind: 'device.serviced', op: '', at: '', body })
  for (const body of ['', 'null', '{"session":1}', '{"receipt":{}}', '{"enrolled":7,"chain":null}']) note(body)
  for (let count = 0; count < 30; count++) note('{')
  const findings = books.findings.all()
  expect(findings.filter(({ code }) => code === 'event_unreadable')).toHaveLength(20)
  expect(findings.flatMap(({ more }) => more ?? [])).toEqual([expect.any(Number)])
})

test('goods may change while an operation is open, by its end too, and after its end never; training never changes', () => {
  const codesOf = (...bodies: readonly object[]) => {
    const books = new Books('salt', [])
    const index = { kind: 'sale', merchant: 'm_1', register: 'reg_1' }
    const begin = { index, set: { status: 'open', line_items: [], total_amount: '0.00' } }
    for (const [at, body] of [begin, ...bodies].entries())
      books.note({
        seq: at + 1,
        kind: 'operation.noted',
        op: 'op_1',
        at: '2026-11-26T10:00:00.000Z',
        body: JSON.stringify(body),
      })
    return books.findings.all().map(({ code, seq }) => `${code} ${seq}`)
  }
  const goods = { line_items: [], total_amount: '4.50' }
  const end = (more: object) => ({ status: 'completed', set: { status: 'completed', ...more } })
  expect(codesOf({ set: goods }, { set: goods }, end({}))).toEqual([])
  expect(codesOf(end(goods))).toEqual([])
  expect(codesOf(end({}), { set: goods })).toEqual(['operation_changed 3'])
  expect(codesOf({ status: 'voided', set: { status: 'voided' } }, { set: { tip_amount: '1.00' } })).toEqual([
    'operation_changed 3',
  ])
  for (const member of FIXED_MEMBERS)
    expect(codesOf(end({}), { set: { [member]: 'b' } })).toContain('operation_changed 3')
  expect(codesOf(end({}), { set: { issued_as: 'paper', fiscal: {}, fiscal_information: {}, updated_at: '' } })).toEqual(
    [],
  )
  // Two ends: the second one comes after the first.
  expect(codesOf(end(goods), end(goods))).toEqual(['operation_changed 3'])
  expect(codesOf({ set: { training: true } })).toEqual(['operation_changed 2'])
  expect(codesOf(end({}), { status: 'open', set: {} }, { set: goods })).toEqual(['operation_changed 4'])
})

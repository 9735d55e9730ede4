import { expect, test } from 'vitest'
import { Books } from '../../agent/journal/books/books.ts'
import { CLOSING_MARK, lawNameIn, partsOf, partsWith, sessionPartsOf } from '../../agent/journal/documents/parts.ts'
import type { EventBody, Members } from '../../agent/journal/events.ts'
import { endOfDocument, startOfDocument } from '../../agent/journal/tse-logs.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import type { Json } from '../../base/canonical.ts'

const ODD: readonly Json[] = [null, true, 7, 'text', [], ['text'], [7], {}, { toString: 7 }]

/** The body of a foreign file, whatever it has. */
function foreign(body: unknown): EventBody {
  return body as EventBody
}

test('a reader of an event gets the own part and the name of the law as the agent writes them', () => {
  const own = { counted_statuses: ['captured'] }
  const parts = partsOf({ set: { type: 'sale' }, own, law: { name: 'KassenSichV' } })
  expect([parts.shown['type'], parts.own, lawNameIn(parts)]).toEqual(['sale', own, 'KassenSichV'])
  const close = { id: 'ses_1', register: 'reg_1', set: { state: 'closed' }, own: { z_number: 3 } }
  expect(sessionPartsOf({ session: close })).toMatchObject({ id: 'ses_1', register: 'reg_1', own: { z_number: 3 } })
  expect(JSON.stringify({ session: close })).toContain(CLOSING_MARK)
})

test('parts of several events are merged by their members', () => {
  const opening = partsOf({ set: { status: 'open' }, own: { counted_statuses: [] } })
  const ended = partsWith(opening, { set: { status: 'completed' } })
  expect([ended.shown['status'], ended.own.counted_statuses]).toEqual(['completed', []])
  const paid = partsWith(ended, { own: { counted_statuses: ['captured'] } })
  expect([paid.shown['status'], paid.own.counted_statuses]).toEqual(['completed', ['captured']])
})

test('a part of another type is empty, and a member of another type is undefined', () => {
  for (const odd of ODD) {
    const parts = partsOf(foreign({ set: odd, own: odd, law: odd }))
    expect([typeof parts.shown, parts.own, typeof parts.law]).toEqual(['object', {}, 'object'])
    expect(lawNameIn(parts)).toBeUndefined()
    expect(sessionPartsOf(foreign({ session: odd }))).toBeUndefined()
    expect(sessionPartsOf(foreign({ session: { id: 'ses_1', register: { toString: 7 }, set: {} } }))).toBeUndefined()
    const session = { id: 'ses_1', register: 'reg_1' }
    expect(sessionPartsOf(foreign({ session: { ...session, set: odd } }))?.own.z_number).toBeUndefined()
    expect(sessionPartsOf(foreign({ session: { ...session, set: {}, own: odd } }))?.own).toEqual({})
    const own = {
      receipt_number: odd,
      counted_statuses: odd,
      original_unrecorded: odd,
      origin: odd,
      z_number: odd,
      books: odd,
    }
    const odds = partsOf(foreign({ own, law: { name: odd } }))
    const {
      receipt_number: receiptNumber,
      counted_statuses: countedStatuses = [],
      original_unrecorded: originalUnrecorded = true,
      origin = 'outside',
      z_number: zNumber,
      books,
    } = odds.own
    expect(countedStatuses.filter((each) => typeof each !== 'string')).toEqual([])
    expect([originalUnrecorded, origin]).toEqual([true, 'outside'])
    for (const number of [receiptNumber, zNumber]) expect(['number', 'undefined']).toContain(typeof number)
    expect(['object', 'undefined']).toContain(typeof books)
    expect(['string', 'undefined']).toContain(typeof lawNameIn(odds))
  }
})

test('the log of a TSE in an event is read member by member', () => {
  const odds = ODD.flatMap((odd) => [
    { law: { transaction: odd } },
    { set: { fiscal_information: odd } },
    { set: { fiscal_information: { end_event: odd, tss_serial_number: odd } } },
    { law: { signed: { end_event: { signed_at: odd, signature: odd, transaction_counter: odd } } } },
  ])
  for (const body of odds) {
    const parts = partsOf(foreign(body))
    for (const log of [startOfDocument(parts), endOfDocument(parts)])
      for (const value of Object.values(log ?? {})) expect(['string', 'number', 'undefined']).toContain(typeof value)
  }
})

test.each<[string, Members]>([
  ['names no TSE', { transaction: { started_at: '2026-03-02T08:00:00.000Z', client: 'KASSE-1', transaction: 1 } }],
  ['is a number', { transaction: 7 }],
  ['is null', { transaction: null }],
  ['has a text for its number', { transaction: { serial: 'A1', client: 'KASSE-1', transaction: '1' } }],
])('a start that %s is a finding of the books', (_which, law) => {
  const books = new Books('salt', LAW_BOOKS)
  const act = { device: 'tse-1', name: 'start', client: 'KASSE-1' }
  for (const [index, body] of [{ act }, { ref: 1, law }].entries())
    books.note({ seq: index + 1, kind: 'act', op: 'op_1', at: '', body: JSON.stringify(body) })
  expect(books.findings.all()).toMatchObject([{ code: 'event_unreadable', seq: 2 }])
})

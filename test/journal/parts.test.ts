import { expect, test } from 'vitest'
import { Books } from '../../agent/journal/books/books.ts'
import { lawMembers, ownMembers, requestMembers } from '../../agent/journal/documents/own-members.ts'
import { mayNumberClosing, partsOf, sessionPartsOf } from '../../agent/journal/documents/parts.ts'
import type { EventBody, Members } from '../../agent/journal/events.ts'
import { endOfDocument, startOfDocument } from '../../agent/journal/tse-logs.ts'
import type { Json } from '../../base/canonical.ts'

const ODD: readonly Json[] = [null, true, 7, 'text', [], ['text'], [7], {}, { toString: 7 }]

/** The body of a foreign file, whatever it has. */
function foreign(body: unknown): EventBody {
  return body as EventBody
}

test('a reader of an event gets the own part and the name of the law as the agent writes them', () => {
  const set = {
    type: 'sale',
    ...ownMembers({ countedStatuses: ['captured'] }),
    ...lawMembers({ name: 'KassenSichV' }),
    ...requestMembers({ undecided: 7 }),
  }
  const { shown, own, law, requests } = partsOf({ set })
  expect([shown['type'], own, law.name, requests.undecided]).toEqual([
    'sale',
    { countedStatuses: ['captured'] },
    'KassenSichV',
    7,
  ])
  const close = { id: 'ses_1', register: 'reg_1', set: { state: 'closed', ...ownMembers({ zNumber: 3 }) } }
  expect(sessionPartsOf({ session: close })).toMatchObject({ id: 'ses_1', register: 'reg_1', own: { zNumber: 3 } })
  expect(mayNumberClosing(JSON.stringify({ session: close }))).toBe(true)
})

test('parts of several events are merged by their members', () => {
  const begun = partsOf({ set: { status: 'open', ...ownMembers({ countedStatuses: [] }) } })
  const ended = begun.after(partsOf({ set: { status: 'completed' } }))
  expect([ended.shown['status'], ended.own.countedStatuses]).toEqual(['completed', []])
  const paid = ended.after(partsOf({ set: ownMembers({ countedStatuses: ['captured'] }) }))
  expect([paid.shown['status'], paid.own.countedStatuses]).toEqual(['completed', ['captured']])
})

test('a part of another type is empty, and a member of another type is undefined', () => {
  for (const odd of ODD) {
    const { shown, own, law, requests } = partsOf(foreign({ set: odd }))
    expect([typeof shown, own, law.name, requests.undecided]).toEqual(['object', {}, undefined, undefined])
    expect(sessionPartsOf(foreign({ session: odd }))).toBeUndefined()
    expect(sessionPartsOf(foreign({ session: { id: 'ses_1', register: { toString: 7 }, set: {} } }))).toBeUndefined()
    expect(sessionPartsOf(foreign({ session: { id: 'ses_1', register: 'reg_1', set: odd } }))?.own.zNumber).toBe(
      undefined,
    )
    const odds: Members = Object.fromEntries(
      Object.keys({
        ...ownMembers({ countedStatuses: [], zNumber: 1 }),
        ...lawMembers({ name: '' }),
        ...requestMembers({ undecided: 1 }),
      }).map((name) => [name, odd]),
    )
    const parts = partsOf(foreign({ set: odds }))
    expect(parts.own.countedStatuses?.filter((each) => typeof each !== 'string')).toEqual([])
    expect(['string', 'undefined']).toContain(typeof parts.law.name)
    expect(['number', 'undefined']).toContain(typeof parts.requests.undecided)
  }
})

test('the log of a TSE in an event is read member by member', () => {
  const odds = ODD.flatMap((odd) => [
    { $tse: odd },
    { fiscal_information: odd },
    { fiscal_information: { end_event: odd, tss_serial_number: odd } },
    { $fiscal_information: { end_event: { signed_at: odd, signature: odd, transaction_counter: odd } } },
  ])
  for (const set of odds) {
    const parts = partsOf(foreign({ set }))
    for (const log of [startOfDocument(parts), endOfDocument(parts)])
      for (const value of Object.values(log ?? {})) expect(['string', 'number', 'undefined']).toContain(typeof value)
  }
})

test.each<[string, Members]>([
  ['names no TSE', { $tse: { started_at: '2026-03-02T08:00:00.000Z', client: 'KASSE-1', transaction: 1 } }],
  ['is a number', { $tse: 7 }],
  ['is null', { $tse: null }],
  ['has a text for its number', { $tse: { serial: 'A1', client: 'KASSE-1', transaction: '1' } }],
])('a start that %s is a finding of the books', (_which, set) => {
  const books = new Books('salt')
  const act = { device: 'tse-1', name: 'start', client: 'KASSE-1' }
  for (const [index, body] of [{ act }, { ref: 1, set }].entries())
    books.note({ seq: index + 1, kind: 'act', op: 'op_1', at: '', body: JSON.stringify(body) })
  expect(books.findings.all()).toMatchObject([{ code: 'event_unreadable', seq: 2 }])
})

import { expect, test } from 'vitest'
import { Books } from '../../../agent/journal/books/books.ts'
import { describeBooks } from '../../../agent/journal/books/findings.ts'
import type { Renewal } from '../../../agent/journal/event-facts.ts'
import type { FoundDocuments, Marks, NewEvent } from '../../../agent/journal/events.ts'
import { LAW_BOOKS } from '../../../agent/laws/law-books.ts'
import { markEvent } from '../../journal/some-event.ts'

const SERIAL = '72IV6000001'

function event(body: Marks): NewEvent {
  return markEvent('op_1', body)
}

function baseline(z: number, number: number) {
  return { serial: SERIAL, z, number, non_fiscal: 0, restores: 0, at: '' }
}

function read(z: number, number: number): NewEvent {
  return event({ law: { print: { baseline: baseline(z, number) } } })
}

function printed(z: number, number: number): NewEvent {
  const document_number = [z, number].map((value) => String(value).padStart(4, '0')).join('-')
  const facts = { regime: 'RT', rt_serial_number: SERIAL, document_number, document_type: 'sale' }
  return event({ set: { fiscal_information: facts } })
}

function closing(z: number, cause = 'asked'): NewEvent {
  const facts = { regime: 'RT', rt_serial_number: SERIAL, document_type: 'non_fiscal' }
  return event({ set: { z_numbers: [z], fiscal_information: facts }, law: { cause } })
}

function expectedFinding(z: number, from: number, to: number, documents: FoundDocuments['documents'] = []): NewEvent {
  return event({ found: { serial: SERIAL, z, from, to, documents } })
}

function opened(reason: string): NewEvent {
  const renewal = { reason, backup_created_at: '', events_filled: 0, lost: 'unknown', sealed: false } as Renewal
  const facts = { chain_id: '', agent_id: '', epoch: 2, public_key: '', ...renewal }
  return { kind: 'journal.opened', op: '', body: { facts } }
}

function told(...events: readonly NewEvent[]): string[] {
  const books = new Books('salt', LAW_BOOKS)
  for (const [index, { kind, op, body }] of events.entries())
    books.note({ seq: index + 1, kind, op, at: '2026-03-02T08:00:00.000Z', body: JSON.stringify(body) })
  return books.findings.all().map((finding) => describeBooks(finding, 'it', LAW_BOOKS))
}

test('documents are sets: a late one is not missing, and a missing one is reported once per hole', () => {
  expect(told(read(141, 0), read(141, 4), printed(142, 4), printed(142, 2), printed(142, 1), printed(142, 3))).toEqual(
    [],
  )
  const late = [printed(142, 1), printed(142, 5), read(142, 1), printed(143, 1), closing(142)]
  expect(told(read(141, 0), ...late)).toEqual([
    `La stampante ${SERIAL} ha emesso il documento 0142-0002 … 0142-0004, che manca nelle registrazioni. (rt_document_unknown)`,
  ])
})

test("documents before the printer's first counters are not asked for, nor those reported as a slip", () => {
  expect(told(read(141, 7), printed(142, 8), read(141, -1_120_180_000), printed(142, 9))).toEqual([])
})

test('a found document is a note with its number and total, and a finding with the mark of an agent', () => {
  const document = { number: 2, kind: 'sale' as const, printed_at: null, total_amount: '9.90', reference: null }
  const marked = { ...document, number: 4, reference: '01ABCDEFGHJK' }
  const begun = [read(141, 0), printed(142, 1)]
  expect(
    told(
      ...begun,
      expectedFinding(142, 2, 2, [document]),
      read(141, 3),
      expectedFinding(142, 3, 3),
      expectedFinding(142, 4, 4, [marked]),
    ),
  ).toEqual([
    `Stampante ${SERIAL}: il documento 0142-0002 di 9,90 EUR è stato digitato sulla stampante stessa. (rt_document_by_hand)`,
    `Stampante ${SERIAL}: il documento 0142-0003 non è in questo registro e la stampante non ne ha comunicato il contenuto. Controllare la carta. (rt_document_unread)`,
    `La stampante ${SERIAL} ha emesso il documento 0142-0004 (REF 01ABCDEFGHJK), che manca nelle registrazioni. (rt_document_unknown)`,
  ])
})

test.each(['restore', 'rollback', 'fork'])(
  'after an epoch with reason %s the next counters are explained, and no later ones',
  (reason) => {
    const marked = {
      number: 2,
      kind: 'sale' as const,
      printed_at: null,
      total_amount: '9.90',
      reference: '01ABCDEFGHJK',
    }
    const restored = [read(141, 0), printed(142, 1), opened(reason), read(141, 3), expectedFinding(142, 2, 3, [marked])]
    const note = `Stampante ${SERIAL}: il documento 0142-0002 … 0142-0003 è stato emesso prima che questo registro proseguisse con la stampante (ripristino o nuova messa in servizio). (rt_document_elsewhere)`
    expect(told(...restored, printed(142, 4))).toEqual([note])
    expect(told(...restored, printed(142, 5))).toEqual([note, expect.stringContaining('0142-0004')])
  },
)

test('an epoch that a person began explains nothing', () => {
  expect(told(read(141, 0), printed(142, 1), opened('operator'), read(141, 3))).toEqual([
    expect.stringContaining('(rt_document_unknown)'),
  ])
})

test('closings leave no hole between the first and the last, in whatever order they are reported', () => {
  expect(told(closing(142), closing(144), closing(143, 'printer'))).toEqual([])
  expect(told(closing(142), closing(145))).toEqual([
    `Stampante ${SERIAL}: la chiusura 0143 … 0144 manca nelle registrazioni. (rt_z_gap)`,
  ])
})

test('a closing that later counters or documents prove is missing from the first period of the journal on', () => {
  const gap = (z: string) => `Stampante ${SERIAL}: la chiusura ${z} manca nelle registrazioni. (rt_z_gap)`
  expect(told(read(141, 7), printed(142, 8))).toEqual([])
  expect(told(read(141, 7), printed(142, 8), read(142, 0))).toEqual([gap('0142')])
  expect(told(read(141, 7), printed(142, 8), printed(143, 1))).toEqual([gap('0142')])
  expect(told(read(141, 7), closing(143), read(144, 0))).toEqual([gap('0142'), gap('0144')])
  expect(told(read(141, 0), printed(142, 1), opened('restore'), read(143, 0), printed(144, 1))).toEqual([])
})

test('numbers that no printer has are unreadable events, however large', () => {
  const last = Number.MAX_SAFE_INTEGER
  const strange = [
    read(last, 1),
    read(141, last),
    expectedFinding(142, -last, 3),
    expectedFinding(142, 1, last),
    expectedFinding(1.5, 1, 2),
  ]
  for (const one of strange)
    expect(told(read(141, 0), one, printed(142, 1))).toEqual([expect.stringContaining('(event_unreadable)')])
})

import { expect, test } from 'vitest'
import { EVER } from '../../agent/cli/arguments/range.ts'
import { auditPart } from '../../agent/cli/audit/audit-part.ts'
import { packageParts } from '../../agent/cli/audit/compared.ts'
import { comparedByLaw } from '../../agent/cli/audit/law-comparisons.ts'
import type { RecordedReceipts } from '../../agent/cli/audit/recorded-receipts.ts'
import { JournalReading } from '../../agent/cli/audit/recorded-receipts.ts'
import { Books } from '../../agent/journal/books/books.ts'
import { RegisterBons } from '../../verify/dsfinvk/register-bons.ts'

/** No journal: a comparison that reads it fails. */
const NO_FOLDER = '/nonexistent'

test('an audit reads the journal again for a DEP7 only if the journal has a receipt of Austria', async () => {
  const german = recordedOf({ set: {} })
  expect(await comparedByLaw(NO_FOLDER, [], german, '2026-01-01T00:00:00Z')).toEqual([])
  // Also if it cannot be read: the comparison reports it.
  const austrian = recordedOf({ law: { jws: 'unreadable' } })
  expect(await comparedByLaw(NO_FOLDER, [], austrian, '2026-01-01T00:00:00Z')).toMatchObject([
    { name: 'DEP7 / Journal', valid: false },
  ])
})

test('a first closing during the audit, the only thing to report, is named for the next package', async () => {
  const recorded = recordedOf({ set: {} })
  const register = new RegisterBons()
  register.close({ z: 1, seq: 5, leftCents: 0, session: undefined, second: 0, recordedRates: undefined })
  recorded?.bons.registers.set('reg_1', register)
  const unwritten = auditPart('note', 'dsfinvk.zip', 'nicht geschrieben')
  const uncovered = ['1 Kassenabschluss während der Prüfung: im nächsten DSFinV-K-Paket.']
  expect(await packageParts(NO_FOLDER, [unwritten], recorded, { untilSeq: 4 })).toMatchObject([
    { valid: true, compared: false, uncovered },
  ])
})

test('a package that was not written is the only objection; one that an emptied table prevents misses each bon', async () => {
  const recorded = recordedOf({ set: {} })
  const register = new RegisterBons()
  register.table.record(1, { transaction: 1, counter: 1, cents: 300, start: 0, end: 0, tseStart: 0, tseEnd: 0 })
  register.close({ z: 1, seq: 4, leftCents: 0, session: undefined, second: 0, recordedRates: undefined })
  for (const id of ['reg_1', 'reg_2']) recorded?.bons.registers.set(id, register)
  const missing = async (...given: [state: 'fault' | 'note', file: string][]) => {
    const parts = given.map(([state, file]) => auditPart(state, file, 'nicht geschrieben'))
    const compared = await packageParts(NO_FOLDER, parts, recorded, { untilSeq: 4 })
    return compared.flatMap(({ codes = [] }) => codes.flatMap((one) => ('register' in one ? one.register : [])))
  }
  expect(await missing(['fault', 'dsfinvk.zip'])).toEqual([])
  expect(await missing(['note', 'dsfinvk.zip'])).toEqual(['reg_1', 'reg_2'])
  expect(await missing(['fault', 'dsfinvk-reg_1.zip'], ['note', 'dsfinvk-reg_2.zip'])).toEqual(['reg_2'])
})

function recordedOf(body: object): RecordedReceipts | undefined {
  const reading = new JournalReading(EVER)
  const event = {
    seq: 1,
    kind: 'operation.completed',
    op: 'op_1',
    at: '2026-01-01T00:00:00Z',
    hash: '',
    body: JSON.stringify(body),
  }
  reading.note(event as Parameters<JournalReading['note']>[0], () => body)
  reading.end(new Books('salt', []))
  return reading.receipts()
}

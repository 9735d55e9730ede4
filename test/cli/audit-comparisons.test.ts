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

function recordedOf(body: object): RecordedReceipts | undefined {
  const reading = new JournalReading(EVER)
  const event = { seq: 1, at: '2026-01-01T00:00:00Z', hash: '', body: JSON.stringify(body) }
  reading.note(event as Parameters<JournalReading['note']>[0], () => body)
  reading.end(new Books('salt', []))
  return reading.receipts()
}

import { expect, test } from 'vitest'
import type { TransactionFacts } from '../../../../agent/journal/transaction-facts.ts'
import { ClosingVat } from '../../../../agent/laws/germany/dsfinvk/closing-vat.ts'
import type { JournalReads } from '../../../../agent/laws/germany/dsfinvk/journal-bons.ts'
import { orphanBon } from '../../../../agent/laws/germany/dsfinvk/orphan-bon.ts'
import { documentOf } from '../../../some-document.ts'

const began = Date.parse('2026-03-02T07:14:00Z')
const finished = {
  ...{ serial: 'a1', transaction: 7, time_ms: began + 60_000, counter: 12, signature: 'c2ln' },
  ...{ public_key: 'cGs=', algorithm: 'ecdsa-plain-SHA256', time_format: 'unixTime' },
}
const frame = {
  ...{ vat: new ClosingVat('2026-03-02'), leftCents: undefined, defaultOperator: 'POS', tseSerial: '' },
  refer: () => undefined,
}
const law = { transaction: { transaction: 7, started_at: '2026-03-02T07:10:00.000Z' } }

function bonOf(told: Pick<TransactionFacts, 'operation_id' | 'started_ms'>) {
  const view = {
    document: (id: string) => (id === 'op_1' ? documentOf('sale', { law }) : undefined),
  }
  const numbered = { kind: 'stray', number: 3, told: { ...finished, ...told }, numberedMs: began + 60_000 } as const
  return orphanBon(view as unknown as JournalReads, numbered, frame, (start, end) => ({
    start: String(start),
    end: String(end),
  }))
}

test('an orphaned transaction began at the time that the TSE reports, whatever began it', () => {
  expect(bonOf({ operation_id: null, started_ms: began })).toMatchObject({
    ...{ id: 3, type: 'AVBelegabbruch', start: String(began), note: undefined },
    tse: { state: 'signed', transaction: 7, startMs: began, counter: 12 },
  })
  expect(bonOf({ operation_id: 'op_1', started_ms: began })).toMatchObject({ start: String(began), note: 'op=op_1' })
})

test('if the TSE did not report its start it is that of its operation, and else the package is refused', () => {
  expect(bonOf({ operation_id: 'op_1' })).toMatchObject({ start: String(began - 240_000) })
  for (const operation_id of [null, 'op_2'])
    expect(() => bonOf({ operation_id })).toThrow('the start of the stray transaction 7 is not journalled')
})

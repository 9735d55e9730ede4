import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { DeviceLogs } from '../../agent/journal/books/device-logs.ts'
import { BookFindings } from '../../agent/journal/books/findings.ts'
import { EXPECTED_FINISH, LogIndex, MET_FINISH } from '../../agent/journal/books/log-index.ts'
import type { EventBody, Members } from '../../agent/journal/events.ts'
import { LAW_BOOKS } from '../../agent/laws/law-books.ts'
import { heavy } from '../tags.ts'

/** Buffers that other tests of this process left would be counted, or vanish during the measurement. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  // The buffers that the first finds are released on another thread: the second waits for that.
  collect()
}

test('a million logs take 13 MB outside of the heap, and come back in the order of their numbers', heavy(), () => {
  const index = new LogIndex()
  collectGarbage()
  const before = process.memoryUsage()
  for (let transaction = 1_000_000; transaction >= 1; transaction--)
    index.set(transaction, {
      start: transaction,
      finish: transaction * 2,
      seq: transaction * 4,
      flags: EXPECTED_FINISH,
    })
  collectGarbage()
  const after = process.memoryUsage()
  // Sixteen chunks of 13 bytes an entry.
  expect(after.arrayBuffers - before.arrayBuffers).toBeGreaterThan(13_000_000)
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(14_000_000)
  expect(index.get(65_536)).toEqual({ start: 65_536, finish: 131_072, seq: 262_144, flags: EXPECTED_FINISH })
  expect(index.get(2_000_000)).toEqual({ start: 0, finish: 0, seq: 0, flags: 0 })
  for (let transaction = 1; transaction <= 1_000_000; transaction++)
    if (transaction % 250_000 !== 0) index.set(transaction, { flags: EXPECTED_FINISH | MET_FINISH })
  expect([...index.lacking(EXPECTED_FINISH, MET_FINISH)]).toEqual([
    { transaction: 250_000, seq: 1_000_000 },
    { transaction: 500_000, seq: 2_000_000 },
    { transaction: 750_000, seq: 3_000_000 },
    { transaction: 1_000_000, seq: 4_000_000 },
  ])
})

test.each([-1, 1.5, Number.NaN, 2 ** 60])('the number %d, which no TSE gives, is refused', (transaction) => {
  expect(() => new LogIndex().set(transaction, { flags: 1 })).toThrow(RangeError)
})

test('a journal with numbers far apart stays within its memory limit', heavy(), () => {
  const index = new LogIndex()
  const fill = () => {
    for (let chunk = 0; chunk < 2000; chunk++) index.set(chunk * 65_536, { flags: 1 })
  }
  expect(fill).toThrow(RangeError)
})

const SERIAL = 'ab'.repeat(32)

/** The events of signed sales: each a finish of that transaction and counter. */
function noted(...finishes: readonly { transaction: number; counter: number }[]) {
  const findings = new BookFindings(LAW_BOOKS)
  const logs = new DeviceLogs('salt', findings)
  let seq = 0
  const note = (body: EventBody): number => {
    seq += 1
    logs.note({ seq, kind: 'test', op: 'op_1', at: '2026-03-02T08:00:00.000Z' }, body)
    return seq
  }
  note({ enrolled: { device: 'tse-1', serial: SERIAL } })
  for (const { transaction, counter } of finishes) {
    const act = { device: 'tse-1', name: 'finish', client: 'EDGE-1', transaction, process_type: '', process_data: '' }
    const ref = note({ act })
    const end: Members = { transaction_counter: counter, signature: 'AA==', signed_at: '2026-03-02T08:00:00.000Z' }
    note({ ref, set: { fiscal_information: { tss_serial_number: SERIAL, end_event: end } } })
  }
  return findings.all()
}

test('a finish whose counter is not above those before its intent was moved', () => {
  expect(noted({ transaction: 1, counter: 5 }, { transaction: 2, counter: 7 })).toEqual([])
  expect(noted({ transaction: 2, counter: 7 }, { transaction: 1, counter: 5 })).toMatchObject([
    { code: 'tse_order', level: 'error', serial: SERIAL, transaction: 1, counter: 5, facts: { floor: 7 } },
  ])
})

test('a transaction in two receipts is found', () => {
  expect(noted({ transaction: 1, counter: 5 }, { transaction: 1, counter: 6 })).toMatchObject([
    { code: 'tse_transaction_twice', transaction: 1 },
  ])
})

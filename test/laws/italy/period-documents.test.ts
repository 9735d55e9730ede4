import { describe, expect, test } from 'vitest'
import type { FoundDocuments } from '../../../agent/journal/events.ts'
import { PeriodDocuments } from '../../../agent/laws/italy/period-documents.ts'
import type { PrinterRecords } from '../../../agent/laws/italy/recorded.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'

const NOTHING: PrinterRecords = { documents: [], found: [], closings: [], annulled: [], slips: [] }

function sale(cents: bigint): RtDocument {
  const line = { vat: '0.22', unitPriceCents: cents, quantity: '1', text: 'x' }
  return { kind: 'sale', reference: 'x', lines: [line], payments: [{ tender: 1, amountCents: cents }] }
}

function printed(number: number, sent: RtDocument = sale(1000n), z = 142): PrinterRecords {
  const facts = {
    ...{ rt_serial_number: '72IV6000001', z_number: '0142', document_number: `0142-${number}` },
    ...{ document_type: 'sale' as const, printed_at: '2026-03-02T08:00:00Z' },
  }
  return { ...NOTHING, documents: [{ operation: `op_${number}`, z, number, facts, sent }] }
}

function finding(from: number, to: number, documents: FoundDocuments['documents'] = []): PrinterRecords {
  return { ...NOTHING, found: [{ serial: '72IV6000001', z: 142, from, to, documents }] }
}

function keyed(number: number, kind: 'sale' | 'return' | 'void', total_amount: string | null) {
  return { number, kind, printed_at: null, total_amount, reference: null }
}

function period(...pages: readonly PrinterRecords[]): PeriodDocuments {
  const made = new PeriodDocuments(142)
  for (const page of pages) made.note(page)
  return made
}

describe('documents of a period without an operation', () => {
  test('do not exist if all are ours, whatever was found of other periods', () => {
    const other = { ...finding(1, 9), found: [{ serial: '72IV6000001', z: 141, from: 1, to: 9, documents: [] }] }
    expect(period(printed(2), printed(1), other).unknown(2, { sales: 2000, returns: 0, voids: 0 })).toBeUndefined()
  })

  test('are those up to the count of the printer, with the difference of its sums', () => {
    const reported = { sales: 2750, returns: 300, voids: 0 }
    expect(period(printed(1), printed(3)).unknown(4, reported)).toEqual({
      ...{ documents: ['0142-0002', '0142-0004'], documents_count: 2, amount: '4.50' },
    })
  })

  test('have the totals of the memory without sums of the printer, and no amount if one is unknown', () => {
    const read = [keyed(2, 'sale', '5.00'), keyed(3, 'return', '1.50')]
    expect(period(printed(1), finding(2, 3, read)).unknown(0, undefined)).toMatchObject({ amount: '3.50' })
    expect(period(printed(1), finding(2, 4, read)).unknown(0, undefined)).toMatchObject({
      ...{ documents_count: 3, amount: null },
    })
  })

  test('are reported also if they cancel each other out', () => {
    const read = [keyed(2, 'sale', '5.00'), keyed(3, 'void', '5.00')]
    expect(period(printed(1), finding(2, 3, read)).unknown(3, { sales: 1500, returns: 0, voids: 500 })).toMatchObject({
      ...{ documents_count: 2, amount: '0.00' },
    })
  })

  test('are named up to a hundred', () => {
    const unknown = period().unknown(250, undefined)
    expect([unknown?.documents.length, unknown?.documents_count]).toEqual([100, 250])
    expect(unknown?.documents.at(-1)).toBe('0142-0100')
  })

  test('are not a sale printed instead of a return and its annulment, with or without the memory', () => {
    const annulled = { ...NOTHING, annulled: ['0142-0002', '0141-0007'] }
    const read = [keyed(2, 'sale', '5.00'), keyed(3, 'sale', '7.00'), keyed(4, 'void', '5.00')]
    expect(period(printed(1), finding(2, 3), annulled).unknown(3, undefined)).toBeUndefined()
    expect(period(printed(1), finding(2, 4, read), annulled).unknown(4, undefined)).toMatchObject({
      ...{ documents: ['0142-0003'], amount: '7.00' },
    })
  })
})

import { expect, test } from 'vitest'
import { BookFindings } from '../../../agent/journal/books/findings.ts'
import type { EventBody } from '../../../agent/journal/events.ts'
import { ReceiptAmounts } from '../../../agent/laws/austria/books/receipt-amounts.ts'
import { fieldOfAccepted, fields } from '../../../agent/laws/austria/vat.ts'
import { LAW_BOOKS } from '../../../agent/laws/law-books.ts'
import { METHOD_NAMES } from '../../../agent/texts/receipts.ts'

// The check shares no code with the maker of receipts. Their knowledge of the law must be the same.

/** The finding for a sale over 1,00 at that rate whose code has it in that field. */
function found(rate: string, field: number) {
  const findings = new BookFindings(LAW_BOOKS)
  const amounts = new ReceiptAmounts(findings)
  const set = {
    line_items: [{ total_amount: '1.00', taxes: [{ rate }] }],
    payments: [{ method: 'cash', status: 'captured', amount: '1.00' }],
  }
  const own = { counted_statuses: ['captured'] }
  const body: EventBody = { index: { kind: 'sale' }, set, own, law: { name: 'RKSV' } }
  const cents = fields.map((_, at) => (at === field ? 100n : 0n))
  const code = { cashBoxId: 'KASSA-1', number: 2, amounts: cents, counter: '', serial: '', previous: '' }
  amounts.note(1, 'op_1', body, 'reg_1', code)
  return findings.all()
}

test('every rate from 0 to 100 % is checked in its field of the receipt, and no rate of others in any', () => {
  const known: string[] = []
  for (let thousandths = 0; thousandths <= 1000; thousandths++) {
    const rate = (thousandths / 1000).toFixed(3)
    const right = fieldOfAccepted(rate)
    if (right !== undefined) known.push(rate)
    for (const [at, field] of fields.entries())
      expect([rate, found(rate, at).length]).toEqual([rate, field === right ? 0 : 1])
  }
  expect(known).toEqual(['0.000', '0.049', '0.100', '0.130', '0.190', '0.200'])
})

/** The finding for a sale over 1,00 without a receipt, paid in these ways. */
function foundWithout(...methods: readonly string[]) {
  const findings = new BookFindings(LAW_BOOKS)
  const amounts = new ReceiptAmounts(findings)
  const set = {
    line_items: [{ total_amount: '1.00', taxes: [{ rate: '0.2' }] }],
    payments: methods.map((method) => ({ method, status: 'captured', amount: (1 / methods.length).toFixed(2) })),
    status: 'completed',
    fiscal: { state: 'not_required' },
  }
  const body: EventBody = {
    index: { kind: 'sale' },
    set,
    own: { counted_statuses: ['captured'] },
    law: { name: 'RKSV' },
  }
  amounts.note(1, 'op_1', body, 'reg_1', undefined)
  return findings.all().map(({ code }) => code)
}

test('goods without a receipt are found unless all of it is paid by transfer, by the internet or later', () => {
  const elsewhere = ['online', 'bank_transfer', 'on_account']
  expect(Object.keys(METHOD_NAMES).filter((method) => foundWithout(method).length === 0)).toEqual(elsewhere)
  expect(foundWithout(...elsewhere, 'online')).toEqual([])
  for (const method of elsewhere) expect(foundWithout(method, 'cash')).toEqual(['rksv_amounts_differ'])
})

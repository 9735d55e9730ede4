import { expect, test } from 'vitest'
import type { StoredParts } from '../../../agent/journal/documents/document.ts'
import { UntaxedAmounts } from '../../../agent/laws/germany/untaxed-kinds.ts'
import { untaxedWords } from '../../../agent/laws/germany/untaxed-words.ts'

function parts(shown: StoredParts['shown'], countedStatuses: readonly string[] = ['captured']): StoredParts {
  return { shown, own: { counted_statuses: countedStatuses }, law: {} }
}

function line(total_amount: string, rate: string, type = 'item') {
  return { type, total_amount, taxes: [{ rate }] }
}

const SALE = { type: 'sale', status: 'completed', tip_amount: '0.00' }
const UNTAXED = parts({ ...SALE, line_items: [line('5.00', '0.00'), line('7.00', '0.07')] })

test('only the bons that are counted are summed, by register in the order of their first bons', () => {
  const amounts = new UntaxedAmounts()
  amounts.take('reg_b', 1, UNTAXED)
  amounts.take('reg_a', 1, UNTAXED)
  amounts.take('reg_b', 2, UNTAXED)
  const wordsOf = (isCounted: (register: string, number: number) => boolean) =>
    untaxedWords(amounts.sums(isCounted)).map((text) => text.split(': die TSE', 1)[0])
  expect(wordsOf(() => true)).toEqual([
    'Kasse reg_b: Ohne Umsatzsteuer abgesichert: Umsatz 2/10,00 EUR',
    'Kasse reg_a: Ohne Umsatzsteuer abgesichert: Umsatz 1/5,00 EUR',
  ])
  expect(wordsOf((register, number) => register === 'reg_b' && number === 2)).toEqual([
    'Kasse reg_b: Ohne Umsatzsteuer abgesichert: Umsatz 1/5,00 EUR',
  ])
  expect(wordsOf(() => false)).toEqual([])
})

test('a kind without an amount is left out: movements of 0.00, training, aborts, orders, a basket of net 0.00', () => {
  const amounts = new UntaxedAmounts()
  const none = [
    parts({ type: 'session_open', opening_balance_amount: '0.00' }),
    parts({ type: 'session_cash_count', closing_cashcount_diff: '0.00' }),
    parts({ ...SALE, training: true, line_items: [line('5.00', '0')] }),
    parts({ ...SALE, status: 'voided', line_items: [line('5.00', '0')] }),
    parts({ ...SALE, type: 'exchange', line_items: [line('5.00', '0'), line('-5.00', '0')] }),
    parts({ ...SALE, line_items: [line('5.00', '0.19')] }),
    ...['order', 'transfer', 'employee_benefit'].map((type) =>
      parts({ ...SALE, type, line_items: [line('5.00', '0')] }),
    ),
  ]
  for (const [at, bon] of none.entries()) amounts.take('reg_a', at + 1, bon)
  expect(amounts.sums(() => true)).toEqual([])
})

test('a voucher counts with the payments that were part of the total, a difference and a float are separate kinds', () => {
  const amounts = new UntaxedAmounts()
  const payments = [
    { method: 'gift_card', status: 'captured', amount: '3.00' },
    { method: 'gift_card', status: 'failed', amount: '4.00' },
  ]
  amounts.take('reg_a', 1, parts({ type: 'session_open', opening_balance_amount: '50.00' }))
  amounts.take('reg_a', 2, parts({ ...SALE, line_items: [line('3.00', '0.07')], payments } as StoredParts['shown']))
  amounts.take('reg_a', 3, parts({ ...SALE, line_items: [line('9.00', '0', 'gift_card')] }))
  amounts.take('reg_a', 4, parts({ type: 'session_cash_count', closing_cashcount_diff: '-0.50' }))
  amounts.add('reg_a', 5, 'adopted', 700n)
  expect(untaxedWords(amounts.sums(() => true))).toEqual([
    'Kasse reg_a: Ohne Umsatzsteuer abgesichert: Kassendifferenzen 1/-0,50 EUR, Gutscheine 2/6,00 EUR, aus der TSE übernommen 1/7,00 EUR, Anfangsbestand 1/50,00 EUR: die TSE sichert die Summe, die Art sagt nur das Journal.',
  ])
})

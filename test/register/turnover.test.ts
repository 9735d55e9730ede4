import { expect, test } from 'vitest'
import { turnoverIn, turnoverOf } from '../../agent/register/turnover.ts'

function line(total_amount: string, type?: string, agency_id?: number) {
  return { total_amount, type, agency_id }
}

test('turnover is what goods cost, without vouchers, claims and what an agency sold', () => {
  const lines = [
    line('10.00'),
    line('-2.50', 'item'),
    line('0.25', 'container_deposit'),
    line('5.00', 'deposit'),
    line('20.00', 'single_purpose_voucher'),
    line('50.00', 'gift_card'),
    line('30.00', 'receivable'),
    line('15.60', 'item', 1),
  ]
  expect(turnoverOf({ line_items: lines, discounts: [100n] })).toBe(3275n)
})

test('a discount on vouchers alone lowers the turnover, since their totals do not have it', () => {
  expect(turnoverOf({ line_items: [line('45.00', 'gift_card')], discounts: [500n] })).toBe(-500n)
  expect(turnoverOf({ line_items: [line('45.00', 'item', 1)], discounts: [500n] })).toBe(0n)
})

test('the cases of a closing are counted by the names of its law, without those of an agency', () => {
  const cases = [
    { name: 'Umsatz', amount: '59.60' },
    { name: 'Umsatz', amount: '15.60', agency_id: 1 },
    { name: 'Rabatt', amount: '-3.00' },
    { name: 'TrinkgeldAN', amount: '0.50' },
  ]
  expect(turnoverIn(cases, ['Umsatz', 'Rabatt'])).toBe(5660n)
})

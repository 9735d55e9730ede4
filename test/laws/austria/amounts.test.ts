import { describe, expect, test } from 'vitest'
import type { GoodsDocument } from '../../../agent/journal/documents/document.ts'
import type { Share } from '../../../agent/laws/austria/amounts.ts'
import { amountsOf, noAmounts } from '../../../agent/laws/austria/amounts.ts'
import { CASES, ReportSums } from '../../../agent/laws/austria/report-sums.ts'
import { fieldOf } from '../../../agent/laws/austria/vat.ts'
import { documentOf } from '../../some-document.ts'

describe('rate to field', () => {
  test.each([
    ['0.2', '2026-01-01', 'normal'],
    ['0.20', '2026-01-01', 'normal'],
    ['0.10', '2026-01-01', 'reduced1'],
    ['0.13', '2026-01-01', 'reduced2'],
    ['0', '2026-01-01', 'zero'],
    ['0.00', '2026-01-01', 'zero'],
    ['0.19', '2026-01-01', 'special'],
    ['0.049', '2026-07-01', 'special'],
  ] as const)('%s on %s is %s', (rate, date, field) => {
    expect(fieldOf(rate, date, false)).toBe(field)
  })

  test.each(['0.07', '0.21', '1', '0.2001'])('%s is not a rate of Austria', (rate) => {
    expect(fieldOf(rate, '2026-01-01', false)).toBeUndefined()
  })

  test('4.9 % is refused before July 2026, also on a return', () => {
    expect(fieldOf('0.049', '2026-06-30', false)).toBeUndefined()
    expect(fieldOf('0.049', '2026-06-30', true)).toBeUndefined()
  })
})

function line(total: string, rate: string, type: Exclude<Share['type'], 'tip'> = 'item') {
  return {
    total_amount: total,
    type,
    taxes: [{ rate }],
  }
}

describe('the amount that a document adds to the counter', () => {
  test('a sale is in the fields of its goods, the tip in Null', () => {
    const lines = [line('19.90', '0.20'), line('4.50', '0.10'), line('0.25', '0.20', 'container_deposit')]
    expect(amountsOf({ line_items: [...lines, line('2.00', '0.1', 'service_charge')], tip_amount: '1.50' })).toEqual({
      ...noAmounts,
      normal: 2015n,
      reduced1: 650n,
      zero: 150n,
    })
  })

  test('a return is negative in the fields of its goods', () => {
    expect(amountsOf({ line_items: [line('-19.90', '0.20')], tip_amount: '0.00' })).toMatchObject({ normal: -1990n })
  })

  test('an exchange nets per field: signs may mix', () => {
    const lines = [line('-19.90', '0.20'), line('9.90', '0.20'), line('12.00', '0.049')]
    expect(amountsOf({ line_items: lines })).toMatchObject({ normal: -1000n, special: 1200n })
  })

  test('a gift card that is sold is in Null; one that is redeemed is a payment', () => {
    expect(amountsOf({ line_items: [line('50.00', '0', 'gift_card')] })).toEqual({ ...noAmounts, zero: 5000n })
    const paid = { line_items: [line('50.00', '0.2')], payments: [{ method: 'gift_card', amount: '50.00' }] }
    expect(amountsOf(paid)).toEqual({ ...noAmounts, normal: 5000n })
  })

  test('a document without lines is zero', () => {
    expect(amountsOf({})).toEqual(noAmounts)
  })

  test('a rate that Austria does not have is refused, not guessed', () => {
    expect(() => amountsOf({ line_items: [line('1.00', '0.07')] })).toThrowError(/0\.07/)
  })
})

test('each type of line, and the tip, has a name in reports that no other has', () => {
  const types: { readonly [Type in Share['type']]: true } = {
    ...{ item: true, gift_card: true, container_deposit: true, service_charge: true, deposit: true },
    ...{ receivable: true, single_purpose_voucher: true, omaggio: true, tip: true },
  }
  const sums = new ReportSums()
  const lines = Object.keys(types)
    .filter((type) => type !== 'tip')
    .map((type) => line('1.00', '0', type as Exclude<Share['type'], 'tip'>))
  const shown = { line_items: lines, total_amount: '9.00', tip_amount: '1.00', payments: [] }
  sums.add(documentOf('sale', { set: shown, own: { counted_statuses: [] } }) as GoodsDocument)
  const { business_cases: cases } = sums.totals()
  expect(cases.map(({ amount }) => amount)).toEqual(Object.keys(types).map(() => '1.00'))
  expect(new Set(cases.map(({ name }) => name)).size).toBe(Object.keys(types).length)
})

test('no two types of lines share a name in a report', () => {
  const names = Object.values(CASES)
  expect(new Set(names).size).toBe(names.length)
})

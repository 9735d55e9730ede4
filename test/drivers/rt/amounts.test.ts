import { expect, test } from 'vitest'
import { lineCents, thousandthsOf } from '../../../drivers/rt/amounts.ts'

test.each([
  [499n, '0.001', 0n],
  [500n, '0.001', 1n],
  [333n, '1.5', 500n],
  [1999n, '0.05', 100n],
  [1n, '99999.999', 100_000n],
])('%s cents by %s are %s: half a cent is rounded up, as the printers count', (unitPriceCents, quantity, cents) => {
  expect(lineCents(unitPriceCents, thousandthsOf(quantity))).toBe(cents)
})

test('a quantity is read to the gram, with any trailing zeros', () => {
  expect(['1', '0.05', '0.050000', '12.5', '99999.999'].map(thousandthsOf)).toEqual([
    1000n,
    50n,
    50n,
    12_500n,
    99_999_999n,
  ])
})

test.each(['0', '0.000', '0.0005', '1.2345', '100000', '-1', '1,5', ''])(
  '%j is not a quantity that a printer takes',
  (quantity) => {
    expect(() => thousandthsOf(quantity)).toThrow(expect.objectContaining({ code: 'refused', effect: 'none' }))
  },
)

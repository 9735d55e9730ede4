import { describe, expect, test } from 'vitest'
import { exactTax, expectedTax, isTaxAmount, isWithin, sumOfTaxes } from '../../agent/register/tax-amount.ts'
import { formatRounded, toAtoms } from '../../base/money.ts'
import { fc } from '../properties.ts'

function exactOf(total: string, rate: string, allRates = rate) {
  return exactTax(toAtoms(total), toAtoms(rate), toAtoms(allRates))
}

describe('a tax amount is judged by the decimals it was sent with (DSFinV-K rounding, ties either way)', () => {
  test.each([
    ['47.50', '0.07', '3.11', true],
    ['47.50', '0.07', '3.11000000', true],
    ['47.50', '0.07', '3.107', true],
    ['47.50', '0.07', '3.10747664', true],
    ['47.50', '0.07', '3.10', false],
    ['47.50', '0.07', '3.1', false],
    ['47.50', '0.07', '3.12', false],
    ['47.50', '0.07', '3.1074', false],
    ['-100.00', '0.19', '-15.97', true],
    ['-100.00', '0.19', '-15.96638655', true],
    ['-100.00', '0.19', '15.97', false],
    ['7.00', '0.19', '1.12', true],
    ['7.00', '0.19', '1.11764706', true],
    ['7.00', '0.19', '1.11764705', false],
    ['119.00', '0.19', '19', true],
    ['0.00', '0.19', '0', true],
    ['0.00', '0.19', '0.01', false],
  ])('%s at %s: %s → %s', (total, rate, sent, ok) => {
    expect(isTaxAmount(sent, exactOf(total, rate), 'as_sent')).toBe(ok)
  })

  test('two rates of one line share one net amount', () => {
    expect(isTaxAmount('5.00', exactOf('107.50', '0.05', '0.075'), 'as_sent')).toBe(true)
    expect(isTaxAmount('2.50', exactOf('107.50', '0.025', '0.075'), 'as_sent')).toBe(true)
    expect(isTaxAmount('5.12', exactOf('107.50', '0.05', '0.075'), 'as_sent')).toBe(false)
  })

  test('a tie is accepted rounded up and down: 1.01 at 100 % contains 0.505', () => {
    const exact = exactOf('1.01', '1')
    expect(['0.50', '0.51', '0.505', '0.49', '0.52'].map((sent) => isTaxAmount(sent, exact, 'as_sent'))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  test('names the amounts that would have been right', () => {
    expect(expectedTax(exactOf('47.50', '0.07'))).toEqual({ expected_2dp: '3.11', expected_8dp: '3.10747664' })
    expect(expectedTax(exactOf('-100.00', '0.19'))).toEqual({ expected_2dp: '-15.97', expected_8dp: '-15.96638655' })
  })
})

describe('strict precision demands the value of 8 decimals, compared as a number', () => {
  test.each([
    ['7.00', '1.11764706', true],
    ['7.00', '1.11764705', false],
    ['7.00', '1.12', false],
    ['119.00', '19.00', true],
    ['119.00', '19', true],
  ])('%s at 0.19: %s → %s', (total, sent, ok) => {
    expect(isTaxAmount(sent, exactOf(total, '0.19'), 'strict')).toBe(ok)
  })
})

const cents = fc.bigInt({ min: -99_999_999_999n, max: 99_999_999_999n })
const rate = fc.bigInt({ min: 0n, max: 100_000_000n })

describe('for every amount and rate', () => {
  const arbitrary = fc.tuple(cents, rate, fc.integer({ min: 2, max: 8 }))

  test('the exact tax rounded to 2…8 decimals is accepted, a deviation of more than a unit is not', () => {
    fc.assert(
      fc.property(arbitrary, ([totalCents, rateAtoms, decimals]) => {
        const exact = exactTax(totalCents * 1_000_000n, rateAtoms, rateAtoms)
        const sent = formatRounded(exact.numerator, exact.denominator * 100_000_000n, decimals)
        const unit = 10n ** BigInt(8 - decimals)
        // A last digit of 0 would not count as a decimal, and be judged more coarsely.
        const away = (toAtoms(sent) / unit + 2n) % 10n === 0n ? 3n : 2n
        const beside = formatRounded(toAtoms(sent) + away * unit, 100_000_000n, 8)
        return isTaxAmount(sent, exact, 'as_sent') && !isTaxAmount(beside, exact, 'as_sent')
      }),
    )
  })

  test('amounts that strict accepts are accepted as sent', () => {
    fc.assert(
      fc.property(cents, rate, (totalCents, rateAtoms) => {
        const exact = exactTax(totalCents * 1_000_000n, rateAtoms, rateAtoms)
        const { expected_8dp } = expectedTax(exact)
        return isTaxAmount(expected_8dp, exact, 'strict') && isTaxAmount(expected_8dp, exact, 'as_sent')
      }),
    )
  })

  test('a sum of taxes does not depend on their order, and is as far from its rounding as half a unit', () => {
    const entries = fc.array(fc.tuple(cents, rate), { maxLength: 20 })
    fc.assert(
      fc.property(entries, (sent) => {
        const ratios = sent.map(([totalCents, rateAtoms]) => exactTax(totalCents * 1_000_000n, rateAtoms, rateAtoms))
        const [sum, reversed] = [sumOfTaxes(ratios), sumOfTaxes(ratios.toReversed())]
        const rounded = toAtoms(expectedTax(sum).expected_8dp)
        return (
          sum.numerator * reversed.denominator === reversed.numerator * sum.denominator && isWithin(rounded, sum, 1n)
        )
      }),
    )
  })
})

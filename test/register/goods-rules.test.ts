import { describe, expect, test } from 'vitest'
import type { CreateGoods } from '../../agent/contract/goods.ts'
import { createOperation } from '../../agent/contract/operation.ts'
import { parse } from '../../agent/contract/parse.ts'
import type { GoodsRules } from '../../agent/register/goods-rules.ts'
import { checkGoods } from '../../agent/register/goods-rules.ts'
import { formatCents, formatRounded } from '../../base/money.ts'
import { exchangePaid, goodsExamples, returnOfSale, sale } from '../contract/examples.ts'
import { fc } from '../properties.ts'
import { refusalOf } from './refusal.ts'

const german: GoodsRules = {
  members: undefined,
  knowsRate: (rate) => [0, 0.07, 0.19].includes(Number(rate)),
  zeroRateCodes: ['exempt', 'not_taxable'],
  taxPrecision: 'as_sent',
}

function goodsOf(request: unknown): CreateGoods {
  const goods = parse(createOperation, request)
  if (goods.type === 'sale' || goods.type === 'return' || goods.type === 'exchange') return goods
  throw new Error('no goods movement')
}

function check(request: unknown, rules: Partial<GoodsRules> = {}) {
  return checkGoods(goodsOf(request), { ...german, ...rules })
}

function refusal(request: unknown, rules: Partial<GoodsRules> = {}) {
  return refusalOf(() => check(request, rules))
}

function codeOf(request: unknown) {
  return refusal(request).code
}

function lineOf(request: Record<string, unknown>) {
  return (request['line_items'] as Record<string, unknown>[])[0] ?? {}
}

function withLine(request: Record<string, unknown>, more: object) {
  return {
    ...request,
    line_items: [{ ...lineOf(request), ...more }],
  }
}

function tax(rate: string, tax_amount: string, more: object = {}) {
  return { name: 'MwSt.', rate, tax_amount, ...more }
}

describe('goods movements of the published examples', () => {
  test.each(goodsExamples)('%s is accepted', (_name, request) => {
    expect(() => check(request)).not.toThrow()
  })

  test('the same with 8 decimals is accepted, also if 8 are required', () => {
    const request = {
      ...withLine(sale, { taxes: [tax('0.07', '3.10747664')] }),
      pretax_amount: '44.39252336',
      tax_amount: '3.10747664',
    }
    expect(() => check(request)).not.toThrow()
    expect(() => check(request, { taxPrecision: 'strict' })).not.toThrow()
    expect(refusal(sale, { taxPrecision: 'strict' }).code).toBe('tax_amount_precision_invalid')
  })
})

describe('currency, source and register', () => {
  test('another currency than the euro is refused before anything else', () => {
    expect(codeOf({ ...sale, currency: 'CHF', total_amount: '-1.00' })).toBe('currency_not_supported')
  })

  test('POS requires a register, ONLINE must not have one', () => {
    expect(codeOf({ ...sale, register_id: undefined })).toBe('unprocessable_entity')
    expect(codeOf({ ...sale, register_id: null })).toBe('unprocessable_entity')
    expect(codeOf({ ...sale, source: 'ONLINE' })).toBe('unprocessable_entity')
    expect(() => check({ ...sale, source: 'ONLINE', register_id: undefined })).not.toThrow()
    expect(() => check({ ...sale, source: 'ONLINE', register_id: null })).not.toThrow()
  })
})

describe('references', () => {
  const external_related_operation = { description: 'old till', external_operation_id: '4711' }

  test('a sale has no reference', () => {
    expect(codeOf({ ...sale, related_operation_id: 'op_1' })).toBe('unprocessable_entity')
    expect(codeOf({ ...sale, external_related_operation })).toBe('unprocessable_entity')
  })

  test.each([
    ['return', returnOfSale],
    ['exchange', exchangePaid],
  ])('a %s has exactly one', (_type, request) => {
    expect(codeOf({ ...request, related_operation_id: undefined })).toBe('unprocessable_entity')
    expect(codeOf({ ...request, external_related_operation })).toBe('unprocessable_entity')
  })

  test('cart discounts belong to a sale', () => {
    const cart_level_discounts = [{ amount: '5.00' }]
    expect(() => check({ ...sale, cart_level_discounts })).not.toThrow()
    expect(codeOf({ ...returnOfSale, cart_level_discounts })).toBe('unprocessable_entity')
  })
})

describe('signs', () => {
  test('a sale is not negative, in total and in each line', () => {
    expect(refusal({ ...sale, total_amount: '-47.50' }).details).toEqual({ pointer: '/total_amount' })
    const lines = [
      { ...lineOf(sale), total_amount: '48.50' },
      { ...lineOf(sale), total_amount: '-1.00' },
    ]
    expect(refusal({ ...sale, line_items: lines }).details).toEqual({ pointer: '/line_items/1/total_amount' })
    expect(codeOf({ ...sale, line_items: lines })).toBe('unprocessable_entity')
  })

  test('pieces are taken off those that the sale sells: one of an earlier sale that comes back is not one of them', () => {
    const one = { ...lineOf(sale), quantity: 1, unit_price: '47.50', total_amount: '47.50' }
    const off = { ...one, quantity: -1, total_amount: '-47.50', taxes: [tax('0.07', '-3.11')] }
    const back = { ...off, related_operation_id: 'op_earlier' }
    const other = { ...one, sku_identifier: 'other' }
    const request = { ...sale, total_amount: '0.00', pretax_amount: '0.00', tax_amount: '0.00' }
    const pointer = (line_items: object[]) => refusal({ ...request, line_items }).details
    expect(pointer([one, off, off, other])).toEqual({ pointer: '/line_items/1/total_amount' })
    expect(pointer([off, back, other, other])).toEqual({ pointer: '/line_items/0/total_amount' })
    expect(() => check({ ...request, line_items: [one, off, back, other] })).not.toThrow()
  })

  test('a return is not positive: amounts sent without their sign have a wrong sign, not a mismatch', () => {
    expect(codeOf({ ...returnOfSale, total_amount: '12.00' })).toBe('unprocessable_entity')
    expect(codeOf(withLine(returnOfSale, { total_amount: '12.00' }))).toBe('unprocessable_entity')
  })

  test('a tip is given with a sale and comes back with a return, in an exchange too', () => {
    const [given, back] = ['1.00', '-1.00']
    const tipped = { ...sale, pretax_amount: '45.38', tip_amount: back }
    expect(refusal(tipped).details).toEqual({ pointer: '/tip_amount' })
    expect(refusal({ ...returnOfSale, tip_amount: given }).details).toEqual({ pointer: '/tip_amount' })
    for (const tip_amount of [given, back]) expect(codeOf({ ...exchangePaid, tip_amount })).toBe('amount_mismatch')
  })

  test.each(['sale', 'return'])('a %s of 0.00 is allowed', (type) => {
    const [amount, nothing] = ['0.00', '-0.00']
    const request = {
      ...(type === 'sale' ? sale : returnOfSale),
      pretax_amount: amount,
      tax_amount: nothing,
      total_amount: nothing,
      line_items: [{ ...lineOf(sale), unit_price: nothing, total_amount: amount, taxes: [tax('0.07', nothing)] }],
    }
    expect(() => check(request)).not.toThrow()
  })

  test.each(['0.00', '-5.00'])('a discount of %s is refused', (amount) => {
    expect(codeOf({ ...sale, cart_level_discounts: [{ amount }] })).toBe('unprocessable_entity')
    expect(codeOf(withLine(sale, { discounts: [{ description: 'Treue', amount }] }))).toBe('unprocessable_entity')
  })
})

describe('sums', () => {
  test.each([
    ['pretax + tax + tip is not the total', { pretax_amount: '44.38' }],
    ['the difference is a ten-millionth of a cent', { pretax_amount: '44.39000001' }],
    ['the tip is in no line but forgotten in the sum', { tip_amount: '1.00' }],
    ['the lines and the tip are not the total', { pretax_amount: '45.39', total_amount: '48.50' }],
    ['the total is not whole cents', { pretax_amount: '44.385', total_amount: '47.495' }],
    ['the tip is not whole cents', { pretax_amount: '44.385', tip_amount: '0.005' }],
  ])('%s: amount_mismatch', (_name, more) => {
    expect(codeOf({ ...sale, ...more })).toBe('amount_mismatch')
  })

  test('lines of whole cents only, even if they add up', () => {
    const half = { ...lineOf(sale), total_amount: '23.745' }
    const rest = { ...lineOf(sale), total_amount: '23.755' }
    expect(refusal({ ...sale, line_items: [half, rest] }).details['pointer']).toBe('/line_items/0/total_amount')
  })

  test('a tip is outside pretax, tax and lines', () => {
    expect(() => check({ ...sale, tip_amount: '2.50', total_amount: '50.00' })).not.toThrow()
  })

  test('trailing zeros change nothing', () => {
    expect(() => check({ ...sale, total_amount: '47.50000000', pretax_amount: '44.390' })).not.toThrow()
  })
})

describe('gift cards, rates and taxes', () => {
  test('a gift card line is untaxed, in rate and amount', () => {
    const giftCard = (rate: string, amount: string) => withLine(sale, { type: 'gift_card', taxes: [tax(rate, amount)] })
    const untaxed = { pretax_amount: '47.50', tax_amount: '0.00' }
    expect(() => check({ ...giftCard('0', '0'), ...untaxed })).not.toThrow()
    expect(codeOf(giftCard('0.07', '3.11'))).toBe('gift_card_tax_rate_must_be_zero')
    expect(codeOf(giftCard('0.00', '0.01'))).toBe('gift_card_tax_rate_must_be_zero')
  })

  test('an unknown rate is refused, with or without a reason', () => {
    for (const code of [{}, { code: 'exempt' }]) {
      const unknown = withLine(sale, { taxes: [tax('0.07', '3.11', code)] })
      expect(refusal(unknown, { knowsRate: () => false })).toMatchObject({ code: 'tax_rate_not_supported' })
    }
  })

  test('a rate that the law does not know is refused, with its code', () => {
    const asked: [string, string | undefined][] = []
    const knowsRate = (rate: string, code: string | undefined) => asked.push([rate, code]) === 0
    const request = withLine(sale, { taxes: [tax('0.070', '3.11', { code: 'N1' })] })
    const error = refusal(request, { knowsRate })
    expect(error.code).toBe('tax_rate_not_supported')
    const pointer = '/line_items/0/taxes/0/rate'
    expect(error.details).toEqual({ line_index: 0, tax_index: 0, rate: '0.070', pointer })
    expect(error.message).toBe('Line 0 has rate 0.070 with code N1. A code belongs to rate 0.')
    expect(asked).toEqual([['0.070', 'N1']])
  })

  test('a rate that was sent as a percentage is refused with the decimal that it means', () => {
    const unknown = withLine(sale, { taxes: [tax('7', '3.11')] })
    const { details, message } = refusal(unknown, { knowsRate: () => false })
    expect(details['pointer']).toBe('/line_items/0/taxes/0/rate')
    expect(message).toBe('The law of the register has no rate 7: for 7 % send 0.07.')
  })

  test('a rate of 0 with an unknown or missing code is refused with the codes of that law', () => {
    const untaxed = { pretax_amount: '47.50', tax_amount: '0.00' }
    const zero = (code: object) => ({ ...withLine(sale, { taxes: [tax('0.00', '0.00', code)] }), ...untaxed })
    const unknown = refusal(zero({ code: 'zero_rated' }), { knowsRate: () => false })
    expect(unknown).toMatchObject({ code: 'tax_rate_not_supported', details: { codes: ['exempt', 'not_taxable'] } })
    expect(unknown.message).toBe('Line 0 has rate 0.00 with code zero_rated. Codes of this law: exempt, not_taxable.')
    const missing = refusal(zero({}), { knowsRate: () => false })
    expect(missing.message).toBe('Line 0 has rate 0.00 without a code. Codes of this law: exempt, not_taxable.')
  })

  test('a wrong tax amount is refused with the right ones', () => {
    const error = refusal(withLine(sale, { taxes: [tax('0.07', '3.10')] }))
    expect(error.code).toBe('tax_amount_precision_invalid')
    expect(error.details).toMatchObject({ line_index: 0, expected_2dp: '3.11', expected_8dp: '3.10747664' })
  })

  test("the operation's tax is within half a cent per entry of the exact one", () => {
    const taxed = (pretax_amount: string, tax_amount: string) => ({ ...sale, pretax_amount, tax_amount })
    expect(() => check(taxed('44.39', '3.11'))).not.toThrow()
    // Exact is 3.10747664: half a cent above is 3.11247664.
    expect(() => check(taxed('44.3876', '3.1124'))).not.toThrow()
    expect(codeOf(taxed('44.3875', '3.1125'))).toBe('amount_mismatch')
    expect(codeOf(taxed('44.38', '3.12'))).toBe('amount_mismatch')
    expect(codeOf(taxed('47.50', '0.00'))).toBe('amount_mismatch')
  })
})

describe('any cart of a shop', () => {
  const lines = fc.array(
    fc.record({ cents: fc.bigInt({ min: 0n, max: 9_999_999n }), rate: fc.constantFrom('0', '0.07', '0.19') }),
    { minLength: 1, maxLength: 30 },
  )
  const tip = fc.bigInt({ min: 0n, max: 9_999n })

  test('a sale with rounded line taxes and their sum is accepted, with 2 decimals and with 8', () => {
    fc.assert(
      fc.property(lines, tip, fc.constantFrom(2, 8), fc.boolean(), (sold, tipCents, decimals, back) => {
        const sign = back ? -1n : 1n
        const taxes = sold.map(({ cents, rate }) => {
          const percent = BigInt(Math.round(Number(rate) * 100))
          return formatRounded(sign * cents * percent, (100n + percent) * 100n, decimals)
        })
        const unit = 10n ** BigInt(decimals)
        const toUnits = (text: string) => BigInt(text.replace('.', ''))
        const tax_amount = formatRounded(
          taxes.reduce((sum, text) => sum + toUnits(text), 0n),
          unit,
          decimals,
        )
        const goods = sold.reduce((sum, { cents }) => sum + sign * cents, 0n)
        const request = {
          ...(back ? returnOfSale : sale),
          tax_amount,
          pretax_amount: formatRounded(goods * (unit / 100n) - toUnits(tax_amount), unit, decimals),
          tip_amount: formatCents(sign * tipCents),
          total_amount: formatCents(goods + sign * tipCents),
          line_items: sold.map(({ cents, rate }, index) => ({
            ...lineOf(sale),
            unit_price: formatCents(sign * cents),
            total_amount: formatCents(sign * cents),
            taxes: [tax(rate, taxes[index] ?? '')],
          })),
        }
        check(request)
      }),
    )
  })
})

describe('quantities', () => {
  const free = { unit_price: '0.00', total_amount: '0.00', taxes: [tax('0.07', '0.00')] }
  const amounts = { pretax_amount: '0.00', tax_amount: '0.00', total_amount: '0.00' }
  const of = (quantity: unknown) => withLine({ ...sale, ...amounts }, { ...free, quantity })

  test.each([0, -0, '0', '0.000000', 0.0004, '0.000499', '-0.000499', '-0'])(
    '%s is refused: the books would round it to 0',
    (quantity) => {
      const refused = refusal(of(quantity))
      expect([refused.code, refused.details]).toEqual(['unprocessable_entity', { pointer: '/line_items/0/quantity' }])
      expect(refused.message).toContain('send grams instead of kilogrammes')
    },
  )

  test.each([0.0005, '0.0005', '-0.000500', 0.001, 1.333333, '999999999.999999'])('%s is accepted', (quantity) => {
    expect(() => check(of(quantity))).not.toThrow()
  })

  test('the first line without a quantity is named, also if its amounts are wrong', () => {
    const wrong = withLine(sale, { quantity: 0 })
    const refused = refusal({ ...wrong, line_items: [lineOf(sale), lineOf(wrong)] })
    expect(refused.details).toEqual({ pointer: '/line_items/1/quantity' })
  })
})

import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { completeOperation, createOperation, voidOperation } from '../../agent/contract/operation.ts'
import { operationQuery } from '../../agent/contract/operation-query.ts'
import { parse } from '../../agent/contract/parse.ts'
import { fiscalizeRegister } from '../../agent/contract/register.ts'
import { FiskalError } from '../../agent/errors.ts'
import { bakery, goodsExamples, payment, sale } from './examples.ts'

/** The problems that a refusal names, as pointer → message. */
function problemsOf(schema: z.ZodType, value: unknown): Record<string, string> {
  try {
    parse(schema, value)
  } catch (error) {
    if (!(error instanceof FiskalError)) throw error
    expect(error.code).toBe('invalid_request')
    expect(error.details['reason']).toBe('schema')
    const errors = error.details['errors'] as { pointer: string; message: string }[]
    return Object.fromEntries(errors.map(({ pointer, message }) => [pointer, message]))
  }
  throw new Error('was accepted')
}

function lineOf(more: object) {
  return { ...sale, line_items: [{ ...(sale['line_items'] as object[])[0], ...more }] }
}

describe('the requests of the published examples', () => {
  test.each(goodsExamples)('%s is accepted and kept as it was sent', (_name, request) => {
    expect(parse(createOperation, request)).toEqual(request)
  })

  test.each(Object.entries(bakery))('the %s event of the bakery shift is accepted', (_name, request) => {
    expect(parse(createOperation, request)).toEqual(request)
  })

  test('a split tender and a void reason are accepted', () => {
    const body = { payments: [payment('cash', '15.00'), payment('card', '32.50')] }
    expect(parse(completeOperation, body)).toEqual(body)
    expect(parse(voidOperation, { reason: 'void_before_completion' })).toEqual({ reason: 'void_before_completion' })
  })
})

describe('invalid requests', () => {
  test('names every unknown member by its JSON pointer', () => {
    expect(problemsOf(createOperation, lineOf({ 'a/b~c': 1 }))).toEqual({
      '/line_items/0/a~1b~0c': 'is an unknown member',
    })
  })

  test('says that a missing member is required', () => {
    const { total_amount: _, ...rest } = sale
    expect(problemsOf(createOperation, rest)).toEqual({ '/total_amount': 'is required' })
    expect(problemsOf(createOperation, lineOf({ sku_identifier: undefined }))).toEqual({
      '/line_items/0/sku_identifier': 'is required',
    })
  })

  test.each([12, 12.5, '12,50', '1e3', '', '1234567890', '1.123456789', '+1.00', '.5', ' 1.00', '1.00\n'])(
    'refuses %j as money',
    (total_amount) => {
      expect(Object.keys(problemsOf(createOperation, { ...sale, total_amount }))).toEqual(['/total_amount'])
    },
  )

  test('names an unknown member whose name is cut short in whole characters', () => {
    const [pointer = ''] = Object.keys(problemsOf(createOperation, { ...sale, ['🧁'.repeat(200)]: 1 }))
    expect(pointer).toMatch(/^\/🧁+\ufffd$/u)
  })

  test.each([1, 0.5, 1.123456, -2, '1', '0.250', '-1.123456'])('keeps the quantity %j in its form', (quantity) => {
    expect(parse(createOperation, lineOf({ quantity }))).toEqual(lineOf({ quantity }))
  })

  test.each([0.1234567, 1e-7, 1e10, true, null, '1.1234567', 'one'])('refuses the quantity %j', (quantity) => {
    const words = 'must be a JSON number or a decimal string with at most 9 digits and 6 decimals'
    expect(problemsOf(createOperation, lineOf({ quantity }))).toEqual({ '/line_items/0/quantity': words })
  })

  test.each([
    ['refund', 'return'],
    ['cash_movement', 'session_cash_adjustment'],
  ])('refuses the type %s and names its successor %s', (type, successor) => {
    expect(problemsOf(createOperation, { ...sale, type })).toEqual({ '/type': expect.stringContaining(successor) })
  })

  test('refuses an unknown type with the list of types, and a missing one as missing', () => {
    expect(problemsOf(createOperation, { ...sale, type: 'training' })['/type']).toContain('"session_close"')
    expect(problemsOf(createOperation, { ...sale, type: undefined })).toEqual({ '/type': 'is required' })
  })

  test('reports only the branch that the type names', () => {
    expect(
      Object.keys(problemsOf(createOperation, { type: 'session_open', register_id: 'r', currency: 'EUR' })),
    ).toEqual(['/opening_balance_amount'])
  })

  test('refuses count members at a close and says where they belong', () => {
    const body = { ...bakery.close, counted_closing_amount: '127.50', discrepancy_note: 'short' }
    const problems = problemsOf(createOperation, body)
    expect(Object.keys(problems)).toEqual(['/counted_closing_amount', '/discrepancy_note'])
    expect(problems['/counted_closing_amount']).toContain('session_cash_count')
  })

  test('refuses session_id: it is never sent', () => {
    expect(problemsOf(createOperation, { ...sale, session_id: 'ses_1' })['/session_id']).toContain('never sent')
  })

  test('refuses ONLINE for a session event', () => {
    expect(problemsOf(createOperation, { ...bakery.open, source: 'ONLINE' })).toEqual({ '/source': 'must be "POS"' })
  })

  test.each(['2026-02-29', '2026-2-25', '25.02.2026', '2026-02-25T00:00:00Z'])(
    'refuses the date %s',
    (business_date) => {
      expect(Object.keys(problemsOf(createOperation, { ...bakery.close, business_date }))).toEqual(['/business_date'])
    },
  )

  test('accepts a closing adjustment of null as none', () => {
    expect(parse(createOperation, { ...bakery.close, closing_adjustment_amount: null })).toBeTruthy()
  })

  test('refuses metadata over 8 KiB of JSON, counted in bytes', () => {
    const fits = { text: 'x'.repeat(8192 - '{"text":""}'.length) }
    expect(parse(createOperation, { ...sale, metadata: fits })).toMatchObject({ metadata: fits })
    const tooLong = { text: 'ü'.repeat(4096) }
    expect(Object.keys(problemsOf(createOperation, { ...sale, metadata: tooLong }))).toEqual(['/metadata'])
  })

  test('says in words the limit that a text or list exceeds', () => {
    const discounts = Array.from({ length: 101 }, () => ({ amount: '0.01' }))
    expect(problemsOf(createOperation, { ...sale, cart_level_discounts: discounts })).toEqual({
      '/cart_level_discounts': 'must hold at most 100 entries',
    })
    expect(problemsOf(createOperation, lineOf({ title: 'x'.repeat(1001) }))).toEqual({
      '/line_items/0/title': 'must have at most 1000 characters',
    })
    expect(problemsOf(operationQuery, { limit: '201' })).toEqual({ '/limit': 'must be at most 200' })
    expect(problemsOf(operationQuery, { limit: '0' })).toEqual({ '/limit': 'must be at least 1' })
  })

  test('names at most 20 problems and counts the rest', () => {
    const unknown = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`member_${index}`, 1]))
    expect(Object.keys(problemsOf(createOperation, { ...sale, ...unknown }))).toHaveLength(20)
    expect(() => parse(createOperation, { ...sale, ...unknown })).toThrow('(and 49 more)')
  })

  test.each([undefined, null, [], 'text', 7])('refuses the body %j as no object', (body) => {
    expect(Object.keys(problemsOf(completeOperation, body))).toEqual([''])
  })

  test('refuses more than 1,000 lines, and lines without their amounts; without lines no amount is needed', () => {
    const [line] = sale['line_items'] as object[]
    const lines = (count: number): Record<string, unknown> => ({
      ...sale,
      line_items: Array.from({ length: count }, () => line),
    })
    expect(parse(createOperation, lines(1000))).toBeTruthy()
    expect(Object.keys(problemsOf(createOperation, lines(1001)))).toEqual(['/line_items'])
    const { pretax_amount: _pretax, total_amount: _total, ...partly } = lines(1)
    expect(problemsOf(createOperation, partly)).toEqual({
      '/pretax_amount': 'is required',
      '/total_amount': 'is required',
    })
    const withOthers = { ...partly, currency: undefined, source: 'SHOP' }
    expect(Object.keys(problemsOf(createOperation, withOthers)).sort()).toEqual([
      ...['/currency', '/pretax_amount', '/source', '/total_amount'],
    ])
    const nothing = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00', total_amount: '0.00' }
    const { tax_amount: _tax, tip_amount: _tip, ...begun }: Record<string, unknown> = { ...partly, line_items: [] }
    expect(parse(createOperation, begun)).toEqual({ ...begun, ...nothing })
  })

  test('repeats no sent value', () => {
    const secret = 'hunter2-hunter2'
    const schema = z.strictObject({ pin: z.string().max(3) })
    expect(JSON.stringify(problemsOf(schema, { pin: secret }))).not.toContain(secret)
    expect(JSON.stringify(problemsOf(createOperation, { ...sale, type: secret }))).not.toContain(secret)
  })
})

describe('optional members', () => {
  test('a fiscalize without a body is one without wishes', () => {
    expect(parse(fiscalizeRegister, undefined)).toEqual({})
    expect(Object.keys(problemsOf(fiscalizeRegister, { pos_client_serial_number: 'ü' }))).toEqual([
      '/pos_client_serial_number',
    ])
  })

  test('a list query has its own limit, and times are converted to UTC', () => {
    expect(parse(operationQuery, { from: '2026-02-25T21:14:55+01:00', status: 'open' })).toEqual({
      limit: 50,
      order: 'asc',
      from: '2026-02-25T20:14:55.000Z',
      status: 'open',
    })
    expect(Object.keys(problemsOf(operationQuery, { limit: '201', from: 'yesterday', page: '2' })).sort()).toEqual([
      '/from',
      '/limit',
      '/page',
    ])
  })
})

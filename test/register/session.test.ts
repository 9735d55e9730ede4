import { describe, expect, test } from 'vitest'
import { parse } from '../../agent/contract/parse.ts'
import type { MovementType } from '../../agent/contract/session-event.ts'
import {
  createSessionCashAdjustment,
  createSessionCashCount,
  createSessionClose,
  createSessionOpen,
  movementType,
} from '../../agent/contract/session-event.ts'
import {
  cashAdjustment,
  cashCount,
  closingAdjustment,
  leftInDrawer,
  openingCents,
  refuseOpenOperations,
  refuseUnlessClosed,
  requireCountedSession,
  requireOpenSession,
} from '../../agent/register/session.ts'
import { formatCents } from '../../base/money.ts'
import { bakery } from '../contract/examples.ts'
import { fc } from '../properties.ts'
import { refusalOf } from './refusal.ts'

const open = { id: 'ses_1', state: 'open' } as const
const counted = { id: 'ses_1', state: 'counted' } as const
const closed = { id: 'ses_1', state: 'closed' } as const

describe('a session is open, then counted, then closed', () => {
  test.each([
    ['goods, adjustments and the count', requireOpenSession, [open], [counted, 'session_already_counted']],
    ['the close', requireCountedSession, [counted], [open, 'session_not_counted']],
  ] as const)('%s need their state', (_name, check, [fitting], [other, code]) => {
    expect(check(fitting, 'reg_1')).toBe('ses_1')
    expect(refusalOf(() => check(other, 'reg_1')).code).toBe(code)
    for (const none of [undefined, closed]) {
      const error = refusalOf(() => check(none, 'reg_1'))
      expect([error.code, error.details]).toEqual(['no_open_session', { register_id: 'reg_1' }])
    }
  })

  test('a register has one session that is not closed', () => {
    expect(() => refuseUnlessClosed(undefined, 'reg_1')).not.toThrow()
    expect(() => refuseUnlessClosed(closed, 'reg_1')).not.toThrow()
    expect(refusalOf(() => refuseUnlessClosed(open, 'reg_1')).code).toBe('session_invalid_state')
    expect(refusalOf(() => refuseUnlessClosed(counted, 'reg_1')).code).toBe('session_already_counted')
  })

  test('open operations stop count and close, and are named, 100 at most', () => {
    expect(() => refuseOpenOperations([])).not.toThrow()
    const ids = Array.from({ length: 250 }, (_, index) => `op_${index}`)
    const { code, details } = refusalOf(() => refuseOpenOperations(ids))
    expect([code, details['count']]).toEqual(['open_operations', 250])
    expect(details['operation_ids']).toEqual(ids.slice(0, 100))
  })
})

describe('the bakery shift', () => {
  test('ends five euro short, with 27.50 left for the next shift', () => {
    const opening = openingCents(parse(createSessionOpen, bakery.open))
    const drop = cashAdjustment(parse(createSessionCashAdjustment, bakery.adjustment))
    expect(drop).toEqual({ cents: -2000n, movementType: 'safe_drop' })
    const expected = opening + 450n + 9800n + drop.cents
    expect(formatCents(expected)).toBe('132.50')
    const { countedCents, diffCents } = cashCount(parse(createSessionCashCount, bakery.count), expected)
    expect(formatCents(diffCents)).toBe('-5.00')
    const adjustment = closingAdjustment(parse(createSessionClose, bakery.close))
    expect([adjustment, leftInDrawer(countedCents, adjustment)]).toEqual([-10_000n, 2750n])
  })
})

function adjust(cash_amount: string, type?: MovementType, more: object = {}) {
  return cashAdjustment({
    ...parse(createSessionCashAdjustment, bakery.adjustment),
    cash_amount,
    ...more,
    movement_type: type,
  })
}

describe('a cash adjustment', () => {
  test('goes to or from the safe unless its type is given', () => {
    expect(adjust('-0.01').movementType).toBe('safe_drop')
    expect(adjust('0.01').movementType).toBe('float_in')
  })

  test.each(movementType.options)('of type %s has the sign of its direction', (type) => {
    const outOnly = ['owner_withdrawal', 'pay_out', 'wage', 'tip_payout'].includes(type)
    const inOnly = ['owner_deposit', 'pay_in'].includes(type)
    if (outOnly) expect(refusalOf(() => adjust('5.00', type)).code).toBe('unprocessable_entity')
    else expect(adjust('5.00', type)).toEqual({ cents: 500n, movementType: type })
    if (inOnly) expect(refusalOf(() => adjust('-5.00', type)).code).toBe('unprocessable_entity')
    else expect(adjust('-5.00', type)).toEqual({ cents: -500n, movementType: type })
  })

  test('is not 0, in euro and in whole cents', () => {
    expect(refusalOf(() => adjust('0.00')).code).toBe('unprocessable_entity')
    expect(refusalOf(() => adjust('-0')).code).toBe('unprocessable_entity')
    expect(refusalOf(() => adjust('1.005')).code).toBe('amount_mismatch')
    expect(refusalOf(() => adjust('1.00', undefined, { currency: 'USD' })).code).toBe('currency_not_supported')
  })
})

describe('float, count and close', () => {
  test('float and count are not negative; 0 is allowed', () => {
    const start = parse(createSessionOpen, bakery.open)
    expect(openingCents({ ...start, opening_balance_amount: '0' })).toBe(0n)
    expect(refusalOf(() => openingCents({ ...start, opening_balance_amount: '-0.01' })).code).toBe(
      'unprocessable_entity',
    )
    const count = parse(createSessionCashCount, bakery.count)
    expect(cashCount({ ...count, counted_closing_amount: '0.00' }, 0n).diffCents).toBe(0n)
    expect(refusalOf(() => cashCount({ ...count, counted_closing_amount: '-1' }, 0n)).code).toBe('unprocessable_entity')
  })

  test.each([undefined, null, '0', '0.00'])('a close with %j moves no cash', (closing_adjustment_amount) => {
    const close = { ...parse(createSessionClose, bakery.close), closing_adjustment_amount }
    expect(closingAdjustment(close)).toBe(0n)
  })

  test('a close takes out exactly the counted cash', () => {
    expect(leftInDrawer(12_750n, -12_750n)).toBe(0n)
    expect(leftInDrawer(0n, 500n)).toBe(500n)
    const refusal = refusalOf(() => leftInDrawer(12_750n, -12_751n))
    expect(refusal).toMatchObject({
      code: 'unprocessable_entity',
      message: expect.stringContaining('127.50'),
      details: { pointer: '/closing_adjustment_amount' },
    })
  })

  test('every event is in euro and in whole cents', () => {
    const wrong = { currency: 'CHF' }
    const acts = [
      () => openingCents({ ...parse(createSessionOpen, bakery.open), ...wrong }),
      () => cashCount({ ...parse(createSessionCashCount, bakery.count), ...wrong }, 0n),
      () => closingAdjustment({ ...parse(createSessionClose, bakery.close), ...wrong }),
    ]
    for (const act of acts) expect(refusalOf(act).code).toBe('currency_not_supported')
    const close = { ...parse(createSessionClose, bakery.close), closing_adjustment_amount: '0.001' }
    expect(refusalOf(() => closingAdjustment(close)).code).toBe('amount_mismatch')
  })

  test('after any shift, counting the expected cash shows no difference, and nothing is lost at the close', () => {
    const amount = fc.bigInt({ min: 0n, max: 10_000_000n })
    const drawer = fc.bigInt({ min: -20_000_000n, max: 20_000_000n })
    fc.assert(
      fc.property(drawer, amount, (expected, countedCents) => {
        const count = {
          ...parse(createSessionCashCount, bakery.count),
          counted_closing_amount: formatCents(countedCents),
        }
        const { diffCents } = cashCount(count, expected)
        expect(expected + diffCents).toBe(countedCents)
        const taken = {
          ...parse(createSessionClose, bakery.close),
          closing_adjustment_amount: formatCents(-countedCents),
        }
        expect(leftInDrawer(countedCents, closingAdjustment(taken))).toBe(0n)
      }),
    )
  })
})

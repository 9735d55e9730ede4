import { expect, test } from 'vitest'
import type { CreateGoods } from '../../agent/contract/goods.ts'
import { newDocument } from '../../agent/journal/documents/document.ts'
import type { View } from '../../agent/journal/projections/view.ts'
import type { LawRules } from '../../agent/laws/law.ts'
import { checkGoodsRules } from '../../agent/till/selling/checked-goods.ts'
import { goods } from '../e2e/goods.ts'
import { ManualClock } from '../manual-clock.ts'

/** 0.19 until the end of June, 0.20 from July on. */
const LAW = {
  facts: { timeZone: 'Europe/Berlin' },
  zeroRateCodes: [],
  knowsRate: (rate: string, _code: string | undefined, date: string) =>
    rate === (date < '2027-07-01' ? '0.19' : '0.20'),
  checkGoods: () => undefined,
} as unknown as LawRules

/** The view is asked for references only. */
const VIEW = {} as View

function check(rate: string, { now, begun }: { now: string; begun?: string }): string {
  const input = goods('sale', 'reg_1', [['1.00', rate]]) as unknown as CreateGoods
  const set = { id: 'op_1', created_at: begun } as Parameters<typeof newDocument<'sale'>>[1]['set']
  const amended = begun === undefined ? {} : { amended: newDocument('sale', { set }) }
  const parts = { clock: new ManualClock(Date.parse(now)), taxPrecision: 'as_sent' as const }
  try {
    checkGoodsRules(parts, VIEW, { input, merchant: 'm', law: LAW, related: undefined, ...amended })
    return 'taken'
  } catch (error) {
    return String((error as { code?: string }).code)
  }
}

test('a basket has the rates of the local day on which it began, or of the day of its amendment or completion', () => {
  const [june, july] = ['2027-06-30T21:59:00Z', '2027-06-30T22:01:00Z']
  expect(check('0.19', { now: july, begun: june })).toBe('taken')
  expect(check('0.20', { now: july, begun: june })).toBe('taken')
  expect(check('0.19', { now: july, begun: july })).toBe('tax_rate_not_supported')
  expect(check('0.20', { now: june, begun: june })).toBe('tax_rate_not_supported')
  expect(check('0.07', { now: july, begun: june })).toBe('tax_rate_not_supported')
  expect(check('0.19', { now: july })).toBe('tax_rate_not_supported')
})

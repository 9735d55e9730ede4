import { describe, expect, test } from 'vitest'
import { cardProbeMs } from '../../../agent/devices/card-health.ts'
import { noAmounts } from '../../../agent/laws/austria/amounts.ts'
import { mayGoOutUnsigned, nextReceipt, seal } from '../../../agent/laws/austria/chain.ts'
import type { ChainState } from '../../../agent/laws/austria/chain-state.ts'
import { chainMembers, chainOfMembers, newChain } from '../../../agent/laws/austria/chain-state.ts'
import type { OutageNotice } from '../../../agent/laws/austria/outage.ts'
import { outageNotice } from '../../../agent/laws/austria/outage.ts'
import type { ReceiptKind } from '../../../agent/laws/austria/special-receipts.ts'
import {
  closingOf,
  closingOnDemand,
  dueReceipts,
  yearlyCheckUntil,
} from '../../../agent/laws/austria/special-receipts.ts'
import { aesKey, goldenUnit } from './vectors.ts'

const signature = Buffer.alloc(64, 1)

/** Makes a receipt at that UTC time. */
function add(state: ChainState, kind: ReceiptKind, utc: string, isOut = false, period = ''): ChainState {
  const amounts = kind === 'standard' ? { ...noAmounts, normal: 100n } : noAmounts
  const planned = nextReceipt(state, { kind, period, amounts }, goldenUnit, Date.parse(utc), aesKey)
  return seal(state, planned, isOut ? undefined : signature).state
}

/** Makes the receipts due at that time and returns them. */
function addDue(state: ChainState, utc: string): { state: ChainState; made: string[] } {
  const made: string[] = []
  let after = state
  for (const due of dueReceipts(state, utc.slice(0, 19))) {
    const period = due.kind === 'collective' ? '' : due.period
    after = add(after, due.kind, utc, false, period)
    made.push(`${due.kind} ${period}`.trim())
  }
  expect(dueReceipts(after, utc.slice(0, 19))).toEqual([])
  return { state: after, made }
}

function started(utc = '2026-01-15T08:00:00Z'): ChainState {
  return add(newChain('BOX-1'), 'start', utc)
}

describe('special receipts that are due', () => {
  test('nothing within the month, and a Monatsbeleg before the first receipt of the next', () => {
    const state = add(started(), 'standard', '2026-01-31T20:00:00Z')
    expect(dueReceipts(state, '2026-01-31T23:59:59')).toEqual([])
    expect(dueReceipts(state, '2026-02-01T00:00:00')).toEqual([{ kind: 'monthly', period: '2026-01' }])
  })

  test('months without receipts need none: two skipped months are one Monatsbeleg', () => {
    const { state, made } = addDue(add(started(), 'standard', '2026-01-20T09:00:00Z'), '2026-04-02T09:00:00Z')
    expect(made).toEqual(['monthly 2026-01'])
    expect(dueReceipts(state, '2026-06-01T00:00:00')).toEqual([])
  })

  test('the Monatsbeleg of December is the Jahresbeleg', () => {
    const { made } = addDue(add(started(), 'standard', '2026-12-30T09:00:00Z'), '2027-01-02T09:00:00Z')
    expect(made).toEqual(['monthly 2026-01', 'annual 2026'])
    expect(yearlyCheckUntil('2026')).toBe('2027-02-15')
  })

  test('a year whose last sale was before December still ends with a Jahresbeleg', () => {
    const { made } = addDue(add(started(), 'standard', '2026-01-30T09:00:00Z'), '2027-03-01T09:00:00Z')
    expect(made).toEqual(['annual 2026'])
  })

  test('a year whose months were all closed still gets its Jahresbeleg', () => {
    const closed = add(started(), 'monthly', '2026-01-31T20:00:00Z', false, '2026-01')
    expect(addDue(closed, '2026-12-31T20:00:00Z').made).toEqual([])
    expect(addDue(closed, '2027-01-01T09:00:00Z').made).toEqual(['annual 2026'])
  })

  test('a year on demand is a past one that is due, then the running one; in December the running one', () => {
    const asked = (state: ChainState, stamp: string) => closingOnDemand(state, stamp, true)
    const started2026 = add(started(), 'standard', '2026-10-20T09:00:00Z')
    expect(asked(started2026, '2026-10-26T12:00:00')).toEqual({ kind: 'annual', period: '2026' })
    expect(asked(started2026, '2027-02-01T12:00:00')).toEqual({ kind: 'annual', period: '2026' })
    const out = add(started2026, 'standard', '2027-01-20T09:00:00Z', true)
    expect(asked(out, '2027-02-01T12:00:00')).toEqual({ kind: 'annual', period: '2026' })
    expect(asked(out, '2027-12-01T12:00:00')).toEqual({ kind: 'annual', period: '2027' })
    expect(asked(add(started2026, 'annual', '2026-10-26T10:00:00Z', false, '2026'), '2026-10-26T12:00:00')).toBe(
      undefined,
    )
  })

  test('a Jahresbeleg is checked until 15 February, and one made later within a week', () => {
    expect(yearlyCheckUntil('2026', '2026-10-26')).toBe('2027-02-15')
    expect(yearlyCheckUntil('2026', '2027-02-15')).toBe('2027-02-15')
    expect(yearlyCheckUntil('2026', '2027-02-16')).toBe('2027-02-23')
    expect(yearlyCheckUntil('2026', '2027-12-30')).toBe('2028-01-06')
  })

  test('a closing before the end of the month is done, unless more is sold after it', () => {
    const due = closingOf('2026-01-31T20:00:00')
    expect(due).toEqual({ kind: 'monthly', period: '2026-01' })
    expect(closingOf('2026-12-31T20:00:00')).toEqual({ kind: 'annual', period: '2026' })
    const closed = add(started(), 'monthly', '2026-01-31T20:00:00Z', false, '2026-01')
    expect(addDue(closed, '2026-02-01T09:00:00Z').made).toEqual([])
    const more = add(closed, 'standard', '2026-01-31T21:00:00Z')
    expect(addDue(more, '2026-02-01T09:00:00Z').made).toEqual(['monthly 2026-01'])
  })

  test('the Sammelbeleg comes before the Monatsbeleg that waited for the end of the outage', () => {
    let state = add(started(), 'standard', '2026-01-31T20:00:00Z', true)
    state = add(state, 'standard', '2026-02-01T09:00:00Z', true)
    expect(state.outage).toEqual({
      firstNumber: 2,
      lastNumber: 3,
      firstStamp: '2026-01-31T21:00:00',
      lastStamp: '2026-02-01T10:00:00',
    })
    const after = addDue(state, '2026-02-02T09:00:00Z')
    expect(after.made).toEqual(['collective', 'monthly 2026-01'])
    expect(after.state.outage).toBeUndefined()
    expect(addDue(after.state, '2026-03-01T09:00:00Z').made).toEqual(['monthly 2026-02'])
  })

  test('an outage over New Year: each month separately, the year once', () => {
    let state = add(started(), 'standard', '2026-11-20T09:00:00Z')
    state = add(state, 'standard', '2026-12-30T09:00:00Z', true)
    state = add(state, 'standard', '2027-01-02T09:00:00Z', true)
    expect(addDue(state, '2027-02-03T09:00:00Z').made).toEqual([
      'collective',
      'monthly 2026-01',
      'monthly 2026-11',
      'annual 2026',
      'monthly 2027-01',
    ])
  })

  test('nothing is due before the Startbeleg and after the Schlussbeleg', () => {
    expect(dueReceipts(newChain('BOX-1'), '2026-05-01T00:00:00')).toEqual([])
    expect(dueReceipts(add(started(), 'final', '2026-01-20T09:00:00Z'), '2026-05-01T00:00:00')).toEqual([])
  })
})

describe('refusals of the chain', () => {
  const plan = (state: ChainState, kind: ReceiptKind, amounts = noAmounts) =>
    nextReceipt(state, { kind, amounts }, goldenUnit, Date.parse('2026-01-16T08:00:00Z'), aesKey)

  test.each([
    ['a second Startbeleg', 'already_started', () => plan(started(), 'start')],
    ['a sale before the Startbeleg', 'not_started', () => plan(newChain('BOX-1'), 'standard')],
    ['amounts on a zero receipt', 'amounts_not_zero', () => plan(started(), 'zero', { ...noAmounts, zero: 1n })],
    ['a Sammelbeleg without an outage', 'no_outage', () => plan(started(), 'collective')],
    [
      'a receipt after the Schlussbeleg',
      'chain_ended',
      () => plan(add(started(), 'final', '2026-01-15T09:00:00Z'), 'zero'),
    ],
    ['a Kassen-ID with an underscore', 'field_malformed', () => newChain('BOX_1')],
    ['a Kassen-ID with a blank', 'field_malformed', () => newChain('BOX 1')],
    [
      'a signature of another length',
      'field_malformed',
      () => seal(started(), plan(started(), 'zero'), signature.subarray(1)),
    ],
  ] as const)('%s', (_case, code, act) => {
    expect(act).toThrowError(expect.objectContaining({ name: 'RksvRefusal', code }))
  })

  test.each(['zero', 'monthly', 'annual', 'collective', 'final'] as const)(
    'a zero receipt of kind %s waits for a unit instead of carrying the marker',
    (kind) => {
      const state = kind === 'collective' ? add(started(), 'standard', '2026-01-15T09:00:00Z', true) : started()
      expect(mayGoOutUnsigned(kind, noAmounts)).toBe(false)
      expect(() => seal(state, plan(state, kind), undefined)).toThrowError(
        expect.objectContaining({ code: 'must_be_signed' }),
      )
    },
  )

  test('a plan that another receipt has overtaken', () => {
    const planned = plan(started(), 'zero')
    const overtaken = add(started(), 'standard', '2026-01-15T09:00:00Z')
    expect(() => seal(overtaken, planned, signature)).toThrowError(expect.objectContaining({ code: 'stale_plan' }))
  })
})

test('a plan survives a crash: read from the journal it is sealed to the same receipt', () => {
  const state = add(started(), 'standard', '2026-01-15T09:00:00Z', true)
  const stored = chainOfMembers(JSON.parse(JSON.stringify(chainMembers(state))))
  expect(stored).toEqual(state)
  const request = { kind: 'standard', amounts: { ...noAmounts, special: 99n } } as const
  const planned = nextReceipt(state, request, goldenUnit, Date.parse('2026-01-15T10:00:00Z'), aesKey)
  expect(seal(stored, JSON.parse(JSON.stringify(planned)), signature)).toEqual(seal(state, planned, signature))
  expect(chainOfMembers(JSON.parse(JSON.stringify(chainMembers(newChain('BOX-1')))))).toEqual(newChain('BOX-1'))
})

describe('an outage', () => {
  const hour = 3_600_000

  test.each([
    [0, 'card_outage'],
    [48 * hour - 1, 'card_outage'],
    [48 * hour, 'card_outage_report_due'],
    [144 * hour - 1, 'card_outage_report_due'],
    [144 * hour, 'card_outage_report_urgent'],
  ] as const)('of %d ms is reported as %s', (lastedMs, code) => {
    const notice: OutageNotice = outageNotice(1000, 1000 + lastedMs)
    expect(notice.code).toBe(code)
    expect(notice.due).toBe(code === 'card_outage' ? undefined : '1970-01-08')
  })

  test('the agent tries a silent unit every 2 s, after ten minutes every 10 s', () => {
    expect([0, 599_999, 600_000].map(cardProbeMs)).toEqual([2000, 2000, 10_000])
  })
})

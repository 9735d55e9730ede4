import { expect, test } from 'vitest'
import type { DutyProgress } from '../../agent/journal/documents/records.ts'
import { UnitActs } from '../../agent/laws/austria/duties.ts'
import type { DutyAct } from '../../agent/laws/duty.ts'
import { afterAnswer, afterQuestion } from '../../agent/till/duty-rules.ts'
import type { AuthorityAnswer, SubjectStatus } from '../../drivers/ports/authority.ts'

const NOW = Date.parse('2026-11-27T10:00:00Z')
const HOUR = 3_600_000
const timing = {
  ...{ callMs: 30_000, retryMinMs: 60_000, retryMaxMs: 3_600_000 },
  ...{ askMs: 60_000, visibleMs: 900_000, checkAgainMs: 86_400_000 },
}
const unit = new UnitActs(
  { tse: () => undefined, unit: () => undefined } as never,
  { serial: '2a', vda: 'AT1', certificates: [], enrolledAt: '2026-11-01T00:00:00Z' },
  ['merchant_1'],
  'finanzonline-unit-AT1-2a',
)
const acts = {
  registered: unit.registered(),
  outage: unit.outage(NOW - 50 * HOUR),
  end: unit.outageEnd(NOW - HOUR, 'outage-card-1'),
} as const satisfies Record<string, DutyAct>

function answer(changed: Partial<AuthorityAnswer>): AuthorityAnswer {
  return {
    ...{ class: 'done', operation: 'status_see', effect: 'none', rc: ['0'], message: '', reason: undefined },
    ...{ httpStatus: undefined, lost: undefined, status: undefined, check: undefined },
    ...changed,
  }
}

function asked(state: SubjectStatus['state'], changedAtMs = 0): AuthorityAnswer {
  return answer({ status: { state, word: undefined, changedAtMs } })
}

function sent(attempts = 1, reason?: string): DutyProgress {
  return { state: 'sent', attempts, ...(reason !== undefined && { reason }) }
}

const NO_AGES = { sentMs: 0, confirmedMs: 0 }

test.each([
  ['registered', 'known', 0, { do: 'confirm', by: 'found' }],
  ['registered', 'outage', 0, { do: 'confirm', by: 'found' }],
  ['registered', 'none', 0, { do: 'send' }],
  ['outage', 'outage', NOW, { do: 'confirm', by: 'found' }],
  ['outage', 'known', NOW - 50 * HOUR, { do: 'send' }],
  ['outage', 'known', NOW - 49 * HOUR, { do: 'settle', state: 'unclear', reason: 'other_state' }],
  ['outage', 'none', 0, { do: 'settle', state: 'unclear', reason: 'other_state' }],
  ['end', 'known', NOW, { do: 'confirm', by: 'found' }],
  ['end', 'outage', NOW - HOUR, { do: 'send' }],
  ['end', 'outage', NOW, { do: 'settle', state: 'unclear', reason: 'other_state' }],
  ['end', 'none', 0, { do: 'settle', state: 'unclear', reason: 'other_state' }],
] as const)('the act %s with the status %s of %d is decided by its table', (act, state, changedAtMs, expected) => {
  expect(afterQuestion(acts[act], undefined, asked(state, changedAtMs), timing, NO_AGES)).toEqual(expected)
})

test('the check of a receipt that fails is asked about: it may have passed before', () => {
  const check = { ...acts.registered, isCheck: true } as const satisfies DutyAct
  const faulty = answer({ class: 'refused', rc: ['43'], reason: 'receipt_faulty' })
  expect(afterAnswer(check, faulty)).toEqual({ do: 'wait', forMs: 0 })
  expect(afterAnswer(check, answer({ check: { state: 'pass', failed: [] } }))).toEqual({
    do: 'confirm',
    by: 'authority',
  })
  const then = (state: SubjectStatus['state']) =>
    afterQuestion(check, sent(1, 'receipt_faulty'), asked(state), timing, NO_AGES)
  expect(then('known')).toEqual({ do: 'confirm', by: 'found' })
  expect(then('none')).toEqual({ do: 'settle', state: 'refused', reason: 'receipt_faulty' })
  // Without a question nothing is asked.
  const yearly = { ...check, subject: undefined }
  expect(afterAnswer(yearly, faulty)).toEqual({ do: 'settle', state: 'refused', reason: 'receipt_faulty' })
})

test('a request that may have had its effect is asked about until it had the time to become visible', () => {
  const next = (sentMs: number, attempts = 1, state: 'none' | 'known' = 'none') =>
    afterQuestion(acts.registered, sent(attempts), asked(state), timing, { ...NO_AGES, sentMs })
  expect(next(1000)).toEqual({ do: 'wait', forMs: timing.askMs })
  expect(next(899_999, 3)).toEqual({ do: 'wait', forMs: timing.askMs })
  expect(next(900_000, 2)).toEqual({ do: 'send' })
  expect(next(900_000, 3)).toEqual({ do: 'settle', state: 'unclear', reason: 'no_effect' })
  expect(next(900_000, 3, 'known')).toEqual({ do: 'confirm', by: 'authority' })
})

test.each([
  ['B1', { do: 'settle', state: 'unclear', reason: 'already_ended' }],
  ['B10', { do: 'settle', state: 'unclear', reason: 'already_ended' }],
  ['B22', { do: 'settle', state: 'unclear', reason: 'B22' }],
  ['B7', { do: 'later', isDay: false }],
  ['B2', { do: 'settle', state: 'refused', reason: 'B2' }],
  ['B34', { do: 'settle', state: 'refused', reason: 'B34' }],
] as const)('the code %s of another state is decided by the status that follows', (code, expected) => {
  expect(afterAnswer(acts.registered, answer({ class: 'state', rc: [code] }))).toEqual({
    do: 'wait',
    forMs: 0,
  })
  const before = sent(1, code)
  expect(afterQuestion(acts.registered, before, asked('none'), timing, NO_AGES)).toEqual(expected)
  const known = afterQuestion(acts.registered, before, asked('known'), timing, NO_AGES)
  expect(known).toEqual({ do: 'confirm', by: 'authority' })
})

test('a unit that is missing long after its confirmation refuses the register', () => {
  const next = (confirmedMs: number) =>
    afterQuestion(acts.registered, sent(1, 'B7'), asked('none'), timing, { ...NO_AGES, confirmedMs })
  expect(next(899_999)).toEqual({ do: 'later', isDay: false })
  expect(next(900_000)).toEqual({ do: 'settle', state: 'refused', reason: 'B7' })
})

test('an answer to a question that says nothing about its subject changes no state', () => {
  const step = (changed: Partial<AuthorityAnswer>) =>
    afterQuestion(acts.registered, sent(), answer(changed), timing, { ...NO_AGES, sentMs: HOUR })
  expect(step({ class: 'pause', rc: ['-2'] })).toEqual({ do: 'pause' })
  expect(step({ class: 'later', rc: ['V7'] })).toEqual({ do: 'later', isDay: false })
  expect(step({ class: 'later_day', rc: ['B38'] })).toEqual({ do: 'later', isDay: true })
  expect(step({ class: 'credentials', rc: ['-4'] })).toEqual({ do: 'credentials' })
  expect(step({ class: 'unclear', rc: ['99'], reason: 'unknown_code' })).toEqual({
    ...{ do: 'settle', state: 'unclear', reason: 'unknown_code' },
  })
})

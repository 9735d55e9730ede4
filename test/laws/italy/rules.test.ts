import { expect, test } from 'vitest'
import type { RecordedDocument } from '../../../agent/journal/documents/document.ts'
import type { OperationKind } from '../../../agent/journal/documents/kind.ts'
import type { Members } from '../../../agent/journal/events.ts'
import { PrinterActs } from '../../../agent/laws/italy/acts.ts'
import { ItalianRules } from '../../../agent/laws/italy/rules.ts'
import type { Goal, Moment } from '../../../agent/laws/law.ts'
import { documentOf } from '../../some-document.ts'

function never() {
  return Promise.reject(new Error('the printer is not asked'))
}

function none() {
  return undefined
}
const places = { of: never, last: none }
const acts = new PrinterActs({ printerOf: none, enrolledSerial: none, otherIdOf: none, places, periodSums: never })
const settings = { giftCardDepartment: 'N2', tipDepartment: 'N1', roundingDepartment: 'N2', tenders: {} }
const view = { register: none, resources: () => [], enrolledSerial: none, unit: none, confirmedTask: none }
const rules = new ItalianRules({
  ...{ ...settings, acts, operationOf: none, departmentsOf: none, serialOf: none },
  ...{ view, now: () => '2026-09-14T08:00:00.000Z', openPeriod: () => Promise.resolve(undefined) },
  printouts: { print: never },
  reports: () => ({ types: [], report: never, sessionsOf: () => [] }),
})

function momentOf(goal: Goal): Moment {
  return {
    ...{ at: '2026-09-14T08:00:00.000Z', receiptNumber: 1, goal, device: 'rt-1', clientId: 'till-1', chain: undefined },
    ...{ registerId: 'reg_1', merchantId: 'mer_1', isAnswered: false, newId: (prefix) => `${prefix}_1` },
  }
}

function partsOf(more: Members) {
  return { set: { id: 'x', fiscal_information: null, ...more }, law: { name: 'RT' } }
}

function operationOf(type: OperationKind, more: Members = {}) {
  return documentOf(type, partsOf({ type, source: 'POS', ...more }))
}
const closing = documentOf('closing', partsOf({ type: 'daily', z_numbers: [] }))
const register = documentOf('register', partsOf({ fiscalization_status: 'fiscalized' }))

test('a register ends without a printer that is down, and waits for one that has no paper', () => {
  const register = documentOf('register', {
    set: { id: 'reg_1', fiscalization_status: 'fiscalized' },
    law: { name: 'RT' },
  })
  const read = { device: 'rt-1', client: 'till-1', name: 'read' as const, reads: true as const }
  const concluded = (code: string) =>
    rules.conclude(register, read, { kind: 'failed', code, message: code }, momentOf('decommissioned'))
  for (const code of ['unavailable', 'timeout', 'foreign', 'out_of_service'])
    expect(concluded(code)).toMatchObject({ set: { fiscalization_status: 'decommissioned' }, law: { ending: true } })
  for (const code of ['paper_out', 'cover_open', 'busy'])
    expect(concluded(code)).toMatchObject({ verdict: { details: { device_code: code } } })
})

test('a closing is known by its kind, and a register that is decommissioned by its goal', () => {
  const read = { device: 'rt-1', client: 'till-1', name: 'read', reads: true, totals: true }
  expect(rules.next(closing, momentOf('completed'))).toEqual(read)
  expect(rules.next(register, momentOf('decommissioned'))).toEqual(read)
})

test('a printer without anything to close answers a closing, and not a sale', () => {
  const act = { device: 'rt-1', name: 'close', baseline: {} }
  const outcome = { kind: 'failed', code: 'nothing_to_close', message: 'Closed.' } as const
  const refusalOf = (document: RecordedDocument) =>
    rules.conclude(document, act, outcome, momentOf('completed')).verdict
  expect(refusalOf(closing)).toMatchObject({ code: 'already_closed' })
  expect(refusalOf(operationOf('sale'))).toMatchObject({
    code: 'unprocessable_entity',
    details: { device_code: 'closure_due' },
  })
})

test('an event of a session is recorded if it moves cash, and its slip can wait for the printer', () => {
  const open = (amount: string) => operationOf('session_open', { opening_balance_amount: amount })
  expect(rules.records(open('0.00'), 'completed')).toBe(false)
  expect(rules.records(open('50.00'), 'completed')).toBe(true)
  expect(rules.records(operationOf('session_cash_count'), 'completed')).toBe(false)
  expect(rules.whenUnknown(open('50.00'))).toBe('answer_and_act_later')
  expect(rules.whenUnknown(operationOf('exchange'))).toBe('wait')
  expect(rules.records(operationOf('sale', { source: 'ONLINE' }), 'completed')).toBe(false)
})

test('a slip that the printer refused has no next act', () => {
  const outcome = { kind: 'failed', code: 'refused', message: 'No.' } as const
  const slip = operationOf('session_open', { opening_balance_amount: '50.00' })
  const act = { device: 'rt-1', name: 'print', baseline: {}, document: {} }
  const { set, verdict } = rules.conclude(slip, act, outcome, momentOf('completed'))
  expect(set).toMatchObject({ fiscal: { state: 'failed' } })
  expect(verdict).toBe('stop')
})

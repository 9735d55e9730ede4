import { expect, test } from 'vitest'
import { registerDuties } from '../../../agent/laws/austria/duties.ts'
import { registerOutageId } from '../../../agent/laws/austria/outage-tasks.ts'
import type { RegisterFacts } from '../../../agent/laws/austria/tasks.ts'

const [FIRST, SECOND] = ['2026-12-20T10:00:00Z', '2027-01-05T10:00:00Z']

const register: RegisterFacts = {
  ...{ id: 'reg_1', cashBoxId: 'KASSA-1', startedOn: '2026-11-26', startCode: '_R1-AT1_KASSA-1_1' },
  ...{
    startClosing: 'cls_0',
    keyCheckValue: '064d',
    openYears: [],
    end: { on: '2027-02-01', code: '_R1-AT1_KASSA-1_20' },
  },
  years: [{ year: '2026', number: '9', code: '_R1-AT1_KASSA-1_9', madeOn: '2027-01-02', closing: 'cls_1' }],
  outages: [
    { reason: 'theft', fromMs: Date.parse(FIRST), toMs: Date.parse('2027-01-03T08:00:00Z') },
    { reason: 'defective', fromMs: Date.parse(SECOND), toMs: undefined },
  ],
}
const source = {
  merchant: ['merchant_1'],
  aesKey: () => 'key',
  unitTask: 'finanzonline-unit-AT1-2a91f3c4',
  hasOtherProvider: () => false,
}

function automatic(facts: RegisterFacts = register) {
  return registerDuties(facts, '2027-02-01', source).flatMap(({ task, act }) =>
    act === undefined ? [] : [{ task, act }],
  )
}

test('the acts of a register follow the times of their facts, and its end is the last one', () => {
  expect(automatic().map(({ task }) => task.id)).toEqual([
    'finanzonline-register-reg_1',
    'startbeleg-check-reg_1',
    registerOutageId('outage', 'reg_1', FIRST),
    'yearly-check-2026-reg_1',
    registerOutageId('outage-end', 'reg_1', FIRST),
    registerOutageId('outage', 'reg_1', SECOND),
    'finanzonline-register-end-reg_1',
  ])
})

test('the end of a register waits for its registration and the check of each receipt, an outage for no check', () => {
  const after = new Map(automatic().map(({ task, act }) => [task.id, act.after]))
  expect(after.get('finanzonline-register-end-reg_1')).toEqual([
    'finanzonline-register-reg_1',
    'startbeleg-check-reg_1',
    'yearly-check-2026-reg_1',
  ])
  expect(after.get(registerOutageId('outage', 'reg_1', SECOND))).toEqual(['finanzonline-register-reg_1'])
})

test('an outage waits for the registration of its register, and its end for the outage', () => {
  const outage = registerOutageId('outage', 'reg_1', FIRST)
  const after = new Map(automatic().map(({ task, act }) => [task.id, act.after]))
  expect(after.get(outage)).toEqual(['finanzonline-register-reg_1'])
  expect(after.get(registerOutageId('outage-end', 'reg_1', FIRST))).toEqual(['finanzonline-register-reg_1', outage])
})

test('a ground that a person gives when sending replaces that of the report', () => {
  const act = automatic().find(({ task }) => task.id === registerOutageId('outage', 'reg_1', FIRST))?.act
  const subject = { kind: 'register', cashBoxId: 'KASSA-1' }
  expect(act?.grounds).toEqual(['theft', 'defective', 'other'])
  expect(act?.request()).toEqual({ operation: 'ausfall_kasse', subject, reason: 1, since: FIRST })
  expect(act?.request('other')).toMatchObject({ reason: 99 })
})

test('an outage is not reported if the office knows a later change of the register', () => {
  const [began, ended] = automatic().filter(({ task }) => task.id.endsWith('20261220T100000Z'))
  const known = (changedAtMs: number) => ({ state: 'known', word: 'IN_BETRIEB', changedAtMs }) as const
  const down = (changedAtMs: number) => ({ state: 'outage', word: 'AUSFALL', changedAtMs }) as const
  const [beforeMs, laterMs] = [Date.parse(FIRST) - 1000, Date.parse(FIRST) + 1000]
  expect([known(beforeMs), known(laterMs), down(laterMs)].map((status) => began?.act.judge(status))).toEqual([
    'send',
    'other_state',
    'goal',
  ])
  const muchLaterMs = Date.parse('2027-01-04T00:00:00Z')
  expect([down(laterMs), down(muchLaterMs), known(laterMs)].map((status) => ended?.act.judge(status))).toEqual([
    'send',
    'other_state',
    'goal',
  ])
})

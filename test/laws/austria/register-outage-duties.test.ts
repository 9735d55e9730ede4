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
  outageEnds: () => [],
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

const [REGISTERED, CHECKED] = ['finanzonline-register-reg_1', 'startbeleg-check-reg_1']

test('the end of a register waits for its registration and its checks, unless that of the Startbeleg fails', () => {
  const end = automatic().find(({ task }) => task.id === 'finanzonline-register-end-reg_1')?.act
  expect(end?.after).toEqual([REGISTERED])
  expect(end?.afterUnlessRefused).toEqual([CHECKED, 'yearly-check-2026-reg_1'])
})

test('a Jahresbeleg waits for the Startbeleg and for the ends of the outages of its register and unit', () => {
  const ofUnit = { ...source, outageEnds: (code: string) => [`end-of-unit-of${code}`] }
  const check = registerDuties(register, '2027-02-01', ofUnit).find(({ task }) => task.id.startsWith('yearly-check'))
  expect(check?.act?.after).toEqual([
    ...[REGISTERED, CHECKED],
    ...[FIRST, SECOND].map((since) => registerOutageId('outage-end', 'reg_1', since)),
    'end-of-unit-of_R1-AT1_KASSA-1_9',
  ])
})

test('a register that sells while its outage is reported as open is a task to say its end', () => {
  const endOf = (lastStamp: string) => {
    const duties = registerDuties({ ...register, lastStamp }, '2027-02-01', source)
    return duties.find(({ task }) => task.id === registerOutageId('outage-end', 'reg_1', SECOND))
  }
  expect(endOf('2027-01-05T10:59:00')).toBeUndefined()
  const { task, act } = endOf('2027-01-09T12:00:00') ?? {}
  expect(act).toBeUndefined()
  expect(task).toMatchObject({ due: '2027-01-09', register_id: 'reg_1' })
  expect(task?.instructions[1]).toContain(`finanzonline outage reg_1 --reason defective --since ${SECOND} --until TIME`)
})

test('a Startbeleg has passed if the office has its register in use or in an outage, and is checked before that', () => {
  const act = automatic().find(({ task }) => task.id === CHECKED)?.act
  const judged = (state: 'known' | 'outage' | 'none', word?: string) =>
    act?.judge({ state, word, changedAtMs: undefined })
  expect(act?.subject).toEqual({ kind: 'register', cashBoxId: 'KASSA-1' })
  expect([judged('known', 'IN_BETRIEB'), judged('outage', 'AUSFALL')]).toEqual(['goal', 'goal'])
  expect([judged('known', 'REGISTRIERT'), judged('known', 'AKTIVIERT')]).toEqual(['send', 'send'])
  expect(judged('none')).toBe('send')
})

test('an outage waits for registration and Startbeleg of its register, and its end for the outage', () => {
  const outage = registerOutageId('outage', 'reg_1', FIRST)
  const after = new Map(automatic().map(({ task, act }) => [task.id, act.after]))
  expect(after.get(outage)).toEqual([REGISTERED, CHECKED])
  expect(after.get(registerOutageId('outage-end', 'reg_1', FIRST))).toEqual([REGISTERED, outage, CHECKED])
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

import { expect, test } from 'vitest'
import { registerDuties } from '../../../agent/laws/austria/duties.ts'
import type { RegisterFacts } from '../../../agent/laws/austria/tasks.ts'
import { holderTask, outageEndTask, outageTask, unitTask } from '../../../agent/laws/austria/unit-tasks.ts'

const register = {
  id: 'reg_1',
  cashBoxId: 'KASSA-1',
  startedOn: '2026-11-26',
  startCode: '_R1-AT1_KASSA-1_1',
  startClosing: 'cls_1',
  keyCheckValue: '064d',
  years: [{ closing: 'cls_9', year: '2026', number: '9', code: '_R1-AT1_KASSA-1_9', madeOn: '2027-01-02' }],
  openYears: ['2027'],
  outages: [],
  end: undefined,
}

const source = {
  ...{ merchant: [], aesKey: () => 'key', unitTask: undefined },
  ...{ hasOtherProvider: () => false, outageEnds: () => [] },
}

function registerTasks(facts: RegisterFacts, today: string) {
  return registerDuties(facts, today, source).map(({ task }) => task)
}

test('a register is reported and its Startbeleg checked within a week, its Jahresbeleg until 15 February', () => {
  const tasks = registerTasks(register, '2027-04-01').map(({ id, due }) => [id, due])
  expect(tasks).toEqual([
    ['finanzonline-register-reg_1', '2026-12-03'],
    ['startbeleg-check-reg_1', '2026-12-03'],
    ['yearly-check-2026-reg_1', '2027-02-15'],
    ['data-copy-2026-Q4-reg_1', '2026-12-31'],
    ['data-copy-2027-Q1-reg_1', '2027-03-31'],
    ['data-copy-2027-Q2-reg_1', '2027-06-30'],
  ])
})

test('the DEP of a register that is in service for decades is copied each quarter, too', () => {
  const copies = registerTasks(register, '2056-05-01').filter(({ id }) => id.startsWith('data-copy'))
  expect(copies.at(-1)).toMatchObject({ id: 'data-copy-2056-Q2-reg_1', due: '2056-06-30' })
  // A copy is not owed for files past their retention.
  expect(copies).toHaveLength(80)
})

test('instructions hold the values to type in, and never the key', () => {
  const [report, check] = registerTasks(register, '2026-11-26')
  expect(report?.instructions.join(' ')).toMatch(/KASSA-1.*064d/)
  // Without the register the command is refused if there are several.
  expect(report?.instructions.join(' ')).toContain('export rksv_crypto --register reg_1 --out')
  expect(check?.instructions).toContain(register.startCode)
  const unit = unitTask({ device: 'card-1', serial: '2a91f3c4', vda: 'AT1', enrolledOn: '2026-11-26' })
  expect(unit.instructions.join(' ')).toMatch(/AT1.*2a91f3c4/)
})

test('a year that was not closed is owed from its end on, but for a register that has ended', () => {
  const owed = (today: string, end?: { on: string; code: undefined }) =>
    registerTasks({ ...register, end }, today).filter(({ id }) => id.startsWith('annual-receipt'))
  expect(owed('2027-12-31')).toEqual([])
  expect(owed('2028-01-01')).toMatchObject([{ id: 'annual-receipt-2027-reg_1', due: '2028-02-15' }])
  expect(owed('2028-01-01', { on: '2027-11-01', code: undefined })).toEqual([])
})

test('an outage is to be reported within a week of its begin', () => {
  expect(outageTask('card-1', '2a91f3c4', '2026-02-25T17:03:11')).toMatchObject({
    id: 'outage-card-1-2026-02-25',
    due: '2026-03-04',
  })
})

test('the end of a reported outage is to be reported too', () => {
  const task = outageEndTask('card-1', '2a91f3c4', '2026-02-25T17:03:11', '2026-03-01T08:00:00')
  expect(task).toMatchObject({ id: 'outage-end-card-1-2026-02-25', due: '2026-03-08' })
  expect(task.instructions.join(' ')).toMatch(/2a91f3c4.*2026-02-25T17:03:11.*2026-03-01T08:00:00/)
})

test('a register that has ended is reported, and its DEP is copied again and then never again', () => {
  const end = { on: '2027-02-10', code: '_R1-AT1_KASSA-1_12' }
  const tasks = registerTasks({ ...register, end }, '2027-12-01')
  expect(tasks.map(({ id }) => id).filter((id) => id.startsWith('data-copy'))).toHaveLength(2)
  const report = tasks.find(({ id }) => id === 'finanzonline-register-end-reg_1')
  expect(report).toMatchObject({ due: '2027-02-17' })
  expect(report?.instructions).toContain(end.code)
})

test('a register whose last receipts are lost is reported as failed, and its DEP is copied no longer', () => {
  const end = { on: '2027-02-10', code: undefined }
  const tasks = registerTasks({ ...register, end }, '2027-12-01')
  expect(tasks.map(({ id }) => id).filter((id) => id.startsWith('data-copy'))).toHaveLength(2)
  const report = tasks.find(({ id }) => id === 'finanzonline-register-end-reg_1')
  expect(report?.instructions.join(' ')).toMatch(/nicht behebbarer Ausfall.*KASSA-1/)
})

test('a certificate of another company is a question for a human', () => {
  expect(holderTask('card-1', '2a91f3c4', 'UID ATU87654321', '2026-11-26').instructions.join(' ')).toContain(
    'UID ATU87654321',
  )
})

import { expect, test } from 'vitest'
import { outageDuty, registerDuties, unitDuty } from '../../../agent/regimes/rksv/duties.ts'

const register = {
  id: 'reg_1',
  cashBoxId: 'KASSA-1',
  startedOn: '2026-11-26',
  startCode: '_R1-AT1_KASSA-1_1',
  keyCheckValue: '064d',
  years: [{ year: '2026', code: '_R1-AT1_KASSA-1_9' }],
}

test('a register is reported and its Startbeleg checked within a week, its Jahresbeleg until 15 February', () => {
  const duties = registerDuties(register, '2027-04-01').map(({ id, due }) => [id, due])
  expect(duties).toEqual([
    ['finanzonline-register-reg_1', '2026-12-03'],
    ['startbeleg-check-reg_1', '2026-12-03'],
    ['yearly-check-2026-reg_1', '2027-02-15'],
    ['dep-backup-2026-Q4-reg_1', '2026-12-31'],
    ['dep-backup-2027-Q1-reg_1', '2027-03-31'],
    ['dep-backup-2027-Q2-reg_1', '2027-06-30'],
  ])
})

test('instructions hold what has to be typed in, and never the key', () => {
  const [report, check] = registerDuties(register, '2026-11-26')
  expect(report?.instructions.join(' ')).toMatch(/KASSA-1.*064d/)
  expect(check?.instructions).toContain(register.startCode)
  const unit = unitDuty({ device: 'card-1', serial: '2a91f3c4', vda: 'AT1', enrolledOn: '2026-11-26' })
  expect(unit.instructions.join(' ')).toMatch(/AT1.*2a91f3c4/)
})

test('an outage is to be reported within a week of its begin', () => {
  expect(outageDuty('card-1', '2a91f3c4', '2026-02-25')).toMatchObject({
    id: 'outage-card-1-2026-02-25',
    due: '2026-03-04',
  })
})

import { expect, test } from 'vitest'
import { linkWindow } from '../../../agent/laws/italy/link-window.ts'
import { easterMonday, workingDaysAfter } from '../../../agent/laws/italy/working-days.ts'

test.each([
  ['2026-02-10', '2026-04-06', '2026-04-30'],
  ['2026-03-31', '2026-05-06', '2026-05-29'],
  ['2026-06-15', '2026-08-06', '2026-08-31'],
  ['2026-08-31', '2026-10-06', '2026-10-30'],
  ['2026-11-30', '2027-01-06', '2027-01-29'],
  ['2026-12-01', '2027-02-06', '2027-02-26'],
])('an event of %s is registered from %s to %s', (event, from, to) => {
  expect(linkWindow(event)).toEqual({ from, to })
})

test.each(['2024-05-01', '2026-01-01', '2026-01-31'])(
  'a terminal in use since %s is registered in the first window of all',
  (event) => {
    expect(linkWindow(event)).toEqual({ from: '2026-03-05', to: '2026-04-20' })
    expect(linkWindow('2026-02-01')).toEqual({ from: '2026-04-06', to: '2026-04-30' })
  },
)

test('a window never ends on Easter Monday', () => {
  // Easter is on 30 March 2059.
  expect(easterMonday(2059)).toBe('2059-03-31')
  expect(linkWindow('2059-01-15')).toEqual({ from: '2059-03-06', to: '2059-03-28' })
})

test.each([
  [2026, '2026-04-06'],
  [2027, '2027-03-29'],
  [2038, '2038-04-26'],
])('Easter Monday of %i is %s', (year, day) => {
  expect(easterMonday(year)).toBe(day)
})

test.each([
  ['2026-03-16', '2026-03-23'],
  ['2026-03-20', '2026-03-27'],
  ['2026-04-02', '2026-04-10'],
  ['2026-12-23', '2026-12-31'],
  ['2026-12-31', '2027-01-11'],
])('five working days after %s end on %s', (date, last) => {
  expect(workingDaysAfter(date, 5)).toBe(last)
})

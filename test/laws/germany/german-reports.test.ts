import { expect, test } from 'vitest'
import { monthAfter } from '../../../agent/laws/germany/elster/days.ts'
import { endingTse } from '../../../agent/laws/germany/tasks.ts'

test('each month has a last day', () => {
  expect(['2026-08-31', '2028-01-30', '2026-12-31', '2026-01-31'].map(monthAfter)).toEqual([
    ...['2026-09-30', '2028-02-29', '2027-01-31', '2026-02-28'],
  ])
})

test('a TSE whose certificate ends within three months is to be replaced until then', () => {
  const ends = (days: number) =>
    endingTse('tse-1', 'a1', Date.UTC(2026, 0, 1) + days * 86_400_000, Date.UTC(2026, 0, 1))
  expect([ends(91), ends(89)?.id, ends(89)?.due]).toEqual([undefined, 'tse-certificate-tse-1-2026-03-31', '2026-03-31'])
  expect(ends(0)?.instructions.join(' ')).toMatch(/a1.*device retire tse-1/)
})

test('a TSE whose certification by the BSI ends is to be replaced, although it would sign', () => {
  const endsAtMs = Date.UTC(2026, 2, 31, 12)
  const task = endingTse('tse-1', 'a1', endsAtMs, Date.UTC(2026, 0, 1), 'certification')
  expect(task).toMatchObject({ id: 'tse-certification-tse-1-2026-03-31', due: '2026-03-31' })
  expect(task?.instructions.join(' ')).toMatch(/AEAO 1\.17.*device retire tse-1/)
  expect(endingTse('tse-1', 'a1', Number.POSITIVE_INFINITY, 0, 'certification')).toBeUndefined()
})

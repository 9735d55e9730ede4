import { expect, test } from 'vitest'
import { clockSkewMs, romeTime } from '../../../drivers/rt/civil-time.ts'
import { fc } from '../../properties.ts'

test('printers show the time of Rome, summer and winter', () => {
  expect(romeTime(Date.parse('2026-07-01T10:00:00Z'))).toBe('2026-07-01T12:00:00')
  expect(romeTime(Date.parse('2026-12-31T23:30:00Z'))).toBe('2027-01-01T00:30:00')
})

test('the difference of two clocks is computed across days, leap days and years', () => {
  const host = Date.parse('2028-02-28T22:59:00Z')
  expect(clockSkewMs('2028-02-29T00:00:00', host)).toBe(60_000)
  expect(clockSkewMs(undefined, host)).toBeUndefined()
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      expect(clockSkewMs(romeTime(seconds * 1000), seconds * 1000)).toBe(0)
    }),
  )
})

test('a printer that reports only minutes is off by at least the smallest possible difference', () => {
  const host = Date.parse('2026-11-21T19:56:18Z')
  const skews = ['20:55', '20:56', '20:57'].map((minute) => clockSkewMs(`2026-11-21T${minute}`, host))
  expect(skews).toEqual([-19_000, 0, 42_000])
})

import { describe, expect, test } from 'vitest'
import { localStamp, nextStamp } from '../../../agent/regimes/rksv/stamp.ts'

const at = (text: string): number => Date.parse(text)

describe('the time of a receipt', () => {
  test.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00'],
    ['2026-07-01T22:30:05.999Z', '2026-07-02T00:30:05'],
    ['2025-12-31T23:00:00Z', '2026-01-01T00:00:00'],
  ])('%s is %s in Austria', (utc, local) => {
    expect(localStamp(at(utc))).toBe(local)
  })

  test('when summer time begins the missing hour is never written', () => {
    expect(localStamp(at('2026-03-29T00:59:59Z'))).toBe('2026-03-29T01:59:59')
    expect(localStamp(at('2026-03-29T01:00:00Z'))).toBe('2026-03-29T03:00:00')
  })

  test('when summer time ends time stands still until the local clock has caught up', () => {
    let stamp = nextStamp(at('2026-10-25T00:59:50Z'), undefined)
    expect(stamp).toBe('2026-10-25T02:59:50')
    for (const utc of ['2026-10-25T01:00:00Z', '2026-10-25T01:30:00Z', '2026-10-25T01:59:50Z']) {
      stamp = nextStamp(at(utc), stamp)
      expect(stamp).toBe('2026-10-25T02:59:50')
    }
    expect(nextStamp(at('2026-10-25T01:59:51Z'), stamp)).toBe('2026-10-25T02:59:51')
    expect(nextStamp(at('2026-10-25T02:00:00Z'), stamp)).toBe('2026-10-25T03:00:00')
  })

  test('a clock that falls back by more than 70 minutes is refused', () => {
    const last = '2026-02-10T12:00:00'
    expect(nextStamp(at('2026-02-10T09:50:00Z'), last)).toBe(last)
    expect(() => nextStamp(at('2026-02-10T09:49:59Z'), last)).toThrowError(/2026-02-10T10:49:59/)
  })

  test('a clock that is set back over the begin of summer time is measured by what it went back, not by the hour that is missing', () => {
    const last = '2026-03-29T03:10:00'
    expect(nextStamp(at('2026-03-29T00:00:00Z'), last)).toBe(last)
    expect(() => nextStamp(at('2026-03-28T23:59:59Z'), last)).toThrowError(/2026-03-29T00:59:59/)
  })

  test('a clock that is set back just before summer time ends is not measured by the hour that comes twice', () => {
    const last = '2026-10-25T02:59:50'
    expect(nextStamp(at('2026-10-25T00:10:00Z'), last)).toBe(last)
    expect(nextStamp(at('2026-10-24T23:50:00Z'), last)).toBe(last)
    expect(() => nextStamp(at('2026-10-24T23:49:00Z'), last)).toThrowError(/2026-10-25T01:49:00/)
  })

  test('a clock before the law is not set', () => {
    expect(() => nextStamp(0, undefined)).toThrowError(/1970/)
  })
})

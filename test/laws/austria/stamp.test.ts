import { describe, expect, test } from 'vitest'
import { localStamp, madeMs, nextStamp } from '../../../agent/laws/austria/stamp.ts'

function at(text: string): number {
  return Date.parse(text)
}

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

  test('when summer time ends time pauses until the local clock has caught up', () => {
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

  test('a clock that is set back over the begin of summer time is measured by its step, not by the missing hour', () => {
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

describe('when a receipt was made, by its code and the time at which it became final', () => {
  test.each([
    [
      'in one second: to the millisecond',
      '2026-07-01T00:00:05',
      '2026-06-30T22:00:05.250Z',
      '2026-06-30T22:00:05.250Z',
    ],
    ['signed in the next month', '2026-06-30T23:59:58', '2026-06-30T22:00:01.500Z', '2026-06-30T21:59:58.500Z'],
    [
      'signed after a crash, and summer time began',
      '2026-03-28T00:10:00',
      '2026-04-02T06:00:00Z',
      '2026-03-27T23:10:00Z',
    ],
    [
      'signed after a crash, and summer time ended',
      '2026-10-24T23:50:00',
      '2026-11-02T07:00:00Z',
      '2026-10-24T21:50:00Z',
    ],
    [
      'the clock was set back: the code says nothing',
      '2026-07-01T00:10:00',
      '2026-06-30T21:40:00Z',
      '2026-06-30T21:40:00Z',
    ],
    ['the hour that comes twice', '2026-10-25T02:59:50', '2026-10-25T01:30:00Z', '2026-10-25T01:30:00Z'],
  ])('%s', (_, stamp, concluded, made) => {
    expect(new Date(madeMs(stamp, at(concluded))).toISOString()).toBe(new Date(at(made)).toISOString())
  })
})

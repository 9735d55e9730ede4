import { describe, expect, test } from 'vitest'
import {
  formatItalian,
  formatOutcome,
  parseClock,
  parseItalian,
  parsePending,
  parseReply,
  parseSimulation,
  parseState,
} from '../../../drivers/rt-rch/reply.ts'
import { fc } from '../../properties.ts'

describe('replies of an RCH printer', () => {
  test('outcomes carry type, family, code, status and whether another reply follows', () => {
    expect(parseReply('ON00000100')).toMatchObject({ done: true, family: 'N', status: '01', more: false })
    expect(parseReply('EP00400210')).toMatchObject({
      done: false,
      family: 'P',
      code: 'EP0040',
      status: '02',
      more: true,
    })
    expect(parseReply(formatOutcome('ES0001', '01'))).toMatchObject({ code: 'ES0001', done: false })
    expect(parseReply('s000000RE0001')).toEqual({ kind: 'value', letter: 's', value: '000000RE0001' })
  })

  test('the state has error, status, key and number', () => {
    expect(parseState('000000RE0001')).toEqual({ error: '0000', status: '00', key: 'R', number: 1 })
    expect(parseState('000000RE01')).toBeUndefined()
  })

  test('clock and pending files, with and without the date of the first', () => {
    expect(parseClock('14/09/2026 10:00:00')).toBe('2026-09-14T10:00:00')
    expect(parsePending('0  3/25')).toEqual({ files: 3, filesMax: 25, oldestAt: undefined })
    expect(parsePending('0  3/25 13/09/2026 21:00')?.oldestAt).toBe('2026-09-13T21:00')
  })

  test.each([
    ['21-09-2026 19:27:00 LUN', '2026-09-21T19:27:00'],
    ['210926 190000', '2026-09-21T19:00:00'],
    ['21/09/2026 19:27', '2026-09-21T19:27'],
    ['210926 1900', '2026-09-21T19:00'],
    ['2026-09-21T19:27:00', undefined],
    ['21/13/2026 19:27:00', undefined],
    ['31-09-2026 19:27:00', undefined],
    ['21-09-2026 24:00:00', undefined],
    ['21-09-2026 19:27:61 LUN', undefined],
    ['', undefined],
  ])('the clock "%s" is %s: another form is not a time', (value, expected) => {
    expect(parseClock(value)).toBe(expected)
  })

  test.each([
    ['01', true],
    ['11', true],
    ['00', false],
    ['0', undefined],
    ['', undefined],
  ])('the flags "%s" say simulation: %s', (value, expected) => {
    expect(parseSimulation(value)).toBe(expected)
  })

  test('amounts in Italian writing are read back', () => {
    expect(parseItalian('1.234,56')).toBe(123_456n)
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 11n), 10n ** 11n), (cents) => parseItalian(formatItalian(cents)) === cents),
    )
  })
})

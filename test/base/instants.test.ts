import { expect, test } from 'vitest'
import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { clockSkewMs, daysBetween, romeTime } from '../../drivers/rt/civil-time.ts'
import { isoText, logTimeText, readIsoText } from '../../drivers/tr03151/log-time.ts'
import { parseHttpDate, parseInstant } from '../../sync/protocol/instants.ts'

/** UTC, its milliseconds, the time of Rome, and the time as a TSE and as HTTP write it. */
const INSTANTS: readonly (readonly [string, number, string, string, string])[] = [
  ['0099-12-31T23:59:59.999Z', -59_011_459_200_001, '', '991231235959Z', 'Thu, 31 Dec 0099 23:59:59 GMT'],
  [
    '1900-02-28T23:59:59.999Z',
    -2_203_891_200_001,
    '1900-03-01T00:59:59',
    '000228235959Z',
    'Wed, 28 Feb 1900 23:59:59 GMT',
  ],
  ['1970-01-01T00:00:00.000Z', 0, '1970-01-01T01:00:00', '700101000000Z', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  [
    '2000-02-29T12:00:00.000Z',
    951_825_600_000,
    '2000-02-29T13:00:00',
    '000229120000Z',
    'Tue, 29 Feb 2000 12:00:00 GMT',
  ],
  [
    '2026-03-29T00:59:59.999Z',
    1_774_745_999_999,
    '2026-03-29T01:59:59',
    '260329005959Z',
    'Sun, 29 Mar 2026 00:59:59 GMT',
  ],
  [
    '2026-03-29T01:00:00.000Z',
    1_774_746_000_000,
    '2026-03-29T03:00:00',
    '260329010000Z',
    'Sun, 29 Mar 2026 01:00:00 GMT',
  ],
  [
    '2026-10-25T00:30:00.000Z',
    1_792_888_200_000,
    '2026-10-25T02:30:00',
    '261025003000Z',
    'Sun, 25 Oct 2026 00:30:00 GMT',
  ],
  [
    '2026-10-25T01:30:00.000Z',
    1_792_891_800_000,
    '2026-10-25T02:30:00',
    '261025013000Z',
    'Sun, 25 Oct 2026 01:30:00 GMT',
  ],
  [
    '2026-12-31T22:59:59.999Z',
    1_798_757_999_999,
    '2026-12-31T23:59:59',
    '261231225959Z',
    'Thu, 31 Dec 2026 22:59:59 GMT',
  ],
  [
    '2026-12-31T23:00:00.000Z',
    1_798_758_000_000,
    '2027-01-01T00:00:00',
    '261231230000Z',
    'Thu, 31 Dec 2026 23:00:00 GMT',
  ],
  [
    '2028-02-29T23:00:00.000Z',
    1_835_478_000_000,
    '2028-03-01T00:00:00',
    '280229230000Z',
    'Tue, 29 Feb 2028 23:00:00 GMT',
  ],
  [
    '2100-02-28T23:59:59.000Z',
    4_107_542_399_000,
    '2100-03-01T00:59:59',
    '000228235959Z',
    'Sun, 28 Feb 2100 23:59:59 GMT',
  ],
  [
    '9999-12-31T22:59:59.999Z',
    253_402_297_199_999,
    '9999-12-31T23:59:59',
    '991231225959Z',
    'Fri, 31 Dec 9999 22:59:59 GMT',
  ],
]

/** Texts that the API, a sync target and a TSE read differently. */
const GRAMMARS: readonly (readonly [string, number | undefined, number | undefined, number | undefined])[] = [
  ['2026-06-30T12:00:00.1239Z', 1_782_820_800_123, 1_782_820_800_123, 1_782_820_800_123],
  ['2026-06-30T23:59:60Z', 1_782_863_999_000, 1_782_864_000_000, undefined],
  ['2026-06-30T12:00:00+02:00', 1_782_813_600_000, undefined, undefined],
  ['2026-06-30t12:00:00z', 1_782_820_800_000, undefined, undefined],
  ['2026-06-30T12:00:00.1234567891Z', undefined, 1_782_820_800_123, undefined],
  ['2026-06-30T24:00:00Z', undefined, 1_782_864_000_000, undefined],
  ['2026-02-29T00:00:00Z', undefined, 1_772_323_200_000, undefined],
  ['2026-13-01T00:00:00Z', undefined, 1_798_761_600_000, undefined],
  ['2026-06-30T12:00:00', undefined, undefined, undefined],
]

test.for(INSTANTS)('%s is the same instant in every notation', ([utc, ms, rome, log, http]) => {
  expect([rfc3339(ms), isoText(ms), logTimeText('utcTimeWithSeconds', ms)]).toEqual([utc, utc, log])
  expect([parseRfc3339(utc), parseInstant(utc), readIsoText(utc)]).toEqual([ms, ms, ms])
  expect(parseHttpDate(http)).toBe(Math.floor(ms / 1000) * 1000)
  if (rome !== '') expect([romeTime(ms), clockSkewMs(rome, ms)]).toEqual([rome, 0])
})

test.for(GRAMMARS)('%s is read by the grammar of each reader', ([text, api, sync, tse]) => {
  expect([parseRfc3339(text), parseInstant(text)]).toEqual([api, sync])
  if (tse === undefined) expect(() => readIsoText(text)).toThrow(/does not exist|was expected/)
  else expect(readIsoText(text)).toBe(tse)
})

test('the days of a span follow each other across a leap day, summer time and a year end', () => {
  expect(daysBetween('2028-02-28T10:00', '2028-03-01T09:00')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
  expect(daysBetween('2026-10-24', '2026-10-26')).toEqual(['2026-10-24', '2026-10-25', '2026-10-26'])
  expect(daysBetween('2026-12-31', '2027-01-01')).toEqual(['2026-12-31', '2027-01-01'])
  expect([daysBetween('2027-01-01', '2026-12-31'), daysBetween('never', '2026-12-31')]).toEqual([[], []])
})

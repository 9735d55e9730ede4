import { expect, test } from 'vitest'
import { readTlv } from '../../../drivers/tr03151/der.ts'
import {
  decodeLogTime,
  encodeLogTime,
  isoText,
  logTimeFormats,
  logTimeText,
  readIsoText,
  timeFormatSpelled,
} from '../../../drivers/tr03151/log-time.ts'
import { fc } from '../../properties.ts'

/** How fine each format is. */
const stepMs = {
  unixTime: 1000,
  utcTime: 60_000,
  utcTimeWithSeconds: 1000,
  generalizedTime: 1000,
  generalizedTimeWithMilliseconds: 1,
} as const
const instants = fc.integer({ min: Date.UTC(1970, 0, 1), max: Date.UTC(2049, 11, 31, 23, 59, 59, 999) })

test('every time comes back in every format, cut to its resolution', () => {
  fc.assert(
    fc.property(instants, fc.constantFrom(...logTimeFormats), (ms, format) => {
      const { tag, content } = readTlv(encodeLogTime(format, ms))
      const step = stepMs[format]
      expect(decodeLogTime(tag, content).ms).toBe(Math.floor(ms / step) * step)
    }),
  )
})

test('the ISO text is the one of the language', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
      expect(isoText(ms)).toBe(new Date(ms).toISOString())
      expect(readIsoText(isoText(ms))).toBe(ms)
    }),
  )
})

test('a format is spelled as DSFinV-K has it, for any spelling of a device; another one stays unchanged', () => {
  for (const format of logTimeFormats)
    for (const written of [
      format,
      format.toUpperCase(),
      ` ${format.toLowerCase()} `,
      `${format[0]?.toUpperCase()}${format.slice(1)}`,
    ])
      expect(timeFormatSpelled(written)).toBe(format)
  expect(timeFormatSpelled('UTCTimeWithSeconds')).toBe('utcTimeWithSeconds')
  expect(timeFormatSpelled('noInput')).toBe('noInput')
})

test('a UTCTime of a genuine log is read', () => {
  const time = decodeLogTime(0x17, Buffer.from('3230303532323131333330325a', 'hex'))
  expect(time).toEqual({ ms: Date.parse('2020-05-22T11:33:02Z'), name: 'Utc_200522113302Z' })
  expect(logTimeText('utcTime', time.ms)).toBe('2005221133Z')
})

test('the thirtieth of February does not exist', () => {
  expect(() => readIsoText('2026-02-30T00:00:00.000Z')).toThrowError(/does not exist/)
  expect(readIsoText('2028-02-29T12:00:00Z')).toBe(Date.UTC(2028, 1, 29, 12))
})

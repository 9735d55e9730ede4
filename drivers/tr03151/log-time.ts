import { LAST_MS, parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { integer, readInteger, text } from './der.ts'
import { MalformedError } from './malformed.ts'

/** The names that the QR code and DSFinV-K use (DSFinV-K Annex I, log-time-format). */
export const logTimeFormats = [
  'unixTime',
  'utcTime',
  'utcTimeWithSeconds',
  'generalizedTime',
  'generalizedTimeWithMilliseconds',
] as const
export type LogTimeFormat = (typeof logTimeFormats)[number]

/** The format of that name, in upper or lower case. */
export function timeFormatNamed(name: string): LogTimeFormat | undefined {
  return logTimeFormats.find((format) => format.toLowerCase() === name.toLowerCase())
}

/** The spelling of DSFinV-K for the name that a device writes; an unknown one stays as it is. */
export function timeFormatSpelled(name: string): string {
  return timeFormatNamed(name.trim()) ?? name.trim()
}

/** Milliseconds since 1970 UTC; `name` is the part of a log's file name, e.g. `Unixt_1589712808`. */
export type LogTime = { ms: number; name: string }

const INTEGER_TAG = 0x02
const UTC_TAG = 0x17
const GENERALIZED_TAG = 0x18

/** The element that carries the time in a log message (TR-03151 §2). The time is cut to the format's resolution. */
export function encodeLogTime(format: LogTimeFormat, ms: number): Uint8Array {
  if (format === 'unixTime') return integer(Math.floor(ms / 1000))
  return text(format.startsWith('utc') ? UTC_TAG : GENERALIZED_TAG, logTimeText(format, ms))
}

/** The characters of a time as they stand in the element, or its decimal seconds. */
export function logTimeText(format: LogTimeFormat, ms: number): string {
  if (format === 'unixTime') return String(Math.floor(ms / 1000))
  const digits = isoText(ms).replace(/\D/g, '')
  if (format === 'utcTime') return `${digits.slice(2, 12)}Z`
  if (format === 'utcTimeWithSeconds') return `${digits.slice(2, 14)}Z`
  return `${digits.slice(0, 14)}${format === 'generalizedTime' ? '' : `.${digits.slice(14)}`}Z`
}

/** A genuine device of 2020 states utcTime and signs with seconds: both readings are tried. */
export function readingsOf(format: LogTimeFormat): readonly LogTimeFormat[] {
  if (format === 'utcTime') return ['utcTime', 'utcTimeWithSeconds']
  return format === 'utcTimeWithSeconds' ? ['utcTimeWithSeconds', 'utcTime'] : [format]
}

export function isLogTimeTag(tag: number): boolean {
  return tag === INTEGER_TAG || tag === UTC_TAG || tag === GENERALIZED_TAG
}

export function decodeLogTime(tag: number, content: Uint8Array): LogTime {
  if (tag === INTEGER_TAG) {
    const seconds = readInteger(content)
    return { ms: seconds * 1000, name: `Unixt_${seconds}` }
  }
  const written = Buffer.from(content).toString('latin1')
  const pattern = tag === UTC_TAG ? /^(\d\d)(\d{8})(\d\d)?Z$/ : /^(\d{4})(\d{8})(\d\d)(?:\.(\d{1,9}))?Z$/
  const match = pattern.exec(written)
  if (!match) throw new MalformedError('a time in UTC was expected (TR-03151 §2)')
  const shortYear = Number(match[1])
  // X.509's window for two-digit years, RFC 5280 §4.1.2.5.1
  const year = tag === GENERALIZED_TAG ? shortYear : shortYear + (shortYear >= 50 ? 1900 : 2000)
  const [month, day, hour, minute] = match[2]?.match(/../g) ?? []
  const date = `${String(year).padStart(4, '0')}-${month}-${day}`
  const ms = readIsoText(`${date}T${hour}:${minute}:${match[3] ?? '00'}.${match[4] ?? '0'}Z`)
  return { ms, name: `${tag === UTC_TAG ? 'Utc' : 'Gent'}_${written}` }
}

/** The format of a time in a log. */
export function logTimeFormatIn({ name }: LogTime): LogTimeFormat {
  if (name.startsWith('Unixt_')) return 'unixTime'
  if (name.startsWith('Utc_')) return name.length > 'Utc_YYMMDDhhmmZ'.length ? 'utcTimeWithSeconds' : 'utcTime'
  return name.includes('.') ? 'generalizedTimeWithMilliseconds' : 'generalizedTime'
}

/** `YYYY-MM-DDThh:mm:ss.fffZ`, always three decimals (DSFinV-K Annex I). The year has four digits, also of a false time. */
export function isoText(ms: number): string {
  return rfc3339(Math.min(ms, LAST_MS))
}

/** Reads `YYYY-MM-DDThh:mm:ss[.f…]Z`; more than three decimals are cut. */
export function readIsoText(written: string): number {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(written) ?? []
  if (seconds === undefined) throw new MalformedError('a time YYYY-MM-DDThh:mm:ss.fffZ was expected')
  const text = `${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`
  const ms = parseRfc3339(text)
  // Logs have no leap second.
  if (ms === undefined || isoText(ms) !== text) throw new MalformedError('the date does not exist')
  return ms
}

/** X.509 Time: UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function x509Time(ms: number): Uint8Array {
  return encodeLogTime(isoText(ms) < '2050' ? 'utcTimeWithSeconds' : 'generalizedTime', ms)
}

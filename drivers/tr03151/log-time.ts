import { integer, readInteger, text } from './der.ts'
import { MalformedError } from './malformed.ts'

/** The names that the QR code and DSFinV-K use (DSFinV-K Annex I, log-time-format). */
export type LogTimeFormat =
  | 'unixTime'
  | 'utcTime'
  | 'utcTimeWithSeconds'
  | 'generalizedTime'
  | 'generalizedTimeWithMilliseconds'

export const logTimeFormats: readonly LogTimeFormat[] = [
  'unixTime',
  'utcTime',
  'utcTimeWithSeconds',
  'generalizedTime',
  'generalizedTimeWithMilliseconds',
]

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

type Civil = { year: number; month: number; day: number; hour: number; minute: number; second: number; milli: number }

const DAY_MS = 86_400_000
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
  const t = civil(ms)
  const minutes = `${two(t.month)}${two(t.day)}${two(t.hour)}${two(t.minute)}`
  if (format === 'utcTime') return `${two(t.year % 100)}${minutes}Z`
  if (format === 'utcTimeWithSeconds') return `${two(t.year % 100)}${minutes}${two(t.second)}Z`
  const fraction = format === 'generalizedTime' ? '' : `.${String(t.milli).padStart(3, '0')}`
  return `${String(t.year).padStart(4, '0')}${minutes}${two(t.second)}${fraction}Z`
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
  const digits = match[2] ?? ''
  const shortYear = Number(match[1])
  // X.509's window for two-digit years, RFC 5280 §4.1.2.5.1
  const year = tag === GENERALIZED_TAG ? shortYear : shortYear + (shortYear >= 50 ? 1900 : 2000)
  const ms = epochMs({
    year,
    month: Number(digits.slice(0, 2)),
    day: Number(digits.slice(2, 4)),
    hour: Number(digits.slice(4, 6)),
    minute: Number(digits.slice(6, 8)),
    second: Number(match[3] ?? 0),
    milli: Number((match[4] ?? '').padEnd(3, '0').slice(0, 3)),
  })
  return { ms, name: `${tag === UTC_TAG ? 'Utc' : 'Gent'}_${written}` }
}

/** The format of a time in a log. */
export function logTimeFormatIn({ name }: LogTime): LogTimeFormat {
  if (name.startsWith('Unixt_')) return 'unixTime'
  if (name.startsWith('Utc_')) return name.length > 'Utc_YYMMDDhhmmZ'.length ? 'utcTimeWithSeconds' : 'utcTime'
  return name.includes('.') ? 'generalizedTimeWithMilliseconds' : 'generalizedTime'
}

/** `YYYY-MM-DDThh:mm:ss.fffZ`, always three decimals (DSFinV-K Annex I). */
export function isoText(ms: number): string {
  const t = civil(ms)
  const date = `${String(t.year).padStart(4, '0')}-${two(t.month)}-${two(t.day)}`
  return `${date}T${two(t.hour)}:${two(t.minute)}:${two(t.second)}.${String(t.milli).padStart(3, '0')}Z`
}

/** Reads `YYYY-MM-DDThh:mm:ss[.f…]Z`; more than three decimals are cut. */
export function readIsoText(written: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z$/.exec(written)
  if (!match) throw new MalformedError('a time YYYY-MM-DDThh:mm:ss.fffZ was expected')
  const [, year, month, day, hour, minute, second, fraction] = match
  return epochMs({
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    milli: Number((fraction ?? '').padEnd(3, '0').slice(0, 3)),
  })
}

/** X.509 Time: UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5). */
export function x509Time(ms: number): Uint8Array {
  return encodeLogTime(civil(ms).year < 2050 ? 'utcTimeWithSeconds' : 'generalizedTime', ms)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

// Days are counted from 0000-03-01, so that the leap day is the last of its year and months have a linear rule.
const EPOCH_SHIFT_DAYS = 719_468
const ERA_DAYS = 146_097

function civil(ms: number): Civil {
  const shifted = Math.floor(ms / DAY_MS) + EPOCH_SHIFT_DAYS
  const era = Math.floor(shifted / ERA_DAYS)
  const dayOfEra = shifted - era * ERA_DAYS
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const ofDay = ((ms % DAY_MS) + DAY_MS) % DAY_MS
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
    hour: Math.floor(ofDay / 3_600_000),
    minute: Math.floor(ofDay / 60_000) % 60,
    second: Math.floor(ofDay / 1000) % 60,
    milli: Math.floor(ofDay) % 1000,
  }
}

function epochMs(t: Civil): number {
  const year = t.month <= 2 ? t.year - 1 : t.year
  const monthFromMarch = (t.month + 9) % 12
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + t.day - 1
  const era = Math.floor(year / 400)
  const yearOfEra = year - era * 400
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  const days = era * ERA_DAYS + dayOfEra - EPOCH_SHIFT_DAYS
  const ms = days * DAY_MS + t.hour * 3_600_000 + t.minute * 60_000 + t.second * 1000 + t.milli
  const back = civil(ms)
  // 30 February, hour 25 and similar times come back as a different day
  if (back.month !== t.month || back.day !== t.day || back.hour !== t.hour || back.minute !== t.minute)
    throw new MalformedError('the date does not exist')
  return ms
}

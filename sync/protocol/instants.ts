import { civilMs } from '../../base/clock.ts'

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?Z$/
const IMF_FIXDATE = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/

/** Milliseconds since 1970 of `2026-02-25T20:14:55.120Z`; undefined if the text is not such an instant. */
export function parseInstant(text: string): number | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  return civilMs([...match.slice(1, 7).map(Number), Number((match[7] ?? '').padEnd(3, '0'))])
}

/** Milliseconds since 1970 of an IMF-fixdate (RFC 9110 §5.6.7); undefined if the text is not one. */
export function parseHttpDate(text: string): number | undefined {
  const match = IMF_FIXDATE.exec(text)
  const month = MONTHS.indexOf(match?.[2] ?? '') + 1
  if (match === null || month === 0) return undefined
  return civilMs([Number(match[3]), month, Number(match[1]), ...match.slice(4, 7).map(Number)])
}

/** The earliest of the times; undefined if all are unknown. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const instants = times.filter((time) => time !== undefined)
  return instants.length === 0 ? undefined : Math.min(...instants)
}

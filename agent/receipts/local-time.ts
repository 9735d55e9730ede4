import { parseRfc3339 } from '../clock.ts'
import { LAWS } from '../contract/laws.ts'
import type { ReceiptModel } from '../contract/receipt.ts'

/** Of the laws' own zones, made once: making one takes longer than a receipt. */
const LAW_FORMATS = new Map<string, Intl.DateTimeFormat>(
  Object.values(LAWS).map(({ timeZone }) => [timeZone, formatOf(timeZone)]),
)

/** An RFC 3339 time in the zone: `02.03.2026 08:14:41`, `02/03/2026 08:14:41` or `2026-03-02 08:14:41`. */
export function localTime(time: string, timeZone: string, language: ReceiptModel['language']): string {
  const format = LAW_FORMATS.get(timeZone) ?? formatOf(timeZone)
  return writtenTime(format.format(parseRfc3339(time) ?? 0), language) ?? ''
}

/** A local time `YYYY-MM-DDThh:mm:ss` as it is written in the language; undefined where it is none. */
export function writtenTime(local: string, language: ReceiptModel['language']): string | undefined {
  const [, digits, month, day, clock] = /^(\d{1,5})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}:\d{2})$/.exec(local) ?? []
  if (digits === undefined) return undefined
  // A till that knows no time tells year 1.
  const year = digits.padStart(4, '0')
  if (language === 'en') return `${year}-${month}-${day} ${clock}`
  return `${[day, month, year].join(language === 'de' ? '.' : '/')} ${clock}`
}

/** Swedish writes `2026-03-02 08:14:41`. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
}

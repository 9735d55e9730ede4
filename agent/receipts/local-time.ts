import { localTime, parseRfc3339, writtenDay } from '../../base/clock.ts'
import type { ReceiptModel } from '../contract/receipt.ts'

/** An RFC 3339 time in the zone: `02.03.2026 08:14:41`, `02/03/2026 08:14:41` or `2026-03-02 08:14:41`. */
export function printedTime(time: string, timeZone: string, language: ReceiptModel['language']): string {
  return writtenTime(localTime(parseRfc3339(time) ?? 0, timeZone), language) ?? ''
}

/** A local time `YYYY-MM-DDThh:mm:ss` as it is written in the language; undefined if it is malformed. */
export function writtenTime(local: string, language: ReceiptModel['language']): string | undefined {
  const [, digits, month, day, clock] = /^(\d{1,5})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}:\d{2})$/.exec(local) ?? []
  if (digits === undefined) return undefined
  // A till without a clock sends year 1.
  const year = digits.padStart(4, '0')
  return `${writtenDay([year, month, day].join('-'), language)} ${clock}`
}

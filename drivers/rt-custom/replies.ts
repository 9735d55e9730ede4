/** Values of the enquiries. If the manual names fields without their widths, the widths here are assumptions. */

/** 1017: DDMMYYHHmm, number(4), total(9), type, status. */
export type LastReceipt = { at: string; number: number; totalCents: bigint; isFiscal: boolean; isCancelled: boolean }

export function parseLastReceipt(data: string): LastReceipt | undefined {
  const match = /^(\d{10})(\d{4})(\d{9})(\d)(\d)$/.exec(data)
  const at = parseMinute(match?.[1] ?? '')
  if (!match || at === undefined) return undefined
  return {
    at,
    number: Number(match[2]),
    totalCents: BigInt(match[3] ?? 0),
    isFiscal: match[4] !== '0',
    isCancelled: match[5] === '1',
  }
}

/** DDMMYYHHmm, with seconds if the device sends them → `YYYY-MM-DDTHH:MM[:SS]`. */
export function parseMinute(digits: string): string | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(digits)
  if (!match) return undefined
  const [, day, month, year, hour, minute, second] = match
  return `20${year}-${month}-${day}T${hour}:${minute}${second === undefined ? '' : `:${second}`}`
}

/** 1104: number of the last closure (4), number of the detail memory. */
export function parseClosure(data: string): number | undefined {
  const match = /^(\d{4})\d*$/.exec(data)
  return match ? Number(match[1]) : undefined
}

export type DayCounters = { receipts: Count; creditNotes: number; voids: Count; returns: Count }
type Count = { count: number; cents: bigint }

const COUNT_DIGITS = 4
const COUNTER_DIGITS = 13

/**
 * 1115: count (4) and total (9) of receipts first, of voids and returns last. The part between begins with the count of
 * credit notes; the manual names more kinds there, without saying which of them have totals.
 */
export function parseDayCounters(data: string): DayCounters | undefined {
  if (!/^\d{47,}$/.test(data)) return undefined
  const at = (start: number): Count => ({
    count: Number(data.slice(start, start + COUNT_DIGITS)),
    cents: BigInt(data.slice(start + COUNT_DIGITS, start + COUNTER_DIGITS)),
  })
  return {
    receipts: at(0),
    creditNotes: Number(data.slice(COUNTER_DIGITS, COUNTER_DIGITS + COUNT_DIGITS)),
    voids: at(data.length - 2 * COUNTER_DIGITS),
    returns: at(data.length - COUNTER_DIGITS),
  }
}

export type CustomFlags = {
  coverOpen: boolean
  paperOut: boolean
  paperLow: boolean
  memoryFull: boolean
  memoryNearlyFull: boolean
}

/** 1109: one digit each, in this order. */
export function parseFlags(data: string): CustomFlags | undefined {
  if (!/^[01]{5}$/.test(data)) return undefined
  const is = (place: number): boolean => data.charAt(place) === '1'
  return { coverOpen: is(0), paperOut: is(1), paperLow: is(2), memoryFull: is(3), memoryNearlyFull: is(4) }
}

export type UnsentFiles = { readonly failed: number; readonly waiting: number }

/** 1514: closures whose sending failed, is pending, or that were exported (4 each). */
export function parseUnsent(data: string): UnsentFiles | undefined {
  const match = /^(\d{4})(\d{4})\d{4}$/.exec(data)
  return match ? { failed: Number(match[1]), waiting: Number(match[2]) } : undefined
}

/** 1515: the closure (4), then 0 sent, 1 pending, 2 rejected; the manual does not list the digits. */
export function isRejected(data: string, z: string): boolean {
  return data === `${z}2`
}

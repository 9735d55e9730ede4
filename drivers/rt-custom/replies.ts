/** Values of the enquiries, by their widths in the manual. */

/** 1017: DDMMYYHHmm, number(4), total(9), type, status. */
export type LastReceipt = { at: string; number: number; totalCents: bigint; isFiscal: boolean; isAborted: boolean }

export function parseLastReceipt(data: string): LastReceipt | undefined {
  const match = /^(\d{10})(\d{4})(\d{9})(\d)(\d)$/.exec(data)
  const at = parseMinute(match?.[1] ?? '')
  if (!match || at === undefined) return undefined
  return {
    at,
    number: Number(match[2]),
    totalCents: BigInt(match[3] ?? 0),
    isFiscal: match[4] !== '0',
    isAborted: match[5] === '1',
  }
}

/** DDMMYYHHmm → `YYYY-MM-DDTHH:MM`. */
export function parseMinute(digits: string): string | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(digits)
  if (!match) return undefined
  const [, day, month, year, hour, minute] = match
  return `20${year}-${month}-${day}T${hour}:${minute}`
}

/** 1104: number of the last closure (4), number of the detail memory (4). */
export function parseClosure(data: string): number | undefined {
  const match = /^(\d{4})\d{4}$/.exec(data)
  return match ? Number(match[1]) : undefined
}

type Count = { count: number; cents: bigint }
/** `text`: all of it, the aborted documents included, which have no number. */
export type DayCounters = { text: string; receipts: Count; creditNotes: Count; voids: Count; returns: Count }

const COUNT_DIGITS = 4
const COUNTER_DIGITS = 13

/** 1115: count (4) and total (9) of receipts, credit notes, aborted, sconti fondazione, voids, returns. */
export function parseDayCounters(data: string): DayCounters | undefined {
  if (!/^\d{78}$/.test(data)) return undefined
  const at = (index: number): Count => {
    const field = data.slice(index * COUNTER_DIGITS, (index + 1) * COUNTER_DIGITS)
    return { count: Number(field.slice(0, COUNT_DIGITS)), cents: BigInt(field.slice(COUNT_DIGITS)) }
  }
  return { text: data, receipts: at(0), creditNotes: at(1), voids: at(4), returns: at(5) }
}

/** Documents of the running period that have a number in any case. */
export function documentsIn({ receipts, creditNotes, voids, returns }: DayCounters): number {
  return receipts.count + creditNotes.count + voids.count + returns.count
}

/** 1003: the total of the open document, without its sign, and the number of the last document. */
export function parseTotals(data: string): { totalCents: bigint; lastNumber: number } | undefined {
  const match = /^\d{36}[+-](\d{9})[+-]\d{9}(\d{4})\d/.exec(data)
  return match ? { totalCents: BigInt(match[1] ?? 0), lastNumber: Number(match[2]) } : undefined
}

/** 3007: `+` and the rest, `-` and the change, which is 0 for a document that is paid exactly. */
export function parseRest(data: string): bigint | undefined {
  return /^[+-]\d{9}$/.test(data) ? BigInt(data.slice(1)) * (data.startsWith('-') ? -1n : 1n) : undefined
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

/** 15140: the type, then closures whose sending failed, is pending, or that were exported (4 each). */
export function parseUnsent(data: string): UnsentFiles | undefined {
  const match = /^\d(?:\d{3})?(\d{4})(\d{4})\d{4}$/.exec(data)
  return match ? { failed: Number(match[1]), waiting: Number(match[2]) } : undefined
}

/** 15150: type, closure (4), number (4), then 0 sent, 1 failed, 2 no answer, 3 by browser. */
export function hasFailed(data: string, z: string): boolean {
  return data.startsWith(`0${z}`) && data.charAt(9) === '1'
}

/** 1529: the periodic check is due soon, or overdue. */
export function parseCheck(data: string): 'ok' | 'expiring' | 'expired' {
  return data.charAt(1) === '1' ? 'expired' : data.startsWith('1') ? 'expiring' : 'ok'
}

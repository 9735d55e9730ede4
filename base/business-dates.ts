import { localDate, PLAUSIBLE_MS, parseRfc3339, shiftedDate } from './clock.ts'

/** When a session was opened and closed, RFC 3339. */
type SessionTimes = { readonly opened: string; readonly closed: string }
/** Both inclusive. */
type DateRange = { readonly first: string; readonly last: string }

/**
 * The business dates that a session may have: from the day before its opening to the day after its close. A night bar
 * closes at four, the day of a petrol station begins at ten in the evening, and a forgotten session may be posted on
 * any of its days. Undefined if the clock had lost its time at one of them.
 */
export function businessDates({ opened, closed }: SessionTimes, timeZone: string): DateRange | undefined {
  const [openedMs, closedMs] = [parseRfc3339(opened) ?? 0, parseRfc3339(closed) ?? 0]
  // A clock that ran ahead may have dated the opening after the close.
  const [firstMs, lastMs] = [Math.min(openedMs, closedMs), Math.max(openedMs, closedMs)]
  if (firstMs < PLAUSIBLE_MS) return undefined
  return { first: shiftedDate(localDate(firstMs, timeZone), -1), last: shiftedDate(localDate(lastMs, timeZone), 1) }
}

/** True if the clock had lost its time, and nothing can be compared. */
export function isPossibleDate(date: string, times: SessionTimes, timeZone: string): boolean {
  const range = businessDates(times, timeZone)
  return range === undefined || (date >= range.first && date <= range.last)
}

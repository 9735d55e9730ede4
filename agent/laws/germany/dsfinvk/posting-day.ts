import { DAY_MS, dayBounds, LAST_MS, localDate, shiftedDate } from '../../../../base/clock.ts'
import { FACTS } from '../facts.ts'

const { timeZone } = FACTS
const SECOND_MS = 1000
/** Sorts after every date. */
const LAST_DATE = '~'

/** Milliseconds since 1970; the end is exclusive. */
export type Range = { fromMs: number; toMs: number }

/** An end within the last second of a day includes the whole day: `23:59:59` means that day. */
export function inWholeDays<R extends Range>(range: R): R {
  const afterMs = Math.min(range.toMs, LAST_MS - SECOND_MS) + SECOND_MS
  const dayAfter = localDate(afterMs, timeZone)
  if (range.toMs > LAST_MS - SECOND_MS || localDate(range.toMs, timeZone) === dayAfter) return range
  return { ...range, toMs: dayBounds(dayAfter, timeZone).firstMs }
}

/** The time that assigns a closing to a range: on its posting day, as near to Z_ERSTELLUNG as possible (§ 4.1). */
export function postedMs(createdMs: number, postingDay: string | undefined): number {
  if (postingDay === undefined) return createdMs
  const { firstMs, lastMs } = dayBounds(postingDay, timeZone)
  return Math.min(Math.max(createdMs, firstMs), lastMs)
}

/** How much of a day is in the range. */
export function partOfDay(date: string, { fromMs, toMs }: Range): 'all' | 'none' | 'some' {
  const { firstMs, lastMs } = dayBounds(date, timeZone)
  if (lastMs < fromMs || firstMs >= toMs) return 'none'
  return firstMs >= fromMs && lastMs < toMs ? 'all' : 'some'
}

/** Days that end in the next period, by the length of a period: `2026`, `2026-03`, `2026-03-02`. */
const DAYS_BEYOND: Readonly<Record<number, number>> = { 4: 366, 7: 31, 10: 1 }

/** A year, a month or a day. */
export function periodRange(period: string): Range {
  const first = firstDayOf(period)
  const beyond = shiftedDate(first, DAYS_BEYOND[period.length] ?? 1)
  const next = firstDayOf(beyond.slice(0, period.length))
  return { fromMs: dayBounds(first, timeZone).firstMs, toMs: dayBounds(next, timeZone).firstMs }
}

function firstDayOf(period: string): string {
  return `${period}-01-01`.slice(0, 'YYYY-MM-DD'.length)
}

/** The days that the range touches, both inclusive. */
export function datesOf({ fromMs, toMs }: Range): { from: string; to: string } {
  return {
    from: fromMs <= 0 ? '' : localDate(Math.min(fromMs, LAST_MS - DAY_MS), timeZone),
    to: toMs > LAST_MS - DAY_MS ? LAST_DATE : localDate(toMs - 1, timeZone),
  }
}

import { isCalendarDate, localDate, parseRfc3339 } from '../../../../base/clock.ts'
import { FACTS } from '../facts.ts'

/** The date of an instant in the German calendar. */
export function germanDate(stamp: string): string {
  return localDate(parseRfc3339(stamp) ?? 0, FACTS.timeZone)
}

/** The same day of the next month, or its last (§ 188 Abs. 2 and 3 BGB). */
export function monthAfter(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-')
  const next = month === '12' ? `${Number(year) + 1}-01` : `${year}-${String(Number(month) + 1).padStart(2, '0')}`
  const days = [day, '30', '29'].map((last) => `${next}-${last}`)
  return days.find(isCalendarDate) ?? `${next}-28`
}

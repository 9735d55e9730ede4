import { DAY_MS, parseRfc3339, shiftedDate } from '../../../base/clock.ts'

/** National holidays, `MM-DD`; Easter Monday moves. */
const HOLIDAYS: ReadonlySet<string> = new Set([
  ...['01-01', '01-06', '04-25', '05-01', '06-02', '08-15', '10-04', '11-01', '12-08', '12-25', '12-26'],
])

/** The last of so many working days after a date. */
export function workingDaysAfter(date: string, count: number): string {
  let day = date
  for (let left = count; left > 0; ) {
    day = shiftedDate(day, 1)
    if (isWorkingDay(day)) left -= 1
  }
  return day
}

export function isWorkingDay(date: string): boolean {
  // 1 January 1970 was a Thursday.
  const weekday = ((parseRfc3339(`${date}T00:00:00Z`) ?? 0) / DAY_MS + 4) % 7
  if (weekday === 0 || weekday === 6 || HOLIDAYS.has(date.slice(5))) return false
  return date !== easterMonday(Number(date.slice(0, 4)))
}

/** The Gregorian computus, as Meeus, Jones and Butcher give it. */
export function easterMonday(year: number): string {
  const golden = year % 19
  const [century, rest] = [Math.floor(year / 100), year % 100]
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3)
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - epact - (rest % 4)) % 7
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451)
  const days = epact + weekday - 7 * late + 114
  const month = String(Math.floor(days / 31)).padStart(2, '0')
  return shiftedDate(`${year}-${month}-${String((days % 31) + 1).padStart(2, '0')}`, 1)
}

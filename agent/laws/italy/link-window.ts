import { parseRfc3339, shiftedDate } from '../../../base/clock.ts'

/** When a link, its change or its end is registered at the portal; calendar dates, inclusive. */
export type LinkWindow = { readonly from: string; readonly to: string }

/** Provvedimento of 31 October 2025: terminals of the first month have a separate window. */
const IN_USE_UNTIL = '2026-01-31'
const FIRST_WINDOW: LinkWindow = { from: '2026-03-05', to: '2026-04-20' }

/** National holidays, `MM-DD`; Easter Monday moves. */
const HOLIDAYS: ReadonlySet<string> = new Set([
  ...['01-01', '01-06', '04-25', '05-01', '06-02', '08-15', '10-04', '11-01', '12-08', '12-25', '12-26'],
])

const DAY_MS = 86_400_000

/** From day 6 to the last working day of the second month after the month of the event. */
export function linkWindow(event: string): LinkWindow {
  if (event <= IN_USE_UNTIL) return FIRST_WINDOW
  let to = shiftedDate(firstOfMonth(event, 3), -1)
  while (!isWorkingDay(to)) to = shiftedDate(to, -1)
  return { from: `${firstOfMonth(event, 2).slice(0, 7)}-06`, to }
}

/** The first day of the month that is so many months later. */
function firstOfMonth(date: string, months: number): string {
  const [year = 0, month = 0] = date.split('-').map(Number)
  const count = year * 12 + month - 1 + months
  return `${String(Math.floor(count / 12)).padStart(4, '0')}-${String((count % 12) + 1).padStart(2, '0')}-01`
}

function isWorkingDay(date: string): boolean {
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

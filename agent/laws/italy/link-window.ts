import { shiftedDate } from '../../../base/clock.ts'
import { isWorkingDay } from './working-days.ts'

/** When a link, its change or its end is registered at the portal; calendar dates, inclusive. */
export type LinkWindow = { readonly from: string; readonly to: string }

/** Provvedimento of 31 October 2025: terminals of the first month have a separate window. */
const IN_USE_UNTIL = '2026-01-31'
const FIRST_WINDOW: LinkWindow = { from: '2026-03-05', to: '2026-04-20' }

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

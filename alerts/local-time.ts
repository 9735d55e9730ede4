import { DAY_MS, localDate, localTime, parseRfc3339, SHOP_ZONE } from '../base/clock.ts'

/** `22:00` to `06:30`, in the shop's zone. */
export type QuietHours = { readonly from: string; readonly to: string }

/** Whole days from the day of that time to a date. */
export function daysUntil(date: string, wallMs: number): number {
  const today = localDate(wallMs, SHOP_ZONE)
  const midnight = (day: string): number => parseRfc3339(`${day}T00:00:00Z`) ?? 0
  return Math.round((midnight(date) - midnight(today)) / DAY_MS)
}

/** Time of the day in the shop's zone, `hh:mm`. */
export function timeOfDay(wallMs: number): string {
  return localTime(wallMs, SHOP_ZONE).slice('YYYY-MM-DDT'.length, 'YYYY-MM-DDThh:mm'.length)
}

/**
 * Compares clock times and no durations: on the night of a clock change the hours are those that the clock on the wall
 * shows. With the same time twice no hour is quiet.
 */
export function isQuiet(hours: QuietHours | undefined, wallMs: number): boolean {
  if (hours === undefined) return false
  const { from, to } = hours
  const time = timeOfDay(wallMs)
  return from <= to ? time >= from && time < to : time >= from || time < to
}

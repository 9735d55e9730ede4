import { DAY_MS, HOUR_MS, localDate, localTime, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { AustrianRefusal } from './refusal.ts'

const ZONE = 'Europe/Vienna'
/** First day of the law: an earlier clock was not set. */
const FIRST_STAMP = '2015-09-01T00:00:00'
/**
 * The end of summer time sets clocks back by one hour; more than that, with a margin, means that the clock was changed.
 */
const BACK_MAX_MS = 70 * 60_000
const WEEK_DAYS = 7

/** Local time in Austria, `YYYY-MM-DDThh:mm:ss`, from the time zone database. */
export function localStamp(nowMs: number): string {
  return localTime(nowMs, ZONE)
}

/** The calendar date in Austria. */
export function dateOf(ms: number): string {
  return localDate(ms, ZONE)
}

/** RFC 3339 UTC, as it is journalled and sent. */
export function wholeSeconds(ms: number): string {
  return `${rfc3339(Math.floor(ms / 1000) * 1000).slice(0, 19)}Z`
}

/**
 * Beleg-Datum-Uhrzeit of the next receipt: local time now, but not before the previous receipt, because the checks do
 * not accept a second 02:30 at the end of summer time. Throws `clock_not_set`, and `clock_went_back` beyond 70 minutes;
 * not for the receipt that ends the register: otherwise a register whose clock was once years ahead could not be ended
 * until then.
 */
export function nextStamp(nowMs: number, previous: string | undefined, isLast = false): string {
  const now = localStamp(nowMs)
  if (now < FIRST_STAMP) throw new AustrianRefusal('clock_not_set', `The clock says ${now}.`)
  if (previous === undefined || now >= previous) return now
  if (isLast || !wentBack(nowMs, previous)) return previous
  throw new AustrianRefusal('clock_went_back', `The clock says ${now}, the last receipt is of ${previous}.`)
}

/** True if the clock is so far before the last receipt that the register may record nothing. */
export function wentBack(nowMs: number, previous: string): boolean {
  const lagMs = asIfUtc(previous) - asIfUtc(localStamp(nowMs))
  // If summer time begins between the two, local times differ by one hour more than the clock was set back.
  return lagMs > BACK_MAX_MS && localStamp(nowMs + BACK_MAX_MS) < previous
}

/**
 * When the receipt with that stamp was made, which was concluded at `concludedMs`: a unit may sign in the next month,
 * and after a crash days later. A stamp later than the conclusion gives no information.
 */
export function madeMs(stamp: string, concludedMs: number): number {
  const laterMs = asIfUtc(localStamp(concludedMs)) - asIfUtc(stamp)
  if (laterMs <= 0) return concludedMs
  // Summer time may have begun or ended in between.
  const moments = [0, HOUR_MS, -HOUR_MS].map((shiftMs) => concludedMs - laterMs + shiftMs)
  return moments.find((ms) => localStamp(ms) === stamp) ?? concludedMs
}

/** The calendar date so many days after that of a stamp. */
export function daysAfter(stamp: string, days: number): string {
  return rfc3339(asIfUtc(`${stamp.slice(0, 10)}T00:00:00`) + days * DAY_MS).slice(0, 10)
}

/** The calendar date one week after that of a stamp. */
export function weekAfter(stamp: string): string {
  return daysAfter(stamp, WEEK_DAYS)
}

function asIfUtc(stamp: string): number {
  return parseRfc3339(`${stamp}Z`) ?? 0
}

import { localTime, parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { AustrianRefusal } from './refusal.ts'

const zone = 'Europe/Vienna'
/** The law's first day: an older clock is not set. */
const firstStamp = '2015-09-01T00:00:00'
/** The end of summer time takes back one hour; more than that and a little is a clock that was set back. */
const backMaxMs = 70 * 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Local time in Austria, `YYYY-MM-DDThh:mm:ss`, from the zone data base. */
export function localStamp(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  // The receipts of one second have it in common, and a receipt asks for it more than once.
  if (second !== written.second) written = { second, text: localTime(nowMs, zone) }
  return written.text
}

let written = { second: Number.NaN, text: '' }

/**
 * Beleg-Datum-Uhrzeit of the next receipt: local time now, but never before the receipt before it, for the checks know no
 * second 02:30 at the end of summer time. Throws `clock_not_set`, and `clock_went_back` beyond 70 minutes: but not for what
 * ends the register, or one whose clock once was years ahead could be ended by nobody before that time has come.
 */
export function nextStamp(nowMs: number, previous: string | undefined, isLast = false): string {
  const now = localStamp(nowMs)
  if (now < firstStamp) throw new AustrianRefusal('clock_not_set', `The clock says ${now}.`)
  if (previous === undefined || now >= previous) return now
  if (isLast || !wentBack(nowMs, previous)) return previous
  throw new AustrianRefusal('clock_went_back', `The clock says ${now}, the last receipt is of ${previous}.`)
}

/** True where the clock is so far behind the last receipt that the register may record nothing. */
export function wentBack(nowMs: number, previous: string): boolean {
  const behindMs = asIfUtc(previous) - asIfUtc(localStamp(nowMs))
  // Where summer time begins between the two, they are an hour further apart than the clock was set back.
  return behindMs > backMaxMs && localStamp(nowMs + backMaxMs) < previous
}

/**
 * When the receipt of that stamp was made, that was concluded at `concludedMs`: a unit may sign in the next month what was
 * asked of it in this one, and after a crash days later. A stamp that the clock had not come to yet tells nothing of it.
 */
export function madeMs(stamp: string, concludedMs: number): number {
  const laterMs = asIfUtc(localStamp(concludedMs)) - asIfUtc(stamp)
  if (laterMs <= 0) return concludedMs
  // The clocks may have been changed in between.
  const moments = [0, hourMs, -hourMs].map((shiftMs) => concludedMs - laterMs + shiftMs)
  return moments.find((ms) => localStamp(ms) === stamp) ?? concludedMs
}

/** The calendar date that many days after that of a stamp. */
export function daysAfter(stamp: string, days: number): string {
  return rfc3339(asIfUtc(`${stamp.slice(0, 10)}T00:00:00`) + days * dayMs).slice(0, 10)
}

function asIfUtc(stamp: string): number {
  return parseRfc3339(`${stamp}Z`) ?? 0
}

import { civilMs, DAY_MS, localTime } from '../../base/clock.ts'

/** `YYYY-MM-DDTHH:MM:SS` in the law's own zone of every RT printer. Printers know local time only. */
export function romeTime(ms: number): string {
  return localTime(ms, 'Europe/Rome')
}

/** `YYYY-MM-DDT…` → `DDMMYY`: a day in a printer's command. */
export function dayOf(at: string): string {
  return `${at.slice(8, 10)}${at.slice(5, 7)}${at.slice(2, 4)}`
}

const LAST_OF_MINUTE_MS = 59_000

/**
 * A printer's local time minus the host's; undefined if the printer's cannot be read. A time without seconds may mean
 * any second of that minute.
 */
export function clockSkewMs(printerText: string | undefined, hostMs: number): number | undefined {
  const text = printerText ?? ''
  const printer = asIfUtc(text)
  const host = asIfUtc(romeTime(hostMs))
  if (printer === undefined || host === undefined) return undefined
  const latest = hasSeconds(text) ? printer : printer + LAST_OF_MINUTE_MS
  return latest < host ? latest - host : Math.max(0, printer - host)
}

function hasSeconds(text: string): boolean {
  return text.length > 'YYYY-MM-DDTHH:MM'.length
}

/** The calendar days from one to another, both included; empty if they are not dates, or the first is later. */
export function daysBetween(from: string, until: string): readonly string[] {
  // Noon has the same date in Rome.
  const [first, last] = [from, until].map((day) => asIfUtc(`${day.slice(0, 10)}T12:00`))
  if (first === undefined || last === undefined || last < first) return []
  return Array.from({ length: (last - first) / DAY_MS + 1 }, (_, index) =>
    romeTime(first + index * DAY_MS).slice(0, 10),
  )
}

/** Milliseconds of a local text as if it were UTC: for differences between two local times. */
function asIfUtc(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  return match === null ? undefined : civilMs(match.slice(1).map((digits) => Number(digits ?? 0)))
}

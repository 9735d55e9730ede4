// Created once: creating one takes longer than printing a line.
const rome = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short', timeStyle: 'medium' })

const DAY_MS = 86_400_000
// Days are counted from 0000-03-01, so that the leap day is the last of its year.
const EPOCH_SHIFT_DAYS = 719_468

/** `YYYY-MM-DDTHH:MM:SS` in the law's own zone of every RT printer. Printers know local time only. */
export function romeTime(ms: number): string {
  return rome.format(ms).replace(' ', 'T')
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
  const printer = civilMs(text)
  const host = civilMs(romeTime(hostMs))
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
  const [first, last] = [from, until].map((day) => civilMs(`${day.slice(0, 10)}T12:00`))
  if (first === undefined || last === undefined || last < first) return []
  return Array.from({ length: (last - first) / DAY_MS + 1 }, (_, index) =>
    romeTime(first + index * DAY_MS).slice(0, 10),
  )
}

/** Milliseconds of a local text as if it were UTC: for differences between two local times. */
function civilMs(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  const marchYear = month <= 2 ? year - 1 : year
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return (
    (marchYear * 365 + leapDays + dayOfYear - EPOCH_SHIFT_DAYS) * DAY_MS +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000
  )
}

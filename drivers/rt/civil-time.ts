/** `YYYY-MM-DDTHH:MM:SS` of a moment in a time zone. Printers know local time only. */
const localText = (ms: number, timeZone: string): string => {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(ms)
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`
}

const dayMs = 86_400_000
// Days are counted from 0000-03-01, so that the leap day is the last of its year.
const epochShiftDays = 719_468

/** Law's own zone of every RT printer. */
export const romeTime = (ms: number): string => localText(ms, 'Europe/Rome')

/** A printer's local time minus the host's; 0 where the printer's cannot be read. */
export const clockSkewMs = (printerText: string | undefined, hostMs: number): number => {
  const printer = civilMs(printerText ?? '')
  const host = civilMs(romeTime(hostMs))
  return printer === undefined || host === undefined ? 0 : printer - host
}

/** Milliseconds of a local text as if it were UTC: for differences between two local times. */
const civilMs = (text: string): number | undefined => {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  if (!match) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0))
  const marchYear = month <= 2 ? year - 1 : year
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return (
    (marchYear * 365 + leapDays + dayOfYear - epochShiftDays) * dayMs +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000
  )
}

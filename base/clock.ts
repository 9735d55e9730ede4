export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Time as the drivers and the agent see it. Production uses the system's, tests and the simulation their own. */
export type Clock = {
  /** Wall clock, milliseconds since 1970-01-01T00:00:00Z. An annotation, never an order. */
  now(): number
  /** Monotonic nanoseconds since an arbitrary start: for timeouts and durations. */
  mono(): bigint
  /** Runs `act` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  after(delayMs: number, act: () => void): () => void
}

/** The machine's own time. The only place of the agent that touches Date and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => process.hrtime.bigint(),
  after: (delayMs, act) => {
    const timer = setTimeout(act, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/**
 * Keeps the process alive until the returned function is called: the clock's own timers do not, and while a device is
 * busy nothing else may.
 */
export function stayAlive(): () => void {
  const timer = setInterval(() => undefined, 60_000)
  return () => clearInterval(timer)
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function pause(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return waitUntil(clock, delayMs, () => () => undefined, signal)
}

/**
 * Resolves when the function that `begin` gets is called later, when `signal` aborts, at the latest after `limitMs`. Then
 * it calls what `begin` returned.
 */
export function waitUntil(
  clock: Pick<Clock, 'after'>,
  limitMs: number,
  begin: (end: () => void) => () => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = (): void => {
      cancel()
      signal?.removeEventListener('abort', end)
      undo()
      resolve()
    }
    const cancel = clock.after(limitMs, end)
    signal?.addEventListener('abort', end, { once: true })
    const undo = begin(end)
  })
}

/**
 * Calls `act` after `firstMs`, and again `everyMs` after each call has settled. The returned function ends this, and
 * resolves when a running call has settled.
 */
export function every(
  clock: Pick<Clock, 'after'>,
  everyMs: number,
  act: () => unknown,
  firstMs = everyMs,
): () => Promise<void> {
  let cancel: () => void
  let running = Promise.resolve()
  let isOver = false
  const again = (): void => {
    if (!isOver) wait(everyMs)
  }
  const wait = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      const called = act()
      if (called instanceof Promise) running = called.finally(again)
      else again()
    })
  }
  wait(firstMs)
  return () => {
    isOver = true
    cancel()
    return running
  }
}

/** Resolves when `work` has settled, at the latest after `limitMs`. */
export function within(clock: Pick<Clock, 'after'>, limitMs: number, work: Promise<unknown>): Promise<void> {
  return waitUntil(clock, limitMs, (end) => {
    work.then(end, end)
    return () => undefined
  })
}

/** Milliseconds of the monotonic clock, for durations and ages. */
export function monoMs(clock: Pick<Clock, 'mono'>): number {
  return Number(clock.mono() / 1_000_000n)
}

/** The calendar repeats: Date.UTC takes years before 100 for others. */
const CYCLE_YEARS = 400
const CYCLE_MS = 146_097 * 86_400_000

/**
 * Milliseconds of year, month, day, hour, minute, second and millisecond in UTC. A number beyond its range is carried
 * over: 30 February is in March.
 */
export function civilMs([year = 0, month = 1, day = 1, ...time]: readonly number[]): number {
  return Date.UTC(year + CYCLE_YEARS, month - 1, day, ...time) - CYCLE_MS
}

/** 2026-01-01: no event of this program is older, a clock before it has lost its time. */
export const PLAUSIBLE_MS = 1_767_225_600_000

/** Milliseconds as an RFC 3339 time ends: `.000Z` to `.999Z`. */
const DECIMALS = Array.from({ length: 1000 }, (_, ms) => `.${String(ms).padStart(3, '0')}Z`)
const SECOND_LENGTH = 'YYYY-MM-DDThh:mm:ss'.length
/** The last second that was written. A sale writes eight times, mostly within the same second. */
let second = Number.NaN
let secondText = ''

/** RFC 3339 in UTC with three decimals: `2026-02-25T20:14:55.120Z`. */
export function rfc3339(ms: number): string {
  const inSecond = Math.floor(ms / 1000)
  const decimals = DECIMALS[ms - inSecond * 1000]
  if (inSecond === second && decimals !== undefined) return secondText + decimals
  const text = new Date(ms).toISOString()
  // Not before 1970 or after 9999, which have another length.
  if (ms >= 0 && ms <= LAST_MS) {
    second = inSecond
    secondText = text.slice(0, SECOND_LENGTH)
  }
  return text
}

const RFC3339 =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: a year has four digits (RFC 3339 §1). */
export const FIRST_MS = -62_167_219_200_000
export const LAST_MS = 253_402_300_799_999

/** Milliseconds of an RFC 3339 date-time with any offset; undefined if the text is not one, in UTC too. */
export function parseRfc3339(text: string): number | undefined {
  const ms = RFC3339.test(text) && hasDay(text) ? msOf(text) : undefined
  return ms === undefined || ms < FIRST_MS || ms > LAST_MS ? undefined : ms
}

/** The first moment that an inclusive end of a range leaves out. */
export function justAfter(time: string): string {
  return rfc3339(Math.min((parseRfc3339(time) ?? 0) + 1, LAST_MS))
}

function msOf(text: string): number {
  // A leap second is read as the second before it: Date does not support it.
  const second = Math.min(two(text, 17), 59)
  const local = civilMs([four(text), two(text, 5), two(text, 8), two(text, 11), two(text, 14), second])
  const isUtc = /[Zz]$/.test(text)
  const zone = text.length - (isUtc ? 1 : 6)
  const ms = zone === 19 ? local : local + Number(text.slice(20, Math.min(zone, 23)).padEnd(3, '0'))
  if (isUtc) return ms
  const offsetMs = (two(text, zone + 1) * 60 + two(text, zone + 4)) * 60_000
  return text[zone] === '-' ? ms + offsetMs : ms - offsetMs
}

/** True for a date in the calendar; false for 2026-02-29. */
export function isCalendarDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && hasDay(text)
}

const ZERO = '0'.charCodeAt(0)
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** True if the calendar has the day of `YYYY-MM-DD…`. */
function hasDay(text: string): boolean {
  const year = four(text)
  const month = two(text, 5)
  const day = two(text, 8)
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (month === 2 && !isLeap ? 28 : (DAYS[month - 1] ?? 0))
}

/** The year. */
function four(text: string): number {
  return two(text, 0) * 100 + two(text, 2)
}

/** The number in two digits from a place on. */
function two(text: string, place: number): number {
  return (text.charCodeAt(place) - ZERO) * 10 + text.charCodeAt(place + 1) - ZERO
}

/** By zone, made on demand: the first one of a process takes 20 ms, and each further one more than a signature. */
const formats = new Map<string, Intl.DateTimeFormat>()
/** Time zones of laws and shops. */
const ZONES_KEPT = 64

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const cached = formats.get(timeZone)
  if (cached !== undefined) return cached
  if (formats.size >= ZONES_KEPT) formats.clear()
  // Swedish writes `2026-03-02 08:14:41`.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  formats.set(timeZone, format)
  return format
}

/** No zone changes its offset within a quarter of an hour of UTC. Before {@link PLAUSIBLE_MS} some did. */
const QUARTER_MS = 900_000
/** A zone in its last quarter: each sale asks for the date, and formatting takes longer than all its rules. */
const quarters = new Map<string, { quarter: number; offsetMs: number; date: string }>()

/** Local time in a zone, `YYYY-MM-DDThh:mm:ss`. */
export function localTime(ms: number, timeZone: string): string {
  if (ms < PLAUSIBLE_MS || ms > LAST_MS - DAY_MS) return formatted(ms, timeZone)
  const quarter = Math.floor(ms / QUARTER_MS)
  const last = quarters.get(timeZone)
  if (last?.quarter === quarter) return rfc3339(ms + last.offsetMs).slice(0, SECOND_LENGTH)
  const text = formatted(ms, timeZone)
  if (quarters.size >= ZONES_KEPT) quarters.clear()
  const offsetMs = (parseRfc3339(`${text}Z`) ?? 0) - Math.floor(ms / 1000) * 1000
  quarters.set(timeZone, { quarter, offsetMs, date: text.slice(0, DATE_LENGTH) })
  return text
}

/** A date `YYYY-MM-DD` as people of that language write it; in English it stays so. */
export function writtenDay(date: string, language: 'de' | 'en' | 'it'): string {
  return language === 'en'
    ? date
    : date
        .split('-')
        .reverse()
        .join(language === 'de' ? '.' : '/')
}

/** Local date and minute in a zone, for people: `YYYY-MM-DD hh:mm`. */
export function localMinute(ms: number, timeZone: string): string {
  return localTime(ms, timeZone).slice(0, 'YYYY-MM-DDThh:mm'.length).replace('T', ' ')
}

function formatted(ms: number, timeZone: string): string {
  return formatOf(timeZone).format(ms).replace(' ', 'T')
}

/** All built-in laws have this time, one or two hours ahead of UTC. Messages to a shop use its days. */
export const SHOP_ZONE = 'Europe/Vienna'

/** Calendar date in a zone, `YYYY-MM-DD`. Fiscal dates use the law's own: no zone comes from a request, so they are few. */
export function localDate(ms: number, timeZone: string): string {
  const last = quarters.get(timeZone)
  // A day begins with a quarter. A time of day would replace the last second that was written, in UTC.
  if (last?.quarter === Math.floor(ms / QUARTER_MS)) return last.date
  return localTime(ms, timeZone).slice(0, DATE_LENGTH)
}

const DATE_LENGTH = 'YYYY-MM-DD'.length

/** The calendar date some days later, or earlier. */
export function shiftedDate(date: string, days: number): string {
  const ms = utcMidnightMs(date) + days * DAY_MS
  return rfc3339(Math.min(Math.max(ms, FIRST_MS), LAST_MS)).slice(0, DATE_LENGTH)
}

/** First and last millisecond of a calendar date in a zone of Central Europe. */
export function dayBounds(date: string, timeZone: string): { firstMs: number; lastMs: number } {
  const dayAfterMs = utcMidnightMs(date) + DAY_MS
  const dayAfter = rfc3339(dayAfterMs).slice(0, DATE_LENGTH)
  return {
    firstMs: Math.max(FIRST_MS, midnightMs(date, timeZone)),
    lastMs: dayAfterMs > LAST_MS ? LAST_MS : midnightMs(dayAfter, timeZone) - 1,
  }
}

/** Clocks never change at midnight: the day begins one or two hours before that of UTC. */
function midnightMs(date: string, timeZone: string): number {
  const twoAhead = utcMidnightMs(date) - 2 * HOUR_MS
  return localDate(twoAhead, timeZone) === date ? twoAhead : twoAhead + HOUR_MS
}

function utcMidnightMs(date: string): number {
  return parseRfc3339(`${date}T00:00:00Z`) ?? 0
}

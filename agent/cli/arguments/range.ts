import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { FIRST_MS, isCalendarDate, LAST_MS, localDate, parseRfc3339, rfc3339, SHOP_ZONE } from '../../clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DATE_LENGTH = 'YYYY-MM-DD'.length

/** Where nobody names a time. */
export const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' } as const

/** `--from` and `--to` of all that is exported. */
export function rangeOptions(command: Command): Command {
  return command
    .option('--from <time>', 'a date, by the clocks of the shop, or RFC 3339', startOf, EVER.from)
    .option('--to <time>', 'a date, by the clocks of the shop, or RFC 3339; inclusive', endOf, EVER.to)
    .hook('preAction', (_, acting) => {
      const { from, to } = acting.opts<{ from: string; to: string }>()
      if ((parseRfc3339(from) ?? 0) > (parseRfc3339(to) ?? 0))
        acting.error(`error: '--to ${to}' is before '--from ${from}'.`, { code: 'range_backwards' })
    })
}

function startOf(text: string): string {
  return isCalendarDate(text) ? rfc3339(Math.max(FIRST_MS, midnightMs(text))) : moment(text)
}

function endOf(text: string): string {
  if (!isCalendarDate(text)) return moment(text)
  const dayAfterMs = utcMidnightMs(text) + DAY_MS
  return rfc3339(dayAfterMs > LAST_MS ? LAST_MS : midnightMs(rfc3339(dayAfterMs).slice(0, DATE_LENGTH)) - 1)
}

function moment(text: string): string {
  if (parseRfc3339(text) === undefined) throw new InvalidArgumentError('A date or an RFC 3339 time is wanted.')
  return text
}

/** Where the day begins: the clocks are never changed at midnight. */
function midnightMs(date: string): number {
  const twoAhead = utcMidnightMs(date) - 2 * HOUR_MS
  return localDate(twoAhead, SHOP_ZONE) === date ? twoAhead : twoAhead + HOUR_MS
}

function utcMidnightMs(date: string): number {
  return parseRfc3339(`${date}T00:00:00Z`) ?? 0
}

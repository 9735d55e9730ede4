import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { dayBounds, isCalendarDate, parseRfc3339, rfc3339, SHOP_ZONE, shiftedDate } from '../../../base/clock.ts'

/** The range if the caller gives no time. */
export const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' } as const

/** No month is longer. */
const DAYS_INTO_NEXT_MONTH = 31

/** `--from` and `--to` of exports. */
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

/** `--month` of a report, by the clocks of the shop. */
export function monthOption(command: Command): Command {
  return command.requiredOption('--month <month>', 'the month, YYYY-MM, by the clocks of the shop', spanOfMonth)
}

function spanOfMonth(text: string): { from: string; to: string } {
  const first = `${text}-01`
  if (!isCalendarDate(first)) throw new InvalidArgumentError('A month such as 2026-03 is wanted.')
  const next = `${shiftedDate(first, DAYS_INTO_NEXT_MONTH).slice(0, 'YYYY-MM'.length)}-01`
  return { from: startOf(first), to: endOf(shiftedDate(next, -1)) }
}

function startOf(text: string): string {
  return isCalendarDate(text) ? rfc3339(dayBounds(text, SHOP_ZONE).firstMs) : moment(text)
}

function endOf(text: string): string {
  return isCalendarDate(text) ? rfc3339(dayBounds(text, SHOP_ZONE).lastMs) : moment(text)
}

function moment(text: string): string {
  if (parseRfc3339(text) === undefined) throw new InvalidArgumentError('A date or an RFC 3339 time is wanted.')
  return text
}

import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { dayBounds, isCalendarDate, parseRfc3339, rfc3339, SHOP_ZONE } from '../../../base/clock.ts'

/** The range if the caller gives no time. */
export const EVER = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' } as const

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

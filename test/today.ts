import type { Clock } from '../base/clock.ts'
import { localDate, SHOP_ZONE, shiftedDate, systemClock } from '../base/clock.ts'

/** The date in the shop, for a business date: a close accepts none that is far from its session. */
export function today(clock: Pick<Clock, 'now'> = systemClock): string {
  return localDate(clock.now(), SHOP_ZONE)
}

/** The earliest business date of a session that is opened now. */
export function yesterday(): string {
  return shiftedDate(today(), -1)
}

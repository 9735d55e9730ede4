import { DAY_MS, dayBounds, HOUR_MS, localDate } from '../../../../base/clock.ts'
import { FACTS } from '../facts.ts'

const NIGHT_HOUR = 3
const ZONE = FACTS.timeZone

/** The last nightly read of that unit: 03:00 in the shop plus up to an hour, to spread the shops of a chain. */
export function lastNightMs(nowMs: number, serial: string): number {
  const today = nightOf(localDate(nowMs, ZONE), serial)
  return today <= nowMs ? today : nightOf(localDate(nowMs - DAY_MS, ZONE), serial)
}

function nightOf(date: string, serial: string): number {
  return dayBounds(date, ZONE).firstMs + NIGHT_HOUR * HOUR_MS + (Number.parseInt(serial.slice(0, 8), 16) % HOUR_MS)
}

import { businessDates } from '../../base/business-dates.ts'
import { FiskalError } from '../errors.ts'

/** For a close now: throws `business_date_implausible`. */
export function refuseImplausibleDate(
  date: string,
  { opened, now, timeZone }: { opened: string; now: string; timeZone: string },
): void {
  const range = businessDates({ opened, closed: now }, timeZone)
  if (range === undefined || (date >= range.first && date <= range.last)) return
  throw new FiskalError(
    'business_date_implausible',
    `The business date ${date} is not between ${range.first} and ${range.last}: the session was opened at ${opened}, and the time of the agent is ${now}.`,
    { business_date: date, ...range },
  )
}

import { isPossibleDate } from '../../base/business-dates.ts'
import { said } from '../../base/text.ts'
import { bodyOf } from '../journal/events.ts'
import type { SessionRow } from '../journal/projections/sessions.ts'
import type { View } from '../journal/projections/view.ts'

/** The business date of a closed session, as the till sent it; undefined for bons outside any session. */
export function sentDate({ document: { shown, own } }: Pick<SessionRow, 'document'>): string | undefined {
  return own.origin === 'outside' ? undefined : said(shown.business_date)
}

/**
 * The business date that a closed session counts by; undefined: by the day on which it was made. Older versions accepted
 * any date, which would leave the session out of all packages and reports of its year.
 */
export function postedDate(
  view: Pick<View, 'event' | 'operations'>,
  row: SessionRow,
  timeZone: string,
): string | undefined {
  const date = sentDate(row)
  const { opened_at: opened, closed_at: closed } = row.document.shown
  if (date === undefined || closed === null) return date
  const isPossible = isPossibleDate(date, { opened, closed }, timeZone) || hasSuspectEdge(view, row)
  return isPossible ? date : undefined
}

/** The clock was suspect at the opening or the close, which say nothing about the date then. */
function hasSuspectEdge(view: Pick<View, 'event' | 'operations'>, { id, seq, document }: SessionRow): boolean {
  const filter = { merchant: document.shown.merchant_id, session: id, type: 'session_close' }
  const [close] = view.operations(filter, 0, 1)
  return [seq, close?.seq].some((at) => {
    const event = at === undefined ? undefined : view.event(at)
    return event !== undefined && bodyOf(event).clock === 'suspect'
  })
}

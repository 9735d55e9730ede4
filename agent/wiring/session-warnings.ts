import type { Clock } from '../../base/clock.ts'
import { PLAUSIBLE_MS, rfc3339 } from '../../base/clock.ts'
import type { ClockKeeper } from '../devices/clock-keeper.ts'
import type { Journal } from '../journal/journal.ts'
import type { SessionRow } from '../journal/projections/sessions.ts'
import type { Warning } from '../watch/warnings.ts'
import { warningOf } from '../watch/warnings.ts'

type Options = {
  journal: Journal
  clock: Clock
  clockKeeper: Pick<ClockKeeper, 'timeToCome'>
}

const LONG_MS = 24 * 3_600_000

/** A warning for each session that is open for more than a day, by times that are not suspect. */
export function longSessionWarnings(options: Options): Warning[] {
  const { view } = options.journal
  const nowMs = rightNow(options)
  if (nowMs === undefined) return []
  return view.registersInSession().flatMap((register) => {
    const session = view.lastSession(register)
    const openedMs = session === undefined ? undefined : openedBy(options, session, nowMs)
    if (openedMs === undefined || nowMs - openedMs <= LONG_MS) return []
    const name = view.register(register)?.shown.name ?? ''
    const about = { kind: 'register', id: register } as const
    return [warningOf('session_open_long', { about, detail: `${name} (${register}), since ${rfc3339(openedMs)}` })]
  })
}

/** While the clock is suspect, the newest time on record that is not. */
function rightNow({ journal, clock, clockKeeper }: Options): number | undefined {
  const nowMs = clock.now()
  const isSuspect = nowMs < PLAUSIBLE_MS || clockKeeper.timeToCome !== undefined
  return isSuspect ? journal.clockWatch.newestMs : nowMs
}

/** An opening by a clock that ran ahead until it was confirmed counts from the first event after that. */
function openedBy({ journal }: Options, { seq, document }: SessionRow, nowMs: number): number | undefined {
  const { view, clockWatch } = journal
  const openedMs = view.rightBegin(seq, document.shown.opened_at)
  if (openedMs === undefined || openedMs <= nowMs) return openedMs
  const { seq: confirmed = 0, at = '' } = view.event(clockWatch.vouchedAt) ?? {}
  return view.rightBegin(confirmed, at)
}

import { setImmediate } from 'node:timers/promises'
import { toCents } from '../../../base/money.ts'
import type { ClosingHint } from '../../contract/hint.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { ClosingReport } from '../../laws/closing-reports.ts'
import type { IsKnown, ReturnSources } from '../../laws/returned-goods.ts'
import { beyondHint, cameBack, returnsOf } from '../../laws/returned-goods.ts'
import { voucherHints } from '../../laws/used-vouchers.ts'
import { belowZero } from '../../register/session.ts'

const HINTS_MAX = 1000

/** Findings in the sessions of a report: more returns than goods, drawers below 0.00, vouchers used beyond themselves. */
export async function hintsOf(
  sources: ReturnSources,
  { ids, upTo }: ClosingReport['sessions'],
): Promise<ClosingHint[]> {
  const { view } = sources
  /** Each original with its last return in these sessions: a later one at another register belongs to that register. */
  const originals = new Map<string, { seq: number; at: string }>()
  const hints: ClosingHint[] = []
  const rows = ids.flatMap((session) => view.session(session) ?? [])
  for (const row of rows) {
    const { id: session } = row
    const { merchant_id: merchant } = row.document.shown
    const hint = belowZero(session, expectedIn(row))
    if (hint !== undefined) hints.push(hint)
    for await (const { seq, original, document } of cameBack(view, { merchant, session }, 0, upTo)) {
      const { completed_at: at } = document.shown
      const last = originals.get(original) ?? { seq: 0, at: '' }
      originals.set(original, { seq: Math.max(seq, last.seq), at: at !== null && at > last.at ? at : last.at })
    }
  }
  for (const [id, last] of originals) {
    // One that was begun first may be completed last.
    const isKnown: IsKnown = ({ shown }, seq) =>
      seq <= last.seq || (shown.completed_at !== null && shown.completed_at <= last.at)
    const hint = beyondHint(sources, id, await returnsOf(view, id, isKnown), isKnown)
    if (hint !== undefined) hints.push(hint)
    await setImmediate()
  }
  hints.push(...(await voucherHints(view, rows, upTo)))
  return hints.slice(0, HINTS_MAX)
}

/** The expected content of a session's drawer, in cents: by its count, before that by now. */
export function expectedIn({ state, cash, document }: SessionRow): bigint {
  return state === 'open' ? BigInt(cash) : toCents(document.shown.expected_closing_amount ?? '0')
}

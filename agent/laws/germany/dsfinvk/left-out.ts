import { parseRfc3339 } from '../../../../base/clock.ts'
import { formatCents, toCents } from '../../../../base/money.ts'
import type { LeftOutSession } from '../../../contract/export.ts'
import { isGoods } from '../../../journal/documents/document.ts'
import type { SessionRow } from '../../../journal/projections/sessions.ts'
import { firstNumberFrom } from '../../../journal/set-aside.ts'
import type { JournalReads } from './journal-bons.ts'
import type { Selection } from './journal-closings.ts'
import {
  countedDate,
  germanRegisters,
  isEnded,
  isEndedBy,
  lastClosedSeq,
  lastSeqBefore,
  lastSeqOf,
  sessionsElsewhere,
} from './journal-closings.ts'
import { inWholeDays } from './posting-day.ts'

/** Documents read before it yields to other work. */
const PORTION = 16

/**
 * Sessions that reach into the range and are not in its package (§ 4.1): closed ones that are posted elsewhere, by
 * register and number, and then one that was opened before its end and is not closed.
 */
export async function leftOut(
  view: JournalReads,
  selection: Selection,
  pause: () => Promise<void>,
): Promise<readonly LeftOutSession[]> {
  const { toMs, untilSeq } = inWholeDays(selection)
  const sessions: LeftOutSession[] = []
  for (const register of germanRegisters(view, selection)) {
    for (const row of await sessionsElsewhere(view, register, selection, pause)) {
      const closing = { z_number: Number(row.document.own.z_number), business_date: countedDate(view, row) }
      const after = firstNumberFrom(view, register.id, lastSeqOf(view, row) + 1)
      sessions.push({ ...(await leftOutOf(view, row, after, pause)), ...closing })
    }
    const row = view.lastSession(register.id)
    if (row === undefined || isEndedBy(view, row, untilSeq)) continue
    if ((parseRfc3339(row.document.shown.opened_at) ?? 0) >= toMs) continue
    sessions.push(await leftOutOf(view, row, view.nextReceiptNumber(register.id), pause))
  }
  return sessions
}

/** `after`: the first number that is not in its closing. */
async function leftOutOf(
  view: JournalReads,
  row: SessionRow,
  after: number,
  pause: () => Promise<void>,
): Promise<LeftOutSession> {
  const { opened_at, merchant_id: merchant } = row.document.shown
  const first = firstNumberFrom(view, row.register, lastSeqBefore(view, row) + 1)
  return {
    register_id: row.register,
    session_id: row.id,
    opened_at,
    bons: view.receiptsFrom(row.register, first) - view.receiptsFrom(row.register, after),
    total_amount: formatCents(await totalOf(view, { merchant, session: row.id }, pause)),
  }
}

/** Bons numbered in the range after the last session of their register: the next closing contains them. */
export function waitingBons(view: JournalReads, selection: Selection): { register_id: string; bons: number }[] {
  const { toMs } = inWholeDays(selection)
  return germanRegisters(view, selection).flatMap(({ id }) => {
    const last = view.lastSession(id)
    if (last !== undefined && !isEnded(view, last)) return []
    const first = firstNumberFrom(view, id, lastClosedSeq(view, id) + 1)
    const bons = view.receiptsFrom(id, first)
    const [begin] = view.receipts(id, first - 1, 1)
    const isOfRange = begin !== undefined && (parseRfc3339(view.event(begin.seq)?.at ?? '') ?? 0) < toMs
    return bons > 0 && isOfRange ? [{ register_id: id, bons }] : []
  })
}

/** Turnover: sales less returns; session events and training count 0. */
async function totalOf(
  view: JournalReads,
  filter: { merchant: string; session: string },
  pause: () => Promise<void>,
): Promise<bigint> {
  let total = 0n
  for (let after = 0; ; ) {
    const rows = view.operations({ ...filter, status: 'completed' }, after, PORTION)
    for (const { id } of rows) {
      const operation = view.operation(id)
      if (operation === undefined || !isGoods(operation)) continue
      if (operation.shown.training !== true) total += toCents(operation.shown.total_amount)
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < PORTION) return total
    after = last.seq
    await pause()
  }
}

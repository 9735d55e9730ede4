import { centsMoved, formatCents } from '../../base/money.ts'
import { bookedByCount, correctedCents } from '../journal/documents/cash-count.ts'
import type { DocumentOf } from '../journal/documents/document.ts'
import type { SessionEventKind } from '../journal/documents/kind.ts'
import type { Say } from '../texts/receipts.ts'
import type { Draft, DraftLine } from './goods.ts'
import { NOT_TAXABLE } from './taxes.ts'

type SessionEvent = DocumentOf<SessionEventKind>

/** Lines and payment of a session event. Cash is not taxable (DSFinV-K, key 5). */
export function sessionDraft(document: SessionEvent, say: Say): Draft {
  const { kind, shown: event } = document
  switch (kind) {
    case 'session_open':
      return cashDraft(say('opening'), centsMoved(event.opening_balance_amount), say)
    case 'session_cash_adjustment': {
      return cashDraft(say(`movement_${event.movement_type}`), centsMoved(event.cash_amount), say)
    }
    case 'session_cash_count': {
      const corrected = correctedCents(document)
      const before = [
        information(say('counted'), centsMoved(event.counted_closing_amount)),
        ...(corrected === undefined ? [] : [information(say('counted_before'), corrected)]),
        information(say('expected'), centsMoved(event.expected_closing_amount)),
      ]
      const label = say(corrected === undefined ? 'difference' : 'count_correction')
      return cashDraft(label, bookedByCount(document), say, { before })
    }
    case 'session_close': {
      const cents = centsMoved(event.closing_adjustment_amount)
      const after = [information(say('left'), centsMoved(event.amount_left))]
      // No money moved, so nothing is signed: a slip, not a bon.
      if (cents === 0n) return { lines: after, total: 0n, giftCards: [], payments: [] }
      return cashDraft(say(cents < 0n ? 'closing' : 'closing_in'), cents, say, { after })
    }
    default:
      return kind satisfies never
  }
}

function cashDraft(
  label: string,
  total: bigint,
  say: Say,
  around: { before?: readonly DraftLine[]; after?: readonly DraftLine[] } = {},
): Draft {
  const value = formatCents(total)
  const line: DraftLine = { kind: 'cash', label, value, group: NOT_TAXABLE }
  const payment = { label: say('method_cash'), value, method: 'cash', status: 'captured', change: false }
  return {
    lines: [...(around.before ?? []), line, ...(around.after ?? [])],
    total,
    giftCards: [],
    payments: total === 0n ? [] : [payment],
  }
}

function information(label: string, cents: bigint): DraftLine {
  return { kind: 'information', label, value: formatCents(cents), group: null }
}

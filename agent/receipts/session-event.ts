import type { MovementType } from '../contract/session-event.ts'
import { formatCents, toCents } from '../money.ts'
import type { Members } from './documents.ts'
import { textOf } from './documents.ts'
import type { Draft, DraftLine } from './goods.ts'
import type { Say } from './labels.ts'
import { NOT_TAXABLE } from './taxes.ts'

/** Lines and payment of a session event; undefined for a goods movement. Cash is not taxable (DSFinV-K, key 5). */
export function sessionDraft(operation: Members, say: Say): Draft | undefined {
  const amount = (member: string) => toCents(textOf(operation, member) ?? '0.00')
  switch (operation['type']) {
    case 'session_open':
      return cashDraft(say('opening'), amount('opening_balance_amount'), say)
    case 'session_cash_adjustment': {
      const movement = operation['movement_type'] as MovementType
      return cashDraft(say(`movement_${movement}`), amount('cash_amount'), say)
    }
    case 'session_cash_count': {
      const before = [
        information(say('counted'), amount('counted_closing_amount')),
        information(say('expected'), amount('expected_closing_amount')),
      ]
      return cashDraft(say('difference'), amount('closing_cashcount_diff'), say, { before })
    }
    case 'session_close': {
      const cents = amount('closing_adjustment_amount')
      const after = [information(say('left'), amount('amount_left'))]
      // Nothing moved, nothing signed: no bon, only a slip.
      if (cents === 0n) return { lines: after, total: 0n, giftCards: [], payments: [] }
      return cashDraft(say(cents < 0n ? 'closing' : 'closing_in'), cents, say, { after })
    }
    default:
      return undefined
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

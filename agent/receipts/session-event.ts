import { centsMoved, formatCents } from '../../base/money.ts'
import type { ForeignCashState, ForeignSums } from '../contract/foreign-cash.ts'
import { bookedByCount, correctedCents } from '../journal/documents/cash-count.ts'
import type { DocumentOf } from '../journal/documents/document.ts'
import type { SessionEventKind } from '../journal/documents/kind.ts'
import { byCurrency } from '../register/foreign-sums.ts'
import type { LabelName, Say } from '../texts/receipts.ts'
import type { Draft, DraftLine } from './goods-draft.ts'
import type { ReceiptLaw } from './receipt-law.ts'
import { NOT_TAXABLE } from './taxes.ts'

type SessionEvent = DocumentOf<SessionEventKind>

/** Lines and payment of a session event. Cash is not taxable (DSFinV-K, key 5). */
export function sessionDraft(document: SessionEvent, { cashCases = {} }: ReceiptLaw, say: Say): Draft {
  const { kind, shown: event } = document
  const name = (label: LabelName): string => {
    const own = cashCases[label] ?? say(label)
    return own === say(label) ? own : `${say(label)} (${own})`
  }
  switch (kind) {
    case 'session_open':
      return cashDraft(name('opening'), centsMoved(event.opening_balance_amount), say)
    case 'session_cash_adjustment': {
      return cashDraft(name(`movement_${event.movement_type}`), centsMoved(event.cash_amount), say)
    }
    case 'session_cash_count': {
      const corrected = correctedCents(document)
      const before = [
        information(say('counted'), centsMoved(event.counted_closing_amount)),
        ...(corrected === undefined ? [] : [information(say('counted_before'), corrected)]),
        information(say('expected'), centsMoved(event.expected_closing_amount)),
        ...foreignCounts(event.foreign_cash ?? [], say),
      ]
      const { interim, closing_cashcount_diff: difference } = event
      if (interim === true) return noted([...before, information(say('difference'), centsMoved(difference))])
      const label = name(corrected === undefined ? 'difference' : 'count_correction')
      return cashDraft(label, bookedByCount(document), say, { before, foreign: document.own.foreign, always: true })
    }
    case 'session_close': {
      const cents = centsMoved(event.closing_adjustment_amount)
      const after = [information(say('left'), centsMoved(event.amount_left))]
      const { foreign } = document.own
      // No money moved, so nothing is signed: a slip, not a bon.
      if (cents === 0n && foreign === undefined) return noted(after)
      return cashDraft(name(cents <= 0n ? 'closing' : 'closing_in'), cents, say, { after, foreign })
    }
    default:
      return kind satisfies never
  }
}

/** Lines of a slip that moves no money. */
function noted(lines: readonly DraftLine[]): Draft {
  return { lines, total: 0n, giftCards: [], payments: [] }
}

type Around = {
  before?: readonly DraftLine[]
  after?: readonly DraftLine[]
  foreign?: ForeignSums | undefined
  /** The line in euro is shown also for 0.00. */
  always?: boolean
}

/** Foreign cash has a line and a payment for each currency, with its value in euro. */
function cashDraft(
  label: string,
  cents: bigint,
  say: Say,
  { before = [], after = [], foreign = {}, always = false }: Around = {},
): Draft {
  const sorts = byCurrency(foreign)
  const hasEuro = always || cents !== 0n || sorts.length === 0
  const lines = sorts.map(([currency, { base }]) => cashLine(`${label} ${currency}`, BigInt(base)))
  const payments = sorts.map(([currency, { units, base }]) => {
    return { ...paid(BigInt(base), say), foreign: { currency, amount: formatCents(BigInt(units)) } }
  })
  return {
    lines: [...before, ...(hasEuro ? [cashLine(label, cents)] : []), ...lines, ...after],
    total: sorts.reduce((sum, [, { base }]) => sum + BigInt(base), cents),
    giftCards: [],
    payments: [...(cents === 0n ? [] : [paid(cents, say)]), ...payments],
  }
}

function cashLine(label: string, cents: bigint): DraftLine {
  return { kind: 'cash', label, value: formatCents(cents), group: NOT_TAXABLE }
}

function paid(cents: bigint, say: Say): Draft['payments'][number] {
  return { label: say('method_cash'), value: formatCents(cents), method: 'cash', status: 'captured', change: false }
}

/** Counted and expected amounts in the currency itself. */
function foreignCounts(list: readonly ForeignCashState[], say: Say): DraftLine[] {
  return list.flatMap(({ currency, counted_amount: counted, expected_amount: expected }) => [
    information(`${say('counted')} ${currency}`, centsMoved(counted)),
    information(`${say('expected')} ${currency}`, centsMoved(expected)),
  ])
}

function information(label: string, cents: bigint): DraftLine {
  return { kind: 'information', label, value: formatCents(cents), group: null }
}

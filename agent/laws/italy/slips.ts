import { centsMoved, toCents } from '../../../base/money.ts'
import type { RtNonFiscal } from '../../../drivers/ports/rt-printer.ts'
import type { DocumentOf, GoodsDocument, RecordedDocument } from '../../journal/documents/document.ts'
import type { SessionEventKind } from '../../journal/documents/kind.ts'
import { isSessionEventKind } from '../../journal/documents/kind.ts'
import { piecesOf } from '../../register/cart-discount.ts'
import type { Goods } from './lines.ts'
import { goodsOf } from './lines.ts'
import { worded } from './words.ts'

const TRAINING = 'ADDESTRAMENTO - NON FISCALE'
const LINES_MAX = 200

type SessionEvent = DocumentOf<SessionEventKind>

/** True for an event of a session: its slip is printed when the printer is back, if it is down. */
export function isSlip(document: RecordedDocument): document is SessionEvent {
  return isSessionEventKind(document.kind)
}

/** Cash that a session event puts into the drawer (negative: takes out); 0 for an event without cash. */
export function cashCents(event: SessionEvent): bigint {
  switch (event.kind) {
    case 'session_open':
      return toCents(event.shown.opening_balance_amount)
    case 'session_cash_adjustment':
      return toCents(event.shown.cash_amount)
    case 'session_close':
      return centsMoved(event.shown.closing_adjustment_amount)
    case 'session_cash_count':
      return 0n
    default:
      return event satisfies never
  }
}

/** Training at the till, on paper that is marked at both ends. */
export function trainingSlip(operation: GoodsDocument): RtNonFiscal {
  const { line_items: lines, total_amount: total } = worded(goodsOf(operation))
  const shown = lines
    .slice(0, LINES_MAX)
    .map((line) => `${italian(countOf(line))} ${line.title} ${italian(line.total_amount)}`)
  return { kind: 'non_fiscal', lines: [TRAINING, ...shown, `IMPORTO ${italian(total)}`, TRAINING] }
}

function countOf(line: Goods['line_items'][number]): string {
  return piecesOf(line, toCents(line.total_amount)).quantity
}

/** An amount with a decimal comma. */
export function italian(value: string): string {
  return value.replace('.', ',')
}

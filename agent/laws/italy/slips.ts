import { centsMoved, toCents } from '../../../base/money.ts'
import type { RtNonFiscal } from '../../../drivers/ports/fiscal-printer.ts'
import { piecesOf } from '../../register/cart-discount.ts'
import type { JournalledDocument } from './journalled-document.ts'
import type { Goods } from './lines.ts'
import { goodsOf } from './lines.ts'

const TRAINING = 'ADDESTRAMENTO - NON FISCALE'
const LINES_MAX = 200

/** Cash that a session event puts into the drawer (negative: takes out); 0 where it moves none. */
export function cashCents(event: JournalledDocument): bigint {
  switch (event.type) {
    case 'session_open':
      return toCents(String(event.opening_balance_amount))
    case 'session_cash_adjustment':
      return toCents(String(event.cash_amount))
    case 'session_close':
      return centsMoved(event.closing_adjustment_amount)
    default:
      return 0n
  }
}

/** Practice at the till, on paper that says so at both ends. */
export function trainingSlip(operation: JournalledDocument): RtNonFiscal {
  const { line_items: lines, total_amount: total } = goodsOf(operation)
  const shown = lines
    .slice(0, LINES_MAX)
    .map((line) => `${italian(countOf(line))} ${line.title} ${italian(line.total_amount)}`)
  return { kind: 'non_fiscal', lines: [TRAINING, ...shown, `IMPORTO ${italian(total)}`, TRAINING] }
}

function countOf(line: Goods['line_items'][number]): string {
  return piecesOf(line, toCents(line.total_amount)).quantity
}

/** With a decimal comma. */
function italian(value: string): string {
  return value.replace('.', ',')
}

import type { RtNonFiscal } from '../../../drivers/ports/fiscal-printer.ts'
import type { Members } from '../../journal/events.ts'
import { toCents } from '../../money.ts'
import type { Goods } from './lines.ts'

const TRAINING = 'ADDESTRAMENTO - NON FISCALE'
const LINES_MAX = 200

/** Cash that a session event puts into the drawer (negative: takes out); 0 where it moves none. */
export function cashCents(operation: Members): bigint {
  switch (operation['type']) {
    case 'session_open':
      return toCents(String(operation['opening_balance_amount']))
    case 'session_cash_adjustment':
      return toCents(String(operation['cash_amount']))
    case 'session_close':
      return toCents(String(operation['closing_adjustment_amount'] ?? '0'))
    default:
      return 0n
  }
}

/** Practice at the till, on paper that says so at both ends. */
export function trainingSlip(operation: Members): RtNonFiscal {
  const { line_items: lines, total_amount: total } = operation as unknown as Goods
  const shown = lines
    .slice(0, LINES_MAX)
    .map(({ title, quantity, total_amount: amount }) => `${italian(quantity)} ${title} ${italian(amount)}`)
  return { kind: 'non_fiscal', lines: [TRAINING, ...shown, `IMPORTO ${italian(total)}`, TRAINING] }
}

/** With a decimal comma. */
function italian(value: string | number): string {
  return String(value).replace('.', ',')
}

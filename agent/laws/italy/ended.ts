import { formatCents, formatRounded, toAtoms, toCents } from '../../../base/money.ts'
import type { Payment } from '../../contract/goods.ts'
import type { DocumentOf, RecordedDocument } from '../../journal/documents/document.ts'
import type { Members } from '../../journal/events.ts'
import { isGivenBack, sumOf } from '../../register/cart-discount.ts'
import { turned } from '../../register/reversal.ts'
import { goodsOf } from './lines.ts'
import { printOf, stateMembers } from './state.ts'

const ONE = 100_000_000n

/** The rest of an operation that ends with its printed part. */
type Ended = { set: Members; law: Members; payments: readonly Payment[] }

/**
 * An exchange of which only the reso is printed, or a reversal that has annulled only that reso: its lines, amounts and
 * payments are those of that document. `paidOut`: the money paid out by the reso; undefined if nothing is printed.
 */
export function endedWith(document: RecordedDocument, paidOut: readonly Payment[] | undefined): Ended | undefined {
  if (document.kind !== 'void' && document.kind !== 'exchange') return undefined
  const { printed } = printOf(document)
  const isReversal = document.kind === 'void'
  const last = printed.at(-1)
  if (last === undefined || paidOut === undefined) return undefined
  const payments = isReversal ? paidOut.map((payment) => ({ ...payment, amount: turned(payment.amount) })) : paidOut
  const code = isReversal ? 'reversal_ended_with_return' : 'exchange_ended_with_return'
  const message = isReversal
    ? 'The return of the exchange is annulled, its sale remains.'
    : 'Only the return of the exchange is printed. Enter the goods that were handed out as a new sale.'
  return {
    set: {
      ...amountsOf(document, isReversal),
      hints: [{ code, message }],
      fiscal: { state: 'succeeded' },
      fiscal_information: { regime: 'RT', ...last, documents: printed },
    },
    law: stateMembers({ print: 'none' }),
    payments,
  }
}

/** The lines of the reso with their sums. Its reversal has every sign inverted. */
function amountsOf(document: DocumentOf<'void' | 'exchange'>, isReversal: boolean): Members {
  const goods = goodsOf(document)
  const lines = goods.line_items.filter((line) => isGivenBack(line, toCents(line.total_amount)) !== isReversal)
  const tip = toCents(goods.tip_amount)
  const tipCents = tip < 0n === isReversal ? 0n : tip
  const taxAtoms = sumOf(lines.flatMap(({ taxes }) => taxes.map(({ tax_amount: tax }) => toAtoms(tax))))
  const taxAmount = formatRounded(taxAtoms, ONE, 2)
  const total = sumOf(lines.map((line) => toCents(line.total_amount))) + tipCents
  return {
    pretax_amount: formatCents(total - tipCents - toCents(taxAmount)),
    tax_amount: taxAmount,
    tip_amount: formatCents(tipCents),
    total_amount: formatCents(total),
    line_items: lines,
  }
}

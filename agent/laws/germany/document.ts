import { centsMoved, toCents } from '../../../base/money.ts'
import type { JournalledDocument } from './journalled-document.ts'
import type { Beleg } from './process-data.ts'
import { kassenbeleg } from './process-data.ts'
import { bucketOf } from './vat.ts'

/** Cash that a session event moves, in cents; it is the whole bon. Undefined for goods movements. */
function sessionCash(document: JournalledDocument): bigint | undefined {
  switch (document.type) {
    case 'session_open':
      return centsMoved(document.opening_balance_amount)
    case 'session_cash_adjustment':
      return centsMoved(document.cash_amount)
    case 'session_cash_count':
      return centsMoved(document.closing_cashcount_diff)
    case 'session_close':
      return centsMoved(document.closing_adjustment_amount)
    default:
      return undefined
  }
}

/** processData of a finished document: goods movement or session event. */
export function processDataOf(document: JournalledDocument): string {
  const cash = sessionCash(document)
  if (cash !== undefined) return kassenbeleg('Beleg', cashBeleg(cash))
  const beleg = goodsBeleg(document)
  // Practice has no payment part: DSFinV-K Annex B.
  if (document.training === true) return kassenbeleg('AVTraining', { turnover: beleg.turnover, payments: [] })
  return kassenbeleg('Beleg', beleg)
}

/** A movement of the drawer is balanced: B5 equals the payment. */
function cashBeleg(cents: bigint): Beleg {
  return { turnover: [{ bucket: 5, cents }], payments: [{ kind: 'Bar', cents }] }
}

/**
 * Goods keep their VAT kind; a tip to the employee is untaxed (B5); a redeemed voucher is not a payment but a negative
 * B5 (§ 3 (15) UStG), returned store credit a positive one. So ΣB equals Σ payments.
 */
function goodsBeleg(goods: JournalledDocument): Beleg {
  const { line_items: lines = [], tip_amount: tip = '0', payments: paid = [], own } = goods
  const turnover: Beleg['turnover'][number][] = lines.map((line) => {
    // The rate was accepted at creation; a rate of any date keeps its kind.
    const bucket = bucketOf(line.taxes[0]?.rate ?? '0', '', true)
    return { bucket: bucket ?? 5, cents: toCents(line.total_amount) }
  })
  turnover.push({ bucket: 5, cents: toCents(tip) })
  const payments: Beleg['payments'][number][] = []
  for (const payment of paid) {
    if (!own.countedStatuses.includes(payment.status)) continue
    const cents = toCents(payment.amount)
    if (goods.training === true) continue
    if (payment.method === 'gift_card') turnover.push({ bucket: 5, cents: -cents })
    else payments.push({ kind: payment.method === 'cash' ? 'Bar' : 'Unbar', cents })
  }
  return { turnover, payments }
}

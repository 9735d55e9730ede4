import type { Members } from '../../journal/events.ts'
import { toCents } from '../../money.ts'
import type { Beleg } from './process-data.ts'
import { kassenbeleg } from './process-data.ts'
import { bucketOf } from './vat.ts'

type Line = { total_amount: string; taxes: readonly { rate: string }[] }
type Payment = { method: string; amount: string; status: string }
type Goods = {
  line_items: readonly Line[]
  tip_amount: string
  payments: readonly Payment[]
  training?: boolean
  $signed_statuses: readonly string[]
}

/** The member of a session event that moves cash, by type; it is the whole bon. */
const CASH_MEMBER: Readonly<Record<string, string>> = {
  session_open: 'opening_balance_amount',
  session_cash_adjustment: 'cash_amount',
  session_cash_count: 'closing_cashcount_diff',
  session_close: 'closing_adjustment_amount',
}

/** Cash that a session event moves, in cents; undefined for goods movements. */
export function sessionCash(document: Members): bigint | undefined {
  const member = CASH_MEMBER[String(document['type'])]
  if (member === undefined) return undefined
  const amount = document[member]
  return typeof amount === 'string' ? toCents(amount) : 0n
}

/** processData of a finished document: goods movement or session event. */
export function processDataOf(document: Members): string {
  const cash = sessionCash(document)
  if (cash !== undefined) return kassenbeleg('Beleg', cashBeleg(cash))
  const beleg = goodsBeleg(document as unknown as Goods)
  // Practice has no payment part: DSFinV-K Annex B.
  if (document['training'] === true) return kassenbeleg('AVTraining', { turnover: beleg.turnover, payments: [] })
  return kassenbeleg('Beleg', beleg)
}

/** A movement of the drawer is balanced: B5 equals the payment. */
function cashBeleg(cents: bigint): Beleg {
  return { turnover: [{ bucket: 5, cents }], payments: [{ kind: 'Bar', cents }] }
}

/**
 * Goods stay in their own VAT kind; a tip to the employee is untaxed (B5); a redeemed voucher is no payment but a
 * negative B5 (§ 3 (15) UStG), store credit given back the opposite. So ΣB equals Σ payments.
 */
function goodsBeleg(goods: Goods): Beleg {
  const turnover: Beleg['turnover'][number][] = goods.line_items.map((line) => {
    // The rate was accepted at creation; a rate of any date keeps its kind.
    const bucket = bucketOf(line.taxes[0]?.rate ?? '0', '', true)
    return { bucket: bucket ?? 5, cents: toCents(line.total_amount) }
  })
  turnover.push({ bucket: 5, cents: toCents(goods.tip_amount) })
  const payments: Beleg['payments'][number][] = []
  for (const payment of goods.payments) {
    if (!goods.$signed_statuses.includes(payment.status)) continue
    const cents = toCents(payment.amount)
    if (goods.training === true) continue
    if (payment.method === 'gift_card') turnover.push({ bucket: 5, cents: -cents })
    else payments.push({ kind: payment.method === 'cash' ? 'Bar' : 'Unbar', cents })
  }
  return { turnover, payments }
}

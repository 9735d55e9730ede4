import { said } from '../../../base/text.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { CompleteOperation } from '../../contract/operation.ts'
import type { Payment } from '../../contract/payment.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type { SoldDocument } from '../../journal/documents/document.ts'
import { originalIn } from '../../journal/documents/document.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { lineRules } from '../../register/line-types.ts'
import { isOnAccount, onAccountCents } from '../../register/on-account.ts'
import { euroCents } from '../../register/payments.ts'
import { lawOf } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import { soldDocument, unrelated } from './related-operations.ts'
import { claimState, settlementMark } from './settlements.ts'
import { refuseBeyond } from './uses.ts'

/** The buyer of a completion, and its payments after their check; `signed`: those that make up the total. */
export type Paid = Pick<CompleteOperation, 'customer'> & {
  readonly payments: readonly Payment[]
  readonly signed: readonly Payment[]
}

/** Types whose goods may be on account; a return takes some of a claim back. */
const TYPES: readonly CreateGoods['type'][] = ['sale', 'return', 'deposit_capture']

/**
 * Checks the payments on account of a completion. Returns the event that records on the claim that some of it is taken back.
 * Throws `unprocessable_entity`, `customer_required`, `amount_exceeded`.
 */
export function onAccount(parts: TillParts, view: View, goods: SoldDocument, input: Paid): NewEvent[] {
  const { payments, signed, customer = goods.shown.customer } = input
  for (const [index, payment] of payments.entries())
    if (isOnAccount(payment)) checkOnAccount(goods, payment, `/payments/${index}`)
  lawOf(parts.laws, goods)?.checkOnAccount?.(signed)
  if (said(customer?.name) === undefined && said(customer?.id) === undefined)
    throw new FiskalError('customer_required', 'Goods on account need the name or the id of the customer.', {
      pointer: '/customer',
    })
  return goods.kind === 'return' ? takenBack(view, goods, payments) : []
}

function checkOnAccount(goods: SoldDocument, payment: Payment, pointer: string): void {
  const { external_related_operation: external } = payment
  const { kind, shown } = goods
  if (!TYPES.includes(kind)) throw unprocessable(`The type ${kind} is not paid on account.`, `${pointer}/method`)
  if (shown.line_items.some(({ type }) => lineRules(type).isSettlement))
    throw unprocessable('A claim is not settled on account: send how it was paid.', `${pointer}/method`)
  const cents = euroCents(payment)
  const isReturn = kind === 'return'
  if (isReturn ? cents >= 0n : cents <= 0n) {
    const sign = isReturn ? 'less' : 'more'
    throw unprocessable(`${pointer}/amount must be ${sign} than 0: it is on account.`, `${pointer}/amount`)
  }
  if (external !== undefined && (external.kind ?? 'other') === 'other') {
    const place = `${pointer}/external_related_operation/kind`
    throw unprocessable(`${place} must be invoice or delivery_note.`, place)
  }
}

/** A claim of another system is not known here. */
function takenBack(view: View, goods: SoldDocument, payments: readonly Payment[]): NewEvent[] {
  const { id, shown } = goods
  const pointer = `/payments/${payments.findIndex(isOnAccount)}`
  const related = originalIn(goods)
  if (related === undefined) {
    if ('external_related_operation' in shown && shown.external_related_operation !== undefined) return []
    throw unprocessable('A return on account needs the sale that it takes back.', `${pointer}/method`)
  }
  const claim = soldDocument(view, related)
  if (claim === undefined) throw unrelated(related, 'has no claim')
  const { left } = claimState(view, claim, { except: id, isTraining: shown.training === true })
  refuseBeyond({ left, wanted: -onAccountCents(payments) }, `The claim of ${related}`, `${pointer}/amount`)
  return settlementMark(view, claim, goods)
}

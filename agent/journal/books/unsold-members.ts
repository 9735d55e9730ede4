import {
  ATOMS_PER_CENT,
  absolute,
  divideRounded,
  SQUARE_ATOMS_PER_CENT,
  toAtoms,
  toCents,
} from '../../../base/money.ts'
import { said } from '../../../base/text.ts'
import { textIn } from '../checked.ts'
import type { EventBody, Members } from '../events.ts'
import type { LineType, Payment } from './operation-parts.ts'
import { isPaidElsewhere, paidCents } from './operation-parts.ts'
import { withPicked } from './picked-members.ts'
import type { Priced, UnsoldLine } from './unsold-acts.ts'

/** The members of an operation that are read. */
const NAMES = [
  'line_items',
  'cancelled_line_items',
  'cart_level_discounts',
  'payments',
  'total_amount',
  'training',
  'location_id',
  'allocation_group',
  'related_operation_id',
  'external_related_operation',
  'reason',
  'void_reason',
  'operator_id',
  'operator_name',
] as const

type Discounted = { readonly amount: string }
export type Paid = Payment & { readonly gift_card_id?: string }

/** True if a negative line is an act: those of other types come back as empties, are taken off, or were redeemed. */
const IS_MINUS_ACT: ReadonlyMap<string, boolean> = new Map(
  Object.entries({
    item: true,
    service_charge: true,
    ...{ gift_card: false, container_deposit: false, deposit: false, receivable: false },
    ...{ single_purpose_voucher: false, omaggio: false },
  } satisfies { readonly [Type in LineType]: boolean }),
)

/** The number of a printed document, or that of the register. */
export function numberIn({ set, receipt }: EventBody): string {
  const printed = (set?.['fiscal_information'] as { document_number?: string } | null | undefined)?.document_number
  return printed ?? (receipt === undefined ? '' : String(receipt.number))
}

/** The members that are read, after a change. */
export function withRead(before: Members, set: Members | undefined): Members {
  return withPicked(NAMES, before, set)
}

export function saidIn(shown: Members, name: (typeof NAMES)[number]): string | undefined {
  return said(textIn(shown[name]))
}

export function listIn(shown: Members, name: 'line_items' | 'cancelled_line_items'): readonly UnsoldLine[] {
  return (shown[name] ?? []) as unknown as readonly UnsoldLine[]
}

function paymentsIn(shown: Members): readonly Paid[] {
  return (shown['payments'] ?? []) as unknown as readonly Paid[]
}

export function cancelledIn(shown: Members): Priced[] {
  return pricedIn(listIn(shown, 'cancelled_line_items'))
}

export function pricedIn(lines: readonly UnsoldLine[]): Priced[] {
  return lines.map((line) => ({ line, cents: absolute(toCents(line.total_amount)) }))
}

export function externalIn(shown: Members): string | undefined {
  const external = shown['external_related_operation'] as { external_operation_id?: string } | null | undefined
  return external?.external_operation_id
}

/** The payments of the end; those that failed moved nothing. */
export function countedIn(shown: Members, { own }: EventBody): readonly Paid[] {
  const counted = own?.counted_statuses
  return paymentsIn(shown).filter(({ status }) => counted === undefined || counted.includes(status))
}

export function cashOf(payments: readonly Paid[]): bigint {
  return payments.reduce((sum, payment) => (payment.method === 'cash' ? sum + paidCents(payment) : sum), 0n)
}

export function arePaidElsewhere(payments: readonly Paid[]): boolean {
  return payments.length > 0 && payments.every(({ method }) => isPaidElsewhere(method))
}

/** True if a negative line of the type has a row of the chapter. */
export function isMinusAct(type: string): boolean {
  return IS_MINUS_ACT.get(type) === true
}

export function sumOf(lines: readonly UnsoldLine[]): bigint {
  return lines.reduce((sum, { total_amount: total }) => sum + toCents(total), 0n)
}

/** The discounts of lines and cart, each in cents. */
export function discountsIn(shown: Members): bigint[] {
  const ofLines = listIn(shown, 'line_items').flatMap(({ discounts = [] }) => discounts)
  return [...ofLines.map(centsOf), ...cartDiscountsIn(shown)]
}

export function cartDiscountsIn(shown: Members): bigint[] {
  return ((shown['cart_level_discounts'] ?? []) as unknown as readonly Discounted[]).map(centsOf)
}

/** The prices of lines that were given away, in cents, less the discounts that {@link discountsIn} names. */
export function giftsIn(lines: readonly UnsoldLine[]): bigint[] {
  const gifts = lines.filter(({ type }) => type === 'omaggio')
  return gifts.map(({ quantity, unit_price: price, discounts = [] }) => {
    const list = divideRounded(toAtoms(String(quantity)) * toAtoms(price), SQUARE_ATOMS_PER_CENT)
    return discounts.reduce((rest, discount) => rest - centsOf(discount), list)
  })
}

function centsOf({ amount }: Discounted): bigint {
  return absolute(divideRounded(toAtoms(amount), ATOMS_PER_CENT))
}

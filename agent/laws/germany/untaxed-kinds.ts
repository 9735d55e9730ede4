import { centsMoved, toCents } from '../../../base/money.ts'
import { NumberTable } from '../../../base/number-table.ts'
import type { LineType } from '../../journal/books/operation-parts.ts'
import { countedPayments, linesIn, paidCents } from '../../journal/books/operation-parts.ts'
import type { StoredParts } from '../../journal/documents/document.ts'
import { isUnpaidKind } from '../../journal/documents/kind.ts'
import type { Members } from '../../journal/events.ts'
import { drawerValue } from './books/operation-sums.ts'
import { isZero } from './books/rates.ts'
import { MOVEMENTS, movementOf } from './dsfinvk/session-lines.ts'

/**
 * The kinds of amounts that a TSE secures without VAT (B5 of processData), in the order of a report: movements of cash by their
 * types. `closing`: cash that the close moved; `difference`: what the last count of each session found; `adopted`: the journal
 * lost the bon and has only the signed sum.
 */
export const UNTAXED_KINDS = [
  'sales',
  ...(Object.keys(MOVEMENTS) as (keyof typeof MOVEMENTS)[]),
  ...(['closing', 'difference', 'vouchers', 'claims', 'tips', 'adopted', 'opening'] as const),
] as const
export type UntaxedKind = (typeof UNTAXED_KINDS)[number]

export type UntaxedSum = { readonly bons: number; readonly cents: number }
/** The sums of one register; a kind without an amount is absent. */
export type UntaxedSums = { readonly register: string; readonly sums: ReadonlyMap<UntaxedKind, UntaxedSum> }

/** By the type of an untaxed line. */
const KIND_OF_LINE: ReadonlyMap<string, UntaxedKind> = new Map(
  Object.entries({
    item: 'sales',
    gift_card: 'vouchers',
    container_deposit: 'sales',
    service_charge: 'sales',
    deposit: 'sales',
    receivable: 'claims',
    single_purpose_voucher: 'sales',
    omaggio: 'sales',
  } satisfies { readonly [Type in LineType]: UntaxedKind }),
)
/** By the method of what is a line in the books, and no payment. */
const KIND_OF_METHOD: ReadonlyMap<string, UntaxedKind> = new Map([
  ['gift_card', 'vouchers'],
  ['on_account', 'claims'],
])
const COLUMNS = { cents: 'float64', register: 'uint32', number: 'uint32', kind: 'uint8' } as const
const NO_SUM: UntaxedSum = { bons: 0, cents: 0 }

/**
 * The amounts that bear no VAT in the signed bons of a journal: one text secures an untaxed sale, cash that was moved, a
 * voucher, a claim and a tip. 17 bytes for each amount.
 */
export class UntaxedAmounts {
  readonly #rows = new NumberTable({
    columns: COLUMNS,
    rows: 1024,
    chunksMax: 65_536,
    refusal: (number) => `${number} untaxed amounts are too many`,
  })
  readonly #registers: string[] = []
  readonly #places = new Map<string, number>()
  /** The row of the newest count of each register. */
  readonly #counts = new Map<string, number>()
  #last = 0

  /** A bon is final, and a TSE signed it. */
  take(register: string, number: number, parts: StoredParts): void {
    if (parts.shown['type'] === 'session_cash_count') this.#takeCount(register, number, parts)
    else for (const [kind, cents] of untaxedIn(parts)) this.add(register, number, kind, cents)
  }

  add(register: string, number: number, kind: UntaxedKind, cents: bigint): void {
    if (cents !== 0n) this.#push(register, number, kind, cents)
  }

  /** A count that corrects another one replaces it: the difference of a session is that of its last count. */
  #takeCount(register: string, number: number, parts: StoredParts): void {
    const cents = drawerValue(parts) ?? 0n
    const row = parts.shown['corrects_operation_id'] === undefined ? undefined : this.#counts.get(register)
    if (row === undefined) this.#counts.set(register, this.#push(register, number, 'difference', cents))
    else this.#rows.set(row, { number, cents: this.#rows.get(row).cents + Number(cents) })
  }

  #push(register: string, number: number, kind: UntaxedKind, cents: bigint): number {
    const place = this.#places.get(register) ?? this.#registers.push(register) - 1
    this.#places.set(register, place)
    this.#last += 1
    const [amount, at] = [Number(cents), UNTAXED_KINDS.indexOf(kind)]
    this.#rows.set(this.#last, { register: place, number, kind: at, cents: amount })
    return this.#last
  }

  /** By register, in the order of their first bons; only those with an amount. */
  sums(isCounted: (register: string, number: number) => boolean): UntaxedSums[] {
    const all = this.#registers.map((register) => ({ register, sums: new Map<UntaxedKind, UntaxedSum>() }))
    for (let row = 1; row <= this.#last; row++) {
      const { register: place, number, kind: at, cents } = this.#rows.get(row)
      const [own, kind] = [all[place], UNTAXED_KINDS[at]]
      if (own === undefined || kind === undefined || cents === 0 || !isCounted(own.register, number)) continue
      const before = own.sums.get(kind) ?? NO_SUM
      own.sums.set(kind, { bons: before.bons + 1, cents: before.cents + cents })
    }
    return all.filter(({ sums }) => sums.size > 0)
  }
}

/** The untaxed amounts of a Beleg by kind: together B5 of its processData. Training, aborts and orders move no money. */
function untaxedIn(parts: StoredParts): Map<UntaxedKind, bigint> {
  const { shown } = parts
  const amounts = new Map<UntaxedKind, bigint>()
  const add = (kind: UntaxedKind, cents: bigint): void => void amounts.set(kind, (amounts.get(kind) ?? 0n) + cents)
  if (shown['status'] === 'voided' || shown['training'] === true) return amounts
  if (isUnpaidKind(parts.own.reverses ?? String(shown['type']))) return amounts
  const moved = drawerValue(parts)
  if (moved !== undefined) return amounts.set(kindOfMovement(shown), moved)
  for (const { type, total_amount: total, taxes } of linesIn(shown))
    if (isZero(taxes[0]?.rate ?? '0')) add(KIND_OF_LINE.get(type ?? '') ?? 'sales', toCents(total))
  add('tips', centsMoved(shown['tip_amount'] as string | undefined))
  for (const payment of countedPayments(parts, 'none')) {
    const kind = KIND_OF_METHOD.get(payment.method)
    if (kind !== undefined) add(kind, -paidCents(payment))
  }
  return amounts
}

function kindOfMovement({ type, movement_type: movement }: Members): UntaxedKind {
  if (type === 'session_open') return 'opening'
  return type === 'session_close' ? 'closing' : movementOf(movement)
}

import { centsMoved, formatCents, toCents, withoutZeros } from '../../../../base/money.ts'
import type { Line, Payment } from '../../../journal/books/operation-parts.ts'
import { countedPayments, linesIn, paidCents, paidUnits } from '../../../journal/books/operation-parts.ts'
import { membersIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import type { Members } from '../../../journal/events.ts'

/** In cents: gross by VAT kind (B1 to B5 of processData), and payments in cash and cashless. */
export type OperationSums = {
  readonly type: 'Beleg' | 'AVTraining' | 'AVTransfer' | 'AVSachbezug' | 'AVBelegabbruch'
  readonly kinds: readonly bigint[]
  readonly paid: readonly [cash: bigint, cashless: bigint]
  /** Units of foreign cash by currency. */
  readonly foreign?: ReadonlyMap<string, bigint>
}

const KINDS = 5
/** B1 to B4 of processData by the rate, in any period (DSFinV-K Annex I); any other rate is B5. */
const KIND_OF: ReadonlyMap<string, number> = new Map([
  ...(['0.19', '0.16'] as const).map((rate) => [rate, 0] as const),
  ...(['0.07', '0.05'] as const).map((rate) => [rate, 1] as const),
  ...(['0.107', '0.095', '0.09', '0.084', '0.078'] as const).map((rate) => [rate, 2] as const),
  ['0.055', 3] as const,
])

/** The member with the difference that a first count found. */
const COUNTED = 'closing_cashcount_diff'
/** The member with the cash that an event of a session moved, by its type. */
const CASH_MOVED: ReadonlyMap<string, string> = new Map([
  ['session_open', 'opening_balance_amount'],
  ['session_cash_adjustment', 'cash_amount'],
  ['session_cash_count', COUNTED],
  ['session_close', 'closing_adjustment_amount'],
])

/** Goods that are billed elsewhere, or given to the staff (DSFinV-K Anhang B); an order has no sums. */
const UNPAID: ReadonlyMap<string, 'AVTransfer' | 'AVSachbezug'> = new Map([
  ['transfer', 'AVTransfer'],
  ['employee_benefit', 'AVSachbezug'],
])

/**
 * The sums of an operation from its members in the journal alone, so that they check the signed text and the rows of the
 * package. `text`: the signed one; it shows whether an earlier version signed a transfer.
 */
export function sumsOf(parts: StoredParts, text = signedText(parts)): OperationSums {
  const { shown } = parts
  const nothing = Array<bigint>(KINDS).fill(0n)
  if (shown['status'] === 'voided') return { type: 'AVBelegabbruch', kinds: nothing, paid: [0n, 0n] }
  const cents = drawerCents(parts)
  if (cents !== undefined) {
    const booked = Object.entries(parts.own.foreign ?? {})
    const foreign = new Map(booked.map(([currency, { units }]) => [currency, BigInt(units)]))
    return { type: 'Beleg', kinds: nothing.with(-1, cents + foreignValue(parts)), paid: [cents, 0n], foreign }
  }
  const kinds = kindsOf(parts)
  if (shown['training'] === true) return { type: 'AVTraining', kinds, paid: [0n, 0n] }
  const unpaid = UNPAID.get(parts.own.reverses ?? String(shown['type']))
  if (unpaid === 'AVTransfer') return { type: unpaid, kinds: withClaim(kinds, text), paid: [0n, 0n] }
  if (unpaid !== undefined) return { type: unpaid, kinds, paid: [0n, 0n] }
  const { unpaid: deducted, ...money } = moneyIn(countedPayments(parts, 'none'))
  kinds[KINDS - 1] = (kinds[KINDS - 1] ?? 0n) - deducted
  return { type: 'Beleg', kinds, ...money }
}

/** The other system's claim is deducted in B5 (DSFinV-K 2.4 Anhang I); an earlier version signed a transfer without it. */
function withClaim(kinds: readonly bigint[], text: string | undefined): readonly bigint[] {
  if (text === `AVTransfer^${kinds.map(formatCents).join('_')}^`) return kinds
  const sum = kinds.reduce((before, cents) => before + cents, 0n)
  return kinds.with(-1, (kinds.at(-1) ?? 0n) - sum)
}

function signedText({ shown }: StoredParts): string | undefined {
  const { process_data: data } = membersIn(membersIn(shown['fiscal_information'])?.['end_event']) ?? {}
  return typeof data === 'string' ? data : undefined
}

/** A redeemed voucher and a claim are not payments: they are deducted in B5 (§ 3 (15) UStG; DSFinV-K Anhang C). */
function moneyIn(payments: readonly Payment[]): Pick<OperationSums, 'paid' | 'foreign'> & { unpaid: bigint } {
  let [cash, cashless, unpaid] = [0n, 0n, 0n]
  const foreign = new Map<string, bigint>()
  for (const payment of payments) {
    const paid = paidCents(payment)
    if (payment.method === 'gift_card' || payment.method === 'on_account') unpaid += paid
    else if (payment.base_amount !== undefined)
      foreign.set(payment.currency, (foreign.get(payment.currency) ?? 0n) + paidUnits(payment))
    else if (payment.method === 'cash') cash += paid
    else cashless += paid
  }
  return { paid: [cash, cashless], foreign, unpaid }
}

/** The same with the value of the foreign cash that a count or a close booked. */
export function drawerValue(parts: StoredParts): bigint | undefined {
  const cents = drawerCents(parts)
  if (cents === undefined) return undefined
  return cents + foreignValue(parts)
}

function foreignValue({ own }: StoredParts): bigint {
  return Object.values(own.foreign ?? {}).reduce((sum, { base }) => sum + BigInt(base), 0n)
}

/** The cash in euro that an event of a session moved; undefined for goods. A count that corrects one moves what they differ by. */
function drawerCents({ shown }: StoredParts): bigint | undefined {
  const member = CASH_MOVED.get(String(shown['type']))
  if (member === undefined) return undefined
  const corrected = member === COUNTED ? shown['correction_amount'] : undefined
  return centsMoved((corrected ?? shown[member]) as string | null | undefined)
}

/** A tip to the staff is not taxed (B5). */
function kindsOf({ shown, law }: StoredParts): bigint[] {
  const recorded = law['vat']
  const sums = [0n, 0n, 0n, 0n, centsMoved(shown['tip_amount'] as string | undefined)]
  for (const { total_amount: total, taxes } of linesIn(shown)) {
    const kind = kindOf(taxes[0], recorded)
    sums[kind] = (sums[kind] ?? 0n) + toCents(total)
  }
  return sums
}

/** By the law, or as the operation recorded what the configuration meant. */
function kindOf(tax: Line['taxes'][number] | undefined, recorded: Members[string]): number {
  const rate = withoutZeros(tax?.rate ?? '0')
  const kind = rate === '0' ? undefined : recordedKind({ rate, code: tax?.code }, recorded)
  return kind ?? KIND_OF.get(rate) ?? KINDS - 1
}

/** Keys 1 to 4 are B1 to B4; another key names its kind. */
function recordedKind({ rate, code }: Line['taxes'][number], recorded: Members[string]): number | undefined {
  if (!Array.isArray(recorded)) return undefined
  const entry = recorded
    .map((one) => membersIn(one) ?? {})
    .find((one) => one['code'] === code && withoutZeros(String(one['rate'])) === rate)
  if (entry === undefined) return undefined
  const { key, bucket } = entry
  const kind = Number(Number(key) < KINDS ? key : bucket)
  return kind >= 1 && kind <= KINDS ? kind - 1 : KINDS - 1
}

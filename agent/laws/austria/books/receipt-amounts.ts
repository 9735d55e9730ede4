import { toCents, withoutZeros } from '../../../../base/money.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { LineType } from '../../../journal/books/operation-parts.ts'
import { countedPayments, isPaidElsewhere, linesIn, paidCents } from '../../../journal/books/operation-parts.ts'
import { RecordedBegins } from '../../../journal/books/recorded-begins.ts'
import { membersIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import type { EventBody } from '../../../journal/events.ts'
import type { ReceiptCode } from './receipt-code.ts'
import { sumOf, TRAINING, VOID } from './receipt-code.ts'
import type { ReceiptFindings } from './texts.ts'

const LAW = 'RKSV'
/** Fields 5 to 9, in their order. */
const FIELDS = ['Normal', 'Ermaessigt-1', 'Ermaessigt-2', 'Null', 'Besonders']
const NULL_FIELD = 3
/** § 10 UStG: the field of each rate, in any period. */
const FIELD_OF: ReadonlyMap<string, number> = new Map([
  ...([
    ['0.2', 0],
    ['0.1', 1],
    ['0.13', 2],
    ['0', NULL_FIELD],
    ['0.19', 4],
    ['0.049', 4],
  ] as const),
])
/** The field of a line by its type, a second time: a voucher for several rates is in Null, all else by its rate. */
const FIELD_BY_TYPE: ReadonlyMap<string, number | undefined> = new Map(
  Object.entries({
    item: undefined,
    gift_card: NULL_FIELD,
    container_deposit: undefined,
    service_charge: undefined,
    deposit: undefined,
    receivable: NULL_FIELD,
    single_purpose_voucher: undefined,
    omaggio: undefined,
  } satisfies { readonly [Type in LineType]: number | undefined }),
)
const NOTHING: readonly bigint[] = [0n, 0n, 0n, 0n, 0n]

/** The amounts of a document. `lines`: undefined with a rate that Austria does not have. */
type Content = {
  readonly register: string
  readonly mark: string
  readonly lines: readonly bigint[] | undefined
  /** It may come with the payments, after the lines. */
  readonly tip: bigint
  readonly paid: bigint
  /** A part was paid at the till: a Barumsatz. */
  readonly onTheSpot: boolean
}

const EMPTY: Content = { register: '–', mark: '', lines: NOTHING, tip: 0n, paid: 0n, onTheSpot: false }

/**
 * Compares fields 5 to 9 of each Austrian receipt with the lines and payments of its operation. All other receipts
 * (Startbeleg to Schlussbeleg) have 0,00 in all of them. An operation over an amount that was paid on the spot has a
 * receipt. Memory: the operations that are open at the same time.
 */
export class ReceiptAmounts {
  readonly #open = new Map<string, Content>()
  readonly #begins = new RecordedBegins(LAW)
  readonly #findings: ReceiptFindings

  constructor(findings: ReceiptFindings) {
    this.#findings = findings
  }

  /** `register` and `code`: those of the event's receipt. */
  note(seq: number, op: string, body: EventBody, register: string, code: ReceiptCode | undefined): void {
    const begun = this.#begins.take(op, body)
    const parts = begun?.parts ?? partsOf(body)
    const { shown } = parts
    const before = begun === undefined ? this.#open.get(op) : { ...EMPTY, register: begun.register }
    const content = before && contentWith(before, parts)
    if (code !== undefined) this.#compare(seq, register, code, content ?? EMPTY)
    if (content === undefined) return
    const isVoided = shown['status'] === 'voided'
    const isLeftOut = code === undefined && isNotRequired(parts)
    if (isLeftOut && !isVoided) this.#compareLeftOut(seq, op, content)
    if (code !== undefined || isVoided || isLeftOut) this.#open.delete(op)
    else this.#open.set(op, content)
  }

  #compare(seq: number, register: string, code: ReceiptCode, content: Content): void {
    const { mark, paid } = content
    const lines = fieldsOf(content)
    const printed = markOf(code)
    const isEqual = lines?.every((cents, at) => cents === code.amounts[at]) === true
    if (isEqual && printed === mark && paid === sumOf(code.amounts)) return
    const facts = { number: code.number, stated: textOf(printed, code.amounts), counted: textOf(mark, lines) }
    this.#findings.add('rksv_amounts_differ', seq, { register, ...facts, paid: centsText(paid) })
  }

  #compareLeftOut(seq: number, op: string, content: Content): void {
    const { register, mark, paid, onTheSpot } = content
    const lines = fieldsOf(content)
    if (!onTheSpot || lines?.every((cents) => cents === 0n) === true) return
    const facts = { number: op, stated: '–', counted: textOf(mark, lines), paid: centsText(paid) }
    this.#findings.add('rksv_amounts_differ', seq, { register, ...facts })
  }
}

/** The document after some of its members were set. */
function contentWith(before: Content, parts: StoredParts): Content {
  const { line_items: lines, tip_amount: tip, payments, type, training } = parts.shown
  const mark = training === true ? 'TRA' : type === 'void' ? 'STO' : before.mark
  const paid = payments === undefined ? undefined : countedPayments(parts, 'none')
  return {
    register: before.register,
    mark,
    lines: lines === undefined ? before.lines : amountsIn(parts),
    tip: tip === undefined ? before.tip : toCents(String(tip)),
    paid: paid === undefined ? before.paid : paid.reduce((sum, payment) => sum + paidCents(payment), 0n),
    onTheSpot: paid === undefined ? before.onTheSpot : paid.some(({ method }) => !isPaidElsewhere(method)),
  }
}

/** The tip is in Betrag-Satz-Null. */
function fieldsOf({ lines, tip }: Content): readonly bigint[] | undefined {
  return lines?.map((cents, field) => (field === NULL_FIELD ? cents + tip : cents))
}

/** Vouchers for several rates are in Betrag-Satz-Null. */
function amountsIn({ shown }: StoredParts): readonly bigint[] | undefined {
  const sums = [...NOTHING]
  for (const { type, total_amount: total, taxes } of linesIn(shown)) {
    const field = FIELD_BY_TYPE.get(type ?? '') ?? FIELD_OF.get(withoutZeros(taxes[0]?.rate ?? '0'))
    if (field === undefined) return undefined
    sums[field] = (sums[field] ?? 0n) + toCents(total)
  }
  return sums
}

function isNotRequired({ shown }: StoredParts): boolean {
  const { state } = membersIn(shown['fiscal']) ?? {}
  return state === 'not_required'
}

function markOf({ counter }: ReceiptCode): string {
  if (counter === TRAINING) return 'TRA'
  return counter === VOID ? 'STO' : ''
}

/** `STO Satz-Normal -4.50 + Satz-Null -1.00` */
function textOf(mark: string, amounts: readonly bigint[] | undefined): string {
  if (amounts === undefined) return '?'
  const parts = amounts.flatMap((cents, at) => (cents === 0n ? [] : [`Satz-${FIELDS[at]} ${centsText(cents)}`]))
  return `${mark} ${parts.join(' + ') || '0.00'}`.trim()
}

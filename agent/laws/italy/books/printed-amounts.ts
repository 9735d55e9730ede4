import { formatCents, toCents } from '../../../../base/money.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { LineType, Payment } from '../../../journal/books/operation-parts.ts'
import { countedPayments, linesIn, paidCents } from '../../../journal/books/operation-parts.ts'
import { RecordedBegins } from '../../../journal/books/recorded-begins.ts'
import { textIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import type { EventBody } from '../../../journal/events.ts'
import type { OpenEmergencies } from './open-emergencies.ts'
import type { TaxedLine } from './operation-rates.ts'
import { lineKey, wrongTaxes } from './operation-rates.ts'
import type { Printed } from './print-state.ts'
import { printStateIn } from './print-state.ts'
import type { RequestedDocument } from './printed-goods.ts'
import { printedGoods } from './printed-goods.ts'
import type { Place, PricedDocument } from './printer-period.ts'
import type { RateDifference, Rates } from './rates.ts'
import { add, differencesOf, NO_RATES, ROUNDING, sumOf, TIP, together } from './rates.ts'
import type { PrinterFindings } from './texts.ts'

const LAW = 'RT'
const Z_LENGTH = 4
const CLAIM = 'receivable'
/** The name of an entry in the emergency register, with its number: no printer has a document of it. */
const ENTRY = 'emergenza '

/** Goods sold and returned, by rate or natura: an exchange and a sale have both, all others have the first, signed. */
type Sides = { readonly sold: Rates; readonly returned: Rates }
/** The memories of the printers: what a document came to, and which operations are in no memory. */
type Printers = {
  pricedAt(serial: string, place: Place): PricedDocument | undefined
  entered(operation: string): void
}

type Content = {
  readonly register: string
  readonly type: string
  readonly training: boolean
  /** Money for claims, which were turnover before: a slip. The payments come by a later event than the lines. */
  readonly isClaims: boolean
  readonly isNumbered: boolean
  readonly lines: Sides
  /** It may come with the payments, after the lines. */
  readonly tip: Sides
  /** Lines whose tax is not that of their rate. */
  readonly wrongTaxes: readonly RateDifference[]
  readonly paid: bigint
  /** The document exceeds the goods by it. */
  readonly roundedUp: Sides
  /** The last requested document. */
  readonly asked: Sides | 'untold' | undefined
  /** The sum of its printed documents, and their number. */
  readonly printed: Sides
  readonly count: number
  /** One of them was not asked for, or what it came to is unknown: no journal contains the document that it annuls. */
  readonly gap: 'unasked' | 'untold' | undefined
}
type Facts = Printed & {
  readonly regime?: string
  readonly documents?: readonly Printed[]
  readonly emergency?: { readonly id?: unknown; readonly entry?: unknown }
}

/** Types of operations with two sides. */
const TWO_SIDED: readonly string[] = ['sale', 'exchange']
/** Which negative lines of a sale are on a reso: the others are taken off what it sells. */
const ON_RESO: ReadonlyMap<string, 'always' | 'referenced' | 'never'> = new Map(
  Object.entries({
    item: 'referenced',
    gift_card: 'never',
    container_deposit: 'always',
    service_charge: 'referenced',
    deposit: 'never',
    receivable: 'never',
    single_purpose_voucher: 'never',
    omaggio: 'never',
  } satisfies { readonly [Type in LineType]: 'always' | 'referenced' | 'never' }),
)

const NOTHING: Sides = { sold: NO_RATES, returned: NO_RATES }
const EMPTY: Content = {
  register: '–',
  type: '',
  training: false,
  isClaims: false,
  isNumbered: false,
  lines: NOTHING,
  tip: NOTHING,
  wrongTaxes: [],
  paid: 0n,
  roundedUp: NOTHING,
  asked: undefined,
  printed: NOTHING,
  count: 0,
  gap: undefined,
}

/**
 * Compares the documents requested from Italian printers, as recorded in the intents, with the lines and payments of
 * their operations. Training and money for claims print none. Memory: the operations that are open at the same time.
 */
export class PrintedAmounts {
  readonly #open = new Map<string, Content>()
  readonly #begins = new RecordedBegins(LAW)
  readonly #findings: PrinterFindings
  readonly #printers: Printers
  readonly #emergencies: Pick<OpenEmergencies, 'isOpen'>

  constructor(findings: PrinterFindings, printers: Printers, emergencies: Pick<OpenEmergencies, 'isOpen'>) {
    this.#findings = findings
    this.#printers = printers
    this.#emergencies = emergencies
  }

  /** True for an operation with documents still to be printed. */
  isOpen(op: string): boolean {
    return this.#open.has(op)
  }

  note(seq: number, op: string, body: EventBody): void {
    const { act, receipt } = body
    const begun = this.#begins.take(op, body)
    const parts = begun?.parts ?? partsOf(body)
    const { shown, law } = parts
    const before = begun === undefined ? this.#open.get(op) : { ...EMPTY, register: begun.register }
    if (before === undefined) {
      this.#compareOrphan(seq, act)
      return
    }
    const operation = { ...before, isNumbered: before.isNumbered || receipt?.register === before.register }
    const facts = Object(shown['fiscal_information']) as Facts
    const isDone = facts.regime === LAW
    if (isDone && facts.emergency !== undefined) {
      this.#open.delete(op)
      this.#printers.entered(op)
      this.#compareEntry(seq, withMembers(operation, parts), facts, receipt?.number)
      return
    }
    const all = isDone ? (facts.documents ?? [facts]) : printStateIn(law).printed
    const documents = all.filter(({ document_type: type }) => type !== 'non_fiscal')
    const content = askedIn(
      withPrinted(withMembers(operation, parts), documents.length, begun !== undefined),
      act,
      this.#printers,
    )
    if (isDone) this.#compare(seq, content, all)
    // A reversal with a printed part is ended by a person (`operation end`), in its state at that time.
    if (isDone || (shown['status'] === 'voided' && documents.length === 0)) this.#open.delete(op)
    else this.#open.set(op, content)
  }

  /** An entry counts by its lines: no document was asked for. Its number is the receipt number, its register is open. */
  #compareEntry(seq: number, content: Content, { rt_serial_number: serial, emergency }: Facts, number: unknown): void {
    const entry = String(emergency?.entry ?? '?')
    const id = textIn(emergency?.id)
    if (!this.#emergencies.isOpen(serial, id))
      this.#findings.add('rt_entry_outside', seq, { register: content.register, serial, entry, emergency: id ?? '?' })
    const isNumbered = content.isNumbered && number === emergency?.entry
    const document = { rt_serial_number: serial, document_number: `${ENTRY}${entry}`, document_type: 'emergency' }
    this.#compare(seq, { ...content, isNumbered, gap: 'untold' }, [document])
  }

  /** A sale or a return is printed only for an operation. */
  #compareOrphan(seq: number, act: EventBody['act']): void {
    const { kind } = Object(act?.['document']) as { kind?: string }
    if (act?.name !== 'print' || (kind !== 'sale' && kind !== 'return')) return
    const { serial = '?' } = Object(act['baseline']) as { serial?: string }
    const goods = printedGoods(Object(act['document']) as RequestedDocument)
    const sums = { stated: goods === undefined ? '?' : centsText(sumOf(goods.rates)), counted: '0.00', paid: '0.00' }
    this.#findings.add('rt_amounts_differ', seq, { register: '–', serial, document: '–', ...sums })
  }

  #compare(seq: number, content: Content, documents: readonly Printed[]): void {
    const { register, isNumbered, lines: goods, tip, paid, roundedUp, printed, gap } = content
    const isSlip = content.training || content.isClaims
    const lines = sidesTogether(goods, tip)
    const serial = documents.at(-1)?.rt_serial_number ?? '?'
    const document = documents.map(({ document_number: name }) => name).join(', ')
    if (!isNumbered) this.#findings.add('rt_receipt_missing', seq, { register, serial, document })
    const [sold, got] = isSlip ? [NOTHING, 0n] : [lines, paid]
    const counted = isSlip ? NOTHING : sidesTogether(lines, roundedUp)
    const requested = gap === 'untold' ? counted : printed
    const isEqual = isSame(requested, counted)
    if (gap !== 'unasked' && isEqual && got === BigInt(netOf(sold))) {
      if (!isSlip) this.#compareRates(seq, content, { register, serial, document })
      return
    }
    const sums = { stated: gap === 'unasked' ? '?' : textOf(requested), counted: textOf(counted), paid: centsText(got) }
    this.#findings.add('rt_amounts_differ', seq, { register, serial, document, ...sums })
  }

  /** Rate by rate, of documents and an operation that come to the same. */
  #compareRates(
    seq: number,
    { lines: goods, tip, roundedUp, printed, gap, wrongTaxes: wrong }: Content,
    place: { register: string; serial: string; document: string },
  ): void {
    const lines = sidesTogether(sidesTogether(goods, tip), roundedUp)
    const z = place.document.startsWith(ENTRY) ? '–' : place.document.slice(0, Z_LENGTH)
    const rates =
      gap === 'untold'
        ? []
        : [...differencesOf(printed.sold, lines.sold), ...differencesOf(printed.returned, lines.returned)]
    for (const difference of rates.length > 0 ? rates : wrong)
      this.#findings.add('rt_rates_differ', seq, { ...place, z, ...difference, source: 'operazione' })
  }
}

function withMembers(before: Content, parts: StoredParts): Content {
  const { line_items: lines, tip_amount: tip, payments, training, type } = parts.shown
  const kind = typeof type === 'string' ? type : before.type
  return {
    ...before,
    type: kind,
    training: training === undefined ? before.training : training === true,
    ...(lines !== undefined && {
      ...{ lines: sidesIn(parts, kind), wrongTaxes: taxesIn(parts) },
      isClaims: linesOf(parts).length > 0 && linesOf(parts).every((line) => line.type === CLAIM),
    }),
    ...(tip !== undefined && { tip: sidesWith([{ key: TIP, amount: String(tip) }], kind) }),
    ...(payments !== undefined && payingIn(parts, kind)),
  }
}

/** At most one more document than before; a void continues from documents of another operation. */
function withPrinted(before: Content, count: number, isBorn: boolean): Content {
  if (count <= before.count) return before
  if (isBorn && before.type === 'void') return { ...before, count, gap: 'untold' }
  const { asked, printed } = before
  const isAsked = asked !== undefined && count === before.count + 1
  if (!isAsked) return { ...before, count, gap: 'unasked' }
  if (asked === 'untold') return { ...before, count, asked: undefined, gap: before.gap ?? 'untold' }
  return { ...before, count, asked: undefined, printed: sidesTogether(printed, asked) }
}

function askedIn(before: Content, act: EventBody['act'], printers: Printers): Content {
  const document = act?.name === 'print' ? (act['document'] as RequestedDocument | undefined) : undefined
  if (document === undefined) return before
  const { kind, original } = document
  if (kind === 'sale' || kind === 'return') {
    const goods = printedGoods(document)
    const asked = goods && sidesOf(before.type, goods.rates, kind === 'return')
    return { ...before, asked }
  }
  if (kind !== 'void') return { ...before, asked: undefined }
  const { serial = '' } = Object(act?.['baseline']) as { serial?: string }
  const voided = original && printers.pricedAt(original.serial ?? serial, original)
  const asked = voided?.goods && sidesOf(before.type, voided.goods.rates, voided.kind === 'sale')
  return { ...before, asked: asked ?? 'untold' }
}

function sidesOf(type: string, rates: Rates, isBack: boolean): Sides {
  if (!TWO_SIDED.includes(type)) return { sold: together(NO_RATES, rates, isBack ? -1 : 1), returned: NO_RATES }
  return isBack ? { sold: NO_RATES, returned: rates } : { sold: rates, returned: NO_RATES }
}

function sidesIn(parts: StoredParts, type: string): Sides {
  const isSale = type === 'sale'
  return sidesWith(
    linesOf(parts).map((line) => ({
      key: lineKey(line),
      amount: line.total_amount,
      stays: isSale && !isOnReso(line),
    })),
    type,
  )
}

/** True for a line of a sale that is on a reso if it is negative. */
function isOnReso({
  type = 'item',
  related_operation_id: own,
  external_related_operation: external,
}: TaxedLine): boolean {
  const rule = ON_RESO.get(type)
  return rule === 'always' || (rule === 'referenced' && (own ?? external) !== undefined)
}

/** `stays`: on the side of what is sold, whatever its sign is. */
type SideAmount = { readonly key: string; readonly amount: string; readonly stays?: boolean }

function sidesWith(amounts: readonly SideAmount[], type: string): Sides {
  const sides = { sold: new Map<string, number>(), returned: new Map<string, number>() }
  for (const { key, amount, stays = false } of amounts) {
    const cents = Number(toCents(amount))
    if (TWO_SIDED.includes(type) && cents < 0 && !stays) add(sides.returned, key, -cents)
    else add(sides.sold, key, cents)
  }
  return sides
}

function sidesTogether(one: Sides, other: Sides): Sides {
  return { sold: together(one.sold, other.sold), returned: together(one.returned, other.returned) }
}

function taxesIn(parts: StoredParts): RateDifference[] {
  return wrongTaxes(linesOf(parts), parts.shown['tax_amount'])
}

function linesOf({ shown }: StoredParts): readonly TaxedLine[] {
  return linesIn(shown) as readonly TaxedLine[]
}

/** Rounding down is a payment of the document, rounding up its line: the payment then has the other sign. */
function payingIn(parts: StoredParts, type: string): Pick<Content, 'paid' | 'roundedUp'> {
  const counted = countedPayments(parts, 'all')
  const [paid, rounding] = [paidBy(counted), paidBy(counted.filter(({ method }) => method === 'rounding'))]
  const isUp = paid < 0n ? rounding > 0n : rounding < 0n
  return { paid, roundedUp: isUp ? sidesWith([{ key: ROUNDING, amount: formatCents(-rounding) }], type) : NOTHING }
}

function paidBy(payments: readonly Payment[]): bigint {
  return payments.reduce((sum, payment) => sum + paidCents(payment), 0n)
}

function isSame(one: Sides, other: Sides): boolean {
  return sumOf(one.sold) === sumOf(other.sold) && sumOf(one.returned) === sumOf(other.returned)
}

function netOf({ sold, returned }: Sides): number {
  return sumOf(sold) - sumOf(returned)
}

/** `35.00 - 20.00` of an exchange. */
function textOf({ sold, returned }: Sides): string {
  const back = sumOf(returned)
  return back === 0 ? centsText(sumOf(sold)) : `${centsText(sumOf(sold))} - ${centsText(back)}`
}

import { toCents } from '../../../../base/money.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { Payment } from '../../../journal/books/operation-parts.ts'
import { countedPayments, linesIn } from '../../../journal/books/operation-parts.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { isOperationKind } from '../../../journal/documents/kind.ts'
import { lawNameIn, partsOf } from '../../../journal/documents/parts.ts'
import type { EventBody, Members } from '../../../journal/events.ts'
import type { Printed } from './print-state.ts'
import { printStateIn } from './print-state.ts'
import { printedCents } from './printed-cents.ts'
import type { Place, PricedDocument } from './printer-period.ts'
import type { PrinterFindings } from './texts.ts'

const LAW = 'RT'

/** Amounts of goods sold and returned: an exchange alone has both, all others have the first, signed. */
type Sides = { readonly sold: bigint; readonly returned: bigint }
type PricedAt = (serial: string, place: Place) => PricedDocument | undefined

type Content = {
  readonly register: string
  readonly type: string
  readonly training: boolean
  readonly isNumbered: boolean
  readonly lines: Sides
  readonly paid: bigint
  /** The last requested document. */
  readonly asked: Sides | 'untold' | undefined
  /** The sum of its printed documents, and their number. */
  readonly printed: Sides
  readonly count: number
  /** The amount of one of them is unknown, or no journal contains the document that it annuls. */
  readonly gap: 'unasked' | 'untold' | undefined
}
type Facts = Printed & { readonly regime?: string; readonly documents?: readonly Printed[] }

const NOTHING: Sides = { sold: 0n, returned: 0n }
const EMPTY: Content = {
  register: '–',
  type: '',
  training: false,
  isNumbered: false,
  lines: NOTHING,
  paid: 0n,
  asked: undefined,
  printed: NOTHING,
  count: 0,
  gap: undefined,
}

/**
 * Compares the documents requested from Italian printers, as recorded in the intents, with the lines and payments of
 * their operations. Training prints none. Memory: the operations that are open at the same time.
 */
export class PrintedAmounts {
  readonly #open = new Map<string, Content>()
  readonly #findings: PrinterFindings
  readonly #pricedAt: PricedAt

  constructor(findings: PrinterFindings, pricedAt: PricedAt) {
    this.#findings = findings
    this.#pricedAt = pricedAt
  }

  /** True for an operation with documents still to be printed. */
  isOpen(op: string): boolean {
    return this.#open.has(op)
  }

  note(seq: number, op: string, body: EventBody): void {
    const { index, act, receipt } = body
    const parts = partsOf(body)
    const { shown, law } = parts
    const isOperation = index !== undefined && isOperationKind(index.kind) && lawNameIn(parts) === LAW
    const begun = isOperation ? { ...EMPTY, register: index.register ?? '–' } : this.#open.get(op)
    if (begun === undefined) {
      this.#compareOrphan(seq, act)
      return
    }
    const known = { ...begun, isNumbered: begun.isNumbered || receipt?.register === begun.register }
    const facts = Object(shown['fiscal_information']) as Facts
    const isDone = facts.regime === LAW
    const all = isDone ? (facts.documents ?? [facts]) : printStateIn(law).printed
    const documents = all.filter(({ document_type: type }) => type !== 'non_fiscal')
    const content = askedIn(withPrinted(withMembers(known, parts), documents.length, isOperation), act, this.#pricedAt)
    if (isDone) this.#compare(seq, content, all)
    // A reversal with a printed part is ended by a person (`operation end`), in its state at that time.
    if (isDone || (shown['status'] === 'voided' && documents.length === 0)) this.#open.delete(op)
    else this.#open.set(op, content)
  }

  /** A sale or a return is printed only for an operation. */
  #compareOrphan(seq: number, act: EventBody['act']): void {
    const { kind } = Object(act?.['document']) as { kind?: string }
    if (act?.name !== 'print' || (kind !== 'sale' && kind !== 'return')) return
    const { serial = '?' } = Object(act['baseline']) as { serial?: string }
    const cents = printedCents(Object(act['document']) as Members)
    const sums = { told: cents === undefined ? '?' : centsText(cents), counted: '0.00', paid: '0.00' }
    this.#findings.add('rt_amounts_differ', seq, { register: '–', serial, document: '–', ...sums })
  }

  #compare(
    seq: number,
    { register, training, isNumbered, lines, paid, printed, gap }: Content,
    documents: readonly Printed[],
  ): void {
    const serial = documents.at(-1)?.rt_serial_number ?? '?'
    const document = documents.map(({ document_number: name }) => name).join(', ')
    if (!isNumbered) this.#findings.add('rt_receipt_missing', seq, { register, serial, document })
    const [counted, got] = training ? [NOTHING, 0n] : [lines, paid]
    const requested = gap === 'untold' ? counted : printed
    const isEqual = requested.sold === counted.sold && requested.returned === counted.returned
    if (gap !== 'unasked' && isEqual && got === counted.sold - counted.returned) return
    const sums = { told: gap === 'unasked' ? '?' : textOf(requested), counted: textOf(counted), paid: centsText(got) }
    this.#findings.add('rt_amounts_differ', seq, { register, serial, document, ...sums })
  }
}

function withMembers(before: Content, parts: StoredParts): Content {
  const { line_items: lines, payments, training, type } = parts.shown
  const kind = typeof type === 'string' ? type : before.type
  return {
    ...before,
    type: kind,
    training: training === undefined ? before.training : training === true,
    lines: lines === undefined ? before.lines : sidesIn(parts.shown, kind),
    paid: payments === undefined ? before.paid : sumOf(countedPayments(parts, 'all')),
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
  const sum = { sold: printed.sold + asked.sold, returned: printed.returned + asked.returned }
  return { ...before, count, asked: undefined, printed: sum }
}

function askedIn(before: Content, act: EventBody['act'], pricedAt: PricedAt): Content {
  const document = act?.name === 'print' ? (act['document'] as Members | undefined) : undefined
  if (document === undefined) return before
  const { kind, original } = document as Members & { kind?: string; original?: Place & { serial?: string } }
  if (kind === 'sale' || kind === 'return') {
    const cents = printedCents(document)
    const asked = cents === undefined ? undefined : sidesOf(before.type, BigInt(cents), kind === 'return')
    return { ...before, asked }
  }
  if (kind !== 'void') return { ...before, asked: undefined }
  const { serial = '' } = Object(act?.['baseline']) as { serial?: string }
  const voided = original && pricedAt(original.serial ?? serial, original)
  const cents = voided && sidesOf(before.type, BigInt(voided.cents), voided.kind === 'sale')
  return { ...before, asked: cents ?? 'untold' }
}

function sidesOf(type: string, cents: bigint, isBack: boolean): Sides {
  if (type !== 'exchange') return { sold: isBack ? -cents : cents, returned: 0n }
  return isBack ? { sold: 0n, returned: cents } : { sold: cents, returned: 0n }
}

function sidesIn(shown: Members, type: string): Sides {
  const { tip_amount: tip = '0' } = shown
  const amounts = linesIn(shown).map(({ total_amount: total }) => total)
  return [...amounts, String(tip)].map(toCents).reduce((sum: Sides, cents) => {
    const { sold, returned } = sidesOf(type, cents < 0n ? -cents : cents, cents < 0n)
    return { sold: sum.sold + sold, returned: sum.returned + returned }
  }, NOTHING)
}

function sumOf(payments: readonly Payment[]): bigint {
  return payments.reduce((sum, { amount }) => sum + toCents(amount), 0n)
}

/** `35.00 - 20.00` of an exchange. */
function textOf({ sold, returned }: Sides): string {
  return returned === 0n ? centsText(sold) : `${centsText(sold)} - ${centsText(returned)}`
}

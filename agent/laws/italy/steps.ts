import type { RtDocument, RtEvidence, RtOriginal, RtReturn, RtSale } from '../../../drivers/ports/rt-printer.ts'
import type { EuroPayment } from '../../contract/payment.ts'
import { FiskalError, unprocessable } from '../../errors.ts'
import type {
  DocumentOf,
  GoodsDocument,
  OperationDocument,
  RecordedDocument,
} from '../../journal/documents/document.ts'
import { isGoods, isUnpaid } from '../../journal/documents/document.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { customerOf, returnCustomerOf } from './customer.ts'
import type { LineSettings, PrintedLines } from './lines.ts'
import { goodsOf, resoLines, returnedLines, soldLines, withRounding } from './lines.ts'
import { externalOriginal, printedDocuments, returnedOf } from './original.ts'
import type { Paid } from './payments.ts'
import {
  exchangePayments,
  joinedPayments,
  paidOut,
  paidOutParts,
  paidWith,
  tenderedOf,
  tenderOf,
  turned,
} from './payments.ts'
import { receivableSlip, settlesReceivables } from './receivables.ts'
import { resiOf } from './resi.ts'
import { romeDay } from './rome-time.ts'
import type { ComesFrom, TwoSided } from './sides.ts'
import { originOfReso, twoSided } from './sides.ts'
import { cashCents, isSlip, trainingSlip } from './slips.ts'
import type { Reso } from './state.ts'
import { printOf, stateOf } from './state.ts'
import type { TenderSettings } from './tenders.ts'

export type StepSettings = LineSettings &
  TenderSettings & {
    /** Matricola of the register's printer. */
    serial: string | undefined
    /** An operation of the journal. */
    operationOf: (id: string) => OperationDocument | undefined
  }

/** Members that refer to another operation, and their place; of a request `created_at` is now. */
type Referring = ComesFrom & { readonly created_at: string; readonly place?: string }

const REFERENCE_LENGTH = 12

/** The documents that an operation needs, in the order of their printing. Pure. Throws FiskalError 422. */
export function stepsOf(operation: OperationDocument, settings: StepSettings): RtDocument[] {
  if (isSlip(operation)) return [{ kind: 'cash', amountCents: cashCents(operation) }]
  if (isUnpaid(operation) || operation.kind === 'order_move')
    throw new TypeError(`Italian law has no document of a ${operation.kind}`)
  if (operation.shown.training === true) return [trainingSlip(operation)]
  if (settlesReceivables(operation.shown)) return [receivableSlip(operation, settings)]
  switch (operation.kind) {
    case 'return':
      return resiSteps(operation, settings)
    case 'void':
      return voidsOf(operation, settings)
    case 'sale':
    case 'exchange':
    case 'deposit':
    case 'deposit_capture': {
      const both = twoSided(operation)
      if (both !== undefined) return twoSidesOf(both, settings)
      return [saleOf(operation, settings, paidWith(tenderedOf(operation, settings)))]
    }
    default:
      return operation satisfies never
  }
}

/**
 * The number of documents that it needs. Never throws: printed documents count after a change of configuration, too.
 */
export function stepCount(
  document: RecordedDocument,
  settings: LineSettings & Pick<StepSettings, 'operationOf'>,
): number {
  if (!isGoods(document) || document.shown.training === true || settlesReceivables(document.shown)) return 1
  const both = twoSided(document)
  if (both !== undefined) return sidesOf(both, settings).kinds.length
  if (document.kind === 'return') return stateOf(document).facts.resi?.length ?? 1
  return document.kind === 'void' ? documentsToVoid(document, settings).length : 1
}

/** The payments of the first `count` documents of an operation with two sides, or of a return with several; otherwise undefined. */
export function paidOutBy(
  document: RecordedDocument,
  settings: LineSettings,
  count: number,
): EuroPayment[] | undefined {
  if (document.kind === 'return') {
    const { resi } = stateOf(document).facts
    if (resi === undefined) return undefined
    return joinedPayments(paidOutParts(document, resi.map(centsOf)).slice(0, count).flat())
  }
  const both = twoSided(document)
  if (both === undefined) return undefined
  const { sold, returned } = sidesOf(both, settings)
  return paidOut(both, sold.totalCents, returned.totalCents)
}

/** The printed documents of the operation that a void annuls. */
export function documentsToVoid(
  { shown }: DocumentOf<'void'>,
  { operationOf }: Pick<StepSettings, 'operationOf'>,
): ReturnType<typeof printedDocuments> {
  return printedDocuments(operationOf(shown.related_operation_id)?.shown)
}

/** The original of a return. Throws `related_operation_invalid`: there is no reso without one. */
export function originalOf(
  operation: Referring,
  { operationOf }: Pick<StepSettings, 'operationOf'>,
): RtOriginal | RtEvidence {
  const { related_operation_id: own, external_related_operation: external, created_at: at, place = '' } = operation
  // Empties alone need no document.
  if (own === undefined && external === undefined) return { evidence: 'VR', date: romeDay(at) }
  if (own === undefined) return externalOriginal(external?.external_operation_id ?? '', romeDay(at), place)
  const found = returnedOf(operationOf(own)?.shown)
  if (found !== undefined) return found
  throw invalid(own, `Operation ${own} has no printed sale to return to.`)
}

function saleOf(operation: GoodsDocument, settings: StepSettings, paid: Paid): RtSale {
  const sold = soldLines(goodsOf(operation), settings)
  const customer = customerOf(operation.shown.customer)
  refuseWithoutPrice(sold)
  const { lines, deductions, texts, totalCents } = withRounding(sold, paid.roundedUp, settings)
  return {
    kind: 'sale',
    reference: referenceOf(operation),
    lines,
    payments: totalCents === 0n ? [] : paid.payments,
    texts: [...texts, ...customer.texts, ...paid.texts],
    ...(deductions.length > 0 && { deductions }),
    ...customer.codes,
  }
}

function returnOf(
  operation: DocumentOf<'return'> | TwoSided,
  settings: StepSettings,
  paid: Paid,
  goods: PrintedLines,
  original = originalOf({ ...originOfReso(operation.shown), created_at: operation.shown.created_at }, settings),
): RtReturn {
  const { lines, texts, totalCents } = withRounding(goods, paid.roundedUp, settings)
  const customer = returnCustomerOf(operation.shown, original, settings.serial)
  return {
    kind: 'return',
    reference: referenceOf(operation),
    original,
    lines,
    payments: totalCents === 0n ? [] : paid.payments,
    texts: [...texts, ...customer.texts, ...paid.texts],
    ...customer.codes,
  }
}

/** One reso; for the return of a deposit's capture, or of several deposits, as many as it needs. */
function resiSteps(operation: DocumentOf<'return'>, settings: StepSettings): RtReturn[] {
  const goods = goodsOf(operation)
  const payments = paidWith(tenderedOf(operation, settings).map(turned))
  const resi = resiOf(operation, settings)
  if (resi === undefined) return [returnOf(operation, settings, payments, returnedLines(goods, settings))]
  const isUp = payments.roundedUp !== undefined
  if (isUp && resi.length > 1)
    throw unprocessable('A return of several resi is not rounded up: pay it out without.', '/payments')
  const parts = paidOutParts(operation, resi.map(centsOf))
  return resi.map((reso, index) => {
    const part = (parts[index] ?? []).map((payment, at) => turned(tenderOf(payment, at, settings)))
    const paid = isUp ? payments : paidWith(part)
    // On the document of a deposit goods are one piece.
    const hasItsLines = reso.operation === operation.shown.related_operation_id || takesOffDeposit(operation.shown)
    const printed = resoLines(goods, { reso, isFirst: index === 0, hasItsLines }, settings)
    const { created_at } = operation.shown
    const original = originalOf({ related_operation_id: reso.operation, created_at }, settings)
    return returnOf(operation, settings, paid, printed, original)
  })
}

function centsOf({ lines, tip }: Reso): bigint {
  return BigInt(lines.reduce((sum, cents) => sum + cents, tip))
}

/** The printer cannot net: first the returned goods, then the given ones. */
function twoSidesOf(operation: TwoSided, settings: StepSettings): RtDocument[] {
  const { sold, returned, kinds } = sidesOf(operation, settings)
  const tendered = tenderedOf(operation, settings)
  const { sale, refund } = exchangePayments(tendered, sold.totalCents, returned.totalCents)
  return kinds.map((kind) =>
    kind === 'return' ? returnOf(operation, settings, refund, returned) : saleOf(operation, settings, sale),
  )
}

/** The given goods, the returned goods, and the documents that these need. */
function sidesOf(
  operation: TwoSided,
  settings: LineSettings,
): { sold: PrintedLines; returned: PrintedLines; kinds: ('return' | 'sale')[] } {
  const goods = goodsOf(operation)
  const [sold, returned] = [soldLines(goods, settings), returnedLines(goods, settings)]
  const isSale = sold.lines.length > 0 || returned.lines.length === 0
  return {
    sold,
    returned,
    kinds: [...(returned.lines.length > 0 ? ['return' as const] : []), ...(isSale ? ['sale' as const] : [])],
  }
}

/**
 * A return has no annullo: the original must be a sale. If the reversal of an exchange has annulled its return already,
 * the rest is annulled.
 */
function voidsOf(operation: DocumentOf<'void'>, settings: StepSettings): RtDocument[] {
  const { related_operation_id: id } = operation.shown
  const printed = documentsToVoid(operation, settings)
  if (printed.length === 0) throw invalid(id, `Operation ${id} has no printed document to annul.`)
  const hasBegun = printOf(operation).printed.length > 0
  if (!hasBegun && printed.some(({ kind }) => kind !== 'sale')) {
    const words = `A return has no annullo, and operation ${id} has printed one: record what is handed out again as a sale, and what comes back again as a return.`
    throw invalid(id, words)
  }
  return printed.map(({ original }): RtDocument => ({ kind: 'void', original }))
}

function invalid(id: string, message: string): FiskalError {
  return new FiskalError('related_operation_invalid', message, { related_operation_id: id })
}

function refuseWithoutPrice({ lines }: Pick<PrintedLines, 'lines'>): void {
  if (lines.length > 0) return
  throw new FiskalError(
    'unprocessable_entity',
    'A documento commerciale needs one line with a price: give it with its discount.',
    {
      pointer: '/line_items',
    },
  )
}

/** Unique: the end of the operation's id. Both documents of an exchange carry it. */
export function referenceOf({ id }: { readonly id: string }): string {
  return id.slice(-REFERENCE_LENGTH)
}

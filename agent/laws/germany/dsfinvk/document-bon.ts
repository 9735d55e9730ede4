import { parseRfc3339 } from '../../../../base/clock.ts'
import { toCents } from '../../../../base/money.ts'
import { said } from '../../../../base/text.ts'
import type { ExternalRelatedOperation } from '../../../contract/goods.ts'
import type { Merchant } from '../../../contract/merchant.ts'
import type { Payment } from '../../../contract/payment.ts'
import type {
  DocumentOf,
  GoodsDocument,
  MovementDocument,
  UnpaidDocument,
} from '../../../journal/documents/document.ts'
import { isGoods, isMovement, isUnpaid, originalIn } from '../../../journal/documents/document.ts'
import { soldGoods } from '../../../journal/documents/sold-goods.ts'
import { isOfReturn } from '../../../receipts/goods-draft.ts'
import { takesOffDeposit } from '../../../register/deposits.ts'
import { isDeposit } from '../../../register/line-types.ts'
import { reversed } from '../../../register/reversal.ts'
import type { BonDocument } from '../bon-document.ts'
import { DRAWER_OPENING, occurredMsOf } from '../drawer-opening.ts'
import { FACTS } from '../facts.ts'
import { ORDER_MOVE } from '../order-move.ts'
import { isOurs } from '../ours.ts'
import { hasClaim, UNPAID_TYPE_OF } from '../process-data.ts'
import { stateOf } from '../state.ts'
import { isBlank } from '../written-text.ts'
import type { Bon, BonLine, BonPayment, BonReference, BonTse, BonType, Customer } from './bon.ts'
import type { BonTime } from './bon-times.ts'
import type { ClosingVat } from './closing-vat.ts'
import type { LineFrame } from './goods-lines.ts'
import { goodsLines, transferClaim, turnedLines } from './goods-lines.ts'
import { groupsOf, orderReferences } from './order-rows.ts'
import { bonPayments, cashPayments, noPayment, turnedPayment } from './payments.ts'
import { sessionLines } from './session-lines.ts'

const CURRENCY = 'EUR'
/** REF_NAME of a referenced document without a bon in any package. */
const ELSEWHERE = { online: 'Online-Verkauf', abroad: 'Kasse in einem anderen Land' } as const
/** BON_START has whole seconds. */
const SECOND_MS = 1000
/** Characters of KUNDE_USTID (DSFinV-K § 2). */
const VAT_ID_MAX = 15
/** Blanks of all kinds: also those that do not break a line, have no width, or only control the display. */
const BLANKS = /[\s\p{Z}\p{Cc}\p{Cf}]/gu

const UNPAID_TYPE = { order: 'AVBestellung', ...UNPAID_TYPE_OF } as const satisfies Record<
  UnpaidDocument['kind'],
  BonType
>
/** KUNDE_TYP of a benefit without one (DSFinV-K 2.2, AVSachbezug). */
const STAFF = 'Mitarbeiter'

/** The bon that another document refers to; `abroad`: recorded by another law. Undefined for an unknown document. */
export type ReferredBon =
  | { registerId: string; closing: number; bonId: string; date: string | undefined }
  | 'online'
  | 'abroad'
  | undefined

/** The parts of its closing that a bon needs. */
export type BonFrame = {
  /** The VAT keys of the closing. */
  vat: ClosingVat
  /** The balance that the previous session left in the drawer; undefined for the first. */
  leftCents: bigint | undefined
  defaultOperator: string
  /** The TSE of the register, for starts without a finish. */
  tseSerial: string
  refer: (operationId: string) => ReferredBon
}

type Address = Merchant['address']
type Buyer = NonNullable<MovementDocument['shown']['customer']>

type Content = {
  type: BonType
  name?: string
  reversal?: boolean
  isReturn?: boolean
  lines: BonLine[]
  payments: BonPayment[]
}

/** The bon of a journalled operation; undefined for a document without one. Throws UnknownRateError. */
export function documentBon(
  document: BonDocument,
  frame: BonFrame,
  id: number,
  { start, end, onPaper }: BonTime,
): Bon | undefined {
  const content = contentOf(document, frame)
  if (content === undefined) return undefined
  return {
    id,
    ...content,
    start,
    end,
    operator: operatorOf(document, frame),
    customer: buyerIn(document),
    note: noteOf(document, start, onPaper),
    tse: tseOf(document, frame.tseSerial),
    references: [...referencesOf(document, content.lines, frame), ...orderReferences(document, frame.refer)],
    ...groupsOf(document),
  }
}

function operatorOf(document: BonDocument, { defaultOperator }: BonFrame): Bon['operator'] {
  if (document.kind === 'drawer_opening') {
    const { cashier } = document.shown
    return { id: said(cashier?.id) ?? defaultOperator, name: said(cashier?.display_name) }
  }
  const { operator_id: id, operator_name: name } = document.shown
  return { id: said(id) ?? defaultOperator, name: said(name) }
}

function contentOf(document: BonDocument, { vat: closing, leftCents }: BonFrame): Content | undefined {
  const movement = sessionLines(document, leftCents)
  if (movement !== undefined)
    return { type: 'Beleg', lines: movement.lines, payments: cashPayments(movement.cents, CURRENCY, movement.foreign) }
  if (document.kind === 'drawer_opening') return otherContent(DRAWER_OPENING)
  if (document.kind === 'order_move') {
    const content = otherContent(ORDER_MOVE)
    return document.shown.training === true ? { ...content, type: 'AVTraining' } : content
  }
  if (!isMovement(document)) return undefined
  const goods = soldGoods(document.shown)
  const isReturn = isGoods(document) && isOfReturn(document)
  const frame = { closing, meanings: stateOf(document).vat, inHouse: document.shown.in_house, isReturn }
  if (document.shown.status === 'voided') {
    const lines = goodsLines(goods, [], frame)
    const cancelled = lines.map((line) => ({ ...line, cancelled: true }))
    return { type: 'AVBelegabbruch', lines: cancelled, payments: noPayment(CURRENCY) }
  }
  return isUnpaid(document) ? unpaidContent(document, frame) : soldContent(document, frame)
}

function soldContent(document: GoodsDocument, frame: LineFrame): Content {
  const goods = soldGoods(document.shown)
  const reversal = document.kind === 'void' ? document : undefined
  const original = reversal === undefined ? goods : reversed(goods)
  const isTraining = document.shown.training === true
  // Payments of training are only in the journal: no payment, no voucher (DSFinV-K Anhang B).
  const signed = isTraining ? [] : signedPayments(original.payments, document)
  const lines = goodsLines(original, signed, frame)
  const payments = bonPayments(signed)
  if (reversal === undefined) {
    const isReturn = document.kind === 'return'
    return { type: isTraining ? 'AVTraining' : 'Beleg', ...(isReturn && { isReturn }), lines, payments }
  }
  const { reverses } = reversal.own
  if (reverses === 'transfer' && !isTraining) lines.push(...claimedElsewhere(reversal))
  const type = reverses === undefined ? 'Beleg' : UNPAID_TYPE[reverses]
  return {
    type: isTraining ? 'AVTraining' : type,
    reversal: true,
    lines: turnedLines(lines),
    payments: payments.map(turnedPayment),
  }
}

/** Every bon has a payment: "Keine" says that nothing was paid. */
function otherContent(name: string): Content {
  return { type: 'AVSonstige', name, lines: [], payments: noPayment(CURRENCY) }
}

/** Goods without payments count in no sum of the closing: only a Beleg does. */
function unpaidContent(document: UnpaidDocument, frame: LineFrame): Content {
  const lines = goodsLines(soldGoods(document.shown), [], frame)
  const type = document.shown.training === true ? 'AVTraining' : UNPAID_TYPE[document.kind]
  if (document.kind === 'transfer' && type === 'AVTransfer') lines.push(...claimedElsewhere(document))
  return { type, lines, payments: noPayment(CURRENCY) }
}

/** The claim of the other system for a transfer; for a reversal before its lines turn. */
function claimedElsewhere(document: DocumentOf<'transfer' | 'void'>): BonLine[] {
  const { signed } = stateOf(document)
  const total = toCents(document.shown.total_amount)
  const cents = document.kind === 'void' ? -total : total
  if (cents === 0n || !hasClaim(document, isOurs(signed) ? signed.end_event.process_data : undefined)) return []
  return [transferClaim(cents)]
}

/** The payments that make up the total and are part of the signed data. */
function signedPayments(payments: readonly Payment[], { own }: GoodsDocument): Payment[] {
  return payments.filter(({ status }) => own.counted_statuses.includes(status))
}

function tseOf(document: BonDocument, tseSerial: string): BonTse {
  const { signed, fiscal, transaction: start } = stateOf(document)
  if (isOurs(signed)) {
    const { start_event: start, end_event: end } = signed
    return {
      state: 'signed',
      serial: signed.tss_serial_number,
      transaction: signed.transaction_number,
      startMs: msOf(start.signed_at),
      endMs: msOf(end.signed_at),
      processType: end.process_type,
      processData: end.process_data,
      counter: end.transaction_counter,
      signature: end.signature,
    }
  }
  const { error, receipt_text: text = FACTS.outageText } = fiscal
  // Every reason of the outage, in the words of the receipt.
  const outage = text.replaceAll('\n', ', ')
  return {
    state: 'failed',
    reason: error === undefined ? outage : `${outage}: ${error.code}: ${error.message}`,
    ...(start !== undefined && {
      start: {
        serial: said(start.serial) ?? tseSerial,
        transaction: start.transaction,
        startMs: msOf(start.started_at),
      },
    }),
  }
}

/** References of the whole document, then those of its lines. */
function referencesOf(document: BonDocument, lines: readonly BonLine[], frame: BonFrame): BonReference[] {
  if (document.kind === 'session_cash_count') {
    const { corrects_operation_id: corrected } = document.shown
    return corrected === undefined ? [] : [ownReference(corrected, frame.refer)]
  }
  if (!isMovement(document)) return []
  const all = [...referencesOfWhole(document, lines, frame), ...referencesOfLines(document, lines, frame)]
  return all.sort((one, other) => (one.line ?? 0) - (other.line ?? 0))
}

/**
 * A deposit is referenced by the lines that deduct it, if they name no other one, and not by cancelled lines; every other
 * document as a whole.
 */
function referencesOfWhole(document: MovementDocument, lines: readonly BonLine[], { refer }: BonFrame): BonReference[] {
  const external =
    'external_related_operation' in document.shown ? document.shown.external_related_operation : undefined
  if (external !== undefined) return [externalReference(external)]
  const related = isGoods(document) ? said(originalIn(document)) : undefined
  if (related === undefined) return []
  const reference = ownReference(related, refer)
  if (!isGoods(document) || !takesOffDeposit(document.shown)) return [reference]
  const { line_items: items, status } = document.shown
  const deposits = items.filter(isDeposit)
  const others = new Set(deposits.filter((line) => line.related_operation_id !== undefined).map(({ id }) => id))
  if (others.size > 0 && others.size === deposits.length) return []
  if (reference.type !== 'Transaktion') return [reference]
  const isVoided = status === 'voided'
  return lines.flatMap(({ businessCase, cancelled, itemId = '' }, index) =>
    businessCase === 'Anzahlungsaufloesung' && (isVoided || cancelled !== true) && !others.has(itemId)
      ? [{ ...reference, line: index + 1 }]
      : [],
  )
}

/** By the rows of the lines: their order is not that of the request. */
function referencesOfLines(
  { shown }: MovementDocument,
  lines: readonly BonLine[],
  { refer }: BonFrame,
): BonReference[] {
  const referring = new Map<string, BonReference>()
  for (const { id, related_operation_id: own, external_related_operation: external } of shown.line_items) {
    if (external !== undefined) referring.set(id, externalReference(external))
    else if (own !== undefined) referring.set(id, ownReference(own, refer))
  }
  if (referring.size === 0) return []
  return lines.flatMap(({ itemId = '' }, index) => {
    const reference = referring.get(itemId)
    return reference === undefined ? [] : [{ ...reference, line: index + 1 }]
  })
}

function ownReference(related: string, refer: BonFrame['refer']): BonReference {
  const bon = refer(related) ?? 'online'
  if (typeof bon === 'string') return { type: 'ExterneSonstige', name: ELSEWHERE[bon], bonId: related }
  const { registerId, closing, bonId, date } = bon
  return { type: 'Transaktion', date, registerId, closing, bonId }
}

/** REF_NAME says what an other document is: the other types have no name (DSFinV-K § 8). */
function externalReference({ kind = 'other', ...external }: ExternalRelatedOperation): BonReference {
  const { external_operation_id: bonId, description } = external
  switch (kind) {
    case 'other':
      return { type: 'ExterneSonstige', name: isBlank(description) ? 'Externer Vorgang' : description, bonId }
    case 'invoice':
      return { type: 'ExterneRechnung', bonId }
    case 'delivery_note':
      return { type: 'ExternerLieferschein', bonId }
    default:
      return kind satisfies never
  }
}

function customerOf({ name, id, type, address, vat_id: vatId }: Buyer): Customer {
  return {
    name: said(name),
    id: said(id),
    type: said(type),
    street: address && streetOf(address),
    postalCode: said(address?.postal_code),
    city: said(address?.city),
    country: said(address?.country_code),
    vatId: vatIdOf(vatId),
  }
}

/**
 * Without blanks; if still too long, without other separators. No state has longer numbers: a longer one stays in the
 * journal, because truncated it could be another number (§ 1).
 */
function vatIdOf(given: string | undefined): string | undefined {
  const sent = said(given?.replace(BLANKS, ''))
  if (sent === undefined || sent.length <= VAT_ID_MAX) return sent
  const plain = sent.replace(/[./-]/g, '')
  return plain.length <= VAT_ID_MAX ? plain : undefined
}

/** Both lines of a postal address; undefined if both are missing. */
export function streetOf({ line1, line2 }: Pick<Address, 'line1' | 'line2'>): string | undefined {
  const lines = [said(line1), said(line2)].filter((line) => line !== undefined)
  return lines.length === 0 ? undefined : lines.join(', ')
}

/** The customer of goods. */
function buyerIn(document: BonDocument): Customer | undefined {
  const buyer = isMovement(document) ? (document.shown.customer ?? undefined) : undefined
  const customer = buyer && customerOf(buyer)
  const kind = document.kind === 'void' ? document.own.reverses : document.kind
  return kind === 'employee_benefit' ? { ...customer, type: customer?.type ?? STAFF } : customer
}

/** The operation's id identifies it in the journal. */
function noteOf(document: BonDocument, start: string, onPaper: string | undefined): string {
  if (document.kind === 'drawer_opening') return openingNote(document, start)
  const note = document.kind === 'session_cash_count' ? said(document.shown.discrepancy_note) : undefined
  // The note of a movement is the text of its line already.
  const text = note ?? (document.kind === 'session_cash_adjustment' ? undefined : said(document.shown.note))
  return [`op=${document.id}`, onPaper, text].filter(isText).join(' ')
}

/** For a drawer opening: both of its times in the format of the API, and its reason; its note is not included. */
function openingNote(document: DocumentOf<'drawer_opening'>, start: string): string {
  const startMs = parseRfc3339(start) ?? 0
  const isMoved = Math.floor((occurredMsOf(document) ?? startMs) / SECOND_MS) * SECOND_MS !== startMs
  return [
    `op=${document.id}`,
    `received_at=${document.shown.received_at}`,
    isMoved ? `occurred_at=${document.shown.occurred_at}` : undefined,
    said(document.shown.reason),
  ]
    .filter(isText)
    .join(' ')
}

function isText(text: string | undefined): text is string {
  return text !== undefined
}

function msOf(at: string): number {
  return parseRfc3339(at) ?? 0
}

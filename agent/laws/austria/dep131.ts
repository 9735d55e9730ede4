import { createHash } from 'node:crypto'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { csvRow, csvText } from '../../../base/csv.ts'
import { formatCents, toCents } from '../../../base/money.ts'
import { showsNothing } from '../../../base/text.ts'
import type { Closing } from '../../contract/closing.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type {
  DocumentOf,
  GoodsDocument,
  OperationDocument,
  RecordedDocument,
} from '../../journal/documents/document.ts'
import { isGoods, isRecorded, originalIn } from '../../journal/documents/document.ts'
import type { SessionEventKind, UnpaidKind } from '../../journal/documents/kind.ts'
import { soldGoods } from '../../journal/documents/sold-goods.ts'
import type { EventBody, StoredEvent } from '../../journal/events.ts'
import { bodyOf, factsOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { cartShares, discountCents, isGivenBack, piecesOf, sumOf } from '../../register/cart-discount.ts'
import { lineRules } from '../../register/line-types.ts'
import { listPrice } from '../../register/list-price.ts'
import { inEuro } from '../../register/payments.ts'
import { reversed, turned } from '../../register/reversal.ts'
import { lineLabels } from './line-labels.ts'
import { paidOf } from './report-sums.ts'
import { isOurs } from './shapes.ts'
import { localStamp } from './stamp.ts'
import { stateOf } from './state.ts'
import { fieldNames, fieldOfAccepted } from './vat.ts'

const columns = [
  'seq',
  'utc',
  'local_time',
  'register',
  'operator',
  'operation',
  'document_number',
  'kind',
  'item',
  'quantity',
  'unit_price',
  'discount',
  'gross',
  'rate',
  'field',
  'payments',
  'reference',
  'reason',
  'outage',
  'previous_row_sha256',
] as const
const FREE_TEXTS: ReadonlySet<string> = new Set<(typeof columns)[number]>(['operator', 'item', 'reference', 'reason'])
type Row = Partial<Record<(typeof columns)[number], string>>

/**
 * Times in UTC, inclusive; if events are given, those after the first up to the second. `units` are the devices that
 * sign for the register: their outages are part of its file.
 */
export type Dep131Selection = {
  from: string
  to: string
  units: readonly string[]
  afterSeq?: number
  toSeq?: number
}

type Line = CreateGoods['line_items'][number]

/** Events per portion: about 3 ms, since for each end its whole document is read. */
const PORTION = 32
const REPORT = 'closing.report_made'
const DRAWER_OPENING = 'drawer.opened'
/**
 * The journal of one register as CSV (UTF-8, `;`): a row for each line item, movement, closing, drawer opening and
 * outage, in the order in which they became final. Each row has the SHA-256 of the previous row (the first one that of
 * the head), so that a removed row is detected.
 */
export async function* writeDep131(
  view: Pick<View, 'portionAfter' | 'document'>,
  register: string,
  selection: Dep131Selection,
): AsyncGenerator<string> {
  const { from, to, units, afterSeq = 0, toSeq = Number.POSITIVE_INFINITY } = selection
  let previous = columns.join(';')
  yield `${previous}\n`
  for (let after = afterSeq; ; ) {
    const events = view.portionAfter(after, PORTION)
    let text = ''
    for (const event of events) {
      if (event.at < from || event.at > to || event.seq > toSeq) continue
      for (const row of rowsOf(view, event, register, units)) {
        const hash = createHash('sha256').update(previous, 'utf8').digest('hex')
        previous = csv({ ...common(event, register), ...row, previous_row_sha256: hash })
        text += `${previous}\n`
      }
    }
    yield text
    const last = events.at(-1)
    if (last === undefined || last.seq >= toSeq) return
    after = last.seq
  }
}

/** The rows of what an event made final at the register; most events are steps towards that and have no row. */
function rowsOf(view: Pick<View, 'document'>, event: StoredEvent, register: string, units: readonly string[]): Row[] {
  const { kind, op, seq } = event
  if (kind === 'device.changed') return units.includes(op) ? deviceRow(event) : []
  if (op === register) return registerRow(event)
  const body = bodyOf(event)
  const document = mayBeFinal(kind, body) ? view.document(op, seq) : undefined
  if (document === undefined || !isRecorded(document) || document.kind === 'register') return []
  return document.shown.register_id === register ? documentRows(view, kind, body, document) : []
}

/** False for most events, so that their documents need not be read. */
function mayBeFinal(kind: string, { answer, receipt }: EventBody): boolean {
  return answer !== undefined || receipt !== undefined || kind === REPORT || kind === DRAWER_OPENING
}

function documentRows(
  view: Pick<View, 'document'>,
  kind: string,
  { answer, receipt }: EventBody,
  document: Exclude<RecordedDocument, DocumentOf<'register'>>,
): Row[] {
  switch (document.kind) {
    case 'drawer_opening':
      return kind === DRAWER_OPENING ? [openingRow(kind, document)] : []
    case 'closing':
      if (kind === REPORT) return [reportRow(document)]
      return receipt === undefined ? [] : [closingRow(document)]
    default:
      return answer === undefined || document.shown.status === 'open' ? [] : operationRows(view, document)
  }
}

function operationRows(view: Pick<View, 'document'>, document: OperationDocument): Row[] {
  const head = {
    ...receiptOf(document),
    operator: firstText(document.shown.operator_name, document.shown.operator_id),
    kind: kindOf(document),
    reference: referenceOf(document),
    reason: reasonOf(document),
  }
  const rows = isGoods(document) ? goodsRows(view, document) : [{ gross: amountOf(document) }]
  const taken = isGoods(document) ? cancelledRows(document) : []
  return [...rows, ...taken].map((row) => ({ ...head, ...row }))
}

/** Lines that were taken away before the end, each with its time and its cashier. */
function cancelledRows(document: GoodsDocument): Row[] {
  const { cancelled_line_items: lines = [], operator_id: operatorId, training } = document.shown
  const kind = `${document.kind}${training === true ? '.training' : ''}.cancelled_line`
  return lines.map((line): Row => {
    const { cancelled_at: at, operator_id: by } = line
    const ms = parseRfc3339(at) ?? 0
    const operator = by === undefined || by === operatorId ? {} : { operator: by }
    return { ...lineRow(line, 0n, 1n), kind, utc: rfc3339(ms), local_time: localStamp(ms), ...operator }
  })
}

function kindOf(document: OperationDocument): string {
  const status = document.shown.status === 'voided' ? '.voided' : ''
  const training = isGoods(document) && document.shown.training === true ? '.training' : ''
  const interim = document.kind === 'session_cash_count' && document.shown.interim === true ? '.interim' : ''
  return `${document.kind}${status}${training}${interim}`
}

function goodsRows(view: Pick<View, 'document'>, document: GoodsDocument): Row[] {
  const { tip_amount: tip } = document.shown
  const lines = lineRows(view, document)
  if (Number(tip) !== 0) lines.push({ item: 'Trinkgeld', gross: tip, field: fieldNames.zero })
  const [first = {}, ...more] = lines
  return [{ payments: paymentsOf(document), ...first }, ...more]
}

/** The columns of the document's receipt. */
function receiptOf(document: OperationDocument | DocumentOf<'closing'>): Row {
  const { fiscal_information: facts } = document.shown
  const receipt = isOurs(facts) ? facts : undefined
  const isInOutage = receipt?.security_device_failed === true || stateOf(document).left_out === true
  return { operation: document.id, document_number: receipt?.receipt_number ?? '', outage: isInOutage ? '1' : '0' }
}

/** The till's clock decides; the time of receipt is in another column. */
function openingRow(kind: string, { id, shown }: DocumentOf<'drawer_opening'>): Row {
  const { cashier, operation_id: operation, occurred_at: at, reason, received_at: received } = shown
  const ms = parseRfc3339(at) ?? 0
  return {
    kind,
    operation: id,
    outage: '0',
    utc: rfc3339(ms),
    local_time: localStamp(ms),
    operator: firstText(cashier?.display_name, cashier?.id),
    reference: operation ?? '',
    reason: [reason ?? '', `received_at=${received}`].join(' ').trim(),
  }
}

/** The row of a closing with a receipt: its period, or the outage that it ends. */
function closingRow(document: DocumentOf<'closing'>): Row {
  const { type, period, outage } = document.shown
  return { ...receiptOf(document), kind: type, reason: firstText(period, outage && outageWords(outage)) }
}

/** The row of a report: its date and the sum of its payments. */
function reportRow(document: DocumentOf<'closing'>): Row {
  const { type, totals, business_date: date } = document.shown
  const cents = (totals?.payments ?? []).reduce((sum, { amount }) => sum + toCents(amount), 0n)
  return { ...receiptOf(document), kind: type, gross: formatCents(cents), reason: date ?? '' }
}

/** A void has the lines of the reversed operation, as on the receipt: its discounts have the sign of their shares. */
function lineRows(view: Pick<View, 'document'>, document: GoodsDocument): Row[] {
  const isVoid = document.kind === 'void'
  const sold = soldGoods(document.shown)
  const goods = isVoid ? reversed(sold) : sold
  const shares = cartShares(goods)
  const labels = lineLabels(view, document, goods.line_items, shares)
  return goods.line_items.map((line, index) => ({
    ...lineRow(line, shares[index] ?? 0n, isVoid ? -1n : 1n),
    item: labels[index] ?? '',
  }))
}

/** Quantity times price plus discount is the gross amount; returned goods have a negative quantity at their price. */
function lineRow(line: Line, cartShare: bigint, turn: bigint): Row {
  const { title, sku_identifier: sku, total_amount: total, type, taxes } = line
  const rate = taxes[0]?.rate ?? '0'
  const field = lineRules(type).isTurnover ? fieldOfAccepted(rate) : 'zero'
  const after = toCents(total) + cartShare
  const isBack = isGivenBack(line, after)
  const own = (line.discounts ?? []).map(discountCents)
  const taken = sumOf(own)
  const before = isBack ? after - taken : after + taken
  const { quantity } = piecesOf(line, after)
  return {
    item: showsNothing(title) ? sku : title,
    quantity: turn < 0n ? turned(quantity) : quantity,
    unit_price: listPrice(line, before, cartShare !== 0n || own.length > 0),
    discount: formatCents(turn * (toCents(total) - before)),
    gross: formatCents(turn * toCents(total)),
    rate,
    field: field === undefined ? '' : fieldNames[field],
  }
}

function paymentsOf(document: GoodsDocument): string {
  return paidOf(document)
    .map((payment) => `${payment.method}:${inEuro(payment).amount}`)
    .join(' ')
}

/** The amount of goods without payments, or that a movement of the drawer moved or counted. */
function amountOf(document: DocumentOf<SessionEventKind | UnpaidKind | 'order_move'>): string {
  switch (document.kind) {
    case 'order_move':
      return '0.00'
    case 'order':
    case 'transfer':
    case 'employee_benefit':
      return document.shown.total_amount
    case 'session_open':
      return document.shown.opening_balance_amount
    case 'session_cash_adjustment':
      return document.shown.cash_amount
    case 'session_cash_count':
      return document.shown.counted_closing_amount
    case 'session_close':
      return document.shown.closing_adjustment_amount ?? ''
    default:
      return document satisfies never
  }
}

/** The original receipts, and the document's number on paper: a return of handwritten receipts has both. */
function referenceOf(document: OperationDocument): string {
  const { external_id: given } = document.shown
  const original = isGoods(document) ? originalIn(document) : undefined
  const external =
    'external_related_operation' in document.shown ? document.shown.external_related_operation : undefined
  const ofLines = isGoods(document)
    ? document.shown.line_items.map(
        (line) => line.related_operation_id ?? line.external_related_operation?.external_operation_id,
      )
    : []
  const corrected = document.kind === 'session_cash_count' ? document.shown.corrects_operation_id : undefined
  const all = [original, corrected, external?.external_operation_id, ...ofLines, given]
  return [...new Set(all.filter((one) => firstText(one) !== ''))].join(' ')
}

function reasonOf(document: OperationDocument): string {
  switch (document.kind) {
    case 'sale':
    case 'return':
    case 'exchange':
    case 'deposit':
    case 'deposit_capture':
    case 'order':
    case 'transfer':
    case 'employee_benefit':
      return document.shown.void_reason ?? ''
    case 'void':
      return firstText(document.shown.void_reason, document.shown.reason)
    case 'session_cash_adjustment':
      return document.shown.movement_type
    case 'session_cash_count':
      return document.shown.discrepancy_note ?? ''
    case 'session_close':
      return document.shown.closing_adjustment_note ?? ''
    case 'session_open':
    case 'order_move':
      return ''
    default:
      return document satisfies never
  }
}

function outageWords(outage: NonNullable<Closing['outage']>): string {
  const { began_at: from, ended_at: to, first_number: first, last_number: last, receipts } = outage
  const count = receipts === undefined ? '' : ` (${receipts})`
  return `Ausfall ${from} bis ${to}, Belege ${first} bis ${last}${count}`
}

function deviceRow(event: StoredEvent): Row[] {
  const { state, message } = factsOf(event, 'device.changed') ?? {}
  // A degraded device still signs, so it has no outage.
  if (state === undefined || state === 'degraded') return []
  return [{ kind: `device.${state} ${event.op}`, reason: message ?? '', outage: state === 'ready' ? '0' : '1' }]
}

function registerRow({ kind, body }: StoredEvent): Row[] {
  const status = bodyOf({ body }).set?.['fiscalization_status']
  return status === undefined || status === 'pending' ? [] : [{ kind }]
}

function common({ seq, at }: StoredEvent, register: string): Row {
  return { seq: String(seq), utc: at, local_time: localStamp(parseRfc3339(at) ?? 0), register }
}

function firstText(...texts: readonly (string | null | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== null && text !== '') ?? ''
}

function csv(row: Row): string {
  return csvRow(columns.map((column) => (FREE_TEXTS.has(column) ? csvText(row[column] ?? '') : (row[column] ?? ''))))
}

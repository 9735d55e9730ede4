import { createHash } from 'node:crypto'
import { parseRfc3339, rfc3339 } from '../../../base/clock.ts'
import { formatCents, toCents } from '../../../base/money.ts'
import { showsNothing, visible } from '../../../base/text.ts'
import { soldGoods } from '../../journal/documents.ts'
import type { StoredEvent } from '../../journal/events.ts'
import { bodyOf, factsOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { cartShares, discountCents, isGivenBack, piecesOf, sumOf } from '../../register/cart-discount.ts'
import { listPrice } from '../../register/list-price.ts'
import { reversed, turned } from '../../register/reversal.ts'
import type { JournalledDocument } from './journalled-document.ts'
import { journalledDocument } from './journalled-document.ts'
import { paidOf } from './report-sums.ts'
import { isOurs } from './shapes.ts'
import { localStamp } from './stamp.ts'
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
 * Times in UTC, inclusive; the events after the one to the other, where they are given. `units` are the devices that sign
 * for the register: their outages are its own.
 */
export type Dep131Selection = {
  from: string
  to: string
  units: readonly string[]
  afterSeq?: number
  toSeq?: number
}

type Line = ReturnType<typeof soldGoods>['line_items'][number]

/** Events read in one go: some 3 ms, since each that ended something is read with all that led to it. */
const PORTION = 32
const REPORT = 'closing.reported'
const DRAWER_OPENING = 'drawer.opened'
const deviceKind = /^device\.(ready|down|foreign)$/

/**
 * The journal of one register as CSV (UTF-8, `;`): a row for each line item, movement, closing, opening of the drawer and
 * outage, in the order in which they became final. Each row carries the SHA-256 of the row before it (of the head, the
 * first), so that a row that is taken out is missed.
 */
export async function* writeDep131(
  view: Pick<View, 'portionAfter' | 'members'>,
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

/** What an event made final at the register; most events are on the way to that and give no row. */
function rowsOf(view: Pick<View, 'members'>, event: StoredEvent, register: string, units: readonly string[]): Row[] {
  const { kind, op, seq } = event
  if (deviceKind.test(kind)) return units.includes(op) ? deviceRow(event) : []
  if (kind.startsWith('register.')) return op === register ? registerRow(event) : []
  const found = mayBeFinal(event) ? view.members(op, seq) : undefined
  if (found?.['register_id'] !== register) return []
  const document = journalledDocument(found)
  if (!op.startsWith('op_')) return [otherRow(kind, document)]
  return document.status === 'open' ? [] : operationRows(document)
}

function mayBeFinal({ kind, op, body }: StoredEvent): boolean {
  if (kind === REPORT || kind === DRAWER_OPENING) return true
  const { answer, receipt } = bodyOf({ body })
  return op.startsWith('op_') ? answer !== undefined : kind.startsWith('closing.') && receipt !== undefined
}

function operationRows(document: JournalledDocument): Row[] {
  const { tip_amount: tip = '0' } = document
  const head = heads(document)
  const lines = lineRows(document)
  if (Number(tip) !== 0) lines.push({ item: 'Trinkgeld', gross: tip, field: fieldNames.zero })
  const [first = {}, ...more] = lines
  const paid = { payments: paymentsOf(document), gross: cashOf(document) }
  return [{ ...paid, ...first }, ...more].map((row) => ({ ...head, ...row }))
}

function heads(document: JournalledDocument): Row {
  const facts = document.fiscal_information
  const receipt = isOurs(facts) ? facts : undefined
  const status = document.status === 'voided' ? '.voided' : ''
  return {
    operator: firstText(document.operator_name, document.operator_id),
    operation: document.id,
    document_number: receipt?.receipt_number ?? '',
    kind: `${document.type}${status}${document.training === true ? '.training' : ''}`,
    reference: referenceOf(document),
    reason: reasonOf(document),
    outage: receipt?.security_device_failed === true || document.$left_out_in_outage === true ? '1' : '0',
  }
}

/** By the till's clock, which is the time that counts; when it was received stands beside it. */
function openingRow(kind: string, { occurred_at: at = '', ...opening }: JournalledDocument): Row {
  const { cashier, operation_id: operation, reason, received_at: received } = opening
  const ms = parseRfc3339(at) ?? 0
  return {
    kind,
    utc: rfc3339(ms),
    local_time: localStamp(ms),
    operator: firstText(cashier?.display_name, cashier?.id),
    reference: operation ?? '',
    reason: [reason ?? '', `received_at=${received}`].join(' ').trim(),
  }
}

/** A closing or an opening of the drawer; of a report its date, and what was taken in all. */
function otherRow(kind: string, document: JournalledDocument): Row {
  const head = heads(document)
  if (kind === DRAWER_OPENING) return { ...head, ...openingRow(kind, document) }
  if (kind !== REPORT) return head
  const cents = (document.totals?.payments ?? []).reduce((sum, { amount }) => sum + toCents(amount), 0n)
  return { ...head, gross: formatCents(cents), reason: document.business_date ?? '' }
}

/** A void is told by what it reverses, as on the receipt: its discounts have the sign that their shares want. */
function lineRows(document: JournalledDocument): Row[] {
  const isVoid = document.type === 'void'
  const sold = soldGoods(document)
  const goods = isVoid ? reversed(sold) : sold
  const shares = cartShares(goods)
  return goods.line_items.map((line, index) => lineRow(line, shares[index] ?? 0n, isVoid ? -1n : 1n))
}

/** Quantity times price plus discount is the gross amount; goods that come back are a negative quantity at their price. */
function lineRow(line: Line, cartShare: bigint, turn: bigint): Row {
  const { title, sku_identifier: sku, total_amount: total, type, taxes } = line
  const rate = taxes[0]?.rate ?? '0'
  const field = type === 'gift_card' ? 'zero' : fieldOfAccepted(rate)
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

function paymentsOf(document: JournalledDocument): string {
  return paidOf(document)
    .map(({ method, amount }) => `${method}:${amount}`)
    .join(' ')
}

/** What a movement of the drawer moved or counted. */
function cashOf(document: JournalledDocument): string {
  const { cash_amount: moved, opening_balance_amount: float } = document
  return firstText(moved, float, document.counted_closing_amount, document.closing_adjustment_amount)
}

/** The original receipt, and the number that the document has on paper: a return of handwritten ones has both. */
function referenceOf(document: JournalledDocument): string {
  const { related_operation_id: own, external_related_operation: external, external_id: given } = document
  const all = [own, external?.external_operation_id, given].filter((one) => firstText(one) !== '')
  return [...new Set(all)].join(' ')
}

/** Of a receipt that is none of business: what it closes, or the outage that it ends. */
function reasonOf(document: JournalledDocument): string {
  const { period, outage } = document
  const ended = outage && outageWords(outage)
  return firstText(
    ...[document.void_reason, document.reason, document.movement_type],
    ...[document.discrepancy_note, document.closing_adjustment_note],
    ...[period, ended],
  )
}

function outageWords(outage: NonNullable<JournalledDocument['outage']>): string {
  const { began_at: from, ended_at: to, first_number: first, last_number: last, receipts } = outage
  const count = receipts === undefined ? '' : ` (${receipts})`
  return `Ausfall ${from} bis ${to}, Belege ${first} bis ${last}${count}`
}

function deviceRow(event: StoredEvent): Row[] {
  const { message } = factsOf(event, 'device.ready', 'device.down', 'device.foreign') ?? {}
  const outage = event.kind === 'device.ready' ? '0' : '1'
  return [{ kind: `${event.kind} ${event.op}`, reason: message ?? '', outage }]
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
  return columns
    .map((column) => quoted(FREE_TEXTS.has(column) ? asText(row[column] ?? '') : (row[column] ?? '')))
    .join(';')
}

/**
 * Words that came from elsewhere, on one line, and text to a spreadsheet too: what begins as a formula there has the sign
 * before it that marks a text.
 */
function asText(words: string): string {
  const shown = visible(words)
  return /^[=+@-]/.test(shown) ? `'${shown}` : shown
}

/** RFC 4180: a field that could end a field or a row stands in quotes. */
function quoted(text: string): string {
  return /[";\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

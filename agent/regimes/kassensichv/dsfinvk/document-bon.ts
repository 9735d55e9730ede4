import { parseRfc3339 } from '../../../clock.ts'
import type { Payment } from '../../../contract/goods.ts'
import type { Members } from '../../../journal/events.ts'
import { takesOffDeposit } from '../../../register/deposits.ts'
import type { Reversible } from '../../../register/reversal.ts'
import { reversed } from '../../../register/reversal.ts'
import { DRAWER_OPENING, isDrawerOpening } from '../drawer-opening.ts'
import type { Bon, BonLine, BonPayment, BonReference, BonTse, BonType, Customer } from './bon.ts'
import { isBlank } from './csv.ts'
import type { Goods } from './goods-lines.ts'
import { goodsLines, turnedLines } from './goods-lines.ts'
import { bonPayments, cashPayment, noPayment } from './payments.ts'
import { sessionLines } from './session-lines.ts'

const CURRENCY = 'EUR'
const OUTAGE = 'TSE ausgefallen'
/** Characters of KUNDE_USTID (DSFinV-K § 2). */
const VAT_ID_MAX = 15

/** The bon that another document refers to; undefined where it is none of ours. */
export type ReferredBon = { registerId: string; closing: number; bonId: string; date: string } | 'online' | undefined

/** What a bon takes from its closing. */
export type BonFrame = {
  /** Calendar date of the closing: VAT keys 1 to 4 are the rates of that day. */
  date: string
  /** What the session before left in the drawer; undefined for the first. */
  leftCents: bigint | undefined
  defaultOperator: string
  /** The TSE of the register, for starts that were not finished. */
  tseSerial: string
  refer: (operationId: string) => ReferredBon
}

type Content = {
  type: BonType
  name?: string
  reversal?: boolean
  lines: BonLine[]
  payments: BonPayment[]
}

/** The bon of an operation as it is journalled; undefined for a document that is none. Throws UnknownRateError. */
export function documentBon(
  document: Members,
  frame: BonFrame,
  id: number,
  times: { start: string; end: string },
): Bon | undefined {
  const content = contentOf(document, frame)
  if (content === undefined) return undefined
  return {
    id,
    ...content,
    ...times,
    operator: operatorOf(document, frame),
    customer: customerOf(document['customer'] as Members | undefined),
    note: noteOf(document),
    tse: tseOf(document, frame.tseSerial),
    references: referencesOf(document, content.lines, frame),
  }
}

function operatorOf(document: Members, { defaultOperator }: BonFrame): Bon['operator'] {
  const cashier = (document['cashier'] ?? {}) as Members
  return {
    id: textOf(document, 'operator_id') ?? textOf(cashier, 'id') ?? defaultOperator,
    name: textOf(document, 'operator_name') ?? textOf(cashier, 'display_name'),
  }
}

function contentOf(document: Members, { date, leftCents }: BonFrame): Content | undefined {
  const movement = sessionLines(document, leftCents)
  if (movement !== undefined)
    return { type: 'Beleg', lines: movement.lines, payments: cashPayment(movement.cents, CURRENCY) }
  if (isDrawerOpening(document)) return { type: 'AVSonstige', name: DRAWER_OPENING, lines: [], payments: [] }
  if (document['line_items'] === undefined) return undefined
  if (document['status'] === 'voided') {
    const lines = goodsLines(document as unknown as Goods, [], date)
    const cancelled = lines.map((line) => ({ ...line, cancelled: true }))
    return { type: 'AVBelegabbruch', lines: cancelled, payments: noPayment(CURRENCY) }
  }
  const isReversal = document['type'] === 'void'
  const original = isReversal ? (reversed(document as unknown as Reversible) as unknown as Members) : document
  const isTraining = document['training'] === true
  // What was paid in training is kept in the journal alone: no payment, no voucher (DSFinV-K Anhang B).
  const signed = isTraining ? [] : signedPayments(original, document)
  const lines = goodsLines(original as unknown as Goods, signed, date)
  const payments = bonPayments(signed.filter((payment) => payment.method !== 'gift_card'))
  return {
    type: isTraining ? 'AVTraining' : 'Beleg',
    ...(isReversal && { reversal: true }),
    lines: isReversal ? turnedLines(lines) : lines,
    payments: isReversal ? payments.map((payment) => ({ ...payment, cents: -payment.cents })) : payments,
  }
}

/** The payments that add up to the total and are in the signed data. */
function signedPayments(original: Members, document: Members): Payment[] {
  const statuses = (document['$signed_statuses'] ?? []) as readonly string[]
  return ((original['payments'] ?? []) as unknown as Payment[]).filter(({ status }) => statuses.includes(status))
}

function tseOf(document: Members, tseSerial: string): BonTse {
  const signed = (document['$fiscal_information'] ?? document['fiscal_information']) as Members | null | undefined
  if (signed !== null && signed !== undefined) {
    const end = signed['end_event'] as Members
    return {
      state: 'signed',
      serial: String(signed['tss_serial_number']),
      transaction: Number(signed['transaction_number']),
      startMs: msOf((signed['start_event'] as Members)['signed_at']),
      endMs: msOf(end['signed_at']),
      processType: String(end['process_type']),
      processData: String(end['process_data']),
      counter: Number(end['transaction_counter']),
      signature: String(end['signature']),
    }
  }
  const start = document['$tse'] as Members | null | undefined
  const error = fiscalOf(document)['error'] as Members | undefined
  return {
    state: 'failed',
    reason: error === undefined ? OUTAGE : `${OUTAGE}: ${error['code']}: ${error['message']}`,
    ...(start !== null &&
      start !== undefined && {
        start: {
          serial: textOf(start, 'serial') ?? tseSerial,
          transaction: Number(start['transaction']),
          startMs: msOf(start['started_at']),
        },
      }),
  }
}

/** State and fault of the signature; of an opening of the drawer they are kept beside what is answered. */
export function fiscalOf(document: Members): Members {
  return (document['$fiscal'] ?? document['fiscal'] ?? {}) as Members
}

/** A deposit is referred to by the lines that take it off; everything else as a whole. */
function referencesOf(document: Members, lines: readonly BonLine[], { refer }: BonFrame): BonReference[] {
  const external = document['external_related_operation'] as Members | undefined
  if (external !== undefined) {
    const bonId = String(external['external_operation_id'])
    const description = String(external['description'])
    return [{ type: 'ExterneSonstige', name: isBlank(description) ? 'Externer Vorgang' : description, bonId }]
  }
  const related = textOf(document, 'related_operation_id')
  if (related === undefined) return []
  const bon = refer(related)
  if (bon === undefined || bon === 'online')
    return [{ type: 'ExterneSonstige', name: 'Online-Verkauf', bonId: related }]
  const { registerId, closing, bonId, date } = bon
  const reference: BonReference = { type: 'Transaktion', date, registerId, closing, bonId }
  if (!takesOffDeposit(document as { type: string } & Goods)) return [reference]
  return lines.flatMap((line, index) =>
    line.businessCase === 'Anzahlungsaufloesung' ? [{ ...reference, line: index + 1 }] : [],
  )
}

function customerOf(customer: Members | undefined): Customer | undefined {
  if (customer === undefined) return undefined
  const address = (customer['address'] ?? {}) as Members
  return {
    name: textOf(customer, 'name'),
    id: textOf(customer, 'id'),
    type: textOf(customer, 'type'),
    street: streetOf(address),
    postalCode: textOf(address, 'postal_code'),
    city: textOf(address, 'city'),
    country: textOf(address, 'country_code'),
    vatId: vatIdOf(customer),
  }
}

/**
 * As it was sent; where that is too long, without what parts its groups. No state has one that is longer still: that is
 * left to the journal, for cut it could be another one (§ 1).
 */
function vatIdOf(customer: Members): string | undefined {
  const sent = textOf(customer, 'vat_id')
  if (sent === undefined || sent.length <= VAT_ID_MAX) return sent
  const plain = sent.replace(/[\s./-]/g, '')
  return plain.length <= VAT_ID_MAX ? plain : undefined
}

/** Both lines of a postal address; undefined where there is none. */
export function streetOf(address: Members): string | undefined {
  const lines = [textOf(address, 'line1'), textOf(address, 'line2')].filter((line) => line !== undefined)
  return lines.length === 0 ? undefined : lines.join(', ')
}

/** The operation's id finds it in the journal. */
function noteOf(document: Members): string {
  // The reason of an opening; its note stays in the shop.
  if (isDrawerOpening(document)) return [`op=${document['id']}`, textOf(document, 'reason')].filter(isText).join(' ')
  const note = textOf(document, 'discrepancy_note') ?? (isMovement(document) ? undefined : textOf(document, 'note'))
  return [`op=${document['id']}`, note].filter((part) => part !== undefined).join(' ')
}

function isText(text: string | undefined): text is string {
  return text !== undefined
}

/** Its note is the text of the line already. */
function isMovement(document: Members): boolean {
  return document['type'] === 'session_cash_adjustment'
}

function textOf(document: Members, member: string): string | undefined {
  const value = document[member]
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

function msOf(value: Members[string]): number {
  return parseRfc3339(String(value)) ?? 0
}

import type { CreateGoods } from '../../agent/contract/goods.ts'
import { createExchange, createReturn, createSale } from '../../agent/contract/goods.ts'
import { parse } from '../../agent/contract/parse.ts'
import type { Payment } from '../../agent/contract/payment.ts'
import { payment } from '../../agent/contract/payment.ts'
import type { ReceiptModel } from '../../agent/contract/receipt.ts'
import { receipt } from '../../agent/contract/receipt.ts'
import type { RecordedDocument } from '../../agent/journal/documents/document.ts'
import type { OperationKind } from '../../agent/journal/documents/kind.ts'
import type { OwnPart } from '../../agent/journal/documents/own.ts'
import type { Act, Members } from '../../agent/journal/events.ts'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import { GermanRules } from '../../agent/laws/germany/rules.ts'
import type { TseOutcome } from '../../agent/laws/germany/tse-act.ts'
import { VatRates } from '../../agent/laws/germany/vat.ts'
import type { Goal, Moment } from '../../agent/laws/law.ts'
import type { ShopDocuments } from '../../agent/receipts/documents.ts'
import { receiptModel } from '../../agent/receipts/model.ts'
import { goodsDocument, paymentDocuments } from '../../agent/register/goods-document.ts'
import type { NewId } from '../../base/ids.ts'
import { BUILT_IN_LAWS } from '../built-in-laws.ts'
import { ManualClock } from '../manual-clock.ts'
import { documentOf } from '../some-document.ts'

export const TSE_SERIAL = 'bf1b13c1cf8a6f7958c190201daf9e18b850cf2cdc0885078d48868f625955e3'
const CLIENT = 'EDGE-000123'
const STARTED_MS = Date.parse('2026-03-02T07:14:00Z')
const ENDED_MS = Date.parse('2026-03-02T07:14:41Z')
const STARTED = '2026-03-02T07:13:59.310Z'
const ENDED = '2026-03-02T07:14:41.120Z'

const address = { line1: 'Hauptstraße 1', city: 'Berlin', postal_code: '10115', country_code: 'DEU' }
export const shop = {
  merchant: {
    legal_name: 'Bäckerei Muster GmbH',
    country_code: 'DEU',
    address,
    fiscal_identities: [{ country_code: 'DEU', tax_number: '27/123/45678', vat_id: 'DE123456789' }],
  },
  location: { name: 'Filiale Mitte', address, timezone: 'Europe/Berlin' },
  register: { name: 'Kasse 1', fiscalization: { regime: 'KassenSichV', client_id: CLIENT, tse_serial: TSE_SERIAL } },
} satisfies Record<string, Members>

const law = new GermanRules(
  new TseActs({ tseOf: () => undefined, journalledOpen: () => [], clock: new ManualClock(STARTED_MS) }),
  undefined,
  new VatRates([], []),
  () => false,
)

/** The result of the start and the end of the transaction on the TSE. */
export type Tse = { start?: 'failed'; end?: 'failed' | 'pending' }

const DONE: TseOutcome = {
  kind: 'done',
  act: 'finish',
  result: {
    transaction: 13,
    time_ms: ENDED_MS,
    counter: 44131,
    signature: Buffer.from(Uint8Array.from({ length: 96 }, (_, index) => index)).toString('base64'),
    serial: TSE_SERIAL,
    public_key: Buffer.from(Uint8Array.from({ length: 97 }, (_, index) => 255 - index)).toString('base64'),
    algorithm: 'ecdsa-plain-SHA384',
    time_format: 'unixTime',
  },
}
const STARTED_OUTCOME: TseOutcome = {
  kind: 'done',
  act: 'start',
  result: { transaction: 13, time_ms: STARTED_MS, counter: 44130, serial: TSE_SERIAL },
}
const AWAY: TseOutcome = { kind: 'failed', code: 'unavailable', message: 'The TSE does not answer.' }

/** The document as the law leaves it when the goal is reached: the acts are its own, the device's answers are given. */
function recorded(open: Members, set: Members, own: OwnPart, goal: Goal, tse: Tse): Members {
  const moment: Moment = {
    at: ENDED,
    receiptNumber: 2,
    goal,
    isAnswered: false,
    device: 'tse-1',
    clientId: CLIENT,
    registerId: 'reg_01JNB8V6W7E0S5T4R3Q2P1M0N8',
    merchantId: 'merchant_01JNB8V6W7E0S5T4R3Q2P1M0N8',
    chain: undefined,
    newId: (prefix) => `${prefix}_01JNB8V6W7E0S5T4R3Q2P1M0N7`,
  }
  const conclude = (document: RecordedDocument, act: Act | undefined, outcome: TseOutcome): RecordedDocument =>
    act === undefined ? document : document.with(law.conclude(document, act, outcome, moment))
  const start = tse.start === 'failed' ? AWAY : STARTED_OUTCOME
  const opening = documentOf(open['type'] as OperationKind, { set: open })
  const document = conclude(opening, law.next(opening, { ...moment, goal: 'open' }), start).with({ set, own })
  if (tse.end === 'pending') return madeOf(document.with(law.pending(document)))
  return madeOf(
    conclude(document, law.next(document, moment), tse.start === 'failed' || tse.end === 'failed' ? AWAY : DONE),
  )
}

/** What is answered, with the other parts beside it. */
function madeOf({ parts: { shown, own, law } }: RecordedDocument): Members {
  return { ...shown, own, law }
}

function envelope(type: string): Members {
  return {
    id: 'op_01JNB8V6W7E0S5T4R3Q2P1M0N9',
    type,
    status: 'open',
    source: 'POS',
    currency: 'EUR',
    operator_id: 'u7',
    operator_name: 'Erika Muster',
    created_at: STARTED,
    completed_at: null,
    voided_at: null,
    fiscal: { state: 'pending' },
    fiscal_information: null,
  }
}

type GoodsType = CreateGoods['type']
type Sent = Omit<Partial<CreateGoods>, 'line_items'> & { line_items: readonly object[]; [member: string]: unknown }

function openGoods(type: GoodsType, sent: Sent): Members {
  const zero = { pretax_amount: '0.00', tax_amount: '0.00', tip_amount: '0.00' }
  const request = { type, source: 'POS', register_id: 'reg_1', currency: 'EUR', ...zero, ...sent }
  let last = 0
  const newId: NewId = (prefix) => `${prefix}_${++last}`
  return { ...envelope(type), ...goodsDocument(parsed(type, request), newId) } as Members
}

function parsed(type: GoodsType, request: object): CreateGoods {
  if (type === 'sale') return parse(createSale, request)
  return type === 'return' ? parse(createReturn, request) : parse(createExchange, request)
}

/** A goods movement completed with these payments. */
export function completed(
  type: GoodsType,
  sent: Sent,
  payments: readonly object[],
  tse: Tse = {},
  more: Members = {},
): Members {
  return recorded(openGoods(type, sent), { ...paid(payments), ...more }, PAID, 'completed', tse)
}

/** The same before its law has recorded it: the law of another country adds its parts. */
export function unrecorded(type: GoodsType, sent: Sent, payments: readonly object[]): Members {
  return madeOf(documentOf(type, { set: { ...openGoods(type, sent), ...paid(payments) }, own: PAID }))
}

const PAID = { counted_statuses: ['captured'], receipt_number: 2 }

function paid(payments: readonly object[]): Members {
  const documents = paymentDocuments(
    payments.map((one) => parse(payment, one) as Payment),
    (prefix) => `${prefix}_1`,
  )
  return { status: 'completed', payments: documents, completed_at: ENDED } as unknown as Members
}

/** A sale cancelled before it was paid. */
export function voided(sent: Sent, tse: Tse = {}): Members {
  const set = { status: 'voided', void_reason: 'customer_abandoned_checkout', voided_at: ENDED }
  return recorded(openGoods('sale', sent), set, { receipt_number: 2 }, 'voided', tse)
}

export function openSale(sent: Sent): Members {
  return openGoods('sale', sent)
}

/** A session event; one that moves nothing is not signed. */
export function sessionEvent(type: string, members: Members, tse: Tse = {}): Members {
  const document = { ...envelope(type), status: 'completed', completed_at: ENDED, ...members }
  if (!law.records(documentOf(type as OperationKind, { set: document })))
    return { ...document, fiscal: { state: 'not_required' } }
  return recorded(document, {}, { receipt_number: 2 }, 'completed', tse)
}

export function line(title: string, total: string, rate: string, more: object = {}): object {
  const taxes = [{ name: 'USt', rate, tax_amount: '0.00' }]
  return { sku_identifier: 'SKU-1', title, quantity: 1, unit_price: total, total_amount: total, taxes, ...more }
}

export function pay(method: string, amount: string, more: object = {}): object {
  return { payment_id: 'p-1', method, status: 'captured', amount, currency: 'EUR', ...more }
}

/** The documents as they are in the journal. */
export function shopDocuments(members: Readonly<Record<keyof ShopDocuments, Members>>): ShopDocuments {
  return members as ShopDocuments
}

/** The model, which must fit the contract; `uncertified` is the serial number of a simulated unit. */
export function modelOf(
  operation: Members,
  language: ReceiptModel['language'] = 'de',
  copy = false,
  documents: Parameters<typeof shopDocuments>[0] = shop,
  uncertified?: string,
): ReceiptModel {
  const isUncertified = (serial: string): boolean => serial === uncertified
  const { own = {}, law = {}, ...set } = operation
  const subject = documentOf(set['type'] as OperationKind, { set, own: own as OwnPart, law: law as Members })
  const subjectDocuments = {
    ...shopDocuments(documents),
    laws: BUILT_IN_LAWS.map((law) => law.receipt),
    isUncertified,
    subject,
  }
  return receipt.parse(receiptModel(subjectDocuments, language, copy))
}

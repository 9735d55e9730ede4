import { isCodiceFiscale, isPartitaIva } from '../../base/tax-codes.ts'
import { OpenDocument } from '../rt/simulated-document.ts'

/** The elements of a receipt, as the simulated service reads them and its printer executes them. */

export type Tag = { name: string; attributes: ReadonlyMap<string, string> }

/** An attribute, empty if omitted. */
export type Attribute = (key: string) => string

/** The document in `REFUND ZZZZ NNNN ddmmyyyy SERIAL` or `VOID …`. `date` `YYYY-MM-DD`; `serial` may be evidence. */
export type Named = { word: 'REFUND' | 'VOID'; z: number; number: number; date: string; serial: string }

/** Statuses of a refused element. */
export const REFUSED = {
  value: 10,
  sequence: 11,
  unknown: 16,
  limit: 13,
  notNow: 17,
  tooMany: 23,
  checkDigit: 30,
} as const

/** An open receipt. Trailing lines by their index: a later one with the same index replaces the earlier. */
export type OpenReceipt = { document: OpenDocument; trailing: Map<string, string>; operations: number }

export function newReceipt(...parameters: ConstructorParameters<typeof OpenDocument>): OpenReceipt {
  return { document: new OpenDocument(...parameters), trailing: new Map(), operations: 0 }
}

/** Tender of the factory table and printed name of each payment type with its index. */
const TENDERS: Readonly<Record<string, readonly [tender: number, name?: string]>> = {
  '0/0': [1],
  '1/0': [3],
  '2/0': [2, 'NON RISCOSSO'],
  '5/0': [2, 'NON RISCOSSO'],
  '5/1': [2],
  '5/2': [6],
  '5/3': [7],
  '5/4': [7],
  '5/5': [8],
  '6/0': [9],
  '6/1': [10],
}
const CARD = '2'
const TICKET = '3'
const TICKETS = '4'
const CARDS_MAX = 10
const TICKETS_MAX = 99

/** Discount and surcharge of the last line; acconto, omaggio, buono monouso. */
const DISCOUNT = '0'
const SURCHARGE = '5'
const DEDUCTIONS: readonly string[] = ['10', '11', '12']

/** The elements in the body of the envelope, in order, with any prefix. */
export function tagsOf(body: string): readonly Tag[] {
  const inside = /<(?:\w+:)?Body\b[^>]*>([\s\S]*)<\/(?:\w+:)?Body>/.exec(body)?.[1] ?? ''
  return [...inside.matchAll(/<(\w+)((?:\s+\w+="[^"]*")*)\s*\/?>/g)].map(([, name = '', words = '']) => ({
    name,
    attributes: new Map(
      [...words.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
    ),
  }))
}

export function attributeOf({ attributes }: Tag): Attribute {
  return (key) => attributes.get(key) ?? ''
}

/** Undefined for a message of another form. */
export function namedIn(message: string): Named | undefined {
  const match = /^(REFUND|VOID) (\d{4}) (\d{4}) (\d\d)(\d\d)(\d{4}) ([0-9A-Z]{11}|POS|VR|ND)$/.exec(message)
  if (!match) return undefined
  const [, word, z, number, day, month, year, serial = ''] = match
  return {
    word: word === 'VOID' ? 'VOID' : 'REFUND',
    z: Number(z),
    number: Number(number),
    date: `${year}-${month}-${day}`,
    serial,
  }
}

/** The status with which the printer refuses the element; undefined if it was executed. */
type Entry = (receipt: OpenReceipt, attribute: Attribute) => number | undefined

/** The elements of an open receipt. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  printRecItem: ({ document }, attribute) =>
    document.kind === 'sale' ? addGoods(document, attribute) : REFUSED.sequence,
  printRecRefund: ({ document }, attribute) =>
    document.kind === 'return' ? addGoods(document, attribute) : REFUSED.sequence,
  printRecSubtotal: ({ document }) => (document.isEmpty ? REFUSED.sequence : undefined),
  printRecItemAdjustment: ({ document }, attribute) => adjust(document, attribute),
  printRecMessage: ({ trailing }, attribute) => {
    if (attribute('messageType') !== '3') return REFUSED.value
    const index = attribute('index') || `behind ${trailing.size}`
    trailing.delete(index)
    trailing.set(index, attribute('message').replace(/^#/, ''))
    return undefined
  },
  printRecLotteryID: ({ document }, attribute) => {
    if (!/^[A-Z0-9]{8}$/.test(attribute('code'))) return REFUSED.checkDigit
    document.lottery = attribute('code')
    return undefined
  },
  printRecTotal: ({ document }, attribute) => pay(document, attribute),
}

/** directIO 1060 (partita IVA) and 1061 (codice fiscale) of the customer: `01` and the code. */
export function enterTaxCode({ document }: OpenReceipt, command: string, data: string): number | undefined {
  const form = command === '1060' ? /^01(\d{11})$/ : /^01([0-9A-Z]{16})$/
  const code = form.exec(data)?.[1]
  if (code === undefined) return REFUSED.value
  if (!isPartitaIva(code) && !isCodiceFiscale(code)) return REFUSED.checkDigit
  document.taxCode = code
  return undefined
}

function addGoods(document: OpenDocument, attribute: Attribute): number | undefined {
  if (document.payments.length > 0) return REFUSED.sequence
  const thousandths = Math.round(numberIn(attribute('quantity')) * 1000)
  const [department, price] = [Number(attribute('department')), centsOf(attribute('unitPrice'))]
  return statusOf(document.addLine(department, price, thousandths, attribute('description')))
}

function adjust(document: OpenDocument, attribute: Attribute): number | undefined {
  if (document.payments.length > 0) return REFUSED.sequence
  const [type, cents, text] = [attribute('adjustmentType'), centsOf(attribute('amount')), attribute('description')]
  if (DEDUCTIONS.includes(type)) return statusOf(document.deduct(Number(attribute('department')), cents, text))
  if (type !== DISCOUNT && type !== SURCHARGE) return REFUSED.limit
  return statusOf(document.adjust(() => (type === DISCOUNT ? -cents : cents), text))
}

/** If several tickets pay, the amount is the value of one of them, and the index their number. */
function pay(document: OpenDocument, attribute: Attribute): number | undefined {
  const [type, index, cents] = [attribute('paymentType'), Number(attribute('index')), centsOf(attribute('payment'))]
  if (isPaid(document)) return REFUSED.sequence
  const [tender, name] = tenderOf(type, index) ?? []
  if (tender === undefined) return REFUSED.limit
  return statusOf(resultOf(document.pay(tender, type === TICKETS ? cents * index : cents, name)))
}

function tenderOf(type: string, index: number): readonly [tender: number, name?: string] | undefined {
  if (type === CARD && index >= 1 && index <= CARDS_MAX) return [4]
  if (type === TICKET && index >= 1 && index <= CARDS_MAX) return [5]
  if (type === TICKETS && index >= 1 && index <= TICKETS_MAX) return [5]
  const name = `${type}/${index}`
  return Object.hasOwn(TENDERS, name) ? TENDERS[name] : undefined
}

/** Payments cover the total: the receipt waits for its end. */
export function isPaid({ payments, paidCents, totalCents }: OpenDocument): boolean {
  return payments.length > 0 && paidCents >= totalCents
}

function resultOf(paid: 'done' | 'open' | 'ES0001'): string | undefined {
  return paid === 'ES0001' ? paid : undefined
}

function statusOf(refused: string | undefined): number | undefined {
  return refused === undefined ? undefined : REFUSED.limit
}

function numberIn(text: string): number {
  return Number(text.replace(',', '.'))
}

function centsOf(text: string): number {
  return Math.round(numberIn(text) * 100)
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
}

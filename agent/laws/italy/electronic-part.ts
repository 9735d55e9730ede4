import { absolute, toCents } from '../../../base/money.ts'
import type { RtDocument } from '../../../drivers/ports/rt-printer.ts'
import type { Payment } from '../../contract/payment.ts'
import type { DocumentOf, GoodsDocument, OperationDocument } from '../../journal/documents/document.ts'
import { bodyOf } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import { sumOf } from '../../register/cart-discount.ts'
import { euroCents } from '../../register/payments.ts'
import { classesOf, className, ELECTRONIC } from './classes.ts'
import { four } from './original.ts'
import { sentBy } from './recorded.ts'
import type { PrintedDocument } from './shapes.ts'
import { isEntry } from './shapes.ts'
import { stateOf } from './state.ts'
import { NUMBERS } from './tenders.ts'

/**
 * An electronic payment that was counted, and how much of it the printer has as electronic. `isOfPlatform`: a platform
 * for deliveries collected it, and no acquirer reports it to the office.
 */
export type ElectronicPart = {
  readonly tid: string
  readonly cents: bigint
  readonly printed: bigint
  readonly isOfPlatform: boolean
}

/** `place`: printer and Z of its documents; undefined without a document. */
export type ElectronicParts = {
  readonly parts: readonly ElectronicPart[]
  readonly place: Pick<PrintedDocument, 'rt_serial_number' | 'z_number'> | undefined
}

type Printed = { readonly facts: PrintedDocument; readonly sent: RtDocument | undefined }
type Reader = Pick<View, 'eventsOf' | 'bodyAt'>

/** Methods that acquirers report: money by cards and phones, whatever class the shop prints it under. */
const BY_ACQUIRER = {
  card: true,
  digital_wallet: true,
  mobile: true,
  online: true,
  ...{ cash: false, voucher: false, gift_card: false, bank_transfer: false, store_credit: false, other: false },
  ...{ on_account: false, rounding: false },
} as const satisfies Record<Payment['method'], boolean>

/** Of equal payments by two methods a shop prints its cards as electronic rather than its other ones. */
const BY_LIKELIHOOD = Object.keys(BY_ACQUIRER)

/** It is on the printer's document as electronic, whatever acquirers report. */
function isNamedElectronic({ tender }: Payment): boolean {
  return tender !== undefined && NUMBERS[tender] === ELECTRONIC
}

function likelihood(payment: Payment): number {
  return isNamedElectronic(payment) ? -1 : BY_LIKELIHOOD.indexOf(payment.method)
}

/**
 * The electronic payments of an operation, signed, against the documents that the printer made of it. `printedAs`: the
 * document of an entry that a person had not seen.
 */
export function electronicParts(view: Reader, operation: GoodsDocument, printedAs?: string): ElectronicParts {
  const counted = (operation.shown.payments ?? [])
    .filter(({ status }) => operation.own.counted_statuses.includes(status))
    .filter((payment) => BY_ACQUIRER[payment.method] || isNamedElectronic(payment))
    .sort((one, other) => likelihood(one) - likelihood(other))
  if (!counted.some(({ method }) => BY_ACQUIRER[method])) return { parts: [], place: undefined }
  const printed = printedIn(view, operation.id)
  const entries =
    printedAs === undefined ? printed.flatMap(({ sent }) => electronicIn(view, operation, sent)) : enteredIn(operation)
  const amounts = counted.map(euroCents)
  const shares = printedShares(amounts, entries)
  return {
    parts: counted.flatMap(({ method, tid = '' }, index) => {
      const isOfPlatform = method === 'online' && tid === '' && operation.shown.source !== 'ONLINE'
      const part = { tid, cents: amounts[index] ?? 0n, printed: shares[index] ?? 0n, isOfPlatform }
      return BY_ACQUIRER[method] ? [part] : []
    }),
    place: printedAs === undefined ? printed.at(-1)?.facts : placeOf(operation, printedAs),
  }
}

function placeOf({ shown }: GoodsDocument, printedAs: string): ElectronicParts['place'] {
  const { fiscal_information: facts } = shown
  const [z = ''] = printedAs.split('-')
  return isEntry(facts) ? { rt_serial_number: facts.rt_serial_number, z_number: z } : undefined
}

/** The amounts of an entry under the electronic class. */
function enteredIn(operation: GoodsDocument): bigint[] {
  const { payments = [] } = stateOf(operation).facts.entry ?? {}
  return payments.flatMap(({ name, amount }) => (name === className(ELECTRONIC) ? [toCents(amount)] : []))
}

/** The documents of an operation with the data that were sent; an exchange records its return twice. */
function printedIn(view: Reader, id: OperationDocument['id']): Printed[] {
  const documents = new Map<string, Printed>()
  for (const event of view.eventsOf(id)) {
    // Most events print nothing: they are not parsed.
    if (!event.body.includes('"rt_serial_number"')) continue
    for (const { facts, sent } of sentBy(view, bodyOf(event))) {
      const name = `${facts.rt_serial_number} ${facts.document_number}`
      documents.set(name, { facts, sent: documents.get(name)?.sent ?? sent })
    }
  }
  return [...documents.values()]
}

/** The amounts of a document under the electronic class; an annullo takes back those of the document that it names. */
function electronicIn(view: Reader, operation: GoodsDocument, sent: RtDocument | undefined): bigint[] {
  if (sent === undefined) return []
  if (sent.kind !== 'void') return electronic(sent)
  const { z, number } = sent.original
  const { related_operation_id: original } = (operation as DocumentOf<'void'>).shown
  const annulled = printedIn(view, original).find(({ facts }) => facts.document_number === `${four(z)}-${four(number)}`)
  return annulled?.sent === undefined ? [] : electronic(annulled.sent).map((cents) => -cents)
}

function electronic(document: RtDocument): bigint[] {
  return classesOf(document).flatMap(({ tender, cents }) => (tender === ELECTRONIC ? [cents] : []))
}

/**
 * The printed part of each payment. The configuration may have changed since, so only the printed amounts count: first
 * those that are equal, then what is left of the same sign.
 */
function printedShares(amounts: readonly bigint[], entries: readonly bigint[]): bigint[] {
  const left = [...entries]
  const shares = amounts.map((cents) => {
    const at = left.indexOf(cents)
    if (at < 0) return undefined
    left.splice(at, 1)
    return cents
  })
  let [taken, given] = [sumOf(left.filter((cents) => cents > 0n)), sumOf(left.filter((cents) => cents < 0n))]
  return amounts.map((cents, index) => {
    const whole = shares[index]
    if (whole !== undefined) return whole
    const rest = cents < 0n ? given : taken
    const share = absolute(cents) < absolute(rest) ? cents : rest
    if (cents < 0n) given -= share
    else taken -= share
    return share
  })
}

import { parseRfc3339 } from '../../../base/clock.ts'
import { toCents } from '../../../base/money.ts'
import type { RecordedBon } from '../../../verify/dsfinvk/bon-table.ts'
import type { Closing } from '../../../verify/dsfinvk/register-bons.ts'
import { RegisterBons } from '../../../verify/dsfinvk/register-bons.ts'
import type { ReceiptOutages } from '../../devices/receipt-outages.ts'
import { bodyReader } from '../../journal/body-reader.ts'
import { BookState } from '../../journal/books/book-state.ts'
import { membersIn } from '../../journal/checked.ts'
import type { StoredParts } from '../../journal/documents/document.ts'
import { emptyDocument } from '../../journal/documents/document.ts'
import { lawNameIn, partsOf, sessionPartsOf } from '../../journal/documents/parts.ts'
import type { EventBody, StoredEvent } from '../../journal/events.ts'
import { isEarlyAnswer } from '../../journal/progress.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import type { BonDocument } from './bon-document.ts'
import { bonKindIn } from './bon-document.ts'
import { plausibleSecond, secondsOfDocument, secondsOfTransaction } from './bon-seconds.ts'
import { sumsOf } from './books/operation-sums.ts'
import { FACTS } from './facts.ts'
import { ratesConfiguredIn, ratesOfClosing, ratesSoldIn } from './journalled-rates.ts'
import { grossIn, lostContent } from './lost-content.ts'
import { isOurs } from './ours.ts'
import type { GermanState } from './state.ts'
import { stateOf } from './state.ts'
import { UntaxedAmounts } from './untaxed-kinds.ts'

type Read = Pick<StoredEvent, 'seq' | 'kind' | 'op' | 'at' | 'body'>
/**
 * `number`: its receipt number, since `atMs`, while its end is still being settled; `device`: of its last act;
 * `unsigned`: its name among the receipts that no TSE signed.
 */
type Begun = {
  document: BonDocument
  register: string
  session: string | undefined
  number?: number
  atMs: number
  isAnsweredEarly: boolean
  device: string | undefined
  unsigned?: number
}

const LAW = FACTS.name

/**
 * Records the bons of German registers from the events of a journal, from the first on, and notes those that no TSE
 * signed. Holds documents that are open at the same time.
 */
export class JournalledBons {
  readonly registers = new Map<string, RegisterBons>()
  /** The amounts without VAT in signed bons. */
  readonly untaxed = new UntaxedAmounts()
  readonly #begun = new Map<string, Begun>()
  readonly #state = new BookState()
  /** The closing of a register whose last bon, that of the operation `op`, has no number yet. */
  readonly #waiting = new Map<RegisterBons, Closing & { op: string }>()
  /** By register. */
  readonly #devices = new Map<string, string>()
  readonly #outages: ReceiptOutages

  constructor(outages: ReceiptOutages) {
    this.#outages = outages
  }

  /** The journal may come from anyone. Throws for an event that this program does not write. */
  note({ seq, kind, op, at, body: text }: Read, json = bodyReader(text)): void {
    const body = json() as EventBody
    const { receipt, session } = body
    this.#begin(op, body)
    const entry = this.#begun.get(op)
    const own = receipt && this.registers.get(receipt.register)
    const atMs = parseRfc3339(at) ?? 0
    if (own !== undefined && receipt !== undefined) {
      if (op === '') this.#takeTransaction(own, receipt, { kind, atMs, body })
      else if (entry !== undefined) this.#number(own, op, entry, { number: receipt.number, atMs, session })
    }
    if (entry?.number !== undefined) this.#recordBon(op, entry, entry.number)
    const { z_number: z, books } = sessionPartsOf(body)?.own ?? {}
    if (session !== undefined && z !== undefined)
      this.#close(session, { z, seq, recordedRates: ratesOfClosing(books?.['vat_rates']) }, { op, atMs })
    else if (own !== undefined) this.#closeWaiting(own, op, { seq, atMs })
    this.#state.note(seq, at, op, body)
  }

  #begin(op: string, body: EventBody): void {
    const { index } = body
    const parts = partsOf(body)
    const { regime: law } = membersIn(parts.shown['fiscalization']) ?? {}
    if (law === LAW && !this.registers.has(op)) this.registers.set(op, new RegisterBons())
    const device = parts.shown['fiscal_device']
    if (typeof device === 'string') this.#devices.set(op, device)
    const bonKind = index && bonKindIn(index)
    if (bonKind !== undefined && index?.register != null && this.registers.has(index.register))
      this.#begun.set(op, {
        document: emptyDocument(bonKind, op),
        register: index.register,
        session: index.session,
        atMs: 0,
        isAnsweredEarly: false,
        device: this.#devices.get(index.register),
      })
    const entry = this.#begun.get(op)
    if (entry === undefined) return
    entry.document = entry.document.with({ set: parts.shown, own: parts.own, law: parts.law })
    entry.device = body.act?.device ?? entry.device
    if (isEarlyAnswer(body)) entry.isAnsweredEarly = true
    if (body.answer !== undefined) entry.isAnsweredEarly = false
  }

  #number(
    own: RegisterBons,
    op: string,
    entry: Begun,
    { number, atMs, session }: { number: number; atMs: number; session: EventBody['session'] | undefined },
  ): void {
    Object.assign(entry, { number, atMs })
    // The bon of an opening or of a close is of its session.
    if (session?.set?.['state'] !== undefined && session.id === entry.session) return
    const running = this.#state.sessionOf(entry.register)?.id
    const isIn = entry.session === undefined ? running !== undefined : entry.session === running
    if (!isIn && this.#waiting.get(own)?.op !== op) own.late.push(number)
  }

  #recordBon(op: string, entry: Begun, number: number): void {
    const { document, register, isAnsweredEarly } = entry
    const own = this.registers.get(register)
    const bon = ofDocument(document, entry.atMs)
    if (bon !== undefined) {
      own?.table.record(number, bon)
      own?.noteRates(ratesSoldIn(document.parts), ratesConfiguredIn(document.parts))
      this.#noteSignature(entry, number, bon, stateOf(document))
    }
    const isUnsettled = stateOf(document).fiscal.state === 'pending'
    if (isUnsettled) own?.unsettled.add(number)
    else own?.unsettled.delete(number)
    if (isUnsettled || isAnsweredEarly) return
    this.#begun.delete(op)
    if (bon !== undefined && bon.counter !== 0) this.untaxed.take(register, number, document.parts)
  }

  /** Notes each receipt that no TSE signed, and the next signature of its unit. */
  #noteSignature(entry: Begun, number: number, { counter, cents }: RecordedBon, { fiscal, transaction }: GermanState) {
    const { register, atMs, unsigned } = entry
    // A register of an older journal may name no device.
    const device = transaction?.device ?? entry.device ?? ''
    if (counter !== 0) {
      if (unsigned !== undefined) this.#outages.withdraw(unsigned)
      this.#outages.signed(device, atMs)
      return
    }
    const { code, message, occurred_at: occurred } = fiscal.error ?? {}
    const refusal = code === undefined ? undefined : { code, message: message ?? '', atMs: timeOf(occurred) ?? atMs }
    const receipt = { law: LAW, register, number, atMs, cents, refusal }
    if (unsigned === undefined) entry.unsigned = this.#outages.unsigned(device, receipt)
    else this.#outages.refused(unsigned, receipt)
  }

  /** An abort is a signature of its unit; a lost bon was signed before. */
  #takeTransaction(
    { table }: RegisterBons,
    { register, number }: NonNullable<EventBody['receipt']>,
    { kind, atMs, body }: { kind: string; atMs: number; body: EventBody },
  ): void {
    table.record(number, ofTransaction(kind, body, atMs))
    const { transaction } = body
    if (kind === 'transaction.lost') this.untaxed.add(register, number, 'adopted', adoptedCents(body))
    else if (transaction !== undefined) this.#outages.signed(transaction.device, atMs)
  }

  /** The bon of the close itself is the last of its closing. */
  #close(
    { id, register, sales, set }: NonNullable<EventBody['session']>,
    numbered: Pick<Closing, 'z' | 'seq' | 'recordedRates'>,
    { op, atMs }: { op: string; atMs: number },
  ): void {
    const own = this.registers.get(register)
    const second = plausibleSecond(atMs)
    const counted = this.#state.salesIn(id)
    const last = this.#state.lastReceipt(register)
    const session = sales === undefined || counted === undefined ? undefined : { recorded: sales, counted, last }
    const left = set?.['amount_left']
    const leftCents = typeof left === 'string' ? Number(toCents(left)) : undefined
    const entry = this.#begun.get(op)
    const isRecorded = entry !== undefined && lawNameIn(entry.document.parts) !== undefined
    if (!isRecorded) this.#begun.delete(op)
    if (own === undefined) return
    if (isRecorded && entry.number === undefined)
      this.#waiting.set(own, { ...numbered, op, session, second, leftCents })
    else this.#closeNow(own, { ...numbered, session, second, leftCents })
  }

  #closeWaiting(own: RegisterBons, op: string, { seq, atMs }: { seq: number; atMs: number }): void {
    const closing = this.#waiting.get(own)
    if (closing?.op !== op) return
    this.#closeNow(own, { ...closing, seq, second: Math.max(closing.second, plausibleSecond(atMs)) })
  }

  #closeNow(own: RegisterBons, closing: Closing): void {
    own.close(closing)
    this.#waiting.delete(own)
  }
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseRfc3339(text)
}

/** Undefined for a document without a bon. The sum comes from members of the journal, not from the rows of the writer. */
function ofDocument(document: BonDocument, atMs: number): RecordedBon | undefined {
  const { signed } = stateOf(document)
  const facts = isOurs(signed) ? signed : undefined
  return {
    transaction: facts?.transaction_number ?? 0,
    counter: facts?.end_event.transaction_counter ?? 0,
    cents: grossOf(document.parts),
    ...secondsOfDocument(document, atMs),
  }
}

function ofTransaction(kind: string, body: EventBody, atMs: number): RecordedBon {
  const facts = transactionFacts(body)
  const { transaction = 0, counter = 0, finished, process_type: type, process_data: data } = facts
  const seconds = secondsOfTransaction(kind, facts, atMs)
  if (kind !== 'transaction.lost') return { transaction, counter, cents: 0, ...seconds }
  const lost = lostContent(type ?? '', data ?? '')
  if (lost === undefined) throw new RangeError(`the TSE's data for transaction ${transaction} is not a bon`)
  return { transaction, counter: finished?.signature_counter ?? 0, cents: Number(grossIn(lost)), ...seconds }
}

/** B5 of a bon that only the TSE still had. */
function adoptedCents(body: EventBody): bigint {
  const { process_type: type = '', process_data: data = '' } = transactionFacts(body)
  const lost = lostContent(type, data)
  return lost?.type === 'Beleg' ? (lost.gross.at(-1) ?? 0n) : 0n
}

/** UMS_BRUTTO; NaN if an amount is not readable. */
function grossOf(parts: StoredParts): number {
  try {
    return Number(sumIn(sumsOf(parts).kinds))
  } catch {
    return Number.NaN
  }
}

function sumIn(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, cents) => sum + cents, 0n)
}

import { parseRfc3339 } from '../../../../base/clock.ts'
import { formatCents } from '../../../../base/money.ts'
import type { BookState } from '../../../journal/books/book-state.ts'
import { finishedIn } from '../../../journal/books/device-logs.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { NotedEvent } from '../../../journal/books/law-books.ts'
import type { Payment } from '../../../journal/books/operation-parts.ts'
import { countedPayments, paidCents, paidUnits } from '../../../journal/books/operation-parts.ts'
import { membersIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { NO_PARTS } from '../../../journal/documents/document.ts'
import { isOperationKind } from '../../../journal/documents/kind.ts'
import { lawNameIn, partsOf, partsWith } from '../../../journal/documents/parts.ts'
import type { Act, EventBody } from '../../../journal/events.ts'
import { isEarlyAnswer } from '../../../journal/progress.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'
import { startOfDocument } from '../../../journal/tse-logs.ts'
import { BonRates } from './bon-rates.ts'
import { moveTextOf } from './move-text.ts'
import { sumsOf } from './operation-sums.ts'
import { orderTextOf } from './order-text.ts'
import type { GermanFindings } from './texts.ts'

const LAW = 'KassenSichV'
const DOCUMENT = 'Kassenbeleg-V1'
const ABORTED = 'AVBelegabbruch^0.00_0.00_0.00_0.00_0.00^'
const ORDER = 'Bestellung-V1'
const OTHER = 'SonstigerVorgang'
const DRAWER = { type: OTHER, text: 'Kassenladenöffnung' }
const MOVE = 'Umbuchung;'

/** A transaction as an act requested it, or as it was adopted. */
type Asked = { readonly transaction: unknown; readonly client: unknown; readonly data: unknown }

type Moved = NonNullable<EventBody['session']>

/** An operation until its bon is final. `asked`: the last request to the TSE and its event. */
type Begun = {
  parts: StoredParts
  readonly register: string
  readonly session: string | undefined
  asked: { seq: number; act: Act } | undefined
  number: number | undefined
  isReported: boolean
  /** A TSE has signed its finish. */
  isSigned: boolean
  /** The event that closed its session before the operation ended. */
  leftAt: number | undefined
  /** An earlier version closed its session without waiting for bons that count and had no number yet. */
  isExcused: boolean
  /** The till got its answer before the outcome of the TSE was known. */
  isAnsweredEarly: boolean
  /** When it began and when it got its number, by the events. */
  readonly beganMs: number
  endedMs: number
  /** The clock was suspect at one of them. */
  isSuspect: boolean
  /** The event that requested its start. */
  starting: number | undefined
  /** The log times of its start and finish, as the outcomes of these acts have them. */
  startedMs: number | undefined
  finishedMs: number | undefined
}

/**
 * Compares the text that a TSE was requested to sign with the operation that requested it, even if the act failed: the
 * intent holds the signed text, and editing the operation cannot change that. Each requested finish becomes one bon of
 * the register whose client requested it: its number is set by the outcome, or found by it. An operation must not
 * outlive its session: a close waits for all of them. Memory: the operations that are open at the same time.
 */
export class SignedAmounts {
  readonly #begun = new Map<string, Begun>()
  /** Requested finishes by the event of the request, until the outcome is known. */
  readonly #ending = new Map<number, { begun: Begun; act: Act }>()
  readonly #findings: GermanFindings
  readonly #state: BookState
  readonly #isOfLater: (operation: string) => boolean
  readonly #rates: BonRates
  /** The German register of each client of a TSE. */
  readonly #registers = new Map<string, string>()

  constructor(findings: GermanFindings, state: BookState, isOfLater: (operation: string) => boolean) {
    this.#isOfLater = isOfLater
    this.#findings = findings
    this.#state = state
    this.#rates = new BonRates(findings)
    findings.atEnd((report) => {
      for (const [op, entry] of this.#begun)
        if (entry.leftAt !== undefined && entry.number === undefined) reportLeft(report, entry.leftAt, op, entry)
    })
  }

  /** Call it after the state has noted this event, which may open a session. */
  note({ seq, kind, op, at }: NotedEvent, body: EventBody): void {
    const atMs = parseRfc3339(at) ?? 0
    const { regime, client_id: client } = membersIn(partsOf(body).shown['fiscalization']) ?? {}
    if (regime === LAW) this.#registers.set(String(client), op)
    const entry = this.#begin(op, atMs, body)
    this.#compareAdopted(seq, kind, body)
    if (entry === undefined) {
      this.#compareOrphan(seq, body.act)
      this.#rates.followUnsecured(op, atMs, body)
    } else this.#follow(seq, op, entry, { atMs, body })
    this.#conclude(seq, body)
    if (entry !== undefined && isFinal(entry)) {
      this.#rates.take(seq, op, entry)
      this.#begun.delete(op)
    }
    if (body.session?.set?.['state'] === 'closed') this.#leave(seq, op, body.session)
  }

  #begin(op: string, atMs: number, body: EventBody): Begun | undefined {
    const { index } = body
    const earlier = this.#begun.get(op)
    const isBon = index !== undefined && (isOperationKind(index.kind) || index.kind === 'drawer_opening')
    // A second begin of the same operation changes nothing.
    if (earlier !== undefined || index === undefined || !isBon) return earlier
    const parts = partsOf(body)
    if (lawNameIn(parts) !== LAW) {
      this.#rates.beginUnsecured(op, atMs, parts)
      return undefined
    }
    const { register, session } = index
    const entry = {
      parts: NO_PARTS,
      register: register ?? '–',
      session,
      asked: undefined,
      number: undefined,
      isReported: false,
      isSigned: false,
      leftAt: undefined,
      isExcused: false,
      isAnsweredEarly: false,
      beganMs: atMs,
      endedMs: atMs,
      isSuspect: body.clock === 'suspect',
      starting: undefined,
      startedMs: undefined,
      finishedMs: undefined,
    }
    this.#begun.set(op, entry)
    return entry
  }

  #follow(seq: number, op: string, entry: Begun, { atMs, body }: { atMs: number; body: EventBody }): void {
    const { act, ref, receipt, session } = body
    entry.parts = typedBy(body.index, partsWith(entry.parts, body))
    if (isEarlyAnswer(body)) entry.isAnsweredEarly = true
    if (body.answer !== undefined) entry.isAnsweredEarly = false
    const isConcluded = entry.asked !== undefined && ref === entry.asked.seq
    if (act?.name === 'start') entry.starting = seq
    noteLogTimes(entry, body, isConcluded)
    if (isFinish(act)) {
      entry.asked = { seq, act }
      this.#ending.set(seq, { begun: entry, act })
    }
    if (receipt?.register === entry.register) {
      entry.number = receipt.number
      entry.endedMs = atMs
      entry.isSuspect ||= body.clock === 'suspect'
      this.#compareCash(seq, entry, session)
    }
    if (receipt !== undefined || isConcluded) this.#compare(seq, entry)
    const isOwnClose = entry.parts.shown['type'] === 'session_close' || session?.set?.['state'] === 'closed'
    if (receipt !== undefined && !isOwnClose && !entry.isExcused && this.#isOver(entry.session))
      reportLeft(this.#findings, seq, op, entry)
  }

  /** A bon adds its cash payments to the drawer: a count relies on that. */
  #compareCash(seq: number, { parts, register, session, number }: Begun, moved: EventBody['session']): void {
    const { shown: document } = parts
    if (document['line_items'] === undefined || session === undefined) return
    const isPaid = document['status'] !== 'voided' && document['training'] !== true
    const cash = isPaid ? countedPayments(parts, 'none').filter(({ method }) => method === 'cash') : []
    const [stated, counted] = [drawerText(moved?.cash, moved?.foreign), cashText(cash)]
    if (stated === counted) return
    this.#findings.add('bon_cash_differs', seq, { register, bon: number ?? '–', stated, counted })
  }

  /** For every outcome: the operation that requested it has its number and its signature by then. */
  #conclude(seq: number, body: EventBody): void {
    const ending = body.ref === undefined ? undefined : this.#ending.get(body.ref)
    if (ending === undefined || body.ref === undefined) return
    this.#ending.delete(body.ref)
    const { begun: entry, act } = ending
    const isSigned = finishedIn(body) !== undefined
    const isOwn = entry.number !== undefined && this.#registers.get(String(act['client'])) === entry.register
    const { transaction, client, process_data: data } = act
    if (!isOwn || (isSigned && entry.isSigned)) this.#reportMissing(seq, { transaction, client, data })
    entry.isSigned ||= isSigned
  }

  /** A transaction that a TSE signed before a restore becomes a bon only by adoption. */
  #compareAdopted(seq: number, kind: string, body: EventBody): void {
    if (kind !== 'transaction.lost') return
    const { transaction, finished, process_type: type, process_data: data, client = '' } = transactionFacts(body)
    const isMove = type === OTHER && data?.startsWith(MOVE) === true
    if (finished === undefined || !(type === DOCUMENT || type === ORDER || isMove) || data === ABORTED) return
    if (body.receipt === undefined || body.receipt.register !== this.#registers.get(client))
      this.#reportMissing(seq, { transaction, client, data })
  }

  #reportMissing(seq: number, { transaction, client, data }: Asked): void {
    const facts = { transaction: Number(transaction), client: String(client), data: String(data) }
    this.#findings.add('tse_bon_missing', seq, facts)
  }

  #compare(seq: number, entry: Begun): void {
    const { asked, parts, register, number } = entry
    const { shown: document } = parts
    if (asked === undefined || entry.isReported || (number === undefined && document['status'] === 'open')) return
    const [type, text] = [asked.act['process_type'], String(asked.act['process_data'])]
    const expected = textToSign(parts, text)
    if (type === expected.type && (expected.isBegin ? text.startsWith(expected.text) : text === expected.text)) return
    const counted = expected.text
    entry.isReported = true
    this.#findings.add('tse_amounts_differ', seq, { register, bon: number ?? '–', stated: text, counted })
  }

  /** A transaction without a waiting operation may only be finished as aborted. */
  #compareOrphan(seq: number, act: Act | undefined): void {
    const text = String(act?.['process_data'])
    if (!isFinish(act) || text === ABORTED) return
    this.#findings.add('tse_amounts_differ', seq, { register: '–', bon: '–', stated: text, counted: ABORTED })
  }

  #leave(seq: number, op: string, { id, sales }: NonNullable<EventBody['session']>): void {
    for (const [other, entry] of this.#begun) {
      if (other === op || entry.session !== id || entry.number !== undefined) continue
      const isLeft = sales !== undefined || entry.parts.shown['status'] === 'open'
      if (isLeft && !this.#isOfLater(other)) entry.leftAt = seq
      else entry.isExcused = true
    }
  }

  #isOver(session: string | undefined): boolean {
    return session !== undefined && this.#state.session(session) === undefined
  }
}

/** The cash of payments, as {@link drawerText} writes it. */
function cashText(cash: readonly Payment[]): string {
  let euro = 0n
  const foreign: Record<string, { units: number; base: number }> = {}
  for (const payment of cash) {
    if (payment.base_amount === undefined) euro += paidCents(payment)
    else {
      const { units, base } = foreign[payment.currency] ?? { units: 0, base: 0 }
      const sums = { units: units + Number(paidUnits(payment)), base: base + Number(paidCents(payment)) }
      foreign[payment.currency] = sums
    }
  }
  return drawerText(euro, foreign)
}

/** `12.30`, with `, CHF 20.00 (18.60)` for foreign cash; currencies that do not move are left out. */
function drawerText(cents: number | bigint = 0, foreign: Moved['foreign'] = {}): string {
  const moved = Object.entries(foreign).filter(([, { units, base }]) => units !== 0 || base !== 0)
  const sorts = moved.map(([currency, { units, base }]) => `${currency} ${centsText(units)} (${centsText(base)})`)
  return [centsText(cents), ...sorts.sort()].join(', ')
}

/** Books and lists go by the kind of the first event, not by the member `type`: an editor may change either. */
function typedBy(index: EventBody['index'], parts: StoredParts): StoredParts {
  if (index === undefined || parts.shown['type'] === index.kind || !isOperationKind(index.kind)) return parts
  return { ...parts, shown: { ...parts.shown, type: index.kind } }
}

/** `isBegin`: the text that was signed begins so. */
type Expected = { readonly type: string; readonly text: string; readonly isBegin?: true }

/** Practice and an order that was voided are signed as receipts. `asked`: the text that the TSE was asked to sign. */
function textToSign(parts: StoredParts, asked: string): Expected {
  const { object, type, status, training } = parts.shown
  if (object === 'cash_drawer_opening') return { ...DRAWER, isBegin: true }
  if (type === 'order_move' && training !== true) return { type: OTHER, text: moveTextOf(parts) }
  if (type === 'order' && status !== 'voided' && training !== true) return { type: ORDER, text: orderTextOf(parts) }
  return { type: DOCUMENT, text: textOf(parts, asked) }
}

function reportLeft(findings: GermanFindings, seq: number, operation: string, entry: Begun): void {
  const { register, parts, number } = entry
  const sum = String(parts.shown['total_amount'] ?? '0.00')
  findings.add('bon_after_close', seq, { register, operation, bon: number ?? '–', sum })
}

/** From the events whose logs are compared with an archive: any other event may name other times. */
function noteLogTimes(entry: Begun, body: EventBody, isConcluded: boolean): void {
  if (isConcluded) entry.finishedMs ??= finishedIn(body)?.timeMs
  if (body.ref === undefined || body.ref !== entry.starting) return
  const at = startOfDocument(partsOf(body))?.at
  if (at !== undefined) entry.startedMs ??= parseRfc3339(at)
}

/** Its text may be any: the comparison of TSE and journal checks that. */
function isFinish(act: Act | undefined): act is Act {
  return act?.name === 'finish' && typeof act['client'] === 'string'
}

/** It has its number, and no outcome is open. */
function isFinal({ number, isAnsweredEarly, parts: { shown, law } }: Begun): boolean {
  // A drawer opening has its signature in the law's state.
  const { state } = membersIn(law['fiscal'] ?? shown['fiscal']) ?? {}
  return number !== undefined && state !== 'pending' && !isAnsweredEarly
}

/** The processData of an operation (DSFinV-K Annex I): ../process-data.ts a second time, on purpose. */
function textOf(parts: StoredParts, asked: string): string {
  const { type, kinds, paid, foreign = [] } = sumsOf(parts, asked)
  const [cash, cashless] = paid
  const payments = [
    ...(cash === 0n ? [] : [`${formatCents(cash)}:Bar`]),
    ...[...foreign]
      .filter(([, units]) => units !== 0n)
      .map(([currency, units]) => `${formatCents(units)}:Bar:${currency}`)
      .sort((one, other) => (one.slice(-3) < other.slice(-3) ? -1 : 1)),
    ...(cashless === 0n ? [] : [`${formatCents(cashless)}:Unbar`]),
  ]
  return `${type}^${kinds.map(formatCents).join('_')}^${payments.join('_')}`
}

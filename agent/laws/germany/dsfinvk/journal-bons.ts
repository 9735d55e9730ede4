import { parseRfc3339 } from '../../../../base/clock.ts'
import type { DocumentOf } from '../../../journal/documents/document.ts'
import { emptyDocument, isOperation, ofKind } from '../../../journal/documents/document.ts'
import type { EventBody, UnhashedEvent } from '../../../journal/events.ts'
import { bodyOf } from '../../../journal/events.ts'
import { isEarlyAnswer } from '../../../journal/progress.ts'
import type { View } from '../../../journal/projections/view.ts'
import { firstNumberFrom } from '../../../journal/set-aside.ts'
import type { TransactionFacts } from '../../../journal/transaction-facts.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'
import type { BonDocument } from '../bon-document.ts'
import { bonKindIn } from '../bon-document.ts'
import { stateOf } from '../state.ts'
import type { HashedEvents } from './hashed-events.ts'

/** The reads of the journal that the books need. */
export type JournalReads = Pick<
  View,
  | 'closedSessionBefore'
  | 'closedSessionsBetween'
  | 'closedSessionsOn'
  | 'document'
  | 'location'
  | 'merchant'
  | 'register'
  | 'event'
  | 'eventsOf'
  | 'operation'
  | 'operationRow'
  | 'lastSession'
  | 'tse'
  | 'lastReceiptNumber'
  | 'nextReceiptNumber'
  | 'nextZNumber'
  | 'oddlyDatedSessions'
  | 'receipts'
  | 'receiptsFrom'
  | 'rightTimeWithin'
  | 'operations'
  | 'resources'
  | 'session'
  | 'sessions'
  | 'unhashedPortion'
>

/** The event that gave a bon its number, and the record of it. */
export type NumberedBon =
  | { kind: 'operation'; number: number; document: BonDocument; numberedMs: number }
  | { kind: 'stray'; number: number; told: TransactionFacts; numberedMs: number }
  | { kind: 'lost'; number: number; told: TransactionFacts }

/** The events of one session: bons numbered in it, and before it outside any session. Sequence numbers, inclusive. */
export type SessionSpan = {
  registerId: string
  sessionId: string
  /** The opening's first event. */
  openedSeq: number
  /** The first event after the previous session. */
  firstSeq: number
  lastSeq: number
}

/**
 * An event has about 1 KB and is read once: more of them at once would outlive the young generation of a small heap.
 */
const PORTION = 16
/** Maximum size in characters of the held events of open documents; beyond that a document is read when it ends. */
const OPEN_LENGTH = 2 << 20

/**
 * The bons of a session in the order of their numbers, which is that of the journal. Memory: the documents open at the
 * same time, up to a limit. A document that is still being reconciled is read again later. Every event is checked
 * against its hash; throws DsfinvkRefusedError for a damaged one.
 *
 * Yields a list for each portion of events, even if it numbers no bon: the events of a seldom used register are spread
 * among those of all others, and the reader yields to the tills between two portions.
 */
export function* numberedBons(
  view: JournalReads,
  span: SessionSpan,
  hashes: HashedEvents,
): Generator<readonly NumberedBon[]> {
  const scan = new BonScan(view, span)
  for (let after = beginOf(view, span) - 1; after < span.lastSeq; ) {
    const upTo = Math.min(after + PORTION, span.lastSeq)
    const events = view.unhashedPortion(after, upTo)
    hashes.compare(events, after)
    after = events.at(-1)?.seq ?? upTo
    yield events.flatMap((event) => scan.read(event) ?? [])
  }
}

/**
 * Begins at the first bon after the previous session, otherwise at the opening: events of other registers while this
 * one was closed are not read.
 */
function beginOf(view: JournalReads, { registerId, firstSeq, openedSeq }: SessionSpan): number {
  const first = firstNumberFrom(view, registerId, firstSeq)
  return Math.min(openedSeq, view.receipts(registerId, first - 1, 1)[0]?.seq ?? openedSeq)
}

/** Documents that have begun and have no number yet. */
class OpenDocuments {
  /** Undefined if it is read when it ends. */
  readonly #held = new Map<string, { document: BonDocument; length: number } | undefined>()
  #length = 0

  has(op: string): boolean {
    return this.#held.has(op)
  }

  begin(op: string, kind: BonDocument['kind']): void {
    this.#held.set(op, { document: emptyDocument(kind, op), length: 0 })
  }

  /** A document that is too large to be held is kept by id only. */
  note(op: string, body: EventBody, length: number): void {
    const before = this.#held.get(op)
    if (before === undefined) return
    const isHeld = this.#length + length <= OPEN_LENGTH
    this.#length += isHeld ? length : -before.length
    this.#held.set(op, isHeld ? { document: before.document.with(body), length: before.length + length } : undefined)
  }

  /** Removes an ended document; undefined if it is not held. */
  end(op: string): BonDocument | undefined {
    const held = this.#held.get(op)
    this.#held.delete(op)
    this.#length -= held?.length ?? 0
    return held?.document
  }
}

class BonScan {
  readonly #view: JournalReads
  readonly #span: SessionSpan
  readonly #open = new OpenDocuments()
  /** The id of the register in a body. */
  readonly #mark: string

  constructor(view: JournalReads, span: SessionSpan) {
    this.#view = view
    this.#span = span
    this.#mark = JSON.stringify(span.registerId)
  }

  /** The bon that gets its number by the event. */
  read(event: UnhashedEvent): NumberedBon | undefined {
    if (!mayConcern(event, this.#open.has(event.op), this.#mark)) return undefined
    const body = bodyOf(event)
    const number = body.receipt?.register === this.#span.registerId ? body.receipt.number : undefined
    if (event.op === '') {
      if (number === undefined || event.seq < this.#span.firstSeq) return undefined
      return event.kind === 'transaction.lost'
        ? { kind: 'lost', number, told: transactionFacts(body) }
        : { kind: 'stray', number, told: transactionFacts(body), numberedMs: msOf(event) }
    }
    if (!this.#open.has(event.op)) {
      const kind = this.#begun(body)
      if (kind === undefined) return this.#numbered(event, body, number, this.#earlier(event.op, number)?.with(body))
      this.#open.begin(event.op, kind)
    }
    this.#open.note(event.op, body, event.body.length)
    if (number === undefined) return undefined
    const document = this.#open.end(event.op) ?? this.#bon(event.op, event.seq)
    return this.#numbered(event, body, number, document)
  }

  #numbered(
    event: UnhashedEvent,
    body: EventBody,
    number: number | undefined,
    document: BonDocument | undefined,
  ): NumberedBon | undefined {
    if (number === undefined || document === undefined) return undefined
    const settled = this.#settled(event.op, body, document)
    return { kind: 'operation', number, document: settled, numberedMs: msOf(event) }
  }

  /** The kind of the bon that begins: of this session, or of none. */
  #begun({ index }: EventBody): BonDocument['kind'] | undefined {
    const { registerId, sessionId } = this.#span
    const kind = index?.register === registerId ? bonKindIn(index) : undefined
    return kind === 'drawer_opening' || index?.session === sessionId ? kind : undefined
  }

  #bon(op: string, atSeq?: number): BonDocument | undefined {
    const document = this.#view.document(op, atSeq)
    if (document === undefined) return undefined
    return isOperation(document) ? document : ofKind(document, 'drawer_opening')
  }

  /** A drawer opening belongs to no session: it may have happened in the previous one. */
  #earlier(op: string, number: number | undefined): DocumentOf<'drawer_opening'> | undefined {
    return number === undefined ? undefined : ofKind(this.#view.document(op), 'drawer_opening')
  }

  #settled(op: string, body: EventBody, document: BonDocument): BonDocument {
    const isFinal = stateOf(document).fiscal.state !== 'pending' && !isEarlyAnswer(body)
    return isFinal ? document : (this.#bon(op) ?? document)
  }
}

function msOf({ at }: UnhashedEvent): number {
  return parseRfc3339(at) ?? 0
}

/** The parts of an event that change a bon. */
const CHANGES = ['"set":{"', '"own":{', '"law":{', '"receipt":{'] as const

/** False if the event need not be parsed: it neither begins a bon of the register nor changes one that has begun. */
function mayConcern({ body }: UnhashedEvent, hasBegun: boolean, register: string): boolean {
  // Canonical JSON has no blanks and sorts its members by name.
  if (hasBegun) return CHANGES.some((part) => body.includes(part))
  return body.includes(register) && (body.includes('"receipt"') || body.includes('"index"'))
}

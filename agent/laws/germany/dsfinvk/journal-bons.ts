import { parseRfc3339 } from '../../../../base/clock.ts'
import { ZERO_HASH } from '../../../journal/chain.ts'
import type { Chains } from '../../../journal/chains.ts'
import { chainAt, hashIn } from '../../../journal/chains.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { NO_PARTS, partsAfter } from '../../../journal/documents/document.ts'
import { isOperationKind } from '../../../journal/documents/kind.ts'
import type { EventBody, UnhashedEvent } from '../../../journal/events.ts'
import { bodyOf } from '../../../journal/events.ts'
import { isEarlyAnswer } from '../../../journal/progress.ts'
import type { View } from '../../../journal/projections/view.ts'
import type { TransactionFacts } from '../../../journal/transaction-facts.ts'
import { transactionFacts } from '../../../journal/transaction-facts.ts'
import type { JournalledDocument } from '../journalled-document.ts'
import { journalledDocument } from '../journalled-document.ts'
import { stateOf } from '../state.ts'
import { DsfinvkRefusedError } from './refused.ts'

/** What the books read of the journal. */
export type JournalReads = Pick<
  View,
  | 'closedSessionBefore'
  | 'closedSessions'
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
  | 'nextReceiptNumber'
  | 'receipts'
  | 'rightTimeWithin'
  | 'operations'
  | 'resources'
  | 'session'
  | 'sessions'
  | 'unhashedPortion'
>

/** The event that gave a bon its number, and what is known of it. */
export type NumberedBon =
  | { kind: 'operation'; number: number; document: JournalledDocument; numberedMs: number }
  | { kind: 'stray'; number: number; told: TransactionFacts; numberedMs: number }
  | { kind: 'lost'; number: number; told: TransactionFacts }

/** Events of one session: what is numbered within it, and before it outside of any. Sequence numbers, inclusive. */
export type SessionSpan = {
  registerId: string
  sessionId: string
  /** The opening's first event. */
  openedSeq: number
  /** The first after all that belongs to the session before. */
  firstSeq: number
  lastSeq: number
}

/** Events are a kilobyte each and soon done with: more of them at once outlive the young generation of a small heap. */
const PORTION = 16
/** Characters of the events of documents that are open at one moment and held; what more is open is read when it ends. */
const OPEN_LENGTH = 2 << 20

/**
 * The bons of a session in the order of their numbers, which is that of the journal. Holds documents that are open at one
 * moment, no more, and only so many of them. What is still being settled is read again as it is now. Every event on the
 * way is checked against its hash: throws DsfinvkRefusedError for one that was damaged.
 *
 * A list for each portion of the events, also of those that number none of them: a register that is seldom used stands
 * among everything that the others sold, and who reads beside the tills lets them have their turn between two portions.
 */
export function* numberedBons(
  view: JournalReads,
  span: SessionSpan,
  chains: Chains,
): Generator<readonly NumberedBon[]> {
  const scan = new BonScan(view, span)
  const first = beginOf(view, span)
  let previous: Uint8Array = view.event(first - 1)?.hash ?? ZERO_HASH
  for (let after = first - 1; after < span.lastSeq; ) {
    const upTo = Math.min(after + PORTION, span.lastSeq)
    const events = view.unhashedPortion(after, upTo)
    after = events.at(-1)?.seq ?? upTo
    previous = checkedHash(view, events, previous, chains)
    yield events.flatMap((event) => scan.read(event) ?? [])
  }
}

/**
 * Where the first bon behind the session before stands, else the opening: what others did while the register was closed,
 * for a winter or before it was bought, is not read.
 */
function beginOf(view: JournalReads, { registerId, firstSeq, openedSeq }: SessionSpan): number {
  const first = firstNumberFrom(view, registerId, firstSeq)
  return Math.min(openedSeq, view.receipts(registerId, first - 1, 1)[0]?.seq ?? openedSeq)
}

/** The first number that the register gave at a seq or later; the next one if it gave none. Numbers follow the journal. */
export function firstNumberFrom(view: JournalReads, registerId: string, seq: number): number {
  let [low, high] = [1, view.nextReceiptNumber(registerId)]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const given = view.receipts(registerId, middle - 1, 1)[0]
    if (given !== undefined && given.seq < seq) low = middle + 1
    else high = middle
  }
  return low
}

/** The hash of the last of some events in a row: it is right where none of them was changed. Throws DsfinvkRefusedError. */
function checkedHash(
  view: JournalReads,
  events: readonly UnhashedEvent[],
  previous: Uint8Array,
  chains: Chains,
): Uint8Array {
  const last = events.at(-1)
  if (last === undefined) return previous
  let head = previous
  for (const event of events) head = hashIn(chainAt(chains, event.seq), head, event)
  const stored = view.event(last.seq)?.hash
  if (stored?.equals(head) === true) return stored
  throw damaged(firstDamaged(view, events, previous, chains) ?? last)
}

function firstDamaged(
  view: JournalReads,
  events: readonly UnhashedEvent[],
  before: Uint8Array,
  chains: Chains,
): UnhashedEvent | undefined {
  let previous = before
  return events.find((event) => {
    const expected = hashIn(chainAt(chains, event.seq), previous, event)
    previous = view.event(event.seq)?.hash ?? expected
    return !expected.equals(previous)
  })
}

function damaged({ seq, op, kind, body }: UnhashedEvent): DsfinvkRefusedError {
  const bon = /"receipt":\{"number":(\d+)/.exec(body)?.[1]
  const what = `event ${seq} of the journal (${kind}${op === '' ? '' : ` of ${op}`}) is not as it was written: verify the journal`
  return new DsfinvkRefusedError([{ bon, what, rule: '§ 12' }], 1)
}

/** Documents that have begun and have no number yet. */
class OpenDocuments {
  /** Undefined where it is to be read when it ends. */
  readonly #held = new Map<string, { document: StoredParts; length: number } | undefined>()
  #length = 0

  has(op: string): boolean {
    return this.#held.has(op)
  }

  /** Of what is too much to be held the name alone is kept. */
  note(op: string, body: EventBody, length: number): void {
    const before = this.#held.get(op)
    if (before === undefined && this.has(op)) return
    const isHeld = this.#length + length <= OPEN_LENGTH
    this.#length += isHeld ? length : -(before?.length ?? 0)
    const document = partsAfter(before?.document ?? NO_PARTS, body)
    this.#held.set(op, isHeld ? { document, length: (before?.length ?? 0) + length } : undefined)
  }

  /** It is open no more; undefined where it is not held. */
  end(op: string): StoredParts | undefined {
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

  constructor(view: JournalReads, span: SessionSpan) {
    this.#view = view
    this.#span = span
  }

  /** The bon that the event gives its number. */
  read(event: UnhashedEvent): NumberedBon | undefined {
    if (!mayConcern(event, this.#open.has(event.op))) return undefined
    const body = bodyOf(event)
    const number = body.receipt?.register === this.#span.registerId ? body.receipt.number : undefined
    if (event.op === '') {
      if (number === undefined || event.seq < this.#span.firstSeq) return undefined
      return event.kind === 'transaction.lost'
        ? { kind: 'lost', number, told: transactionFacts(body) }
        : { kind: 'stray', number, told: transactionFacts(body), numberedMs: msOf(event) }
    }
    if (!this.#open.has(event.op) && !this.#begins(body)) {
      const earlier = this.#earlier(event.op, number)
      return earlier && this.#numbered(event, body, number, partsAfter(earlier, body))
    }
    this.#open.note(event.op, body, event.body.length)
    if (number === undefined) return undefined
    const document = this.#open.end(event.op) ?? this.#view.document(event.op, event.seq)?.parts ?? NO_PARTS
    return this.#numbered(event, body, number, document)
  }

  #numbered(
    event: UnhashedEvent,
    body: EventBody,
    number: number | undefined,
    document: StoredParts,
  ): NumberedBon | undefined {
    if (number === undefined) return undefined
    const settled = this.#settled(event.op, body, journalledDocument(document))
    return { kind: 'operation', number, document: settled, numberedMs: msOf(event) }
  }

  #begins({ index }: EventBody): boolean {
    const { registerId, sessionId } = this.#span
    const isOpening = index?.kind === 'drawer_opening'
    const isOurs = isOpening || (index !== undefined && isOperationKind(index.kind) && index.session === sessionId)
    return index?.register === registerId && isOurs
  }

  /** An opening of the drawer belongs to no session: it may have happened in the one before. */
  #earlier(op: string, number: number | undefined): StoredParts | undefined {
    const document = number === undefined ? undefined : this.#view.document(op)
    return document?.kind === 'drawer_opening' ? document.parts : undefined
  }

  #settled(op: string, body: EventBody, document: JournalledDocument): JournalledDocument {
    const isFinal = stateOf(document).fiscal.state !== 'pending' && !isEarlyAnswer(body)
    const now = isFinal ? undefined : this.#view.document(op)?.parts
    return now === undefined ? document : journalledDocument(now)
  }
}

function msOf({ at }: UnhashedEvent): number {
  return parseRfc3339(at) ?? 0
}

/** What changes a bon that has begun. */
const CHANGES = ['"set":{"', '"own":{', '"law":{', '"receipt":{'] as const

/** Spares the parsing of what certainly begins no bon, or (of one that has begun) changes nothing in it. */
function mayConcern({ body }: UnhashedEvent, hasBegun: boolean): boolean {
  // Canonical JSON has no blanks, and its members in the order of their names.
  if (hasBegun) return CHANGES.some((part) => body.includes(part))
  return body.includes('"receipt"') || body.includes('"index"')
}

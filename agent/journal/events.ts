import type { Json } from '../../base/canonical.ts'
import type { ForeignSums } from '../contract/foreign-cash.ts'
import type { ChainedMembers } from './chain.ts'
import type { Kind } from './documents/kind.ts'
import type { OwnPart } from './documents/own.ts'
import type { ClaimedFacts, FactKind, FactsOf, KindWithoutFacts, StoredFacts } from './event-facts.ts'

/** `platform`: a back office; `register`: one till; `reader`: reads what is of one merchant, and changes nothing. */
export type KeyKind = 'platform' | 'register' | 'reader'
export type Members = { readonly [member: string]: Json | undefined }

/** The state of a register's chain of receipts: only its law reads it. */
export type ChainMembers = { readonly [member: string]: Json | undefined }

/** The kind of a document and its relations; given once, by the event that creates it. */
export type ResourceIndex = {
  kind: Exclude<Kind, 'session'>
  merchant?: string
  location?: string
  register?: string
  session?: string
}

/**
 * An act on a device that is about to happen; JSON that the law can reconcile from after a crash. `reads: true` marks one
 * that changes nothing there.
 */
export type Act = {
  readonly device: string
  readonly name: string
  readonly reads?: boolean
  readonly [member: string]: Json | undefined
}

/**
 * The parts of a document that an event, a plan or a conclusion sets, by top-level members, each replaced whole. The
 * members of each part are frozen.
 */
export type Parts = {
  /** Part of the answer. */
  readonly set?: Members
  /** Part that only the agent uses. */
  readonly own?: OwnPart
  /** State of the law; `name` names the law, once. */
  readonly law?: Members
}

/** The parts to set when the goal is reached; journalled first, so a crash loses nothing. */
export type Plan = Parts & {
  readonly goal: 'open' | 'completed' | 'voided' | 'fiscalized' | 'decommissioned'
  /** HTTP status of the answer. */
  readonly status: number
  /** Members that get the time of the end, e.g. `completed_at`. */
  readonly stamp?: readonly string[]
  /** Cash that enters the drawer with the end, in cents. */
  readonly cash?: number
  /** The same for foreign cash. */
  readonly foreign?: ForeignSums
  /** True if the end takes a receipt number. */
  readonly receipt?: boolean
}

/** `bons` have a receipt number; `gross` is the sum of those that were completed, in cents. */
export type SessionSales = { readonly bons: number; readonly gross: number }

/**
 * The members of an event that mean the same in every kind; projections know only these. A resource is the merge of its
 * events' parts, in order: that rule is frozen, so an old answer keeps its bytes permanently.
 */
export type Marks = Parts & {
  readonly index?: ResourceIndex
  /** Claims an idempotency key: SHA-256 of scope and key, SHA-256 of the request (base64url). */
  readonly claim?: { readonly id: string; readonly print: string }
  /** The resource as it is after this event answers the claim made by event `to` (or by this one). */
  readonly answer?: { readonly status: number; readonly to?: number }
  /** Frees the claim made by that event: its request failed after all. */
  readonly release?: number
  /** Opens an intent. */
  readonly act?: Act
  /** The goal that a request reaches by its acts; given once, by the event that begins it (the root). */
  readonly plan?: Plan
  /** The event with the plan, if it is another one. */
  readonly root?: number
  /** Closes the intent opened by that event. */
  readonly ref?: number
  /**
   * Changes the session: members of its document, and cash that entered (cents, signed; `foreign`: by currency). `sales`: of a count and a close,
   * the totals of the session by the events before.
   */
  readonly session?: {
    readonly id: string
    readonly register: string
    readonly set?: Members
    readonly own?: OwnPart
    readonly cash?: number
    readonly foreign?: ForeignSums
    readonly sales?: SessionSales
  }
  /** The receipt number (BON_NR) that this event used of its register. */
  readonly receipt?: { readonly register: string; readonly number: number }
  /**
   * Numbers of a register that are never given, inclusive: the next receipt or closing gets the one after `to`. `lost`: all
   * that may be on paper, if those before `from` were given again before anything showed the loss.
   */
  readonly aside?: {
    readonly register: string
    readonly kind: 'bon' | 'z'
    readonly from: number
    readonly to: number
    readonly lost?: { readonly from: number; readonly to: number }
  }
  readonly orders?: OrdersMark
  /** The state of the register's chain of receipts after this event (laws that chain them). */
  readonly chain?: { readonly register: string; readonly state: ChainMembers }
  /** A device transaction that this event found opened or closed. */
  readonly transaction?: { readonly device: string; readonly number: number; readonly state: 'open' | 'closed' }
  /** Status of an operation in lists. */
  readonly status?: string
  /** A key was issued or revoked: its id, kind and SHA-256 (base64url), never the key. */
  readonly key?: {
    readonly id: string
    readonly kind: KeyKind
    /** The register of a till's key, the merchant of a reader's: no other data is opened. */
    readonly register?: string
    readonly hash: string
    /** SHA-256 (hex) of the only client certificate that opens it; without it the key alone does. */
    readonly certificate?: string
  }
  readonly revoked?: string
  /** The device with this serial number belongs to this shop; null: the former one no longer belongs to it. */
  readonly enrolled?: { readonly device: string; readonly serial: string | null }
  /**
   * A target acknowledged events of this journal for the first time at that address. With `until` it was removed from
   * the configuration, and this was its last acknowledgement, in the numbers of the journal (null: unknown).
   */
  readonly witness?: {
    readonly target: string
    readonly kind: string
    readonly address: string
    readonly until?: { readonly seq: number; readonly at: string } | null
  }
  readonly found?: FoundDocuments
  /**
   * `suspect`: the wall clock was before 2026 or had stepped back, so `at` is not reliable. `right`: the machine or a
   * person confirms that it is right and ran ahead before; the facts have `from`, `to` and `by`.
   */
  readonly clock?: 'suspect' | 'right'
  /** The header OpenFiskal-Organization of the request, as received. */
  readonly origin?: { readonly organization: string }
}

/**
 * Lines of orders that begin to be open at a location, that a bill settles or an order cancels, or that move to another
 * group. Quantities are in units of 10⁻⁸, as text. Each line of the first member names the group of its order (`born`), and,
 * if it was open before, its place among the ordered lines (`since`).
 */
export type OrdersMark = {
  readonly location: string
  readonly added?: readonly {
    readonly line: string
    readonly order: string
    readonly group: string
    readonly born: string
    readonly sku: string
    readonly quantity: string
    readonly since?: number
  }[]
  readonly taken?: readonly { readonly line: string; readonly group: string; readonly quantity: string }[]
  readonly moved?: readonly {
    readonly line: string
    readonly group: string
    readonly to: string
    readonly quantity: string
  }[]
}

/** The body of a stored event: marks, and the facts of its kind. {@link factsOf} and {@link claimedFacts} read the facts. */
export type EventBody = Marks & { readonly facts?: unknown }

/**
 * Documents of a fiscal printer that no operation printed, when they were seen: numbers of one period, and their
 * content in the memory of the printer, as far as it could be read. `operation`: the one whose document was printed
 * after them.
 */
export type FoundDocuments = {
  readonly serial: string
  readonly z: number
  readonly from: number
  readonly to: number
  readonly operation?: string
  readonly documents: readonly {
    readonly number: number
    readonly kind: 'sale' | 'return' | 'void'
    /** The clock of the printer. */
    readonly printed_at: string | null
    readonly total_amount: string | null
    /** The reference that an agent prints; null for a document that was keyed in. */
    readonly reference: string | null
  }[]
}

/** The content of an event of any program: a newer one has kinds that this one does not know. */
export type EventContent = {
  kind: string
  /** Id of the resource it belongs to, or ''. */
  op: string
  body: EventBody
}

/** An event without facts. Its kind may be computed. */
export type MarkEvent = { kind: KindWithoutFacts; op: string; body: Marks & { readonly facts?: never } }

/** An event before it has a place in the chain. A kind that has facts requires all of them. */
export type NewEvent =
  | MarkEvent
  | { [Kind in FactKind]: { kind: Kind; op: string; body: Marks & FactsOf<Kind> } }[FactKind]

/** The same event with more marks. */
export function withMarks<Event extends NewEvent>(event: Event, marks: Marks): Event {
  return { ...event, body: { ...event.body, ...marks } }
}

/** An event as stored; `body` is the text that was hashed. */
export type StoredEvent = ChainedMembers & { seq: number; hash: Buffer }

export type UnhashedEvent = Omit<StoredEvent, 'hash'>

/** The parsed body of a stored event. The journal wrote it itself, so its shape is known. */
export function bodyOf(event: Pick<StoredEvent, 'body'>): EventBody {
  return JSON.parse(event.body) as EventBody
}

/** The facts of an event of one of these kinds; undefined for any other kind. Only for the agent's own journal. */
export function factsOf<Kind extends FactKind>(
  { kind, body }: { readonly kind: string; readonly body: string | EventBody },
  ...kinds: readonly Kind[]
): StoredFacts<Kind> | undefined {
  if (!kinds.some((each) => each === kind)) return undefined
  const { facts } = typeof body === 'string' ? bodyOf({ body }) : body
  return isObject(facts) ? (facts as StoredFacts<Kind>) : {}
}

/** The facts of an event that claims to be of this kind. For foreign files: the caller checks each member. */
export function claimedFacts<Kind extends FactKind>({
  body,
}: {
  readonly body: string | EventBody
}): ClaimedFacts<Kind> {
  const { facts } = typeof body === 'string' ? foreignBody(body) : (Object(body) as EventBody)
  return isObject(facts) ? (facts as ClaimedFacts<Kind>) : {}
}

/** The body of an event from a foreign file; without marks if it is not an object. */
export function foreignBody(text: string): EventBody {
  try {
    return Object(JSON.parse(text)) as EventBody
  } catch {
    return {}
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/**
 * Members of an event as they cross the network and are stored in exports; `body` is the stored text, `hash` base64url.
 */
export type EventLine = ChainedMembers & { t: 'ev'; seq: number; hash: string }

export function eventLine({ seq, kind, op, at, boot, mono, body, hash }: StoredEvent): EventLine {
  return { t: 'ev', seq, kind, op, at, boot, mono, body, hash: hash.toString('base64url') }
}

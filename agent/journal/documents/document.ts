import type * as z from 'zod'
import type { Closing } from '../../contract/closing.ts'
import type { DrawerOpening } from '../../contract/drawer-opening.ts'
import type { exportJob } from '../../contract/export.ts'
import type { Location } from '../../contract/location.ts'
import type { Merchant } from '../../contract/merchant.ts'
import type { Operation } from '../../contract/operation.ts'
import type { PaymentTerminal } from '../../contract/payment-terminals.ts'
import type { Register } from '../../contract/register.ts'
import type { Session } from '../../contract/session.ts'
import type { Members, NewEvent, Parts, ResourceIndex } from '../events.ts'
import type { Kind, OperationKind, SoldKind, UnpaidKind } from './kind.ts'
import { isKind, isOperationKind, isUnpaidKind, SOLD } from './kind.ts'
import type { OwnPart, ReversibleUnpaid } from './own.ts'
import {
  drawer,
  exportOwn,
  merchantOwn,
  nothing,
  numbered,
  ordered,
  pendingOwn,
  registerOwn,
  reversible,
  reversing,
  sessionOwn,
  sold,
} from './own.ts'
import type { ConfirmedTask, DutyRecord, PaperCheck, TseRecord, Unit } from './records.ts'

type OperationOf<Type extends OperationKind> = Extract<Operation, { type: Type }>
/** `issued_as` is absent in one that an earlier version began. */
type OperationShown<Type extends OperationKind> = Omit<OperationOf<Type>, 'explanation' | 'on_account' | 'issued_as'> &
  Partial<Pick<OperationOf<Type>, 'issued_as'>>
type ExportJob = z.output<typeof exportJob>

/** The stored part of the answer: the contract's members, without those that are computed for each answer. */
export type ShownOf = { [Type in OperationKind]: OperationShown<Type> } & {
  merchant: Omit<Merchant, 'pending_changes'>
  location: Omit<Location, 'pending_changes'>
  register: Omit<Register, 'pending_changes'>
  payment_terminal: PaymentTerminal
  drawer_opening: DrawerOpening
  closing: Closing
  /** Until it is counted, its expected amount is computed for each answer. */
  session: Omit<Session, 'expected_closing_amount'> & Partial<Pick<Session, 'expected_closing_amount'>>
  export: Omit<ExportJob, 'download_url'>
  unit: Unit
  tse: TseRecord
  confirmation: ConfirmedTask
  duty: DutyRecord
  paper_check: PaperCheck
}

/** The agent's own part of each kind. */
const OWN = {
  merchant: merchantOwn,
  location: pendingOwn,
  register: registerOwn,
  payment_terminal: nothing,
  sale: sold,
  return: sold,
  exchange: sold,
  deposit: sold,
  deposit_capture: sold,
  void: reversing,
  order: ordered,
  transfer: reversible,
  employee_benefit: reversible,
  order_move: numbered,
  session_open: numbered,
  session_cash_adjustment: numbered,
  session_cash_count: drawer,
  session_close: drawer,
  drawer_opening: numbered,
  closing: numbered,
  session: sessionOwn,
  export: exportOwn,
  unit: nothing,
  tse: nothing,
  confirmation: nothing,
  duty: nothing,
  paper_check: nothing,
} satisfies { [Each in Kind]: (own: OwnPart) => object }

/** One law's part: only its room parses the state. */
export type LawPart = { readonly name: string; readonly state: Members }

type Doc<Each extends Kind> = {
  readonly kind: Each
  readonly id: string
  /** The members that the API answers. */
  readonly shown: ShownOf[Each]
  /** The members that only the agent uses. */
  readonly own: ReturnType<(typeof OWN)[Each]>
  /** The law that records it; a register has one from its first request to fiscalize. */
  readonly law: LawPart | undefined
  /** The stored members, from which an answer's bytes are made. */
  readonly parts: StoredParts
  /** The document after this change; this one is not changed. */
  with(change: Parts): DocumentOf<Each>
}

/** A document as the journal holds it. `kind` is that of the event that made it, never read from its id. */
export type Document = { [Each in Kind]: Doc<Each> }[Kind]
/** One of some kinds. */
export type DocumentOf<Each extends Kind> = { [Name in Each]: Doc<Name> }[Each]

export type SoldDocument = DocumentOf<SoldKind>
export type ReversibleDocument = DocumentOf<SoldKind | ReversibleUnpaid>
export type GoodsDocument = DocumentOf<SoldKind | 'void'>
export type UnpaidDocument = DocumentOf<UnpaidKind>
/** Any movement of goods: with payments, or without. */
export type MovementDocument = GoodsDocument | UnpaidDocument
export type OperationDocument = DocumentOf<OperationKind>
/** Documents that a law may record, and a register that begins or ends under one. */
export type RecordedDocument = DocumentOf<OperationKind | 'drawer_opening' | 'closing' | 'register'>

/** An event of a step. `after`: its document after it, if the step made that; it is not stored. */
export type StepEvent = NewEvent & { readonly after?: Document }

/** The parts of a document as events set them, each merged by its top-level members. */
export type StoredParts = { readonly shown: Members; readonly own: OwnPart; readonly law: Members }

export const NO_PARTS: StoredParts = { shown: {}, own: {}, law: {} }

/** The parts after one more event. */
export function partsAfter(before: StoredParts, change: Parts): StoredParts {
  const shown = change.set === undefined ? before.shown : merged(before.shown, change.set)
  const own = change.own === undefined ? before.own : merged(before.own, change.own)
  const law = change.law === undefined ? before.law : merged(before.law, change.law)
  const isSame = shown === before.shown && own === before.own && law === before.law
  return isSame ? before : { shown, own, law }
}

/**
 * Undefined members were not written into the event and change nothing. Spread, not assigned one by one: V8 makes a
 * slow dictionary of an object that grows by computed names. Nothing is copied for a change without members, and for
 * the first one of a part.
 */
function merged<Part extends Members>(before: Part, change: Part): Part {
  if (isEmpty(change)) return before
  if (isEmpty(before)) return change
  const after: Record<string, Members[string]> = { ...before, ...change }
  for (const name in change) if (change[name] === undefined) after[name] = before[name]
  return after as Part
}

function isEmpty(part: Members): boolean {
  for (const _ in part) return false
  return true
}

/** A document of a kind, or of none: made by an event of a newer program. */
export class StoredDocument {
  declare readonly kind: Kind | undefined
  declare readonly id: string
  declare readonly parts: StoredParts
  declare readonly shown: Members
  /** Parsed when it is first asked for. */
  #own: object | undefined

  constructor(kind: Kind | undefined, id: string, parts: StoredParts) {
    this.kind = kind
    this.id = id
    this.parts = parts
    this.shown = parts.shown
  }

  get own(): object {
    this.#own ??= this.kind === undefined ? {} : OWN[this.kind](this.parts.own)
    return this.#own
  }

  get law(): LawPart | undefined {
    const { name } = this.parts.law
    return typeof name === 'string' ? { name, state: this.parts.law } : undefined
  }

  with(change: Parts): StoredDocument {
    const parts = partsAfter(this.parts, change)
    return parts === this.parts ? this : new StoredDocument(this.kind, this.id, parts)
  }
}

/** The parts to set so that one event makes the document as it is. */
export function setBy({ parts: { shown, own, law } }: Pick<Document, 'parts'>): Parts {
  return {
    set: shown,
    ...(Object.keys(own).length > 0 && { own }),
    ...(Object.keys(law).length > 0 && { law }),
  }
}

/** The journal's edge: undefined for what has no kind. The table above gives each kind its own part. */
export function asDocument(found: StoredDocument | Document | undefined): Document | undefined {
  return found?.kind === undefined ? undefined : (found as unknown as Document)
}

/** A document before its first event. */
export function emptyDocument<Each extends Kind>(kind: Each, id: string): DocumentOf<Each> {
  return new StoredDocument(kind, id, NO_PARTS) as unknown as DocumentOf<Each>
}

/** A document that begins; its event is still to be written. */
export function newDocument<Each extends Kind>(
  kind: Each,
  { set, own, law }: Omit<Parts, 'set'> & { readonly set: ShownOf[Each] & { readonly id: string } },
): DocumentOf<Each> {
  const parts = { ...NO_PARTS, shown: set as Members, ...(own && { own }), ...(law && { law }) }
  return new StoredDocument(kind, set.id, parts) as unknown as DocumentOf<Each>
}

/** The kind of the document that an event makes; undefined for one of a newer program. */
export function kindOf({ kind }: ResourceIndex): Kind | undefined {
  return isKind(kind) ? kind : undefined
}

export function isOperation(document: Document): document is OperationDocument {
  return isOperationKind(document.kind)
}

/** True for documents that a law may record: all but master data, exports and paper checks. */
export function isRecorded(document: Document): document is RecordedDocument {
  const { kind } = document
  return kind === 'register' || kind === 'closing' || kind === 'drawer_opening' || isOperation(document)
}

/** A goods movement that was requested as such. */
export function isSold(document: Document): document is SoldDocument {
  return Object.hasOwn(SOLD, document.kind)
}

/** A goods movement, or the reversal of one. */
export function isGoods(document: Document): document is GoodsDocument {
  return document.kind === 'void' || isSold(document)
}

/** A goods movement without payments. */
export function isUnpaid(document: Document): document is UnpaidDocument {
  return isUnpaidKind(document.kind)
}

/** A goods movement that a void may reverse. */
export function isReversible(document: Document): document is ReversibleDocument {
  return isSold(document) || document.kind === 'transfer' || document.kind === 'employee_benefit'
}

/** True for goods without payments, and for the void of some. */
export function isWithoutPayments(document: Document): boolean {
  return isUnpaid(document) || (document.kind === 'void' && document.own.reverses !== undefined)
}

export function isMovement(document: Document): document is MovementDocument {
  return isGoods(document) || isUnpaid(document)
}

/** Narrows a document to its kind. */
export function ofKind<Each extends Kind>(document: Document | undefined, kind: Each): DocumentOf<Each> | undefined {
  return document?.kind === kind ? (document as DocumentOf<Each>) : undefined
}

/** The operation that a goods movement refers to: the sale, the deposit, or the operation that it reverses. */
export function originalIn(document: GoodsDocument): string | undefined {
  switch (document.kind) {
    case 'return':
    case 'exchange':
    case 'deposit_capture':
    case 'void':
      return document.shown.related_operation_id
    case 'sale':
    case 'deposit':
      return undefined
    default:
      return document satisfies never
  }
}

/** The register of a document. An online sale has no register: it counts as its own. */
export function registerIdIn(document: RecordedDocument): string {
  return document.kind === 'register' ? document.id : (document.shown.register_id ?? document.id)
}

/** The document that an event makes. */
export function madeBy({ kind, op, body }: NewEvent): Document {
  const { index } = body
  const made = asDocument(new StoredDocument(index && kindOf(index), op, partsAfter(NO_PARTS, body)))
  if (made === undefined) throw new Error(`${kind} makes no document`)
  return made
}

/** The same, of a kind that is known. */
export function madeAs<Each extends Kind>(event: NewEvent, kind: Each): DocumentOf<Each> {
  const made = ofKind(madeBy(event), kind)
  if (made === undefined) throw new Error(`${event.kind} makes no ${kind}`)
  return made
}

/** The stored parts of a session. */
export type SessionParts = Pick<StoredParts, 'shown' | 'own'>

/** A session after one more event. */
export function sessionAfter(before: SessionParts, change: Omit<Parts, 'law'>): SessionParts {
  const { shown, own } = partsAfter({ ...before, law: {} }, change)
  return { shown, own }
}

/** Sessions are changed by events of others, and have no event that makes them alone. */
export function sessionOf(id: string, { shown, own }: SessionParts): DocumentOf<'session'> {
  return new StoredDocument('session', id, { shown, own, law: {} }) as unknown as DocumentOf<'session'>
}

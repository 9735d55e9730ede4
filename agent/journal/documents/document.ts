import type * as z from 'zod'
import type { Closing } from '../../contract/closing.ts'
import type { DrawerOpening } from '../../contract/drawer-opening.ts'
import type { exportJob } from '../../contract/export.ts'
import type { Location } from '../../contract/location.ts'
import type { Merchant } from '../../contract/merchant.ts'
import type { Operation } from '../../contract/operation.ts'
import type { Register } from '../../contract/register.ts'
import type { Session } from '../../contract/session.ts'
import type { Members } from '../events.ts'
import { ExportOwn, Goods, MerchantOwn, Nothing, Numbered, OpenRequests, Pending, SessionOwn, Sold } from './own.ts'
import type { ConfirmedTask, PaperCheck, TseRecord, Unit } from './records.ts'

export type OperationKind = Operation['type']
type OperationShown<Type extends OperationKind> = Omit<Extract<Operation, { type: Type }>, 'explanation'>
type ExportJob = z.output<typeof exportJob>

/** What is stored of the answer: the contract's members, without those that are made for an answer alone. */
export type ShownOf = { [Type in OperationKind]: OperationShown<Type> } & {
  merchant: Omit<Merchant, 'pending_changes'>
  location: Omit<Location, 'pending_changes'>
  register: Omit<Register, 'pending_changes'>
  drawer_opening: DrawerOpening
  closing: Closing
  /** Until it is counted its expected amount is made for the answer. */
  session: Omit<Session, 'expected_closing_amount'> & Partial<Pick<Session, 'expected_closing_amount'>>
  export: Omit<ExportJob, 'download_url'>
  unit: Unit
  tse: TseRecord
  task: ConfirmedTask
  paper_check: PaperCheck
}
export type Kind = keyof ShownOf

/** The agent's own part of each kind. */
const OWN = {
  merchant: (stored: Members) => new MerchantOwn(stored),
  location: (stored: Members) => new Pending(stored),
  register: (stored: Members) => new Pending(stored),
  sale: (stored: Members) => new Sold(stored),
  return: (stored: Members) => new Sold(stored),
  exchange: (stored: Members) => new Sold(stored),
  deposit: (stored: Members) => new Sold(stored),
  deposit_capture: (stored: Members) => new Sold(stored),
  void: (stored: Members) => new Goods(stored),
  session_open: (stored: Members) => new Numbered(stored),
  session_cash_adjustment: (stored: Members) => new Numbered(stored),
  session_cash_count: (stored: Members) => new Numbered(stored),
  session_close: (stored: Members) => new Numbered(stored),
  drawer_opening: (stored: Members) => new Numbered(stored),
  closing: (stored: Members) => new Numbered(stored),
  session: (stored: Members) => new SessionOwn(stored),
  export: (stored: Members) => new ExportOwn(stored),
  unit: () => new Nothing(),
  tse: () => new Nothing(),
  task: () => new Nothing(),
  paper_check: () => new Nothing(),
} satisfies { [Each in Kind]: (stored: Members) => object }

/** One law's part: its room parses the state, and nobody else looks. */
export type LawPart = { readonly name: string; readonly state: unknown }

type Doc<Each extends Kind> = {
  readonly kind: Each
  readonly id: string
  /** What the API answers of it. */
  readonly shown: ShownOf[Each]
  /** What the agent remembers of it. */
  readonly own: ReturnType<(typeof OWN)[Each]>
  /** Of the law that records it; a register has one from its first request to fiscalize. */
  readonly law: LawPart | undefined
  readonly requests: OpenRequests
  /** All of its members as they lie in the journal, for a law and for the bytes of an answer. */
  readonly stored: Members
  /** As it is after a change; the change is not made here. */
  with(set: Members | undefined): DocumentOf<Each>
}
/** A document as the journal holds it. `kind` is that of the event that made it, never read from its id. */
export type Document = { [Each in Kind]: Doc<Each> }[Kind]
/** One of some kinds. */
export type DocumentOf<Each extends Kind> = { [Name in Each]: Doc<Name> }[Each]

export type SoldKind = 'sale' | 'return' | 'exchange' | 'deposit' | 'deposit_capture'
export type SessionEventKind = Exclude<OperationKind, SoldKind | 'void'>
export type SoldDocument = DocumentOf<SoldKind>
export type GoodsDocument = DocumentOf<SoldKind | 'void'>
export type OperationDocument = DocumentOf<OperationKind>
/** What a law may record, and a register that begins or ends under one. */
export type RecordedDocument = DocumentOf<OperationKind | 'drawer_opening' | 'closing' | 'register'>

/** A document of a kind, or of none: made by an event without an index. A look at its members, which are not copied. */
export class StoredDocument {
  readonly kind: Kind | undefined
  readonly id: string
  readonly stored: Members

  constructor(kind: Kind | undefined, id: string, stored: Members) {
    this.kind = kind
    this.id = id
    this.stored = stored
  }

  get shown(): Members {
    return this.stored
  }

  get own(): object {
    return this.kind === undefined ? new Nothing() : OWN[this.kind](this.stored)
  }

  get law(): LawPart | undefined {
    const name = this.stored['$law'] ?? Object(this.stored['fiscalization'])['regime']
    return typeof name === 'string' ? { name, state: this.stored } : undefined
  }

  get requests(): OpenRequests {
    return new OpenRequests(this.stored)
  }

  with(set: Members | undefined): StoredDocument {
    return new StoredDocument(this.kind, this.id, { ...this.stored, ...set })
  }
}

/** The journal's edge: undefined for what has no kind. The table above gives each kind its own part. */
export function asDocument(found: StoredDocument | undefined): Document | undefined {
  return found?.kind === undefined ? undefined : (found as unknown as Document)
}

/** A document that begins; its event is still to be written. */
export function newDocument<Each extends Kind>(
  kind: Each,
  stored: ShownOf[Each] & Members & { readonly id: string },
): DocumentOf<Each> {
  return new StoredDocument(kind, stored.id, stored) as unknown as DocumentOf<Each>
}

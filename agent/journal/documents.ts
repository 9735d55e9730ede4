import type { Closing } from '../contract/closing.ts'
import type { DrawerOpening } from '../contract/drawer-opening.ts'
import type { Location } from '../contract/location.ts'
import type { Merchant } from '../contract/merchant.ts'
import type { Operation, SaleOperation } from '../contract/operation.ts'
import type { Register } from '../contract/register.ts'
import type { Session } from '../contract/session.ts'
import type { Members } from './events.ts'

/**
 * Documents as the journal holds them: what is answered of them, without what is made for an answer alone, and members of
 * the agent's own, which begin with `$` and are never answered. This agent wrote them, after the checks of the contract.
 */
type Shop<Answered> = Omit<Answered, 'pending_changes'> & Pending

/** What takes effect when the sessions of `$awaited` are closed. */
export type Pending = { $pending?: Members | null; $awaited?: readonly string[] | null }

export type MerchantDocument = Shop<Merchant>
export type LocationDocument = Shop<Location>
export type RegisterDocument = Shop<Register> & {
  /** Its fiscalization was given up: the till may ask for it again. */
  $given_up?: boolean
}

/** One that was bound to its device under a law: it may sell, or could once. */
export type BoundRegister = RegisterDocument & {
  fiscalization: NonNullable<RegisterDocument['fiscalization']>
}

export function isFiscalized(register: RegisterDocument): register is BoundRegister {
  return register.fiscalization_status === 'fiscalized'
}

/** Fiscalized, or on the way there: it cannot do without its device. */
export function isUnderLaw({ fiscalization_status: status }: Pick<RegisterDocument, 'fiscalization_status'>): boolean {
  return status === 'fiscalized' || status === 'pending'
}

type Amounts = Pick<SaleOperation, 'pretax_amount' | 'tax_amount' | 'tip_amount' | 'total_amount'>
type Goods = Amounts &
  Pick<SaleOperation, 'line_items' | 'cart_level_discounts' | 'payments' | 'customer' | 'training' | 'void_reason'>

export type OperationDocument = Omit<Operation, 'explanation'> &
  Partial<Goods> & {
    related_operation_id?: string
    /** The law that records it; missing where none does. */
    $law?: string
    /** The event of the request whose end the law cannot tell yet. */
    $undecided?: number | null
    /** The receipt number (BON_NR) that it has of its register. */
    $receipt?: number
    /** The deposit captures that were begun on it. */
    $captures?: readonly string[]
    /** Returns and exchanges that were begun of it; of many the first. */
    $returns?: readonly string[]
    /** The `void` that takes it back. */
    $reversed_by?: string | null
    /** A `void` of it that the device refused. */
    $reversal_refused?: string
    /** A `void` that the device refused: nobody sees it. */
    $refused?: boolean
    /** What it takes back the law did not record. */
    $original_unrecorded?: boolean
    /** How its payments stood when the law recorded it. */
    $signed_statuses?: readonly string[] | undefined
  }

export type SessionDocument = Omit<Session, 'expected_closing_amount'> & {
  expected_closing_amount?: string
  /** Z_NR of its closing (DSFinV-K). */
  $z_number?: number
  /** What the law's books went by when it was closed. */
  $books?: Members
  /** Made for bons that stood outside of any session. */
  $left_over?: boolean
}

export type ClosingDocument = Closing & {
  /** It was asked for, and its device refused: nobody sees it. */
  $refused?: boolean
}

export type DrawerOpeningDocument = DrawerOpening & {
  /** The receipt number (BON_NR) of one that is signed. */
  $receipt?: number
  /** Of one that is signed: what is `fiscal` and `fiscal_information` elsewhere; its own `fiscal` has both. */
  $fiscal?: OperationDocument['fiscal']
  $fiscal_information?: OperationDocument['fiscal_information']
}

type NameOf<Each> = Each extends unknown ? keyof Each : never
type MemberOf<Each, Name> = Each extends unknown ? (Name extends keyof Each ? Each[Name] : never) : never
/** One of these: it has what all have, and of the rest the members of its kind. */
type OneOf<Each> = Pick<Each, keyof Each> & {
  [Name in Exclude<NameOf<Each>, keyof Each>]?: MemberOf<Each, Name>
}

/** What a law is given to record, and a register that begins or ends. */
export type LawDocument = OneOf<
  Operation | OperationDocument | ClosingDocument | DrawerOpeningDocument | RegisterDocument
>

/** Whoever reads documents: the view of a commit, or that of the journal. */
type Reader = { members(id: string, upTo?: number): Members | undefined }

export function merchantDocument(view: Reader, id: string, upTo?: number): MerchantDocument | undefined {
  return view.members(id, upTo) as MerchantDocument | undefined
}

export function locationDocument(view: Reader, id: string, upTo?: number): LocationDocument | undefined {
  return view.members(id, upTo) as LocationDocument | undefined
}

export function registerDocument(view: Reader, id: string, upTo?: number): RegisterDocument | undefined {
  return view.members(id, upTo) as RegisterDocument | undefined
}

/** True for a register that was taken out of service. */
export function isDecommissioned(view: Reader, id: string): boolean {
  return registerDocument(view, id)?.fiscalization_status === 'decommissioned'
}

/** More than any shop has. */
const REGISTERS_MAX = 10_000
type Lister = Reader & {
  resources(type: 'register', filter: { merchant?: string | undefined }, after: number, limit: number): { id: string }[]
}

/** The registers of a merchant, or of all, in the order in which they were made. */
export function allRegisters(view: Lister, merchant?: string): RegisterDocument[] {
  return registerIds(view, merchant).flatMap((id) => registerDocument(view, id) ?? [])
}

/** For who needs the document of few: of some hundreds each has to be read. */
export function registerIds(view: Pick<Lister, 'resources'>, merchant?: string): string[] {
  return view.resources('register', { merchant }, 0, REGISTERS_MAX).map(({ id }) => id)
}

/** Of any kind. */
export function lawDocument(view: Reader, id: string): LawDocument | undefined {
  return view.members(id) as LawDocument | undefined
}

export function closingDocument(view: Reader, id: string): ClosingDocument | undefined {
  return view.members(id) as ClosingDocument | undefined
}

export function operationDocument(view: Reader, id: string): OperationDocument | undefined {
  return view.members(id) as OperationDocument | undefined
}

/** The register of a document, which may be itself one. */
export function registerIdOf(view: Reader, id: string): string {
  return operationDocument(view, id)?.register_id ?? id
}

/** Goods as they are paid for; nothing is paid of what is still open. */
export function soldGoods({
  line_items = [],
  cart_level_discounts,
  payments = [],
  pretax_amount = '0',
  tax_amount = '0',
  tip_amount = '0',
  total_amount = '0',
}: LawDocument) {
  const discounts = cart_level_discounts !== undefined && { cart_level_discounts }
  return { line_items, ...discounts, payments, pretax_amount, tax_amount, tip_amount, total_amount }
}

import type { Json } from '../../../base/canonical.ts'
import type { ForeignSums } from '../../contract/foreign-cash.ts'

/** JSON members, as {@link Members} of events; declared here because events have an own part. */
type Members = { readonly [member: string]: Json | undefined }

/** State of a reversal of it. */
export type Reversal =
  | { readonly state: 'none' }
  | { readonly state: 'reversed'; readonly by: string }
  | { readonly state: 'refused'; readonly by: string }

/** Goods without payments that can be reversed. */
export type ReversibleUnpaid = 'transfer' | 'employee_benefit'

/** A change of master data that takes effect when the sessions `until_closed` are closed. */
export type PendingChange = {
  readonly shown: Members
  /** The name of secrets that are valid from then on. */
  readonly secret?: string | undefined
  readonly until_closed: readonly string[]
}

/** Lists of the operations that use some of an original: a deposit, a claim, a voucher that was sold. */
export type UseList = 'captures' | 'settlements' | 'redemptions'

/** A unit that a register has left, which still has its client. */
export type LeftUnit = { readonly device: string; readonly serial: string }

/**
 * The members of documents that only the agent uses and no answer shows. An event has the members that it changes, each
 * of them whole; the members are frozen.
 */
export type OwnPart = {
  /** BON_NR of its register. */
  readonly receipt_number?: number
  /** The statuses of its payments when the law recorded it; none before its end. */
  readonly counted_statuses?: readonly string[]
  /** The captures and returns that were begun on a deposit. */
  readonly captures?: readonly string[]
  /** The operations that settle a claim. */
  readonly settlements?: readonly string[]
  /** The operations that redeem a voucher that was sold. */
  readonly redemptions?: readonly string[]
  /** Returns and exchanges that refer to it; if there are many, the first ones. */
  readonly returns?: readonly string[]
  /** The orders of which an order takes something back. */
  readonly taken_from?: readonly string[]
  readonly reversal?: Reversal
  /** The kind of the original of a void, if that has no payments. */
  readonly reverses?: ReversibleUnpaid
  /** True if the law did not record the operation that it takes back; false if an amendment has changed that. */
  readonly original_unrecorded?: boolean
  /** The name under which a merchant's secrets are sealed. */
  readonly secret?: string
  /** null: it has taken effect, or was withdrawn. */
  readonly pending?: PendingChange | null
  /** Units that a register has left and that still have its client. null: none any longer. */
  readonly left?: readonly LeftUnit[] | null
  /** `outside`: a session that was made for bons without a session. */
  readonly origin?: 'outside'
  /** Z_NR of a session's closing (DSFinV-K). */
  readonly z_number?: number
  /** The state of the law's books when the session was closed. */
  readonly books?: Members
  /** Foreign cash that a count or a close books. */
  readonly foreign?: ForeignSums
  readonly merchant_id?: string
  /** The name of the file that an export wrote, without its folder. */
  readonly written?: Members
}

/** Its names: another one is of a later version. */
export const OWN_MEMBERS: { readonly [Member in keyof Required<OwnPart>]: true } = {
  receipt_number: true,
  counted_statuses: true,
  captures: true,
  settlements: true,
  redemptions: true,
  returns: true,
  taken_from: true,
  reversal: true,
  reverses: true,
  original_unrecorded: true,
  secret: true,
  pending: true,
  left: true,
  origin: true,
  z_number: true,
  books: true,
  foreign: true,
  merchant_id: true,
  written: true,
}

/** A bon: it may have a receipt number (BON_NR) of its register. */
export type Numbered = Pick<OwnPart, 'receipt_number'>

/** A count or a close of a session. */
export type Drawer = Numbered & Pick<OwnPart, 'foreign'>

/** An order. */
export type Ordered = Numbered & { readonly taken_from: readonly string[] }

/** A goods movement. */
export type Goods = Numbered & { readonly counted_statuses: readonly string[] }

/** A void. */
export type Reversing = Goods & Pick<OwnPart, 'reverses'>

/** Goods without payments that can be reversed. */
export type Reversible = Numbered & { readonly reversal: Reversal }

/** An operation that can be reversed or returned. */
export type Sold = Goods & {
  readonly [List in UseList]: readonly string[]
} & {
  readonly returns: readonly string[]
  readonly reversal: Reversal
  readonly original_unrecorded: boolean
}

/** Master data: a change of them may wait. */
export type Pending = { readonly pending: PendingChange | undefined }
export type RegisterOwn = Pending & { readonly left: readonly LeftUnit[] }
export type MerchantOwn = Pending & Pick<OwnPart, 'secret'>
export type SessionOwn = Pick<OwnPart, 'z_number' | 'books'> & { readonly origin: 'shift' | 'outside' }
export type ExportOwn = Pick<OwnPart, 'written'> & { readonly merchant_id: string }

const NOT_REVERSED: Reversal = { state: 'none' }
const NOTHING: readonly string[] = []

export function numbered({ receipt_number: receiptNumber }: OwnPart): Numbered {
  return receiptNumber === undefined ? {} : { receipt_number: receiptNumber }
}

/** A count or a close of a session. */
export function drawer(own: OwnPart): Drawer {
  return { ...numbered(own), ...(own.foreign !== undefined && { foreign: own.foreign }) }
}

export function ordered(own: OwnPart): Ordered {
  return { ...numbered(own), taken_from: own.taken_from ?? NOTHING }
}

function goods(own: OwnPart): Goods {
  return { ...numbered(own), counted_statuses: own.counted_statuses ?? NOTHING }
}

export function reversing(own: OwnPart): Reversing {
  return { ...goods(own), ...(own.reverses !== undefined && { reverses: own.reverses }) }
}

export function reversible(own: OwnPart): Reversible {
  return { ...numbered(own), reversal: own.reversal ?? NOT_REVERSED }
}

export function sold(own: OwnPart): Sold {
  return {
    ...goods(own),
    captures: own.captures ?? NOTHING,
    settlements: own.settlements ?? NOTHING,
    redemptions: own.redemptions ?? NOTHING,
    returns: own.returns ?? NOTHING,
    reversal: own.reversal ?? NOT_REVERSED,
    original_unrecorded: own.original_unrecorded === true,
  }
}

export function pendingOwn({ pending }: OwnPart): Pending {
  return { pending: pending ?? undefined }
}

export function registerOwn(own: OwnPart): RegisterOwn {
  return { ...pendingOwn(own), left: own.left ?? [] }
}

export function merchantOwn(own: OwnPart): MerchantOwn {
  return { ...pendingOwn(own), ...(own.secret !== undefined && { secret: own.secret }) }
}

export function sessionOwn({ origin, z_number: zNumber, books }: OwnPart): SessionOwn {
  return {
    origin: origin ?? 'shift',
    ...(zNumber !== undefined && { z_number: zNumber }),
    ...(books !== undefined && { books }),
  }
}

export function exportOwn({ merchant_id: merchantId = '', written }: OwnPart): ExportOwn {
  return { merchant_id: merchantId, ...(written !== undefined && { written }) }
}

/** For a kind without such members. */
export function nothing(): object {
  return {}
}

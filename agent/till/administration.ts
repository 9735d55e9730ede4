import type { Json } from '../../base/canonical.ts'
import type { DutyGround } from '../contract/duty-ground.ts'
import type { LeftOutSession } from '../contract/export.ts'
import type { DrawerBelowZero, ReturnedBeyondSale, VoucherBeyondSale } from '../contract/hint.ts'
import type { IssuedAs } from '../contract/issued.ts'
import type { Facts } from '../journal/event-facts.ts'
import type { KeyKind } from '../journal/events.ts'
import type { AskedOutage } from '../laws/duty.ts'
import type { AskedEmergency } from '../laws/emergencies.ts'
import type { ExportRange } from '../laws/export-type.ts'
import type { LawNotices } from '../laws/notices.ts'
import type { DocumentRange } from '../laws/printer-readings.ts'
import type { ShownDuty } from './reading/duty-steps.ts'
import type { ListedDuty } from './reading/listed-duties.ts'
import type { CheckedAccount } from './technician/authority-check.ts'
import type { PrintedPart } from './technician/ended-operation.ts'
import type { RecordedOutage } from './technician/outage-report.ts'

export type IssuedKey = {
  id: string
  kind: KeyKind
  key: string
  register_id?: string
  merchant_id?: string
  certificate?: string
}
export type KeyListing = {
  id: string
  kind: KeyKind
  register_id: string | null
  /** The merchant whose data alone a reader's key opens. */
  merchant_id?: string
  created_at: string
  revoked_at: string | null
  /** SHA-256 (hex) of the only client certificate that may use the key; null: any. */
  certificate: string | null
}

/** The acts on a device that need only its id. */
export const PLAIN_DEVICE_ACTS = [
  ...(['init', 'status', 'adopt', 'abort-foreign', 'self-test', 'set-time'] as const),
  ...(['open-drawer', 'print-report', 'reprint', 'gift-receipt', 'transmit', 'last-document', 'compare'] as const),
] as const
export type PlainDeviceAct = (typeof PLAIN_DEVICE_ACTS)[number]
export type DeviceAct =
  | PlainDeviceAct
  /** Writes the signed logs of a TSE to the state directory; `deletes`: then deletes them in the TSE. */
  | { act: 'archive'; deletes: boolean }
  /** 1 to 30 letters, digits and hyphens. */
  | { act: 'register-client'; client: string }
  /** The outcome of an unresolved print, read on the paper: the document's number (`0142-0001`), or `none`. */
  | { act: 'resolve'; seen: string }
  /** The emergencies of a printer. Opens the register of one that is down for good; ends it when the printer is back, or without it. */
  | { act: 'emergencies' }
  | { act: 'emergency-sheet'; date?: string | undefined }
  | ({ act: 'emergency-open' } & AskedEmergency)
  | { act: 'emergency-close'; forGood?: boolean | undefined }
  /** Reads documents of one period from a printer's memory, by number, on these days. */
  | PrintedRange

export type PrintedRange = { act: 'documents' } & DocumentRange

/** Maximum length of the reason to retire a TSE, in characters: with its prefix it must fit into TSE_TA_FEHLER. */
export const RETIREMENT_REASON_MAX = 80
/** Maximum length of the reason to open an emergency register, in characters. */
export const EMERGENCY_REASON_MAX = 500
/** Maximum length of the reason to end an operation in the middle, in characters. */
export const ENDING_REASON_MAX = 500
/** Maximum length of the reason to dismiss events, in characters. */
export const DISMISS_REASON_MAX = 500

export type FileRange = Omit<ExportRange, 'merchantId'>

/** `seq`: the event that opened it. */
export type UnclosedSession = LeftOutSession & { seq: number }

/** Both counts, and the whole minutes between them: `by` is who counted, as the till named them. */
export type CorrectedCount = CountedBy & {
  register_id: string
  corrected_at: string
  minutes: number
  before: CountedBy
}

/** A count that left its shift open. */
export type NotedCount = CountedBy & { register_id: string; counted_at: string; expected: string; difference: string }

type CountedBy = {
  operation_id: string
  receipt_number: string | null
  amount: string
  /** Absent without any. */
  foreign_cash?: readonly { currency: string; amount: string }[]
  by: string | null
}

/** Completed operations of a range, by how their receipt was issued; `unsaid`: it is not recorded. */
export type IssuedCounts = { readonly [As in IssuedAs | 'unsaid']: number }

/** A deposit that is not used up, a claim that is not settled, or a voucher of which something is left. */
export type UnsettledOriginal = {
  what: 'deposit' | 'claim' | 'voucher'
  /** Only of a voucher: an operation may sell several. */
  gift_card_id?: string
  operation_id: string
  receipt_number: string | null
  completed_at: string
  left_amount: string
}

/** An operation that was begun and not ended; without a register it is ONLINE. */
export type BegunOperation = {
  operation_id: string
  register_id: string | null
  created_at: string
  total_amount: string
}

/** An allocation group with order lines that are not settled. */
export type OpenGroup = {
  allocation_group: string
  location_id: string
  first_order_at: string
  orders: number
}

/** The facts about a range that an auditor needs in addition to its files. */
export type AuditNotes = {
  /** Sessions that are not closed: in no package. */
  left_out: readonly UnclosedSession[]
  /** Closed sessions that reach into the range and whose closing is posted outside of it. */
  posted_elsewhere: readonly LeftOutSession[]
  /** The open sessions of registers whose law has no packages. */
  open_sessions: readonly UnclosedSession[]
  /** Bons outside any session, which the next closing of their register will contain. */
  waiting_bons: readonly { register_id: string; bons: number }[]
  /** Completed operations without a register. */
  online: { operations: number; total_amount: string }
  /** Sales of which more was returned in the range than was sold. */
  returned_beyond_sale: readonly ReturnedBeyondSale[]
  /** Sessions of the range whose drawer should hold, or should have held at the count, less than 0.00. */
  drawer_below_zero: readonly (DrawerBelowZero & { register_id: string; opened_at: string })[]
  /** Counts of the range that correct an earlier one. */
  corrected_counts: readonly CorrectedCount[]
  /** Counts of the range that left their shift open. */
  interim_counts: readonly NotedCount[]
  issued: IssuedCounts
  /** Vouchers that were used in the range and of which more was taken off than was put on. */
  voucher_beyond_sale: readonly VoucherBeyondSale[]
  /** Deposits, claims and sold vouchers of the range of which something is left now. */
  unsettled: readonly UnsettledOriginal[]
  /** Operations that were begun in the range and are open now. */
  open_operations: readonly BegunOperation[]
  /** Groups whose first open order is of the range. */
  open_groups: readonly OpenGroup[]
}

/** `url`: of the running agent, or of its configuration. */
export type DisplayAddress = { register_id: string; url: string }

/** `answers`: at its own line; `state`: of the device there. */
export type Retirable = { serial: string; state: string; answers: boolean; isRetired: boolean }

/** The technician's commands: called over the admin socket or directly by the CLI, never over the sale API. */
export type Administration = {
  /**
   * The key is only in the answer; the journal stores its SHA-256. `ownerId`: the register of a till's key, the merchant
   * of a reader's, which may be left out if there is one. Throws `not_found` (register, merchant), `invalid_request`.
   */
  createKey(kind: KeyKind, ownerId?: string, certificate?: string): Promise<IssuedKey>
  listKeys(): readonly KeyListing[]
  revokeKey(id: string): Promise<void>
  /** Like GET /v1/devices. */
  devices(): readonly Json[]
  /** The merchants, locations and units of the installation. */
  installation(): Json
  /**
   * Both ends of the range are inclusive. `isIssuedSaid`: false for a journal of which no event says how a receipt was
   * issued: then no operation is read for `issued`, and its counts are 0.
   */
  auditNotes(range: { from: string; to: string }, isIssuedSaid: boolean): Promise<AuditNotes>
  /**
   * Throws FiskalError or DeviceError; the answer is shown to the technician. `new_secrets` of `init` are PINs and PUKs
   * that were not shown yet: each `init` returns them until {@link secretsSeen} names them.
   */
  deviceAct(deviceId: string, act: DeviceAct): Promise<Json>
  /** The technician has seen those of `new_secrets`: they are not returned again. */
  secretsSeen(deviceId: string, names: readonly string[]): Promise<void>
  /**
   * The unit that `retireTse` would retire, or the one that is retired already and whose registers it would hand over.
   * Throws like `retireTse`.
   */
  retirable(deviceId: string, successor?: string): Promise<Retirable>
  /**
   * Retires a TSE permanently: its unsigned receipts stay unsigned, its registers continue with the replacement (under
   * the same id, or `successor`). Throws `fiscalization_conflict`, also while the unit answers at the line of another
   * id; `open_operations`, `reconciling`.
   */
  retireTse(deviceId: string, reason: string, successor?: string): Promise<Json>
  /**
   * The printed part of an exchange, or its reversal, of which the other document can never be printed. Throws
   * `not_found`, `operation_invalid_state`, `reconciling`.
   */
  halfPrinted(operationId: string): PrintedPart
  /** Ends that operation with its printed part. Throws like {@link halfPrinted}. */
  endOperation(operationId: string, reason: string): Promise<PrintedPart>
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`; `clear` removes all. */
  fault(deviceId: string, fault: string): Promise<Json>
  /** Copies closed months into read-only segments and anchors them in the chain. */
  seal(): Promise<Json>
  /** Ends the epoch and begins one above a number that is used already (0: none), unless the epoch is above that. */
  beginEpoch(above: number): Promise<Json>
  /** Like GET /v1/sync. */
  syncStatus(): readonly Json[]
  /** Retries a stalled or waiting sync target now. Throws `not_found`. */
  resumeSync(target: string): Promise<Json>
  /**
   * Dismisses the events of ended epochs that the target does not have (a fork, a replaced epoch), after a person has
   * checked them: journalled with the evidence and counted separately. Throws `not_found`, `unprocessable_entity`.
   */
  dismissSync(target: string, reason: string): Promise<Facts['sync.dismissed']>
  /** Open legal tasks for a person, the most urgent first. */
  listTasks(): readonly Json[]
  /** All duties, those that are confirmed too, by due date and id. */
  listDuties(): Promise<readonly ListedDuty[]>
  /** One duty with all its steps. Throws `not_found`. */
  showDuty(id: string): Promise<ShownDuty>
  /** `reason`: the result; it may follow later. Throws `not_found` for a task that is not open. */
  confirmTask(id: string, reason?: string): Promise<void>
  /** The open alerts, and the channels with their last delivery. */
  listAlerts(): Promise<Json>
  /** Sends a test message to one channel, or to all of them; each answer has the words of a failure. Throws `not_found`. */
  testAlert(channel?: string): Promise<readonly Json[]>
  /**
   * The address of the customer's display of a register, below that of the agent; `renew`: a new one, and the former is
   * worth nothing. Throws `not_found`, `register_decommissioned`, and `unprocessable_entity` if no display is configured.
   */
  display(registerId: string, renew: boolean): Promise<DisplayAddress>
  /** The notices to an authority that a person sends as files: of each location, or of one. Throws `not_found`. */
  notices(location: string | undefined, isTrial: boolean): Promise<LawNotices>
  /** Lets a client do a duty now; `reason` of an outage or end of use. Throws `not_found`, `unprocessable_entity`. */
  sendDuty(id: string, reason?: DutyGround): Promise<void>
  /**
   * Journals an outage of a register, or the reason of that of a device; `until` may follow later, with the same `since`.
   * Times are RFC 3339. Throws `not_found`, `unprocessable_entity`.
   */
  reportOutage(id: string, outage: AskedOutage): Promise<RecordedOutage>
  /** One login and logout at FinanzOnline with the present files: of each account, or of that merchant's. */
  checkAuthority(merchant?: string): Promise<readonly CheckedAccount[]>
  /**
   * Streams an archive of a device, a register or the journal into a file; same self-checks as the API's exports.
   * `type`: an export of the sale API, or one that no till may have.
   */
  exportTo(type: string, range: FileRange, path: string): Promise<Json>
}

type Names<Arguments extends readonly unknown[]> = { readonly [At in keyof Arguments]-?: string }

/** The argument names of every act in order, for callers that only forward acts. */
export const ACT_ARGUMENTS: { readonly [Act in keyof Administration]: Names<Parameters<Administration[Act]>> } = {
  createKey: ['kind', 'ownerId', 'certificate'],
  listKeys: [],
  revokeKey: ['id'],
  devices: [],
  installation: [],
  auditNotes: ['range', 'isIssuedSaid'],
  deviceAct: ['deviceId', 'act'],
  secretsSeen: ['deviceId', 'names'],
  retirable: ['deviceId', 'successor'],
  retireTse: ['deviceId', 'reason', 'successor'],
  halfPrinted: ['operationId'],
  endOperation: ['operationId', 'reason'],
  fault: ['deviceId', 'fault'],
  seal: [],
  beginEpoch: ['above'],
  syncStatus: [],
  resumeSync: ['target'],
  dismissSync: ['target', 'reason'],
  listTasks: [],
  listDuties: [],
  showDuty: ['id'],
  confirmTask: ['id', 'reason'],
  listAlerts: [],
  testAlert: ['channel'],
  display: ['registerId', 'renew'],
  notices: ['location', 'isTrial'],
  sendDuty: ['id', 'reason'],
  reportOutage: ['id', 'outage'],
  checkAuthority: ['merchant'],
  exportTo: ['type', 'range', 'path'],
}

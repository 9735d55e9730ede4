import type { Json } from '../../base/canonical.ts'
import type { LeftOutSession } from '../contract/export.ts'
import type { DrawerBelowZero, ReturnedBeyondSale } from '../contract/hint.ts'

export type IssuedKey = {
  id: string
  kind: 'platform' | 'register'
  key: string
  register_id?: string
  certificate?: string
}
export type KeyListing = {
  id: string
  kind: 'platform' | 'register'
  register_id: string | null
  created_at: string
  revoked_at: string | null
  /** SHA-256 (hex) of the only client certificate that opens it. */
  certificate: string | null
}
/** What is done with a device and needs no more than its name. */
export const PLAIN_DEVICE_ACTS = [
  ...(['init', 'status', 'adopt', 'abort-foreign', 'self-test', 'set-time'] as const),
  ...(['open-drawer', 'print-report', 'transmit', 'last-document', 'compare'] as const),
] as const
export type PlainDeviceAct = (typeof PLAIN_DEVICE_ACTS)[number]
export type DeviceAct =
  | PlainDeviceAct
  /** The signed logs of a TSE into the state directory; `deletes` them there. */
  | { act: 'archive'; deletes: boolean }
  /** 1 to 30 letters, digits and hyphens. */
  | { act: 'register-client'; client: string }
  /** What a person saw of a document in doubt: its number on the paper (`0142-0001`), or `none`. */
  | { act: 'resolve'; seen: string }
  /** What the memory of a printer has of numbers of one period, on these days. */
  | PrintedRange

/** `z` as printed; `day`, `until`: `YYYY-MM-DD` of the printer. */
export type PrintedRange = { act: 'documents'; z: number; from: number; to: number; day: string; until: string }

/** Characters of the reason for which a TSE is retired: with its beginning it must fit into TSE_TA_FEHLER. */
export const RETIREMENT_REASON_MAX = 80
/** Of that for which an operation is ended in the middle. */
export const ENDING_REASON_MAX = 500
/** Of that for which events are dismissed. */
export const DISMISS_REASON_MAX = 500

/**
 * Of one register, or (a TSE archive) of one device with all that it signed, where they are named. `withoutMissing`: of a TSE
 * also without archives that are gone, which the answer then names in `missing_archives`.
 */
export type FileRange = { from: string; to: string; registerId?: string; deviceId?: string; withoutMissing?: true }

/** `seq`: the event that opened it. */
export type UnclosedSession = LeftOutSession & { seq: number }

/** What an auditor has to know of a range beside its files. */
export type AuditNotes = {
  /** Sessions that are not closed: in no package. */
  left_out: readonly UnclosedSession[]
  /** Those of registers whose law has no packages. */
  open_sessions: readonly UnclosedSession[]
  /** Bons outside of any session, which the next closing of their register takes in. */
  waiting_bons: readonly { register_id: string; bons: number }[]
  /** Completed operations of no register. */
  online: { operations: number; total_amount: string }
  /** Sales of which more came back in the range than they had. */
  returned_beyond_sale: readonly ReturnedBeyondSale[]
  /** Sessions of the range whose drawer should hold, or should have held at the count, less than nothing. */
  drawer_below_zero: readonly (DrawerBelowZero & { register_id: string; opened_at: string })[]
}

/** The technician's work: reached over the admin socket or directly by the CLI, never over the sale API. */
export type Administration = {
  /** The key is in the answer only; the journal keeps its SHA-256. Throws `not_found` (register). */
  createKey(kind: 'platform' | 'register', registerId?: string, certificate?: string): Promise<IssuedKey>
  listKeys(): readonly KeyListing[]
  revokeKey(id: string): Promise<void>
  /** As GET /v1/devices. */
  devices(): readonly Json[]
  /** Who sells, where, with what, and when a device was out. */
  installation(): Json
  /** Both ends of the range are inclusive. */
  auditNotes(range: { from: string; to: string }): Promise<AuditNotes>
  /**
   * Throws FiskalError or DeviceError; the answer is what the technician is shown. `new_secrets` of `init` are PINs and PUKs
   * that nobody has seen yet: they come with each `init` until {@link secretsSeen} names them.
   */
  deviceAct(deviceId: string, act: DeviceAct): Promise<Json>
  /** The technician has those of `new_secrets`: they come out no more. */
  secretsSeen(deviceId: string, names: readonly string[]): Promise<void>
  /**
   * Takes a TSE out of use for ever: what it did not sign stays unsigned, its registers go on with the unit that takes
   * its place (under the same id, or `successor`). Throws `fiscalization_conflict`, `open_operations`, `reconciling`.
   */
  retireTse(deviceId: string, reason: string, successor?: string): Promise<Json>
  /**
   * What stands on paper of an exchange, or its reversal, of which the other document can never be printed. Throws
   * `not_found`, `operation_invalid_state`, `reconciling`.
   */
  halfPrinted(operationId: string): Json
  /** Ends that operation with what stands on paper. Throws the same. */
  endOperation(operationId: string, reason: string): Promise<Json>
  /** Simulators only: `NAME[=ARG]@ACT[#WHICH]`; `clear` removes all. */
  fault(deviceId: string, fault: string): Promise<Json>
  /** Copies closed months into read-only segments and anchors them in the chain. */
  seal(): Promise<Json>
  /** Ends the chain and begins the next epoch, above one that is taken already (0: none); nothing where it is above that. */
  beginEpoch(above: number): Promise<Json>
  /** As GET /v1/sync. */
  syncStatus(): readonly Json[]
  /** Tries a target of the replay now that stands or waits. Throws `not_found`. */
  resumeSync(target: string): Promise<Json>
  /**
   * Says that a person has looked at what the target lacks of ended epochs (a fork, a replaced epoch) and that it stays
   * so: it is journalled with its evidence and counted apart. Throws `not_found`, `unprocessable_entity`.
   */
  dismissSync(target: string, reason: string): Promise<Json>
  /** What the laws ask of a human and nobody has confirmed, the most urgent first. */
  listTasks(): readonly Json[]
  /** `reason`: what came of it; it may follow later. Throws `not_found` for a task that is not open. */
  confirmTask(id: string, reason?: string): Promise<void>
  /** Streams an archive of a device, a register or the journal into a file; same self-checks as the API's exports. */
  /** `type`: an export of the sale API, or one that no till may have. */
  exportTo(type: string, range: FileRange, path: string): Promise<Json>
}

type Names<Arguments extends readonly unknown[]> = { readonly [At in keyof Arguments]-?: string }

/** Every act with the names of its arguments in their order, for who passes acts on and does none of them. */
export const ACT_ARGUMENTS: { readonly [Act in keyof Administration]: Names<Parameters<Administration[Act]>> } = {
  createKey: ['kind', 'registerId', 'certificate'],
  listKeys: [],
  revokeKey: ['id'],
  devices: [],
  installation: [],
  auditNotes: ['range'],
  deviceAct: ['deviceId', 'act'],
  secretsSeen: ['deviceId', 'names'],
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
  confirmTask: ['id', 'reason'],
  exportTo: ['type', 'range', 'path'],
}

import type { Remedy } from './remedy.ts'

/**
 * Technische Sicherheitseinrichtung: the primitives of BSI TR-03153 / TR-03151, without receipts. Every method may
 * throw DeviceError. Calls may overlap: the driver's queue runs them one at a time.
 */

/** One signed log of a transaction, as the device returned it. Times are the device's own. */
export type TseSignature = {
  /** Transaction number, from 1. */
  transaction: number
  /** Signature counter of this log (not of the transaction). */
  signatureCounter: number
  /** logTime, milliseconds since 1970 UTC (a multiple of 1000 for unixTime devices). */
  logTimeMs: number
  /** Plain r‖s, 64 or 96 bytes; never DER. */
  signature: Uint8Array
}

/** A log as the device keeps it: the signature is over `signedPart`. */
export type TseLog = TseSignature & { signedPart?: Uint8Array }

/** The result of a recall. `finish.processType/processData` are the signed ones. */
export type TseRecall = {
  clientId: string
  start: TseLog | undefined
  finish: (TseLog & { processType: string; processData: Uint8Array }) | undefined
}

export type TseIdentity = {
  /** SHA-256 over the public point, 64 lower-case hex digits. */
  serial: string
  /** Uncompressed EC point 04‖X‖Y. */
  publicKey: Uint8Array
  /** e.g. `ecdsa-plain-SHA256`. */
  algorithm: string
  /** `unixTime` | `utcTime` | `utcTimeWithSeconds` | `generalizedTime` | `generalizedTimeWithMilliseconds`. */
  timeFormat: string
  /** DER, leaf first, up to the root if the device has it. */
  certificates: readonly Uint8Array[]
  /** The number of its certification by the BSI, as `0412-2020`, if the unit reports it. */
  bsiId?: string
  /** The unit reports a firmware for development: it signs for no shop. */
  isDevelopment?: true
}

/** Facts for the notice of § 146a Abs. 4 AO, by the configuration. */
export type TseInventory = {
  bsiId?: string | undefined
  kind: 'sd' | 'usb' | 'cloud' | 'other'
  /** The number that the form shows for the kind. */
  kindCode?: string | undefined
}

export type TseHealth = {
  memoryUsedPercent: number
  signaturesLeft: number
  certificateExpiresAtMs: number
  /** Device clock minus host clock; undefined until it was measured since the host's clock last stepped. */
  clockSkewMs: number | undefined
  openTransactions: number
  maxOpenTransactions: number
  /** The unit was set up, even if it was decommissioned later. */
  initialised: boolean
  /** The unit was decommissioned: it signs nothing but still exports. */
  disabled: boolean
  selfTestDueInMs: number | undefined
  /** How long the unit keeps a time that it was given; omitted if it reports nothing. */
  timeHoldsMs?: number
  /**
   * The unit reports that its memory is worn out and must be replaced; it still signs. Omitted if it reports nothing.
   */
  replacementNeeded?: boolean
  /** A PIN of the configuration that the unit refused; acts without a login still work. */
  refusedPin?: RefusedPin | undefined
  /** Free words of the device: firmware, certification id, "NOT CERTIFIED". */
  description: string
  /**
   * The highest numbers that the unit issued. Only for units whose memory is a file of this machine, which an old disk
   * image may roll back.
   */
  given?: TseNumbers
}

export type RefusedPin = { code: 'pin_wrong' | 'pin_locked'; message: string }

/** The last signature counter and the last transaction number. */
export type TseNumbers = { signatureCounter: number; transaction: number }

/** Signature counters that no log of the memory has, inclusive. */
export type TseSkipped = { from: number; to: number }

/** Inclusive bounds; `{}` is the whole archive. */
export type TseExportFilter = {
  /**
   * Only for units that continue an archive (`resumesExports`), and alone: the logs after this one, without info.csv
   * and certificates.
   */
  afterCounter?: number
  clientId?: string
  transactionFrom?: number
  transactionTo?: number
  timeFromMs?: number
  timeToMs?: number
}

/** The reader of an archive has verified and stored all logs up to this signature counter. */
export type TseKept = { lastCounter: number }
export type TseKeep = (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>

export type Tse = {
  readonly kind: 'tse'
  /**
   * True if the driver verified the signatures that it returns, or made them in this process: no one needs to verify
   * them again.
   */
  readonly vouches?: boolean
  /** The driver implements the unit in software: no authority certified it, whatever its certificate says. */
  readonly uncertified?: true
  /**
   * Connects and makes ready: self-test, login and time if the device wants them. Signs no transaction. May be called
   * again after an `unavailable`; harmless when already open. A unit that was never set up may open: `health` reports
   * it. Throws `unavailable`, `not_initialised`, `pin_wrong`, `pin_locked`, `foreign`, `refused`.
   */
  open(): Promise<void>
  /** Permanent: ends the running command and refuses later ones (`aborted` none). */
  close(): Promise<void>
  /** Read from the device on every call: the agent compares the serial with the enrolled one. */
  identity(): Promise<TseIdentity>
  health(): Promise<TseHealth>
  /** StartTransaction with empty processType and processData. Lost answer: ask `openTransactions`, then `recall`. */
  start(clientId: string): Promise<TseSignature>
  /** FinishTransaction. Lost answer: still in `openTransactions` = not executed; else `recall` has it. */
  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature>
  /** Numbers of started, unfinished transactions (of that client if the device can filter), ascending. */
  openTransactions(clientId?: string): Promise<readonly number[]>
  /**
   * The logs of one transaction; undefined if the device does not have them. Settles unknown outcomes. `client`: its
   * client, if known; some units answer only a client that is logged in.
   */
  recall(transaction: number, client?: string): Promise<TseRecall | undefined>
  /**
   * The newest log of the transaction, read in another way than `recall`; undefined if the unit returns a different
   * transaction. It proves nothing alone: it counts if its signature covers the sent data.
   */
  lastLog?(transaction: number | undefined, client: string): Promise<TseSignature | undefined>
  /** One step after which a refused question is repeated. False if the unit has or needs no such step. */
  remedy?(remedy: Remedy, client: string): Promise<boolean>
  /** Idempotent: registering a registered client succeeds. */
  registerClient(clientId: string): Promise<void>
  /** The unit has no command that removes a client. */
  readonly keepsClients?: true
  /** A client of the driver itself that this process registered at a unit of another program. */
  readonly addedClient?: string | undefined
  /** Idempotent. Refused while the client has open transactions. */
  deregisterClient(clientId: string): Promise<void>
  clients(): Promise<readonly string[]>
  /**
   * Creates keys and certificate in an uninitialised unit, else checks that the unit is usable. Repeating is harmless.
   */
  initialise(): Promise<void>
  /**
   * For a unit whose memory was rolled back (see `given`), only on a technician's word: it continues above everything
   * that its key is known to have signed. `numbers`: those in the journal. `keep` journals the skipped counters; if
   * it throws, nothing changes. An audit log then records them before anything else is signed. Returns undefined if
   * nothing is skipped. `open()` follows.
   */
  adopt?(numbers: TseNumbers | undefined, keep: (skipped: TseSkipped) => Promise<void>): Promise<TseSkipped | undefined>
  /**
   * Runs a technician's command. It may send a PIN again whose login may have cost a try; at initialisation also a PIN
   * that was refused once. Only for units with PINs.
   */
  admit?<T>(command: () => Promise<T>, isInit: boolean): Promise<T>
  selfTest(): Promise<void>
  /** Sets the device's clock from the host's. Repeating is harmless. */
  setTime(): Promise<void>
  /**
   * True for a unit that signs nothing during an export: a sale that has waited a second ends the export
   * (`export_running`).
   */
  readonly exportsExclusively?: boolean
  /**
   * For such a unit: an archive composed of small ones, with sales in between. Slower, and no deletion may follow it.
   * `after`: the last signature counter that the unit no longer holds. Throws `garbled` none if the parts are not the
   * whole archive, `export_running` none if the unit lets no sale in between.
   */
  exportInPortions?(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** True for a unit that can continue an interrupted archive after a signature counter. */
  readonly resumesExports?: boolean
  /**
   * The TR-03151 TAR archive, in chunks; an empty chunk means that the unit is searching. Throws `no_data` if the
   * filter finds nothing. `heldMs`: the longest time for which one command of the export may block a sale.
   */
  exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncIterable<Uint8Array>
  /**
   * Passes the whole archive to `keep`, and deletes it in the unit after that resolved; newer logs stay. If `keep`
   * throws, nothing is deleted and its error is thrown. An open transaction stays open and can be finished, though its
   * start can no longer be recalled. Refused without effect: `transactions_open` if the unit does not delete then,
   * `export_running` if something else ended the export, `unexported_data` if the unit can only delete everything and
   * has signed since. Lost answer: ask `recall` for a transaction of the archive; not found = deleted.
   */
  archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void>
}

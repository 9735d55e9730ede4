import type { Remedy } from './remedy.ts'

/**
 * Technische Sicherheitseinrichtung: the primitives of BSI TR-03153 / TR-03151. Knows nothing of receipts.
 * Every method may throw DeviceError. Calls may overlap: the driver's queue runs them one at a time.
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

/** What a recall tells of one transaction. `finish.processType/processData` are those that were signed. */
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
  /** DER, leaf first, up to the root where the device has them. */
  certificates: readonly Uint8Array[]
}

export type TseHealth = {
  memoryUsedPercent: number
  signaturesLeft: number
  certificateExpiresAtMs: number
  /** Device clock minus host clock; undefined until it was measured since the host's clock last stepped. */
  clockSkewMs: number | undefined
  openTransactions: number
  maxOpenTransactions: number
  /** It was set up, also where it was put out of service since. */
  initialised: boolean
  /** It was put out of service: it signs nothing any more, and still exports. */
  disabled: boolean
  selfTestDueInMs: number | undefined
  /** The unit says that its memory is worn out and that it has to be replaced, while it still signs. Left out where it tells nothing of it. */
  replacementNeeded?: boolean
  /** A PIN of the configuration that the unit refused: what needs no login goes on meanwhile. */
  refusedPin?: RefusedPin | undefined
  /** Free words of the device: firmware, certification id, "NOT CERTIFIED". */
  description: string
  /** What the unit has given out. Only of units whose memory is a file of this machine: an old disk may set it back. */
  given?: TseNumbers
}

export type RefusedPin = { code: 'pin_wrong' | 'pin_locked'; message: string }

/** The last signature counter and the last transaction number. */
export type TseNumbers = { signatureCounter: number; transaction: number }

/** Signature counters that no log of the memory has, inclusive. */
export type TseSkipped = { from: number; to: number }

/** Inclusive bounds; `{}` is the whole archive. */
export type TseExportFilter = {
  /** Only of units that go on with an archive (`resumesExports`), and alone: the logs after this one, without info.csv and certificates. */
  afterCounter?: number
  clientId?: string
  transactionFrom?: number
  transactionTo?: number
  timeFromMs?: number
  timeToMs?: number
}

/** What the reader of an archive has verified and put on disk: all logs up to this signature counter. */
export type TseKept = { lastCounter: number }

export type Tse = {
  readonly kind: 'tse'
  /** True where the driver has verified the signatures that it answers, or this process made them: nobody needs to do it again. */
  readonly vouches?: boolean
  /** The driver makes the unit itself, in software: no authority has certified it, whatever its certificate says. */
  readonly uncertified?: true
  /**
   * Connects and makes ready: self-test, login and time where the device wants them. Signs no transaction.
   * Called again after an `unavailable`; harmless when already open. Throws `unavailable`, `not_initialised`, `pin_wrong`…
   */
  open(): Promise<void>
  /** For good: ends what runs, and refuses what comes later (`aborted` none). */
  close(): Promise<void>
  /** Read from the device on every call: the agent compares the serial with the enrolled one. */
  identity(): Promise<TseIdentity>
  health(): Promise<TseHealth>
  /** StartTransaction with empty processType and processData. Lost answer: ask `openTransactions`, then `recall`. */
  start(clientId: string): Promise<TseSignature>
  /** FinishTransaction. Lost answer: still in `openTransactions` = not executed; else `recall` has it. */
  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature>
  /** Numbers of started, unfinished transactions (of that client where the device can filter), ascending. */
  openTransactions(clientId?: string): Promise<readonly number[]>
  /**
   * The logs of one transaction; undefined when the device does not know it. Settles unknown outcomes. `client`: whose it
   * is, where that is known; some units answer only a client that is logged in.
   */
  recall(transaction: number, client?: string): Promise<TseRecall | undefined>
  /**
   * The newest log of the transaction, asked for in another way than `recall` does; undefined where the unit tells of
   * another one. It proves nothing by itself: it counts if its signature holds over what was sent.
   */
  lastLog?(transaction: number | undefined, client: string): Promise<TseSignature | undefined>
  /** One step after which a question that was refused is asked again. False where the unit has or needs no such step. */
  remedy?(remedy: Remedy, client: string): Promise<boolean>
  /** Idempotent: registering a registered client succeeds. */
  registerClient(clientId: string): Promise<void>
  /** Idempotent. Refused while the client has open transactions. */
  deregisterClient(clientId: string): Promise<void>
  clients(): Promise<readonly string[]>
  /** Makes keys and certificate in a virgin unit, else checks that the unit is usable. Repeating is harmless. */
  initialise(): Promise<void>
  /**
   * For a unit whose memory was set back (see `given`), on a technician's word alone: it goes on above all that its key is
   * known to have signed. `known`: what the journal has from it. `keep` puts the counters that are passed over on record;
   * where it throws nothing changes. An audit log then tells of them before anything else is signed. Gives undefined where
   * none is passed over. `open()` follows.
   */
  adopt?(known: TseNumbers | undefined, keep: (skipped: TseSkipped) => Promise<void>): Promise<TseSkipped | undefined>
  /**
   * Runs a command of a technician: in it a PIN whose login may have cost a try is shown once more, at its initialisation one
   * that was refused once, too. Of units that have PINs.
   */
  admit?<T>(command: () => Promise<T>, isInit: boolean): Promise<T>
  selfTest(): Promise<void>
  /** Sets the device's clock from the host's. Repeating is harmless. */
  setTime(): Promise<void>
  /** True for a unit that signs nothing while it exports: a sale that has waited a second ends the export (`export_running`). */
  readonly exportsExclusively?: boolean
  /**
   * Of such a unit: an archive that is put together from small ones, between which sales have their turn. Slower, and no
   * export that a deletion may follow. `after`: the last signature counter that the unit holds no more. Throws `garbled`
   * none where the small ones are not the whole, `export_running` none where the unit lets no sale in between.
   */
  exportInPortions?(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncIterable<Uint8Array>
  /** True for a unit that goes on with an archive that broke off, from a signature counter on. */
  readonly resumesExports?: boolean
  /**
   * The TR-03151 TAR archive, in chunks; an empty chunk is a unit that says that it searches. Throws `no_data` where the filter
   * finds nothing. `heldMs`: no single command of it keeps the unit from a sale for longer.
   */
  exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncIterable<Uint8Array>
  /**
   * Hands the whole archive to `keep`, and deletes it in the unit once that has resolved; what was signed since stays.
   * Where `keep` throws nothing is deleted, and its error is thrown. Refused without effect: `busy` while transactions
   * are open, `export_running` where something else ended the export, `unexported_data` where the unit deletes all or
   * nothing and has signed meanwhile. Lost answer: ask `recall` for a transaction of the archive; gone = deleted.
   */
  archiveAndDelete(keep: (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>, signal?: AbortSignal): Promise<void>
}

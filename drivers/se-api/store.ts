import type { TseSkipped } from '../ports/tse.ts'

/** A signed log message in the memory of a secure element, and the values to find and name it. */
export type SeLog = {
  /** Signature counter, from 1, without gaps. */
  counter: number
  kind: 'Tra' | 'Sys' | 'Aud'
  /** `Start` | `Update` | `Finish` for transactions, the operation's name for system logs, '' for audit logs. */
  operation: string
  transaction: number | undefined
  clientId: string | undefined
  /** logTime in milliseconds since 1970 UTC. */
  timeMs: number
  /** The whole DER message, signature included. */
  message: Uint8Array
}

/** The other state that the element must keep across a power cut. Plain JSON, small (≤ 512 open transactions). */
export type SeState = {
  initialised: boolean
  disabled: boolean
  signatureCounter: number
  transactionCounter: number
  clients: readonly string[]
  /** Started, unfinished transactions. */
  open: readonly { transaction: number; clientId: string }[]
  lastTimeMs: number
  /** Logs up to this counter were exported and deleted. */
  deletedUpTo: number
  /** Bytes of stored log messages. */
  usedBytes: number
  /** The skipped counters, until an audit log records them. */
  passedOver?: TseSkipped
}

/**
 * A message that is about to be signed: counters taken, time fixed. Signing it twice is harmless: same content, same
 * counter.
 */
export type SePending = { log: Omit<SeLog, 'message'>; unsigned: Uint8Array; next: SeState }

/**
 * The memory of a software secure element. One writer. After `prepare` and `commit` have resolved, their data survives
 * a crash of the process; whether it also survives a power cut depends on the implementation (journal: yes, simulator
 * file: no).
 */
export type SeStore = {
  load(): Promise<{ state: SeState | undefined; pending: SePending | undefined }>
  /** Write-ahead, before the key is used; does nothing if signature and memory are one device. */
  prepare(pending: SePending): Promise<void>
  /** Stores a signed log and the state after it atomically, and clears the pending message. */
  commit(log: SeLog, next: SeState): Promise<void>
  /** Stores a change of state without a log. */
  save(next: SeState): Promise<void>
  /** Logs in counter order, from `fromCounter`, read in bounded portions while sales continue. */
  logs(fromCounter: number): AsyncIterable<SeLog>
  /** The logs of one transaction, oldest first; empty if unknown. */
  transaction(transaction: number): Promise<readonly SeLog[]>
  /** Frees the space of logs up to a counter, whose deletion is already in the state. Repeating is harmless. */
  discard?(upTo: number): Promise<void>
  close(): Promise<void>
}

/** The private key of a secure element and its certificates. */
export type SeSigner = {
  /** Uncompressed point 04‖X‖Y. */
  readonly publicKey: Uint8Array
  /** e.g. `ecdsa-plain-SHA256`. */
  readonly algorithm: string
  /** DER, leaf first, up to the root. */
  readonly certificates: readonly Uint8Array[]
  readonly certificateExpiresAtMs: number
  /** Plain r‖s over the hash of `message`. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

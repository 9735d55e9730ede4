import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type {
  TseExportFilter,
  TseHealth,
  TseIdentity,
  TseNumbers,
  TseRecall,
  TseSignature,
  TseSkipped,
} from '../ports/tse.ts'
import { serialOfPoint } from '../tr03151/ecdsa.ts'
import type { TransactionEntry } from '../tr03151/log-message.ts'
import { parseLogMessage } from '../tr03151/log-message.ts'
import { recalled } from '../tr03151/recall.ts'
import {
  authenticateUserLog,
  disableLog,
  initializeLog,
  logOutLog,
  plainLog,
  selfTestLog,
  unblockUserLog,
  updateTimeLog,
} from '../tr03151/system-log.ts'
import { certificateFiles } from './certificate-files.ts'
import { demandClientId, demandData, unexported } from './demands.ts'
import { DeviceClock } from './device-clock.ts'
import type { ExportSource } from './export.ts'
import { demandSensible, exportArchive, exportPortion } from './export.ts'
import { FaultyExports } from './faulty-exports.ts'
import type { SeLimits } from './limits.ts'
import { LogMessages, TIME_FORMAT, wholeSeconds } from './log-messages.ts'
import { LogWriter } from './log-writer.ts'
import { SelfTestTimer } from './self-test-timer.ts'
import { stateAbove } from './state.ts'
import type { SeLog, SeSigner, SeState, SeStore } from './store.ts'
import type { LoginResult, SeUsers, UnblockResult } from './users.ts'

export type SecureElementOptions = {
  store: SeStore
  signer: SeSigner
  clock: Clock
  limits: SeLimits
  /** For info.csv of every export. */
  info: { description: string; manufacturer: string; version: string }
  /** Omitted: functions require no login. */
  users?: SeUsers
  /** One file for the whole chain, in PEM, instead of one for each certificate. */
  chainFile?: string | undefined
}

export type SeInfo = {
  state: SeState
  serial: Buffer
  /** The element's own time. */
  nowMs: number
  timeIsSet: boolean
  /** 0 = due. */
  selfTestDueInMs: number
}

/** A start has no data (DSFinV-K). */
const empty = { processType: '', processData: new Uint8Array() }

/** The user of a deletion in an element without users. */
const OWNER = 'admin'

/**
 * The functions of TR-03151 in software over an injected key, memory and clock. The caller's queue ensures one call at
 * a time; only an export may run in parallel. Every explicit refusal is `none`. After any other error call `open()`
 * again: it reads the memory.
 */
export class SecureElement {
  readonly #options: SecureElementOptions
  readonly #serial: Buffer
  readonly #clock: DeviceClock
  readonly #log: LogWriter
  readonly #messages: LogMessages
  readonly #selfTest: SelfTestTimer
  readonly #exports = new FaultyExports()
  #exportedUpTo = 0

  constructor(options: SecureElementOptions) {
    this.#options = options
    this.#serial = serialOfPoint(options.signer.publicKey)
    this.#clock = new DeviceClock(options.clock)
    this.#log = new LogWriter(options.store, options.signer)
    const { signer, limits } = options
    this.#messages = new LogMessages({ log: this.#log, clock: this.#clock, signer, limits })
    this.#selfTest = new SelfTestTimer(options.clock, options.limits.selfTestIntervalMs)
  }

  /** Power-up without time, self-test or login. Signs and stores the message that a crash left unsigned. */
  async open(): Promise<void> {
    this.#clock.lose()
    this.#options.users?.forget()
    this.#selfTest.forget()
    await this.#log.open(wholeSeconds(this.#options.clock.now()))
    // A crash may have come between the log of a deletion and the deletion itself.
    const { deletedUpTo } = this.#log.state()
    if (deletedUpTo > 0) await this.#options.store.discard?.(deletedUpTo)
  }

  info(): SeInfo {
    const state = this.#log.state()
    const nowMs = this.#clock.now(state.lastTimeMs)
    const timeIsSet = this.#clock.isSet()
    return { state, serial: this.#serial, nowMs, timeIsSet, selfTestDueInMs: this.#selfTest.dueInMs() }
  }

  /** As the port of a TSE requires, for a TSE without a vendor's front end. */
  identity(): TseIdentity {
    const { publicKey, algorithm, certificates } = this.#options.signer
    return { serial: this.#serial.toString('hex'), publicKey, algorithm, timeFormat: TIME_FORMAT, certificates }
  }

  /** As for `identity`. */
  health(description: string): TseHealth {
    const { clock, limits, signer } = this.#options
    const { state, nowMs, timeIsSet, selfTestDueInMs } = this.info()
    return {
      memoryUsedPercent: (100 * state.usedBytes) / limits.memoryBytes,
      signaturesLeft: limits.signatures - state.signatureCounter,
      certificateExpiresAtMs: signer.certificateExpiresAtMs,
      clockSkewMs: timeIsSet ? nowMs - clock.now() : undefined,
      openTransactions: state.open.length,
      maxOpenTransactions: limits.openTransactions,
      initialised: state.initialised,
      disabled: state.disabled,
      selfTestDueInMs,
      description,
      given: { signatureCounter: state.signatureCounter, transaction: state.transactionCounter },
    }
  }

  /** Works only once. Throws `refused` if it was done. */
  async initialise(description: string): Promise<void> {
    this.#options.users?.demand('admin')
    if (this.#log.state().initialised)
      throw new DeviceError('refused', 'none', 'the element is initialised already', 'ErrorSecureElementInitialized')
    await this.#messages.system(initializeLog(description), (next) => ({ ...next, initialised: true }))
  }

  async selfTest(): Promise<void> {
    this.#selfTest.passed()
    try {
      const nowMs = this.#clock.now(this.#log.state().lastTimeMs)
      await this.#messages.system(selfTestLog('secure element', TIME_FORMAT, nowMs))
    } catch (error) {
      this.#selfTest.forget()
      throw error
    }
  }

  async updateTime(timeMs: number): Promise<void> {
    this.#options.users?.demand('admin', 'timeAdmin')
    this.#demandUsable()
    const beforeMs = this.#clock.now(this.#log.state().lastTimeMs)
    this.#clock.set(timeMs)
    await this.#messages.system(updateTimeLog(TIME_FORMAT, beforeMs, timeMs))
  }

  /** Loses the time, as after a power cut or a drained battery. */
  loseTime(): void {
    this.#clock.lose()
  }

  /** Makes the self-test due at once. */
  requireSelfTest(): void {
    this.#selfTest.forget()
  }

  async authenticateUser(userId: string, pin: string): Promise<Omit<LoginResult, 'role'>> {
    const { users } = this.#options
    if (users === undefined) throw new DeviceError('refused', 'none', 'the element has no users')
    const { result, triesLeft, role } = users.logIn(userId, pin)
    await this.#messages.system(authenticateUserLog(userId, role, result === 'ok'))
    return { result, triesLeft }
  }

  /** Sets a new PIN with the PUK. */
  async unblockUser(userId: string, puk: string, newPin: string): Promise<UnblockResult> {
    const { users } = this.#options
    if (users === undefined) throw new DeviceError('refused', 'none', 'the element has no users')
    const result = users.unblock(userId, puk, newPin)
    await this.#messages.system(unblockUserLog(userId, result))
    return result
  }

  async logOut(userId: string, cause: 'user' | 'timeout'): Promise<void> {
    if (this.#options.users?.logOut(userId) !== true)
      throw new DeviceError('not_authorised', 'none', 'the user is not logged in', 'ErrorUserNotAuthenticated')
    await this.#messages.system(logOutLog(userId, cause))
  }

  /** Counters that `passOver` would skip; undefined if the memory has everything in `signedNumbers`. */
  async lost(signedNumbers: TseNumbers | undefined): Promise<TseSkipped | undefined> {
    if (signedNumbers === undefined) return undefined
    await this.#log.settle()
    return stateAbove(this.#log.state(), signedNumbers)?.passedOver
  }

  /** Continues above the counters that the key has signed and a rolled-back memory has lost. */
  async passOver(signedNumbers: TseNumbers): Promise<TseSkipped | undefined> {
    await this.#log.settle()
    const above = stateAbove(this.#log.state(), signedNumbers)
    if (above !== undefined) await this.#log.save(above)
    return above?.passedOver
  }

  /** Idempotent: a registered client writes no log. */
  async registerClient(clientId: string): Promise<void> {
    this.#options.users?.demand('admin')
    this.#demandUsable()
    const { clients } = this.#log.state()
    if (clients.includes(clientId)) return
    demandClientId(clientId)
    if (clients.length >= this.#options.limits.clients)
      throw new DeviceError('client_limit', 'none', `${clients.length} clients are registered`, 'ErrorMaxClients')
    await this.#messages.system(plainLog('registerClient', clientId), (next) => ({
      ...next,
      clients: [...clients, clientId],
    }))
  }

  /** Idempotent. Refused while the client has open transactions. */
  async deregisterClient(clientId: string): Promise<void> {
    this.#options.users?.demand('admin')
    this.#demandUsable()
    await this.#log.settle()
    const { clients, open } = this.#log.state()
    if (!clients.includes(clientId)) return
    if (open.some((entry) => entry.clientId === clientId))
      throw new DeviceError('refused', 'none', 'the client has open transactions', 'ErrorUnfinishedTransactions')
    const others = clients.filter((entry) => entry !== clientId)
    await this.#messages.system(plainLog('deregisterClient', clientId), (next) => ({ ...next, clients: others }))
  }

  async start(clientId: string): Promise<TseSignature> {
    await this.#log.settle()
    this.#demandReady(clientId)
    const { open, transactionCounter } = this.#log.state()
    if (open.length >= this.#options.limits.openTransactions)
      throw new DeviceError(
        'open_transactions_full',
        'none',
        `${open.length} transactions are open`,
        'ErrorMaxTransactions',
      )
    const transaction = transactionCounter + 1
    return this.#messages.transaction({ ...empty, operation: 'Start', transaction, clientId })
  }

  /** Every update is signed at once (the "signed" variant of TR-03151 §4.4.2). */
  update(transaction: number, clientId: string, processType: string, data: Uint8Array): Promise<TseSignature> {
    return this.#onOpen({ operation: 'Update', transaction, clientId, processType, processData: data })
  }

  finish(transaction: number, clientId: string, processType: string, data: Uint8Array): Promise<TseSignature> {
    return this.#onOpen({ operation: 'Finish', transaction, clientId, processType, processData: data })
  }

  async openTransactions(clientId?: string): Promise<readonly number[]> {
    await this.#log.settle()
    const { open } = this.#log.state()
    return open
      .filter((entry) => clientId === undefined || entry.clientId === clientId)
      .map((entry) => entry.transaction)
      .sort((a, b) => a - b)
  }

  async recall(transaction: number): Promise<TseRecall | undefined> {
    await this.#log.settle()
    const { deletedUpTo } = this.#log.state()
    const stored = await this.#options.store.transaction(transaction)
    return recalled(stored.filter((log) => log.counter > deletedUpTo).map((log) => parseLogMessage(log.message)))
  }

  /** Logs as stored, from a signature counter on. */
  logsFrom(counter: number): AsyncIterable<SeLog> {
    return this.#options.store.logs(counter)
  }

  /** The present archive. Throws `refused` at once, `no_data` at the first chunk. */
  async exportLogs(filter: TseExportFilter, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    await this.#log.settle()
    demandSensible(filter)
    return this.#export(filter, this.#source(), signal)
  }

  /** Deletes all logs. Refused if logs were not exported in a whole archive. */
  async deleteStoredData(): Promise<void> {
    await this.deleteLogsUpTo(this.#log.state().signatureCounter)
  }

  /**
   * Deletes the logs up to a signature counter. Refused unless all of them were read. An open transaction is not a log:
   * it can still be finished.
   */
  async deleteLogsUpTo(counter: number): Promise<void> {
    this.#exports.demandFinished(this.#log.state().open.length)
    const userId = this.#options.users?.demand('admin') ?? OWNER
    if (this.#exportedUpTo < counter) throw unexported('logs are not exported')
    const deletedBytes = await this.#bytesUpTo(counter)
    await this.#messages.system(plainLog('deleteStoredData', userId), (next) => ({
      ...next,
      deletedUpTo: Math.max(counter, next.deletedUpTo),
      usedBytes: next.usedBytes - deletedBytes,
    }))
    await this.#options.store.discard?.(counter)
  }

  /** Size of the stored log messages up to that counter. */
  async #bytesUpTo(counter: number): Promise<number> {
    const { signatureCounter, usedBytes, deletedUpTo } = this.#log.state()
    if (counter === signatureCounter) return usedBytes
    let bytes = 0
    for await (const log of this.#options.store.logs(deletedUpTo + 1)) {
      if (log.counter > counter) break
      bytes += log.message.length
    }
    return bytes
  }

  /** Deletes what was exported without a gap since the beginning; newer logs stay. */
  async deleteExported(): Promise<void> {
    await this.deleteLogsUpTo(this.#exportedUpTo)
  }

  /** Permanent; exports still work. */
  async disable(): Promise<void> {
    this.#options.users?.demand('admin')
    this.#demandUsable()
    const { nowMs } = this.info()
    await this.#messages.system(disableLog(TIME_FORMAT, nowMs), (next) => ({ ...next, disabled: true }))
  }

  /** The next logs after a signature counter as a separate archive. Throws `no_data` if there are no further logs. */
  async *exportMore(after: number, maxRecords: number): AsyncGenerator<Uint8Array> {
    await this.#log.settle()
    const source = this.#source()
    yield* exportPortion(source, after, maxRecords)
    const { signatureCounter, deletedUpTo } = source.state
    const last = Math.min(signatureCounter, Math.max(after, deletedUpTo) + maxRecords)
    if (after <= Math.max(this.#exportedUpTo, deletedUpTo)) this.#exportedUpTo = Math.max(this.#exportedUpTo, last)
  }

  /** Sets the faults of the exports in the running act. */
  strikeExports(names: ReadonlySet<string>): void {
    this.#exports.strike(names)
  }

  async *#export(
    filter: TseExportFilter,
    source: ExportSource,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    yield* exportArchive(source, filter, signal)
    if (Object.keys(filter).length === 0) this.#exportedUpTo = source.state.signatureCounter
  }

  /** The state that an export shows: the present one. */
  #source(): ExportSource {
    const { store, signer, clock, info, chainFile } = this.#options
    const { state: whole } = this.info()
    const state = { ...whole, signatureCounter: this.#exports.lastShown(whole.signatureCounter) }
    return { store, state, nowMs: clock.now(), info, certificates: certificateFiles(signer, chainFile) }
  }

  async #onOpen(log: TransactionEntry): Promise<TseSignature> {
    const { transaction, clientId, processType, processData } = log
    await this.#log.settle()
    this.#demandReady(clientId)
    demandData(processType, processData, this.#options.limits.processDataBytes)
    const { open } = this.#log.state()
    if (!open.some((entry) => entry.transaction === transaction && entry.clientId === clientId)) {
      const message = `transaction ${transaction} is not open`
      throw new DeviceError('transaction_unknown', 'none', message, 'ErrorNoTransaction')
    }
    return this.#messages.transaction(log)
  }

  #demandUsable(): void {
    const { initialised, disabled } = this.#log.state()
    if (!initialised)
      throw new DeviceError('not_initialised', 'none', 'not initialised', 'ErrorSecureElementNotInitialized')
    if (disabled) throw new DeviceError('disabled', 'none', 'permanently disabled', 'ErrorSecureElementDisabled')
  }

  #demandReady(clientId: string): void {
    this.#demandUsable()
    if (this.#selfTest.dueInMs() === 0)
      throw new DeviceError('self_test_due', 'none', 'a self-test is due', 'ErrorSelfTestNeeded')
    this.#clock.demand()
    if (!this.#log.state().clients.includes(clientId))
      throw new DeviceError('client_unknown', 'none', 'the client is not registered', 'ErrorClientNotRegistered')
  }
}

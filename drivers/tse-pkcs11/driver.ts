import { DeviceError, errorCode } from '../errors.ts'
import type { TokenFacts } from '../native/pkcs11-calls.ts'
import type { Pkcs11TokenOptions } from '../native/pkcs11-token.ts'
import { Pkcs11Token } from '../native/pkcs11-token.ts'
import { leavesStateUnknown, stillHolds } from '../native/token-keys.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type {
  Tse,
  TseExportFilter,
  TseHealth,
  TseIdentity,
  TseKeep,
  TseNumbers,
  TseSignature,
  TseSkipped,
} from '../ports/tse.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import { recovering } from '../recovering.ts'
import type { SeLimits } from '../se-api/limits.ts'
import { defaultLimits } from '../se-api/limits.ts'
import { demandOwnLogs } from '../se-api/log-writer.ts'
import { SecureElement } from '../se-api/secure-element.ts'
import type { SeStore } from '../se-api/store.ts'
import { signInTime, UnitTime, unlessSuspect } from '../unit-time.ts'
import { RollbackMark } from './rollback-mark.ts'
import type { Unit, UnitOptions } from './unit.ts'
import { findUnit, makeUnit } from './unit.ts'

/**
 * The security module is any token, and clock and counters are software: BSI TR-03153 requires a certified unit, and
 * this is not one. Every export and the status contain this text.
 */
const DESCRIPTION = 'fiskal-edge PKCS#11 TSE, NOT CERTIFIED (no TSE within the meaning of § 146a AO)'

type TseOptions = {
  id: string
  /** Counters, transactions and logs. `prepare` and `commit` must survive a power cut. Closed with the TSE. */
  store: SeStore
  /**
   * Highest numbers in the journal from the unit with that serial number: a memory with lower ones was rolled back, and
   * the unit does not sign.
   */
  journalledNumbers?: (serial: string) => TseNumbers | undefined
  time?: TimeGate | undefined
  limits?: Partial<SeLimits>
}
export type Pkcs11TseOptions = UnitOptions & Pkcs11TokenOptions & TseOptions

/** The running parts between a successful `open` and the next one. */
type Running = { unit: Unit; element: SecureElement; mark: RollbackMark }

/** Refusals that the driver recovers from: self-test and time may follow each other. */
const RECOVERIES_MAX = 2

/**
 * A TR-03151 element with its key in a PKCS#11 token and its memory in the store. A message is stored before it is
 * signed, and the same message is signed again after a crash: counters have no gap and never denote two contents.
 */
export class Pkcs11Tse implements Tse {
  readonly kind = 'tse'
  readonly uncertified = true
  readonly resumesExports = true
  readonly vouches = true
  readonly #options: Pkcs11TseOptions
  readonly #token: Pkcs11Token
  readonly #queue: CommandQueue
  readonly #time: TimeGate
  #running: Running | undefined
  /** Set after an error that leaves the state of token or memory unknown; `open` then reads both again. */
  #isStateUnknown = false

  constructor(options: Pkcs11TseOptions) {
    const { module, token, pin, directory, secrets, owners, clock, timeouts = {} } = options
    this.#options = options
    this.#token = new Pkcs11Token({ module, token, pin, directory, secrets, clock, timeouts, owners })
    this.#queue = new CommandQueue(clock)
    this.#time = options.time ?? new UnitTime(clock)
  }

  /** Also throws `foreign`: the token's rollback mark does not match the store. */
  open(): Promise<void> {
    const { openMs, signMs } = this.#token.timeouts
    return this.#queue.run({ deadlineMs: openMs + 4 * signMs }, async () => {
      if (this.#running && this.#token.isOpen && !this.#isStateUnknown) return
      await this.#certain(() => this.#bringUp('probe'))
    })
  }

  initialise(): Promise<void> {
    const { longMs } = this.#token.timeouts
    const command = { deadlineMs: 2 * longMs }
    return this.#queue.run(command, async () => {
      // A new certificate starts to be valid now.
      this.#time.demand()
      await this.#certain(() => this.#bringUp('technician'))
    })
  }

  async adopt(
    numbers: TseNumbers | undefined,
    keep: (skipped: TseSkipped) => Promise<void>,
  ): Promise<TseSkipped | undefined> {
    const lost = await this.#unchecked((element, marked) => element.lost(highest(numbers, marked)))
    if (lost === undefined) return undefined
    await keep(lost)
    return await this.#unchecked((element, marked) => element.passOver(highest(numbers, marked)))
  }

  async close(): Promise<void> {
    await this.#queue.close(() => this.#token.cut())
    await this.#running?.mark.flush()
    this.#running = undefined
    await this.#token.close()
    await this.#options.store.close()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#perform(async ({ unit, element }) => {
      if (!(await stillHolds(this.#token, unit.key)))
        throw new DeviceError('foreign', 'none', 'the token no longer holds the same key')
      return element.identity()
    })
  }

  health(): Promise<TseHealth> {
    return this.#perform(async ({ element, mark }) => {
      const { label, manufacturer, model, firmware } = await this.#token.facts()
      const noMark = mark.isKept ? '' : '; the token keeps no mark, a restored backup goes unnoticed'
      return element.health(`${DESCRIPTION}; token ${label}, ${manufacturer} ${model} ${firmware}${noMark}`)
    })
  }

  start(clientId: string) {
    return this.#sign(({ element }) => element.start(clientId), clientId)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array) {
    return this.#sign(({ element }) => element.finish(transaction, clientId, processType, processData), clientId)
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.#perform(({ element }) => element.openTransactions(clientId), { client: clientId })
  }

  recall(transaction: number) {
    return this.#perform(({ element }) => element.recall(transaction))
  }

  registerClient(clientId: string): Promise<void> {
    return this.#perform(({ element }) => element.registerClient(clientId), { client: clientId })
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#perform(({ element }) => element.deregisterClient(clientId), { client: clientId })
  }

  clients(): Promise<readonly string[]> {
    return this.#perform(async ({ element }) => element.info().state.clients)
  }

  selfTest(): Promise<void> {
    return this.#perform(({ element }) => element.selfTest())
  }

  setTime(): Promise<void> {
    return this.#perform((running) => this.#setTime(running))
  }

  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    // Only the beginning needs the queue: sales continue while the archive is read.
    yield* await this.#perform(({ element }) => element.exportLogs(filter, signal), { signal })
  }

  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const { lastCounter } = await keep(this.exportLogs({}, signal))
    await this.#perform(({ element }) => element.deleteLogsUpTo(lastCounter))
  }

  #sign(act: (running: Running) => Promise<TseSignature>, client: string): Promise<TseSignature> {
    const { clock } = this.#options
    return this.#perform(
      (running) =>
        signInTime(
          this.#time,
          clock,
          () => this.#setTime(running),
          () => act(running),
        ),
      { client },
    )
  }

  /** Runs an act in the queue. Runs a self-test that is due and sets a missing time: a refusal did nothing. */
  #perform<Result>(act: (running: Running) => Promise<Result>, command: Partial<Command> = {}): Promise<Result> {
    return this.#queue.run({ deadlineMs: this.#token.timeouts.signMs, ...command }, async () => {
      const running = this.#running
      if (!running) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
      const recover = async ({ code }: DeviceError): Promise<boolean> => {
        if (code === 'self_test_due') await running.element.selfTest()
        else if (code === 'time_not_set') await this.#setTime(running)
        else return false
        return true
      }
      return await this.#certain(() => recovering(() => act(running), recover, RECOVERIES_MAX))
    })
  }

  /**
   * Remembers an error that leaves the state of token or memory unknown. Errors other than DeviceError come from the
   * memory.
   */
  async #certain<Result>(act: () => Promise<Result>): Promise<Result> {
    try {
      return await act()
    } catch (error) {
      this.#isStateUnknown ||= !(error instanceof DeviceError) || leavesStateUnknown(error)
      if (error instanceof DeviceError) throw error
      const cause = errorCode(error) ?? 'unexpected error'
      throw new DeviceError('unavailable', 'unknown', 'the memory of the unit failed', cause)
    }
  }

  async #bringUp(asker: 'probe' | 'technician'): Promise<void> {
    const { store, clock } = this.#options
    this.#isStateUnknown = true
    const token = this.#token
    const facts = await token.open(asker)
    const unit =
      asker === 'probe' ? await findUnit(token, this.#options) : await makeUnit(token, this.#options, clock.now())
    await this.#running?.mark.flush()
    // Checked before the mark, because a different token may have a higher mark without being ahead of this memory.
    await demandOwnLogs(store, unit.signer)
    const mark = new RollbackMark(token, clock, unit.key.ref)
    await mark.check(store)
    const element = this.#element(unit, mark.guard(store), facts)
    await element.open()
    this.#time.certified(unit.signer.certificates, unit.signer.certificateExpiresAtMs)
    const running = { unit, element, mark }
    const numbers = this.#options.journalledNumbers?.(element.info().serial.toString('hex'))
    if ((await element.lost(numbers)) === undefined) await this.#makeReady(running, asker)
    this.#running = running
    this.#isStateUnknown = false
  }

  /**
   * Bypasses the check of the mark, which would refuse the unit; only `open` makes it usable again. A new memory has
   * lost nothing.
   */
  #unchecked(act: (element: SecureElement, marked: number) => Promise<TseSkipped | undefined>) {
    const { openMs, longMs } = this.#token.timeouts
    const perform = async (): Promise<TseSkipped | undefined> => {
      const { store, clock } = this.#options
      this.#isStateUnknown = true
      const facts = await this.#token.open('technician')
      const unit = await findUnit(this.#token, this.#options)
      await this.#running?.mark.flush()
      this.#running = undefined
      const marked = await new RollbackMark(this.#token, clock, unit.key.ref).marked()
      const element = this.#element(unit, store, facts)
      await element.open()
      return element.info().state.initialised ? await act(element, marked) : undefined
    }
    return this.#queue.run({ deadlineMs: openMs + longMs }, () => this.#certain(perform))
  }

  #element(unit: Unit, store: SeStore, { manufacturer, firmware }: TokenFacts): SecureElement {
    const info = { description: DESCRIPTION, manufacturer, version: firmware }
    const limits = { ...defaultLimits, ...this.#options.limits }
    return new SecureElement({ store, signer: unit.signer, clock: this.#options.clock, limits, info })
  }

  async #makeReady(running: Running, asker: 'probe' | 'technician'): Promise<void> {
    const { element } = running
    if (!element.info().state.initialised) {
      const text = 'the memory knows of no unit: run `device init`'
      if (asker === 'probe') throw new DeviceError('not_initialised', 'none', text)
      await element.initialise(DESCRIPTION)
    }
    await element.selfTest()
    // It opens without a sound time too, so that an auditor gets the archive.
    await unlessSuspect(this.#time, () => this.#setTime(running))
  }

  async #setTime({ element }: Running): Promise<void> {
    const timeMs = this.#time.now(element.info().state.lastTimeMs)
    await element.updateTime(timeMs)
    this.#time.told(timeMs)
  }
}

function highest(numbers: TseNumbers | undefined, marked: number): TseNumbers {
  return {
    signatureCounter: Math.max(marked, numbers?.signatureCounter ?? 0),
    transaction: numbers?.transaction ?? 0,
  }
}

import type { Clock } from '../../base/clock.ts'
import { Absence } from '../absence.ts'
import { delay, silence } from '../delay.ts'
import { DeviceError, errorCode } from '../errors.ts'
import type { Struck } from '../faults.ts'
import { FaultPlan } from '../faults.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type {
  Tse,
  TseExportFilter,
  TseHealth,
  TseIdentity,
  TseKeep,
  TseNumbers,
  TseRecall,
  TseSignature,
  TseSkipped,
} from '../ports/tse.ts'
import { CommandQueue } from '../queue.ts'
import { recovering } from '../recovering.ts'
import { undocumented } from '../refusal-class.ts'
import type { SeLimits } from '../se-api/limits.ts'
import { defaultLimits } from '../se-api/limits.ts'
import type { Powered } from '../se-api/software-unit.ts'
import { SoftwareUnit } from '../se-api/software-unit.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import { signInTime, UnitTime, unlessSuspect } from '../unit-time.ts'
import { faultNames } from './faults.ts'

export type TseSimulatorOptions = {
  /** Folder of key, certificates and logs. */
  directory: string
  /** P-256 in an empty folder, else that of the existing key. */
  curve?: CurveName
  /** Device time of each command. */
  latencyMs?: number
  clock: Clock
  time?: TimeGate | undefined
  /** Deadline of each command; default 5000. */
  replyMs?: number
  limits?: Partial<SeLimits>
  /**
   * Highest numbers in the journal from the unit with that serial number: a memory with lower ones was rolled back, and
   * the unit does not sign.
   */
  journalledNumbers?: (serial: string) => TseNumbers | undefined
}

const DESCRIPTION = 'fiskal-edge TSE simulator, NOT CERTIFIED'
/** Refusals that the driver recovers from: self-test due and time unset may follow each other. */
const RECOVERIES_MAX = 2
const UNDOCUMENTED_CODE = 'E_UNSPECIFIED'
const QUESTIONS = ['identity', 'health', 'openTransactions', 'recall', 'clients', 'exportLogs'] as const
const questions: ReadonlySet<string> = new Set(QUESTIONS)
const ACTS = [
  ...QUESTIONS,
  ...(['open', 'start', 'finish', 'registerClient', 'deregisterClient', 'initialise', 'adopt'] as const),
  ...(['selfTest', 'setTime', 'delete'] as const),
]

/**
 * A TSE in software for development, training and tests: real log messages, real signatures, faults on request.
 * Initialises itself at first use. NOT CERTIFIED: it does not fulfil § 146a AO.
 */
export class TseSimulator implements Tse {
  readonly kind = 'tse'
  readonly uncertified = true
  readonly resumesExports = true
  readonly #options: TseSimulatorOptions
  readonly #queue: CommandQueue
  readonly #faults = new FaultPlan(faultNames, ACTS)
  readonly #unit: SoftwareUnit
  readonly #power = new AbortController()
  readonly #absence: Absence
  readonly #time: TimeGate
  /** A slow act, which the unit continues after its caller has timed out. */
  #working: Promise<void> | undefined
  #wasStruck = false

  constructor(options: TseSimulatorOptions) {
    this.#options = options
    this.#queue = new CommandQueue(options.clock)
    this.#absence = new Absence(options.clock)
    const { directory, curve, clock } = options
    const limits = { ...defaultLimits, ...options.limits }
    const info = { description: DESCRIPTION, manufacturer: 'fiskal-edge', version: '1' }
    this.#time = options.time ?? new UnitTime(clock)
    // With an unsound clock the certificate would have wrong validity dates.
    const madeAtMs = (): number => this.#time.now()
    this.#unit = new SoftwareUnit({ directory, curve, clock, limits, info, madeAtMs })
  }

  /** True until a fault is injected: verifying takes longer than signing. */
  get vouches(): boolean {
    return !this.#wasStruck
  }

  open(): Promise<void> {
    return this.#run('open', '', async () => undefined)
  }

  async close(): Promise<void> {
    const settled = this.#queue.close()
    // A slow or silent act must not delay the stop of the agent.
    this.#power.abort()
    await settled
    await this.#working
    await this.#unit.cut()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  /** Grammar in faults.ts, e.g. `lost-answer@finish#2`. Throws `refused`. */
  inject(fault: string): void {
    this.#wasStruck = true
    this.#faults.inject(fault)
  }

  /** The replacement for the device node of a real unit. */
  async look(): Promise<string | undefined> {
    return this.#absence.lasts || this.#faults.isPending('unplugged') ? undefined : 'plugged in'
  }

  clearFaults(): void {
    this.#faults.clear()
    this.#absence.end()
  }

  identity(): Promise<TseIdentity> {
    return this.#run('identity', '', async ({ element }) => element.identity())
  }

  health(): Promise<TseHealth> {
    return this.#run('health', '', async ({ element }) => element.health(DESCRIPTION))
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#run('start', clientId, (unit) => this.#sign(unit, () => unit.element.start(clientId)))
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    return this.#run('finish', clientId, (unit) =>
      this.#sign(unit, () => unit.element.finish(transaction, clientId, processType, processData)),
    )
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.#run('openTransactions', clientId ?? '', ({ element }) => element.openTransactions(clientId))
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.#run('recall', '', ({ element }) => element.recall(transaction))
  }

  registerClient(clientId: string): Promise<void> {
    return this.#run('registerClient', clientId, ({ element }) => element.registerClient(clientId))
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#run('deregisterClient', clientId, ({ element }) => element.deregisterClient(clientId))
  }

  clients(): Promise<readonly string[]> {
    return this.#run('clients', '', async ({ element }) => element.info().state.clients)
  }

  /** Every command initialises; here it only shows whether the unit is usable. */
  initialise(): Promise<void> {
    return this.#run('initialise', '', async () => undefined)
  }

  async adopt(
    numbers: TseNumbers | undefined,
    keep: (skipped: TseSkipped) => Promise<void>,
  ): Promise<TseSkipped | undefined> {
    if (numbers === undefined) return undefined
    const lost = await this.#run('adopt', '', ({ element }) => element.lost(numbers))
    if (lost === undefined) return undefined
    await keep(lost)
    return await this.#run('adopt', '', async ({ element }) => {
      const skipped = await element.passOver(numbers)
      // After power-on the unit initialises itself, which it did not do before the rollback was resolved.
      await this.#unit.cut()
      return skipped
    })
  }

  selfTest(): Promise<void> {
    return this.#run('selfTest', '', ({ element }) => element.selfTest())
  }

  setTime(): Promise<void> {
    return this.#run('setTime', '', (unit) => this.#setTime(unit))
  }

  /** Only the beginning uses the queue: sales continue while the archive is read. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    yield* await this.#run('exportLogs', '', ({ element }) => element.exportLogs(filter, signal), signal)
  }

  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const { lastCounter } = await keep(this.exportLogs({}, signal))
    await this.#run('delete', '', ({ element }) => element.deleteLogsUpTo(lastCounter))
  }

  #run<T>(
    act: (typeof ACTS)[number],
    client: string,
    perform: (unit: Powered) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const deadlineMs = this.#options.replyMs ?? 5000
    return this.#queue.run({ client, deadlineMs, signal }, (expired) => this.#act(act, perform, expired))
  }

  /** One command as the device sees it, with the faults that apply. */
  async #act<T>(act: string, perform: (unit: Powered) => Promise<T>, expired: AbortSignal): Promise<T> {
    this.#absence.refuse()
    const struck = this.#faults.strike(act)
    if (this.#working !== undefined) await Promise.race([this.#working, silence(expired)])
    const done = this.#done(struck, perform, expired, () => this.#errorOf(act, struck.code))
    if (struck.slowMs === 0) return await done
    // As with a real unit: the caller times out at the deadline, and may later ask what the unit did.
    const rest = (): void => {
      if (this.#working === working) this.#working = undefined
    }
    const working: Promise<void> = done.then(rest, rest)
    this.#working = working
    return await Promise.race([done, silence(expired)])
  }

  #errorOf(act: string, code: string): DeviceError {
    return undocumented(code || UNDOCUMENTED_CODE, questions.has(act) ? 'none' : 'unknown')
  }

  async #done<T>(
    { names, slowMs, blipMs }: Struck<(typeof faultNames)[number]>,
    perform: (unit: Powered) => Promise<T>,
    expired: AbortSignal,
    failed: () => DeviceError,
  ): Promise<T> {
    if (names.has('blip-before')) this.#absence.begin(blipMs)
    if (names.has('unplugged') || names.has('blip-before')) {
      await this.#unit.cut()
      throw new DeviceError('unavailable', 'none', 'the unit was not found')
    }
    await this.#wait((this.#options.latencyMs ?? 0) + slowMs)
    if (names.has('busy')) throw new DeviceError('busy', 'none', 'the unit takes no command now', 'busy')
    if (names.has('error')) throw failed()
    if (names.has('memory-full')) throw new DeviceError('memory_full', 'none', 'the memory is full: export and delete')
    if (names.has('lost-request')) return await silence(AbortSignal.any([expired, this.#power.signal]))
    try {
      await this.#ready()
      if (names.has('blip-in')) throw this.#broken(blipMs)
      const answer = await this.#unit.struck(names, (unit) => this.#recovering(unit, perform))
      if (names.has('blip-after')) throw this.#broken(blipMs)
      if (names.has('lost-answer')) return await silence(AbortSignal.any([expired, this.#power.signal]))
      if (names.has('error-done')) throw failed()
      if (names.has('garbled')) throw new DeviceError('garbled', 'unknown', 'the answer is not one')
      return answer
    } catch (error) {
      throw await this.#explained(error, names.has('power-cut'))
    }
  }

  #broken(blipMs: number): DeviceError {
    this.#absence.begin(blipMs)
    return new DeviceError('unavailable', 'unknown', 'the line broke: the unit was unplugged')
  }

  /** Sets the time and runs the self-test if the element demands it: a refusal did nothing, so the act is repeated. */
  #recovering<T>(unit: Powered, perform: (unit: Powered) => Promise<T>): Promise<T> {
    const recover = async ({ code }: DeviceError): Promise<boolean> => {
      if (code === 'self_test_due') await unit.element.selfTest()
      else if (code === 'time_not_set') await this.#setTime(unit)
      else return false
      return true
    }
    return recovering(() => perform(unit), recover, RECOVERIES_MAX)
  }

  /**
   * Any error other than a refusal of the element (disk, power) ends the connection: the next command reads the memory
   * again.
   */
  async #explained(error: unknown, powerWasCut: boolean): Promise<DeviceError> {
    if (error instanceof DeviceError && !powerWasCut && error.code !== 'unavailable') return error
    await this.#unit.cut()
    if (error instanceof DeviceError) return error
    const reason = errorCode(error) ?? 'unexpected error'
    return new DeviceError('unavailable', 'unknown', 'the memory of the unit failed', reason)
  }

  #ready(): Promise<Powered> {
    return this.#unit.power(async (element) => {
      const { serial } = element.info()
      const numbers = this.#options.journalledNumbers?.(serial.toString('hex'))
      if ((await element.lost(numbers)) !== undefined) return
      if (!element.info().state.initialised) {
        this.#time.demand()
        await element.initialise(DESCRIPTION)
      }
      await element.selfTest()
      // It opens without a sound time too, so that an auditor gets the archive.
      this.#time.certified(element.identity().certificates, element.health(DESCRIPTION).certificateExpiresAtMs)
      await unlessSuspect(this.#time, () => this.#setTime({ element }))
    })
  }

  #sign(unit: Powered, act: () => Promise<TseSignature>): Promise<TseSignature> {
    return signInTime(this.#time, this.#options.clock, () => this.#setTime(unit), act)
  }

  async #setTime({ element }: Pick<Powered, 'element'>): Promise<void> {
    const timeMs = this.#time.now(element.info().state.lastTimeMs)
    await element.updateTime(timeMs)
    this.#time.told(timeMs)
  }

  async #wait(delayMs: number): Promise<void> {
    if (delayMs <= 0) return
    const { signal } = this.#power
    await delay(this.#options.clock, delayMs, signal)
    if (signal.aborted) throw new DeviceError('unavailable', 'none', 'the unit was switched off')
  }
}

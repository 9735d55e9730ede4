import type { Clock } from '../base/clock.ts'
import type { DeviceError } from './errors.ts'
import type { PortionSource, UnitPortion } from './portioned-export.ts'
import { portionedArchive, waitedFor, withWait } from './portioned-export.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import type { Remedy } from './ports/remedy.ts'
import type { DeviceSecrets } from './ports/secrets.ts'
import type { TimeGate } from './ports/time-gate.ts'
import type { TseExportFilter, TseHealth, TseSignature } from './ports/tse.ts'
import type { Command } from './queue.ts'
import { CommandQueue } from './queue.ts'
import type { Recorder } from './recording/recorder.ts'
import { recovering } from './recovering.ts'
import { EARLIEST_MS, signInTime, UnitTime } from './unit-time.ts'

/** The commands of a family that every TSE has. Each runs within a slot of the queue and takes none itself. */
export type TseUnit = {
  start(clientId: string): Promise<TseSignature>
  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature>
  /** Frees the unit after a start or finish that failed; for units on which a part of it would block the next one. */
  giveUp?(): Promise<void>
  openTransactions(clientId: string | undefined): Promise<readonly number[]>
  /** All of them, with those of the agent itself or of the host. */
  clients(): Promise<readonly string[]>
  /** The clients that are registers. */
  tills(): Promise<readonly string[]>
  registerClient(clientId: string): Promise<void>
  deregisterClient(clientId: string): Promise<void>
  isSelfTestDue(): Promise<boolean>
  selfTest(): Promise<void>
  setTime(timeMs: number): Promise<void>
  /** For sales of that client, if the unit logs in by client. */
  logInTimeAdmin(clientId: string): Promise<void>
  logInAdmin(): Promise<void>
  /** Ends logins for which nothing waits. */
  logOut(): Promise<void>
  /** Ends a command or export that someone left; for units that it blocks. False if there was nothing to end. */
  release?(): Promise<boolean>
  /** Makes a client known again that the unit lost; for units on which the agent does not do that itself. */
  restoreClient?(clientId: string): Promise<boolean>
  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T>
}

export type CalledTseOptions<Unit extends TseUnit> = {
  unit: Unit
  clock: Clock
  time: TimeGate | undefined
  /** Backstops: each command of the unit has its own deadline. */
  deadlines: { askMs: number; inspectMs: number; remedyMs: number }
  /**
   * Refusals that may be fixed one after the other, of an act and of a question: as many as {@link CalledTse.recover} and
   * `recoverInspection` of the driver have remedies that may follow each other.
   */
  recoveriesMax: { ask: number; inspect: number }
}

/** The parts of an archive of a unit that does nothing else while it exports. `isWaitedFor` ends a portion. */
export type UnitPortions = {
  /** Limit for a portion that no till waits for. */
  deadlineMs: number
  last: PortionSource['last']
  portion: (filter: TseExportFilter, isWaitedFor: () => boolean) => Promise<UnitPortion>
}

/** The common options of the drivers of such TSEs. */
export type TseOptions = {
  id: string
  secrets: DeviceSecrets
  clock: Clock
  time?: TimeGate | undefined
  recorder?: Recorder | undefined
}
/** One that is a drive. */
export type DriveOptions = TseOptions & {
  /** Folder on which it is mounted. */
  path: string
  /** Serial number of the enrolled unit; without it only the configured folder is searched. */
  enrolledSerial?: () => string | undefined
  /** Folders of drives with that file. */
  mounts?: (file: string) => Promise<readonly string[]>
}

/**
 * The life of a command, the same for every TSE with its own bytes (LIFE-OF-A-COMMAND.md): its slot in the
 * queue, the check of the line, the time, the command, and its repetition after a refusal that was fixed.
 */
export abstract class CalledTse<Unit extends TseUnit> {
  readonly kind = 'tse'
  protected readonly queue: CommandQueue
  protected readonly time: TimeGate
  protected readonly unit: Unit
  protected readonly clock: Clock
  protected readonly deadlines: CalledTseOptions<Unit>['deadlines']
  readonly #recoveriesMax: CalledTseOptions<Unit>['recoveriesMax']
  #health: TseHealth | undefined

  constructor({ unit, clock, time, deadlines, recoveriesMax }: CalledTseOptions<Unit>) {
    this.queue = new CommandQueue(clock)
    this.time = time ?? new UnitTime(clock)
    this.unit = unit
    this.deadlines = deadlines
    this.clock = clock
    this.#recoveriesMax = recoveriesMax
  }

  /** Throws `unavailable` none if the line is not open; frees the unit for the next command. */
  protected abstract beReady(): Promise<void>

  /** True if the refusal was fixed. A refusal did nothing, so the act is repeated. */
  protected abstract recover(error: DeviceError, client: string | undefined): Promise<boolean>

  /** The same for a question to a unit that may not be enrolled: it sets nothing. */
  protected abstract recoverInspection(error: DeviceError): Promise<boolean>

  /** Reopens the line to the same unit, or closes it. False if that is not possible. */
  protected abstract reopen(): Promise<boolean>

  /** Before anybody asks what became of that start or finish. */
  protected async failedToSign(_error: unknown): Promise<void> {
    await this.unit.giveUp?.()
  }

  load(): QueueLoad {
    return this.queue.load()
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#sign(clientId, () => this.unit.start(clientId))
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    return this.#sign(clientId, () => this.unit.finish(transaction, clientId, processType, processData))
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.perform(async () => {
      const numbers = await this.unit.openTransactions(clientId)
      return numbers.toSorted((one, other) => one - other)
    })
  }

  registerClient(clientId: string): Promise<void> {
    return this.perform(() => this.register(clientId), { client: clientId })
  }

  protected async register(clientId: string): Promise<void> {
    if (!(await this.unit.clients()).includes(clientId)) await this.unit.registerClient(clientId)
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.perform(
      async () => {
        if ((await this.unit.clients()).includes(clientId)) await this.unit.deregisterClient(clientId)
      },
      { client: clientId },
    )
  }

  clients(): Promise<readonly string[]> {
    return this.perform(() => this.unit.tills())
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.unit.admit(command, isInit)
  }

  selfTest(): Promise<void> {
    return this.perform(() => this.unit.selfTest())
  }

  setTime(): Promise<void> {
    return this.perform(() => this.giveTime())
  }

  remedy(remedy: Remedy, client: string): Promise<boolean> {
    return this.turn({ deadlineMs: this.deadlines.remedyMs }, async () => {
      if (remedy === 'reopen') return this.reopen()
      await this.beReady()
      return this.#apply(remedy, client)
    })
  }

  async #apply(remedy: Exclude<Remedy, 'reopen'>, client: string): Promise<boolean> {
    const { unit } = this
    switch (remedy) {
      case 'release':
        return (await unit.release?.()) ?? false
      case 'client':
        return (await unit.restoreClient?.(client)) ?? false
      case 'log_in_time_admin':
        await unit.logInTimeAdmin(client)
        return true
      case 'log_in_admin':
        await unit.logInAdmin()
        return true
      case 'log_out':
        await unit.logOut()
        return true
      case 'self_test':
        if (this.queue.load().waiting > 0 || !(await unit.isSelfTestDue())) return false
        await unit.selfTest()
        return true
      case 'time':
        await this.giveTime()
        return true
    }
  }

  /** Gives the unit that time, by default that of the gate, and records that it has it. */
  protected async giveTime(timeMs = this.time.now()): Promise<void> {
    await this.unit.setTime(timeMs)
    this.time.told(timeMs)
  }

  /**
   * Some units export only after they were given a time. Without a sound clock they get the newest signed one, so that an
   * auditor gets the archive. Nothing is signed with it.
   */
  protected async giveTimeToExport(last: () => Promise<{ logTimeMs: number } | undefined>): Promise<void> {
    if (this.time.suspicion() === undefined) return this.giveTime()
    const newestMs = this.time.newestLogMs() ?? (await last())?.logTimeMs
    if (newestMs === undefined || newestMs < EARLIEST_MS) return this.time.demand()
    await this.giveTime(newestMs)
  }

  /** One slot of the queue; a unit that shares its line also waits for that. */
  protected turn<T>(command: Command, act: () => Promise<T>): Promise<T> {
    return this.queue.run(command, act)
  }

  /** An act or a question to the enrolled unit. */
  protected perform<T>(act: () => Promise<T>, command: Partial<Command> = {}): Promise<T> {
    return this.turn({ deadlineMs: this.deadlines.askMs, ...command }, async () => {
      await this.beReady()
      return recovering(act, (error) => this.recover(error, command.client), this.#recoveriesMax.ask)
    })
  }

  /** A question that may also go to a unit that is not enrolled yet: it sets nothing. */
  protected inspect<T>(act: () => Promise<T>): Promise<T> {
    return this.turn({ deadlineMs: this.deadlines.inspectMs }, async () => {
      await this.beReady()
      return recovering(act, (error) => this.recoverInspection(error), this.#recoveriesMax.inspect)
    })
  }

  /** The state of a unit that does nothing else while it exports: it returns the last known one then. */
  protected healthBeside(isExporting: boolean, read: () => Promise<TseHealth>): Promise<TseHealth> {
    const last = this.#health
    if (isExporting && last !== undefined) return Promise.resolve({ ...last, clockSkewMs: this.time.skewMs() })
    return this.inspect(async () => {
      this.#health = await read()
      return this.#health
    })
  }

  /** An archive in portions: each one takes its own slot in the queue, with sales in between. */
  protected portioned(
    { deadlineMs, last, portion }: UnitPortions,
    filter: TseExportFilter,
    after: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const clock = this.clock
    const source: PortionSource = {
      clock,
      signal,
      last: () => this.perform(last, { signal }),
      portion: (wanted, heldMs) =>
        this.perform(async () => withWait(await portion(wanted, waitedFor(this.queue, clock, heldMs)), this.queue), {
          signal,
          deadlineMs,
        }),
    }
    return portionedArchive(source, filter, after)
  }

  #sign(clientId: string, sign: () => Promise<TseSignature>): Promise<TseSignature> {
    return this.perform(
      async () => {
        try {
          return await signInTime(this.time, this.clock, () => this.giveTime(), sign)
        } catch (error) {
          await this.failedToSign(error)
          throw error
        }
      },
      { client: clientId },
    )
  }
}

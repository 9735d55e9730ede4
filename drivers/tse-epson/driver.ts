import { DeviceError } from '../errors.ts'
import type { UnitPortion } from '../portioned-export.ts'
import { PORTION_MAX_BYTES, portionedArchive, waitedFor, withWait } from '../portioned-export.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { Remedy } from '../ports/remedy.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKept, TseRecall, TseSignature } from '../ports/tse.ts'
import type { Command } from '../queue.ts'
import { CommandQueue } from '../queue.ts'
import { recovering } from '../recovering.ts'
import { unlessRefused } from '../refusals.ts'
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { isoText } from '../tr03151/log-time.ts'
import { chainIn, recallFromArchive } from '../tr03151/recall.ts'
import { EARLIEST_MS, signInTime, UnitTime } from '../unit-time.ts'
import { bytesIn, textIn } from './codec.ts'
import type { Session } from './host-line.ts'
import { HostLine } from './host-line.ts'
import type { EpsonOptions } from './options.ts'
import { SessionFile } from './session-file.ts'
import { EpsonUnit } from './unit.ts'
import { exportFunction } from './values.ts'

/** Clients of the host itself, not registers. The manual writes one form; units in the trade show the other. */
const HOST_CLIENT = /^EPSON(?:_|\w{8}$)/
const RECOVERIES_MAX = 4
const EXPORT_WANTS_TIME = 'OTHER_ERROR_NO_TIME_SET_BEFORE_EXPORT'
/** The limit for a portion that no till waits for: each one searches the whole memory. */
const PORTION_MAX_MS = 1_800_000

/** Epson TSE with its host: JSON functions in ePOS-Device XML over TCP. During an export it serves nothing else. */
export class EpsonTse implements Tse {
  readonly kind = 'tse'
  readonly exportsExclusively = true
  readonly #options: EpsonOptions
  readonly #queue: CommandQueue
  readonly #line: HostLine
  readonly #unit: EpsonUnit
  readonly #session: SessionFile
  readonly #time: TimeGate
  #health: TseHealth | undefined
  /** From the last answer. */
  #serial: string | undefined

  constructor(options: EpsonOptions) {
    this.#options = options
    const { link, deviceId, clock, timeouts, directory, secrets } = options
    this.#queue = new CommandQueue(clock)
    this.#time = options.time ?? new UnitTime(clock)
    this.#session = new SessionFile(directory)
    this.#line = new HostLine({
      link,
      deviceId,
      clock,
      replyMs: timeouts.replyMs,
      keep: (session: Session | undefined) => this.#session.keep(session),
      kept: () => this.#session.read(),
    })
    this.#unit = new EpsonUnit(this.#line, secrets, timeouts.longMs, directory, clock)
  }

  open(): Promise<void> {
    return this.#queue.run({ deadlineMs: this.#deadlineMs }, () => this.#line.connect())
  }

  async close(): Promise<void> {
    await this.#queue.close(() => this.#line.close())
    await this.#line.close()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#look(async () => {
      const facts = await this.#unit.facts()
      const publicKey = pointOfKey(bytesIn(facts, 'tsePublicKey'))
      const serial = serialOfPoint(publicKey).toString('hex')
      this.#serial = serial
      return {
        serial,
        publicKey,
        algorithm: algorithmSpelled(textIn(facts, 'signatureAlgorithm')),
        timeFormat: await this.#unit.logTimeFormat(),
        certificates: await chainIn(await this.#unit.certificates(), publicKey),
      }
    })
  }

  /** Does not end an export: then it returns the last known state. */
  health(): Promise<TseHealth> {
    const known = this.#health
    if (this.#unit.exporting !== undefined && known !== undefined)
      return Promise.resolve({ ...known, clockSkewMs: this.#time.skewMs() })
    return this.#look(async () => {
      this.#health = await this.#unit.health(this.#time.skewMs())
      return this.#health
    })
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#sign(() => this.#unit.start(clientId), clientId)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    return this.#sign(() => this.#unit.finish(transaction, clientId, processType, processData), clientId)
  }

  openTransactions(clientId = ''): Promise<readonly number[]> {
    return this.#ask(async () => (await this.#unit.openTransactions(clientId)).toSorted((one, other) => one - other))
  }

  recall(transaction: number, client?: string): Promise<TseRecall | undefined> {
    return this.#ask(
      async () => {
        const archive = await this.#unit.archiveOf(transaction)
        return archive && recallFromArchive(archive, transaction)
      },
      { client },
    )
  }

  lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    return this.#ask(async () => {
      const last = await this.#unit.lastSigned(client)
      return transaction === undefined || last?.transaction === transaction ? last : undefined
    })
  }

  remedy(remedy: Remedy, client: string): Promise<boolean> {
    return this.#turn(async () => {
      if (remedy !== 'reopen') await this.#beReady()
      return this.#remedy(remedy, client)
    })
  }

  registerClient(clientId: string): Promise<void> {
    return this.#ask(
      async () => {
        if (!(await this.#unit.clients()).includes(clientId)) await this.#unit.register(clientId)
        // So its first sale does not wait for a login.
        await this.#unit.logInTimeAdmin(clientId)
      },
      { client: clientId },
    )
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#ask(
      async () => {
        if ((await this.#unit.clients()).includes(clientId)) await this.#unit.deregister(clientId)
      },
      { client: clientId },
    )
  }

  clients(): Promise<readonly string[]> {
    return this.#ask(async () => (await this.#unit.clients()).filter((client) => !HOST_CLIENT.test(client)))
  }

  initialise(): Promise<void> {
    return this.#ask(async () => {
      this.#time.demand()
      await this.#unit.setUp()
      await this.#setTime()
    })
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.#unit.admit(command, isInit)
  }

  selfTest(): Promise<void> {
    return this.#ask(() => this.#unit.selfTest())
  }

  setTime(): Promise<void> {
    return this.#ask(() => this.#setTime())
  }

  /** Each piece waits in the queue; a sale in between ends the export: `export_running` none. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncGenerator<Uint8Array> {
    const own = await this.#ask(() => this.#unit.beginExport(...exportFunction(filter), heldMs), { signal })
    try {
      yield* this.#pieces(own, signal, heldMs)
      await this.#turn(async () => {
        if (this.#unit.exporting === own) await this.#unit.endExport('FinalizeExport')
      })
    } finally {
      await this.#giveUp(own)
    }
  }

  exportInPortions(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const { clock } = this.#options
    return portionedArchive(
      {
        clock,
        signal,
        last: () => this.#ask(() => this.#unit.last(), { signal }),
        portion: (wanted, held) =>
          this.#ask(async () => withWait(await this.#portion(wanted, held), this.#queue), {
            signal,
            deadlineMs: this.#deadlineMs + PORTION_MAX_MS,
          }),
      },
      filter,
      after,
    )
  }

  #portion(filter: TseExportFilter, held: number): Promise<UnitPortion> {
    return this.#unit.portion(filter, PORTION_MAX_BYTES, waitedFor(this.#queue, this.#options.clock, held))
  }

  /** The device stays in export mode until it has deleted; a sale in between ends both. */
  async archiveAndDelete(
    keep: (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>,
    signal?: AbortSignal,
  ): Promise<void> {
    const own = await this.#ask(() => this.#unit.beginExport(...exportFunction({})), { signal })
    try {
      await keep(this.#pieces(own, signal))
      await this.#turn(async () => {
        if (this.#unit.exporting !== own) throw ended()
        await this.#unit.deleteExported()
      })
    } finally {
      await this.#giveUp(own)
    }
  }

  async *#pieces(own: number, signal: AbortSignal | undefined, heldMs?: number): AsyncGenerator<Uint8Array> {
    for (let isLast = false; !isLast; ) {
      const piece = await this.#turn(() => {
        if (this.#unit.exporting !== own) throw ended()
        return this.#unit.exportPiece(heldMs)
      }, signal)
      isLast = piece.isLast
      yield piece.bytes
    }
  }

  async #giveUp(own: number): Promise<void> {
    const cancel = async (): Promise<void> => {
      if (this.#unit.exporting === own) await this.#unit.endExport('CancelExport')
    }
    await this.#turn(cancel).catch(() => undefined)
  }

  #sign(act: () => Promise<TseSignature>, clientId: string): Promise<TseSignature> {
    return this.#ask(
      async () => {
        const { clock } = this.#options
        return signInTime(this.#time, clock, () => this.#setTime(), act)
      },
      { client: clientId },
    )
  }

  #setTime(): Promise<void> {
    return this.#setUnitTime(this.#time.now())
  }

  async #setUnitTime(timeMs: number): Promise<void> {
    await this.#unit.setTime(`${isoText(timeMs).slice(0, 19)}Z`)
    this.#time.told(timeMs)
  }

  /**
   * The TSE exports only after it was given a time. Without a sound clock it gets its newest signed time, so that an
   * auditor gets the archive. Nothing is signed with it.
   */
  async #setTimeForExport(): Promise<void> {
    if (this.#time.suspicion() === undefined) return this.#setTime()
    const newestMs = this.#time.newestLogMs() ?? (await this.#unit.last())?.logTimeMs
    if (newestMs === undefined || newestMs < EARLIEST_MS) return this.#time.demand()
    await this.#setUnitTime(newestMs)
  }

  get #deadlineMs(): number {
    const { replyMs, longMs } = this.#options.timeouts
    return RECOVERIES_MAX * replyMs + longMs
  }

  #turn<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#queue.run({ deadlineMs: this.#deadlineMs, signal }, act)
  }

  #ask<T>(act: () => Promise<T>, command: Partial<Command> = {}): Promise<T> {
    return this.#queue.run({ deadlineMs: this.#deadlineMs, ...command }, async () => {
      await this.#beReady()
      return this.#recovering(act, command.client)
    })
  }

  /**
   * A question that may also go to a TSE that is not enrolled yet: it writes nothing. An export that is still running
   * was left, since the TSE serves one host at a time; it would block every question for another 100 s.
   */
  #look<T>(act: () => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      await this.#beReady()
      return recovering(act, (error) => this.#endLeftExport(error), 1)
    })
  }

  async #endLeftExport({ code }: DeviceError): Promise<boolean> {
    if (code !== 'export_running') return false
    await this.#unit.cancelExport()
    return true
  }

  async #beReady(): Promise<void> {
    if (!(await this.#line.recover())) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    await this.#unit.endExport('CancelExport')
  }

  /** Runs the self-test, sets the time or logs in on demand. A refusal did nothing, so the act is repeated. */
  #recovering<T>(act: () => Promise<T>, client: string | undefined): Promise<T> {
    return recovering(act, (error) => this.#recover(error, client), RECOVERIES_MAX)
  }

  async #recover({ code, deviceCode }: DeviceError, client: string | undefined): Promise<boolean> {
    if (code === 'self_test_due') await this.#unit.selfTest()
    else if (deviceCode === EXPORT_WANTS_TIME) await this.#setTimeForExport()
    else if (code === 'time_not_set') await this.#setTime()
    else if (code === 'export_running') await this.#unit.cancelExport()
    else if (deviceCode === 'OTHER_ERROR_UNAUTHENTICATED_TIME_ADMIN_USER' && client)
      await this.#recovering(() => this.#unit.logInTimeAdmin(client), undefined)
    else return false
    return true
  }

  /** The login of a client stays for its sales. The agent registers a client again that the TSE lost. */
  async #remedy(remedy: Remedy, client: string): Promise<boolean> {
    switch (remedy) {
      case 'release':
        return (await unlessRefused(async () => this.#unit.cancelExport().then(() => true))) ?? false
      case 'log_in_time_admin':
        await this.#unit.logInTimeAdmin(client)
        return true
      case 'log_in_admin':
        await this.#unit.logInAdmin()
        return true
      case 'log_out':
        await this.#unit.logOutAdmin()
        return true
      case 'reopen':
        await this.#reopen()
        return true
      case 'self_test':
        if (this.#queue.load().waiting > 0 || (await this.#unit.hasPassedSelfTest())) return false
        await this.#unit.selfTest()
        return true
      case 'time':
        await this.#setTime()
        return true
      case 'client':
        return false
    }
  }

  /** Reopens the line to the same TSE, or closes it. */
  async #reopen(): Promise<void> {
    await this.#line.reopen()
    const serial = serialOfPoint(pointOfKey(bytesIn(await this.#unit.facts(), 'tsePublicKey'))).toString('hex')
    if (this.#serial !== undefined && serial !== this.#serial) {
      await this.#line.close()
      throw new DeviceError('foreign', 'none', 'another TSE is at the host')
    }
  }
}

function ended(): DeviceError {
  return new DeviceError('export_running', 'none', 'a sale ended the export')
}

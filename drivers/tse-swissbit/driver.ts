import { createReadStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import type { UnitPortions } from '../called-tse.ts'
import { CalledTse } from '../called-tse.ts'
import { DeviceError } from '../errors.ts'
import type { UnitPortion } from '../portioned-export.ts'
import { PORTION_MAX_BYTES, waitedFor } from '../portioned-export.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKeep, TseRecall, TseSignature } from '../ports/tse.ts'
import { recovering } from '../recovering.ts'
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { bsiIdIn } from '../tr03151/bsi-id.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { isWhole } from '../tr03151/filter.ts'
import { timeFormatSpelled } from '../tr03151/log-time.ts'
import { chainIn, recallFromArchive } from '../tr03151/recall.ts'
import { unlessSuspect } from '../unit-time.ts'
import { EntryArchive } from './entry-archive.ts'
import { EXPORT_MAX_MS } from './export-files.ts'
import type { DeletableExport, SwissbitOptions } from './unit.ts'
import { SwissbitUnit } from './unit.ts'
import { exportOf, healthOf } from './values.ts'
import { exportFaults } from './worm-calls.ts'

const RECOVERIES_MAX = 3
const SWITCHED_OFF = '1053'
/** A filtered export that a killed reader left open (firmware 1) ends with a self-test. */
const EXPORT_LEFT = '1016'

/** Swissbit TSE (USB, SD, microSD) through the vendor's library, in its own process, which contains a crash or hang. */
export class SwissbitTse extends CalledTse<SwissbitUnit> implements Tse {
  readonly exportsExclusively = true
  readonly #longMs: number
  readonly #entries: EntryArchive

  constructor(options: SwissbitOptions) {
    const { clock, time, timeouts } = options
    const unit = new SwissbitUnit(options)
    const deadlineMs = 2 * timeouts.longMs
    const deadlines = { askMs: deadlineMs, inspectMs: deadlineMs, remedyMs: deadlineMs }
    super({ unit, clock, time, deadlines, recoveriesMax: { ask: RECOVERIES_MAX, inspect: 1 } })
    this.#longMs = timeouts.longMs
    this.#entries = new EntryArchive({
      directory: options.directory,
      longMs: timeouts.longMs,
      read: (from, most, { signal, heldMs }) => this.perform(() => unit.entries(from, most, heldMs), { signal }),
      head: (signal) => this.perform(() => unit.head(), { signal }),
      serial: () => unit.serial,
    })
  }

  open(): Promise<void> {
    const open = () => this.unit.open()
    return this.queue.run({ deadlineMs: 2 * this.#longMs }, () =>
      recovering(open, (error) => this.recoverInspection(error), 1),
    )
  }

  async close(): Promise<void> {
    await this.queue.close(() => this.unit.close())
    await this.unit.close()
  }

  look(): Promise<string | undefined> {
    return this.unit.look()
  }

  identity(): Promise<TseIdentity> {
    return this.inspect(async () => {
      const { publicKey, algorithm, timeFormat, description, isDevelopment } = await this.unit.facts()
      const point = pointOfKey(publicKey)
      const serial = serialOfPoint(point).toString('hex')
      const certificates = await chainIn(await this.unit.certificate(), point)
      const bsiId = bsiIdIn(description)
      return {
        serial,
        publicKey: point,
        algorithm: algorithmSpelled(algorithm),
        timeFormat: timeFormatSpelled(timeFormat),
        certificates,
        ...(bsiId !== undefined && { bsiId }),
        ...(isDevelopment && { isDevelopment }),
      }
    })
  }

  /** Does not wait for an export. */
  health(): Promise<TseHealth> {
    return this.healthBeside(this.unit.isExporting, async () => {
      const refusedPin = await this.unit.refusedPin()
      const health = healthOf(await this.unit.facts(), this.time.skewMs())
      const replacementNeeded = await this.unit.needsReplacement()
      return { ...health, refusedPin, ...(replacementNeeded !== undefined && { replacementNeeded }) }
    })
  }

  get addedClient(): string | undefined {
    return this.unit.addedClient
  }

  /** From firmware 2 on, which exports by entries. */
  get resumesExports(): boolean {
    return this.unit.isSecondFirmware
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    if (this.unit.isSecondFirmware) return this.#entries.recall(transaction)
    return this.perform(async () => {
      const path = await this.unit.export({
        kind: 'transactions',
        from: transaction,
        to: transaction,
        clientId: undefined,
      })
      try {
        return path === undefined ? undefined : await recallFromArchive(await readFile(path), transaction)
      } finally {
        if (path !== undefined) await rm(path, { force: true })
      }
    })
  }

  lastLog(transaction: number | undefined, client: string): Promise<TseSignature | undefined> {
    return this.perform(async () => {
      const last = await this.unit.lastOf(client)
      return transaction === undefined || last?.transaction === transaction ? last : undefined
    })
  }

  initialise(): Promise<void> {
    return this.perform(async () => {
      this.time.demand()
      if ((await this.unit.facts()).initializationState === 0) await this.unit.setUp()
      await this.unit.selfTest()
      await this.giveTime()
      await this.unit.logins.as('adminPin', async () => undefined)
    })
  }

  /** Idempotent: the unit answers for a client that it knows as for a new one. */
  protected override register(clientId: string): Promise<void> {
    return this.unit.registerClient(clientId)
  }

  override deregisterClient(clientId: string): Promise<void> {
    return this.perform(() => this.unit.deregisterClient(clientId), { client: clientId })
  }

  /** The library exports with one blocking call; a sale ends it. The archive goes into a file first. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncGenerator<Uint8Array> {
    if (this.unit.isSecondFirmware && !isWhole(filter)) return yield* this.#entries.archive(filter, { signal, heldMs })
    const exported = (): Promise<string | undefined> =>
      this.unit.export(exportOf(filter), { isWaitedFor: this.#waitedFor(), heldMs })
    const path = await this.perform(exported, { signal, deadlineMs: EXPORT_MAX_MS })
    if (path === undefined) throw new DeviceError('no_data', 'none', 'no log answers the filter')
    try {
      yield* createReadStream(path) as AsyncIterable<Buffer>
    } finally {
      await rm(path, { force: true })
    }
  }

  exportInPortions(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    if (this.unit.isSecondFirmware) return this.#entries.archive(filter, { signal, after })
    return this.portioned(this.#portions, filter, after, signal)
  }

  get #portions(): UnitPortions {
    return {
      deadlineMs: EXPORT_MAX_MS,
      last: () => this.unit.last(),
      portion: (filter, isWaitedFor) => this.#portion(filter, isWaitedFor),
    }
  }

  async #portion(filter: TseExportFilter, isWaitedFor: () => boolean): Promise<UnitPortion> {
    let path: string | undefined
    try {
      path = await this.unit.export(exportOf(filter), { isWaitedFor, bytesMax: PORTION_MAX_BYTES })
      return path === undefined ? 'none' : await readFile(path)
    } catch (error) {
      const code = error instanceof DeviceError ? error.deviceCode : undefined
      if (code === exportFaults.ended) return 'ended'
      if (code === exportFaults.tooLarge) return 'large'
      throw error
    } finally {
      if (path !== undefined) await rm(path, { force: true })
    }
  }

  #waitedFor(): () => boolean {
    return waitedFor(this.queue, this.clock)
  }

  /** A sale in between ends the deletion. */
  async archiveAndDelete(keep: TseKeep, signal?: AbortSignal): Promise<void> {
    const exported = () => this.unit.exportToDelete(this.#waitedFor())
    let archive: DeletableExport | undefined
    try {
      archive = await this.perform(exported, { signal, deadlineMs: EXPORT_MAX_MS })
      if (archive === undefined) throw new DeviceError('no_data', 'none', 'the unit holds no logs')
      await keep(createReadStream(archive.path) as AsyncIterable<Buffer>)
      await this.perform(archive.deleteLogs)
      this.#entries.forget()
    } finally {
      if (archive !== undefined) await rm(archive.path, { force: true })
      await this.perform(() => this.unit.logins.logOut('adminPin')).catch(() => undefined)
    }
  }

  protected beReady(): Promise<void> {
    return this.unit.beReady()
  }

  /** Runs the self-test, sets the time or switches the unit on if it demands that. Only an export asks for a lost time while
   * the clock of this machine is suspect. */
  protected async recover({ code, deviceCode }: DeviceError): Promise<boolean> {
    if (code === 'self_test_due') await this.unit.selfTest()
    else if (deviceCode === EXPORT_LEFT) await this.#testAndTell()
    else if (code === 'time_not_set') await this.giveTimeToExport(() => this.unit.last())
    else if (deviceCode === SWITCHED_OFF) await this.unit.switchOn()
    else return false
    return true
  }

  protected override async failedToSign(error: unknown): Promise<void> {
    if (this.unit.sleep.mayEnd(error)) await this.#testAndTell().catch(() => undefined)
  }

  protected override async giveTime(timeMs = this.time.now()): Promise<void> {
    try {
      await super.giveTime(timeMs)
    } catch (error) {
      if (!this.unit.sleep.mayEnd(error)) throw error
      await this.unit.selfTest()
      // A PIN that may not be sent again now says less than the first refusal.
      await super.giveTime(timeMs).catch(() => Promise.reject(error))
    }
  }

  /** Without a login: the next act sets the time. */
  protected recoverInspection(error: DeviceError): Promise<boolean> {
    const isHelped = error.deviceCode === EXPORT_LEFT || this.unit.sleep.mayEnd(error)
    return isHelped ? this.unit.testEnrolled() : Promise.resolve(false)
  }

  /** The self-test may lose the time. */
  async #testAndTell(): Promise<void> {
    await this.unit.selfTest()
    await unlessSuspect(this.time, () => this.giveTime())
  }

  protected reopen(): Promise<boolean> {
    return this.unit.reopen()
  }
}

import { createReadStream } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
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
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { plainSignature, pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { timeFormatSpelled } from '../tr03151/log-time.ts'
import { chainIn, recallFromArchive } from '../tr03151/recall.ts'
import { signInTime, UnitTime } from '../unit-time.ts'
import type { SwissbitOptions } from './unit.ts'
import { EXPORT_MAX_MS, SwissbitUnit } from './unit.ts'
import { exportOf, healthOf } from './values.ts'
import type { WormSignature } from './worm-calls.ts'
import { exportFaults } from './worm-calls.ts'

const RECOVERIES_MAX = 3
const SWITCHED_OFF = '1053'

/** Swissbit TSE (USB, SD, microSD) through the vendor's library, in its own process, which contains a crash or hang. */
export class SwissbitTse implements Tse {
  readonly kind = 'tse'
  readonly exportsExclusively = true
  readonly #options: SwissbitOptions
  readonly #queue: CommandQueue
  readonly #unit: SwissbitUnit
  readonly #time: TimeGate
  #health: TseHealth | undefined

  constructor(options: SwissbitOptions) {
    this.#options = options
    this.#queue = new CommandQueue(options.clock)
    this.#unit = new SwissbitUnit(options)
    this.#time = options.time ?? new UnitTime(options.clock)
  }

  open(): Promise<void> {
    return this.#queue.run({ deadlineMs: this.#longMs }, () => this.#unit.open())
  }

  async close(): Promise<void> {
    await this.#queue.close(() => this.#unit.close())
    await this.#unit.close()
  }

  look(): Promise<string | undefined> {
    return this.#unit.look()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#look(async () => {
      const { publicKey, algorithm, timeFormat } = await this.#unit.facts()
      const point = pointOfKey(publicKey)
      const serial = serialOfPoint(point).toString('hex')
      const certificates = await chainIn(await this.#unit.certificate(), point)
      return {
        serial,
        publicKey: point,
        algorithm: algorithmSpelled(algorithm),
        timeFormat: timeFormatSpelled(timeFormat),
        certificates,
      }
    })
  }

  /** Does not wait for an export: then it returns the last known state. */
  health(): Promise<TseHealth> {
    const known = this.#health
    if (this.#unit.isExporting && known !== undefined)
      return Promise.resolve({ ...known, clockSkewMs: this.#time.skewMs() })
    return this.#look(async () => {
      const refusedPin = await this.#unit.refusedPin()
      this.#health = { ...healthOf(await this.#unit.facts(), this.#time.skewMs()), refusedPin }
      return this.#health
    })
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#sign(() => this.#unit.start(clientId), clientId)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    return this.#sign(() => this.#unit.finish(transaction, clientId, processType, processData), clientId)
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.#ask(async () => (await this.#unit.openTransactions(clientId)).toSorted((one, other) => one - other))
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.#ask(async () => {
      const path = await this.#unit.export({
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
    return this.#ask(async () => {
      const last = await this.#unit.lastOf(client)
      return last === undefined || (transaction !== undefined && last.transaction !== transaction)
        ? undefined
        : signatureOf(last)
    })
  }

  remedy(remedy: Remedy): Promise<boolean> {
    return this.#queue.run({ deadlineMs: 2 * this.#longMs }, () => this.#remedy(remedy))
  }

  registerClient(clientId: string): Promise<void> {
    return this.#ask(
      async () => {
        if (!(await this.#unit.clients()).includes(clientId)) await this.#unit.registerClient(clientId)
      },
      { client: clientId },
    )
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#ask(
      async () => {
        if ((await this.#unit.clients()).includes(clientId)) await this.#unit.deregisterClient(clientId)
      },
      { client: clientId },
    )
  }

  clients(): Promise<readonly string[]> {
    return this.#ask(() => this.#unit.tills())
  }

  initialise(): Promise<void> {
    return this.#ask(async () => {
      this.#time.demand()
      if ((await this.#unit.facts()).initializationState === 0) await this.#unit.setUp()
      await this.#unit.selfTest()
      await this.#setTime()
      await this.#unit.as('adminPin', async () => undefined)
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

  /** The library exports with one blocking call; a sale ends it. The archive goes into a file first. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal, heldMs?: number): AsyncGenerator<Uint8Array> {
    const exported = (): Promise<string | undefined> =>
      this.#unit.export(exportOf(filter), this.#waitedFor(), { heldMs })
    const path = await this.#ask(exported, { signal, deadlineMs: EXPORT_MAX_MS })
    if (path === undefined) throw new DeviceError('no_data', 'none', 'no log answers the filter')
    try {
      yield* createReadStream(path) as AsyncIterable<Buffer>
    } finally {
      await rm(path, { force: true })
    }
  }

  exportInPortions(filter: TseExportFilter, after: number, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    return portionedArchive(
      {
        clock: this.#options.clock,
        signal,
        last: () => this.#ask(() => this.#last(), { signal }),
        portion: (wanted, held) =>
          this.#ask(async () => withWait(await this.#portion(wanted, held), this.#queue), {
            signal,
            deadlineMs: EXPORT_MAX_MS,
          }),
      },
      filter,
      after,
    )
  }

  async #last(): Promise<{ transaction: number; logTimeMs: number } | undefined> {
    const last = await this.#unit.last()
    return last && { transaction: last.transaction, logTimeMs: last.logTime * 1000 }
  }

  async #portion(filter: TseExportFilter, held: number): Promise<UnitPortion> {
    let path: string | undefined
    try {
      path = await this.#unit.export(exportOf(filter), this.#waitedFor(held), { bytesMax: PORTION_MAX_BYTES })
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

  #waitedFor(held?: number): () => boolean {
    return waitedFor(this.#queue, this.#options.clock, held)
  }

  /**
   * The library can only delete everything, logs of logins included: so the login comes first, and a sale in between
   * ends the deletion.
   */
  async archiveAndDelete(
    keep: (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>,
    signal?: AbortSignal,
  ): Promise<void> {
    const exported = async (): Promise<string | undefined> => {
      await this.#unit.logIn('adminPin')
      return this.#unit.export(exportOf({}), this.#waitedFor())
    }
    let path: string | undefined
    try {
      path = await this.#ask(exported, { signal, deadlineMs: EXPORT_MAX_MS })
      if (path === undefined) throw new DeviceError('no_data', 'none', 'the unit holds no logs')
      await keep(createReadStream(path) as AsyncIterable<Buffer>)
      await this.#ask(() => this.#unit.deleteExported())
    } finally {
      if (path !== undefined) await rm(path, { force: true })
      await this.#ask(() => this.#unit.logOut('adminPin')).catch(() => undefined)
    }
  }

  #sign(act: () => Promise<WormSignature>, clientId: string): Promise<TseSignature> {
    return this.#ask(
      async () => {
        const { clock } = this.#options
        const sign = async (): Promise<TseSignature> => signatureOf(await act())
        return signInTime(this.#time, clock, () => this.#setTime(), sign)
      },
      { client: clientId },
    )
  }

  async #setTime(): Promise<void> {
    const timeMs = this.#time.now()
    await this.#unit.setTime(timeMs)
    this.#time.told(timeMs)
  }

  get #longMs(): number {
    return this.#options.timeouts.longMs
  }

  /** Each call has its own deadline; this one is a backstop. */
  #ask<T>(act: () => Promise<T>, command: Partial<Command> = {}): Promise<T> {
    return this.#queue.run({ deadlineMs: 2 * this.#longMs, ...command }, async () => {
      await this.#unit.beReady()
      return this.#recovering(act)
    })
  }

  /** A question that may also go to a unit that is not enrolled yet: it writes nothing. */
  #look<T>(act: () => Promise<T>): Promise<T> {
    return this.#queue.run({ deadlineMs: 2 * this.#longMs }, async () => {
      await this.#unit.beReady()
      return act()
    })
  }

  /**
   * Runs the self-test, sets the time or switches the unit on if it demands that. A refusal did nothing, so the act is
   * repeated.
   */
  #recovering<T>(act: () => Promise<T>): Promise<T> {
    return recovering(act, (error) => this.#recover(error), RECOVERIES_MAX)
  }

  async #recover({ code, deviceCode }: DeviceError): Promise<boolean> {
    if (code === 'self_test_due') await this.#unit.selfTest()
    else if (code === 'time_not_set') await this.#setTime()
    else if (deviceCode === SWITCHED_OFF) await this.#unit.switchOn()
    else return false
    return true
  }

  /** The library ends an export with its call. The agent registers a client again that the unit lost. */
  async #remedy(remedy: Remedy): Promise<boolean> {
    if (remedy === 'reopen') return this.#unit.reopen()
    await this.#unit.beReady()
    switch (remedy) {
      case 'log_in_time_admin':
        await this.#unit.logIn('timeAdminPin')
        return true
      case 'log_in_admin':
        await this.#unit.logIn('adminPin')
        return true
      case 'log_out':
        await this.#unit.logOut('timeAdminPin').catch(() => undefined)
        await this.#unit.logOut('adminPin').catch(() => undefined)
        return true
      case 'self_test':
        if (this.#queue.load().waiting > 0 || (await this.#unit.facts()).hasPassedSelfTest) return false
        await this.#unit.selfTest()
        return true
      case 'time':
        await this.#setTime()
        return true
      case 'release':
      case 'client':
        return false
    }
  }
}

function signatureOf({ logTime, signature, ...signed }: WormSignature): TseSignature {
  return {
    ...signed,
    logTimeMs: logTime * 1000,
    signature: plainSignature(Buffer.from(signature)),
  }
}

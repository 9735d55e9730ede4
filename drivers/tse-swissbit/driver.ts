import { createReadStream } from 'node:fs'
import { access, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { demandNoneOpen } from '../deletion.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { mending } from '../mending.ts'
import { NativeProcess } from '../native/native-process.ts'
import { NativeFault } from '../native/protocol.ts'
import type { Clock } from '../ports/clock.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { Tse, TseExportFilter, TseHealth, TseIdentity, TseKept, TseRecall, TseSignature } from '../ports/tse.ts'
import { CommandQueue } from '../queue.ts'
import { RefusedPins } from '../refused-pins.ts'
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { plainSignature, pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { certificatesIn, recallFromArchive } from '../tr03151/recall.ts'
import { errorOf } from './device-errors.ts'
import { exportOf, healthOf, lowerFirst } from './values.ts'
import type { WormCalls, WormExport, WormFacts, WormSignature } from './worm-calls.ts'

export type SwissbitOptions = {
  id: string
  /** Folder on which the unit is mounted. */
  path: string
  /** The customer's own libWormAPI. */
  library: string
  /** For archives on their way. */
  directory: string
  /** `puk` of 6, `adminPin` and `timeAdminPin` of 5 digits. */
  secrets: DeviceSecrets
  clock: Clock
  timeouts: { replyMs: number; longMs: number }
}

/** A file that every unit has on its drive. */
const presenceFile = 'TSE_INFO.DAT'
/** Of units as they are delivered (SDK manual). */
const factorySeed = 'SwissbitSwissbit'
const users = { adminPin: 1, timeAdminPin: 2 } as const
/** The client under which the agent itself tests a unit. */
const managementClient = 'fiskal-edge'
const pinDigits = 5
const pukDigits = 6
const mendingsMax = 3
/** `worm_info_size` has 32 bits: a unit of 8 GB counts sectors, as its sister behind the Epson host does. */
const sectorBytes = 512
/** What every flash memory reads at least. */
const slowestBytesPerSecond = 500_000
const exportMsMax = 6 * 3_600_000

/** Swissbit TSE (USB, SD, microSD) through the vendor's library, in a process of its own: a crash or hang stays there. */
export class SwissbitTse implements Tse {
  readonly kind = 'tse'
  readonly exportsExclusively = true
  readonly #options: SwissbitOptions
  readonly #queue: CommandQueue
  readonly #process: NativeProcess<WormCalls>
  readonly #refusedPins: RefusedPins
  /** Of the unit that `open` found: a process that had to be started anew must find the same. */
  #serial: string | undefined
  #skewMs = 0
  #health: TseHealth | undefined
  #isExporting = false

  constructor(options: SwissbitOptions) {
    this.#options = options
    this.#refusedPins = new RefusedPins(options.directory)
    this.#queue = new CommandQueue(options.clock)
    const entry = new URL('./worm-child.ts', import.meta.url)
    this.#process = new NativeProcess({ entry, name: options.library, clock: options.clock })
  }

  open(): Promise<void> {
    return this.#queue.run({ client: '', deadlineMs: this.#longMs }, async () => {
      this.#serial = undefined
      await this.#connect()
    })
  }

  async close(): Promise<void> {
    await this.#queue.drop()
    this.#serial = undefined
    await this.#process.stop()
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  identity(): Promise<TseIdentity> {
    return this.#look(async () => {
      const { publicKey, algorithm, timeFormat } = await this.#facts()
      const point = pointOfKey(publicKey)
      const serial = serialOfPoint(point).toString('hex')
      const certificates = await certificatesIn(await this.#certificate())
      return {
        serial,
        publicKey: point,
        algorithm: algorithmSpelled(algorithm),
        timeFormat: lowerFirst(timeFormat),
        certificates,
      }
    })
  }

  /** An export is not waited for: meanwhile it is the last one known. */
  health(): Promise<TseHealth> {
    const known = this.#health
    if (this.#isExporting && known !== undefined) return Promise.resolve(known)
    return this.#look(async () => {
      this.#health = healthOf(await this.#facts(), this.#skewMs)
      return this.#health
    })
  }

  start(clientId: string): Promise<TseSignature> {
    return this.#sign(() => this.#call('start', { clientId }, 'unknown'), clientId)
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<TseSignature> {
    const args = { clientId, transaction, processType, processData }
    return this.#sign(() => this.#call('finish', args, 'unknown'), clientId)
  }

  openTransactions(clientId?: string): Promise<readonly number[]> {
    return this.#ask(async () =>
      (await this.#call('started', { clientId }, 'none')).toSorted((one, other) => one - other),
    )
  }

  recall(transaction: number): Promise<TseRecall | undefined> {
    return this.#ask(async () => {
      const path = await this.#export({ kind: 'transactions', from: transaction, to: transaction, clientId: undefined })
      try {
        return path === undefined ? undefined : await recallFromArchive(await readFile(path), transaction)
      } finally {
        if (path !== undefined) await rm(path, { force: true })
      }
    })
  }

  registerClient(clientId: string): Promise<void> {
    return this.#ask(async () => {
      if ((await this.#call('clients', undefined, 'none')).includes(clientId)) return
      await this.#as('adminPin', () => this.#call('register', { clientId }, 'unknown'))
    }, clientId)
  }

  deregisterClient(clientId: string): Promise<void> {
    return this.#ask(async () => {
      if (!(await this.#call('clients', undefined, 'none')).includes(clientId)) return
      await this.#as('adminPin', () => this.#call('deregister', { clientId }, 'unknown'))
    }, clientId)
  }

  clients(): Promise<readonly string[]> {
    return this.#ask(async () =>
      (await this.#call('clients', undefined, 'none')).filter((client) => client !== managementClient),
    )
  }

  initialise(): Promise<void> {
    return this.#ask(async () => {
      if ((await this.#facts()).initializationState === 0) await this.#setUp()
      await this.#selfTest()
      await this.#setTime()
      await this.#as('adminPin', async () => undefined)
    })
  }

  selfTest(): Promise<void> {
    return this.#ask(() => this.#selfTest())
  }

  setTime(): Promise<void> {
    return this.#ask(() => this.#setTime())
  }

  /** The library exports in one go and takes nothing else meanwhile: a matter for a quiet hour. It goes into a file first. */
  async *exportLogs(filter: TseExportFilter, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const path = await this.#ask(() => this.#export(exportOf(filter)), '', signal, exportMsMax)
    if (path === undefined) throw new DeviceError('no_data', 'none', 'no log answers the filter')
    try {
      yield* createReadStream(path) as AsyncIterable<Buffer>
    } finally {
      await rm(path, { force: true })
    }
  }

  /** The library deletes all or nothing, and counts a login too: so that comes first, and a sale in between ends it. */
  async archiveAndDelete(
    keep: (archive: AsyncIterable<Uint8Array>) => Promise<TseKept>,
    signal?: AbortSignal,
  ): Promise<void> {
    const exported = async (): Promise<string | undefined> => {
      demandNoneOpen((await this.#facts()).startedTransactions)
      await this.#logIn('adminPin')
      return this.#export(exportOf({}))
    }
    let path: string | undefined
    try {
      path = await this.#ask(exported, '', signal, exportMsMax)
      if (path === undefined) throw new DeviceError('no_data', 'none', 'the unit holds no logs')
      await keep(createReadStream(path) as AsyncIterable<Buffer>)
      await this.#ask(() => this.#call('deleteStoredData', undefined, 'unknown', this.#longMs))
    } finally {
      if (path !== undefined) await rm(path, { force: true })
      await this.#ask(() => this.#logOut('adminPin')).catch(() => undefined)
    }
  }

  async #connect(): Promise<void> {
    const { path, library } = this.#options
    await this.#demandPresence()
    await this.#process.start(this.#longMs)
    await this.#call('open', { library, mount: path }, 'none')
    const { serialNumber } = await this.#facts()
    const serial = Buffer.from(serialNumber).toString('hex')
    if (this.#serial !== undefined && this.#serial !== serial) {
      await this.#process.stop()
      throw new DeviceError('foreign', 'none', 'another TSE is on the drive')
    }
    this.#serial = serial
  }

  /** A unit that was pulled is asked nothing more; its library is loaded anew for the next one. */
  async #demandPresence(): Promise<void> {
    try {
      await access(join(this.#options.path, presenceFile))
    } catch {
      await this.#process.stop()
      throw new DeviceError('unavailable', 'none', `no TSE is mounted on ${this.#options.path}`)
    }
  }

  /** A unit that gives it only after its self-test keeps it: it may be a stranger's. */
  async #certificate(): Promise<Uint8Array> {
    try {
      return await this.#call('certificate', undefined, 'none')
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'self_test_due') return new Uint8Array()
      throw error
    }
  }

  #facts(): Promise<WormFacts> {
    return this.#call('facts', undefined, 'none')
  }

  /** PINs and PUK are given once and for all. A set-up that was cut off is repeated with the same. */
  async #setUp(): Promise<void> {
    const { secrets } = this.#options
    const puk = await secrets.provide('puk', pukDigits)
    const adminPin = await secrets.provide('adminPin', pinDigits)
    const timeAdminPin = await secrets.provide('timeAdminPin', pinDigits)
    const args = { seed: factorySeed, puk, adminPin, timeAdminPin, clientId: managementClient }
    await this.#call('setUp', args, 'unknown', this.#longMs)
  }

  async #selfTest(): Promise<void> {
    await this.#call('selfTest', { clientId: managementClient }, 'none', this.#longMs)
  }

  async #setTime(): Promise<void> {
    const seconds = Math.floor(this.#options.clock.now() / 1000)
    await this.#as('timeAdminPin', () => this.#call('updateTime', { seconds }, 'none'))
    this.#skewMs = 0
  }

  /** Logs in for one act and out again. A PIN that was refused is not tried again: the unit counts. */
  async #as<T>(name: keyof typeof users, act: () => Promise<T>): Promise<T> {
    await this.#logIn(name)
    try {
      return await act()
    } finally {
      await this.#logOut(name).catch(() => undefined)
    }
  }

  async #logIn(name: keyof typeof users): Promise<void> {
    const pin = await this.#options.secrets.read(name)
    await this.#refusedPins.logIn(name, pin, () => this.#call('logIn', { user: users[name], pin }, 'none'))
  }

  async #logOut(name: keyof typeof users): Promise<void> {
    await this.#call('logOut', { user: users[name] }, 'none')
  }

  /** Path of the archive; undefined where there is none. */
  async #export(wanted: WormExport): Promise<string | undefined> {
    const { directory } = this.#options
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, `export-${this.#options.clock.mono()}.tar`)
    try {
      // Nobody may take a long export for a library that hangs.
      const { size } = await this.#facts()
      this.#isExporting = true
      const readingMs = Math.ceil((1000 * size * sectorBytes) / slowestBytesPerSecond)
      const deadlineMs = Math.min(exportMsMax, this.#longMs + readingMs)
      const { bytes } = await this.#call('export', { ...wanted, path }, 'none', deadlineMs)
      if (bytes > 0) return path
    } catch (error) {
      await rm(path, { force: true })
      if (error instanceof DeviceError && (error.code === 'no_data' || error.code === 'transaction_unknown'))
        return undefined
      throw error
    } finally {
      this.#isExporting = false
    }
    await rm(path, { force: true })
    return undefined
  }

  #sign(act: () => Promise<WormSignature>, clientId: string): Promise<TseSignature> {
    return this.#ask(async () => {
      const { logTime, signature, ...signed } = await act()
      this.#skewMs = logTime * 1000 - this.#options.clock.now()
      return { ...signed, logTimeMs: logTime * 1000, signature: plainSignature(Buffer.from(signature)) }
    }, clientId)
  }

  async #call<Method extends keyof WormCalls & string>(
    method: Method,
    args: WormCalls[Method]['args'],
    effect: Effect,
    deadlineMs = this.#options.timeouts.replyMs,
  ): Promise<WormCalls[Method]['result']> {
    try {
      return await this.#process.call(method, args, { deadlineMs, effect })
    } catch (error) {
      if (error instanceof NativeFault) throw errorOf(error.code, error.message)
      throw error
    }
  }

  get #longMs(): number {
    return this.#options.timeouts.longMs
  }

  /** Each call has a deadline of its own; this one is for what nobody thought of. */
  #ask<T>(act: () => Promise<T>, client = '', signal?: AbortSignal, deadlineMs = 2 * this.#longMs): Promise<T> {
    return this.#queue.run({ client, deadlineMs, signal }, async () => {
      await this.#beReady()
      return this.#mending(act)
    })
  }

  /** A question that is also put to a unit nobody knows yet: nothing is written to it. */
  #look<T>(act: () => Promise<T>): Promise<T> {
    return this.#queue.run({ client: '', deadlineMs: 2 * this.#longMs }, async () => {
      await this.#beReady()
      return act()
    })
  }

  async #beReady(): Promise<void> {
    if (this.#serial === undefined) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    await this.#demandPresence()
    // After a hang or crash: the same unit is found again, or nothing is done.
    if (!this.#process.running) await this.#connect()
  }

  /** Tests the unit and sets its time where it demands that: a refusal did nothing, so the act is repeated. */
  #mending<T>(act: () => Promise<T>): Promise<T> {
    return mending(act, (error) => this.#mend(error), mendingsMax)
  }

  async #mend({ code, effect }: DeviceError): Promise<boolean> {
    if (effect !== 'none') return false
    if (code === 'self_test_due') await this.#selfTest()
    else if (code === 'time_not_set') await this.#setTime()
    else return false
    return true
  }
}

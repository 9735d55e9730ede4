import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { TseUnit } from '../called-tse.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { mountedWith, mountsMark } from '../links/mounts.ts'
import { nodeMark } from '../links/node-mark.ts'
import { NativeProcess } from '../native/native-process.ts'
import { NativeFault } from '../native/protocol.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type { RefusedPin, TseSignature } from '../ports/tse.ts'
import { loginErrorOf } from '../refusal-class.ts'
import { unlessAbsent, unlessDeclined } from '../refusals.ts'
import { RefusedPins } from '../refused-pins.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { errorOf } from './device-errors.ts'
import type { ExportLimits } from './export-files.ts'
import { ExportFiles } from './export-files.ts'
import { exportOf, signatureOf } from './values.ts'
import type { WormCalls, WormExport, WormFacts, WormSignature } from './worm-calls.ts'
import { FACTORY_SEED } from './worm-calls.ts'

export type SwissbitOptions = {
  id: string
  /** Folder on which the unit is mounted. */
  path: string
  /** The customer's own libWormAPI. */
  library: string
  /** Serial number of the enrolled unit; without it only the configured folder is searched. */
  enrolledSerial?: () => string | undefined
  /** Folders of drives with that file. */
  mounts?: (file: string) => Promise<readonly string[]>
  /** For archives during an export. */
  directory: string
  /** `puk` of 6, `adminPin` and `timeAdminPin` of 5 digits. */
  secrets: DeviceSecrets
  clock: Clock
  time?: TimeGate | undefined
  timeouts: { replyMs: number; longMs: number }
}

/** A file on the drive of every unit. */
const PRESENCE_FILE = 'TSE_INFO.DAT'
const MOUNTS_MAX = 8
const users = { adminPin: 1, timeAdminPin: 2 } as const
type PinName = keyof typeof users
/** The client under which the agent runs the self-test. */
const MANAGEMENT_CLIENT = 'fiskal-edge'
/** Name of a refused first set-up in the file of refused PINs. */
const FIRST_SET_UP = 'factory'
const PIN_DIGITS = 5
const PUK_DIGITS = 6

export type DeletableExport = { path: string; deleteLogs: () => Promise<unknown> }

/** The functions of the unit with their values, in the process that holds the library. */
export class SwissbitUnit implements TseUnit {
  readonly #options: SwissbitOptions
  readonly #process: NativeProcess<WormCalls>
  readonly #refusedPins: RefusedPins
  /**
   * Serial number of the unit that `open` found: a restarted process must find the same. Empty while a new unit reports
   * none.
   */
  #serial: string | undefined
  /** The folder where the unit was found. */
  #mount: string
  readonly #exports: ExportFiles

  constructor(options: SwissbitOptions) {
    this.#options = options
    this.#mount = options.path
    this.#refusedPins = new RefusedPins(options.directory, options.secrets, options.clock)
    const entry = new URL('./worm-child.ts', import.meta.url)
    this.#process = new NativeProcess({ entry, name: options.library, clock: options.clock })
    this.#exports = new ExportFiles(options, {
      sizeSectors: async () => (await this.facts()).size,
      write: (args, deadlineMs) => unlessAbsent(() => this.#call('export', args, 'none', deadlineMs)),
    })
  }

  /** The library is exporting and accepts no other call. */
  get isExporting(): boolean {
    return this.#exports.isRunning
  }

  /** The file of the unit; if its folder has no such file, the mounted drives, one of which may be the unit. */
  async look(): Promise<string | undefined> {
    return (await nodeMark(join(this.#mount, PRESENCE_FILE))) ?? (await mountsMark())
  }

  /** Opens any unit on the drive. Throws `unavailable` none without one. */
  async open(): Promise<void> {
    this.#serial = undefined
    await this.#exports.tidy()
    await this.#connect()
  }

  async close(): Promise<void> {
    this.#serial = undefined
    await this.#process.stop()
  }

  /** Called before each act. After a hang or crash it must find the same unit, or the act does nothing. */
  async beReady(): Promise<void> {
    if (this.#serial === undefined) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    await this.#demandPresence()
    if (!this.#process.running) await this.#connect()
  }

  /** Facts of the unit that `open` found, or an error: a library may by now reach a different unit on the drive. */
  async facts(): Promise<WormFacts> {
    const facts = await this.#call('facts', undefined, 'none')
    const bytes = Buffer.from(facts.serialNumber)
    const serial = bytes.some((byte) => byte !== 0) ? bytes.toString('hex') : ''
    if (this.#serial === undefined || this.#serial === '') this.#serial = serial
    if (this.#serial === serial) return facts
    await this.#process.stop()
    throw new DeviceError('foreign', 'none', 'another TSE is on the drive')
  }

  /** Does not run a self-test to get the certificate, because the unit may belong to someone else. */
  async certificate(): Promise<Uint8Array> {
    try {
      return await this.#call('certificate', undefined, 'none')
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'self_test_due') return new Uint8Array()
      throw error
    }
  }

  async start(clientId: string): Promise<TseSignature> {
    return signatureOf(await this.#call('start', { clientId }, 'unknown'))
  }

  async finish(
    transaction: number,
    clientId: string,
    processType: string,
    processData: Uint8Array,
  ): Promise<TseSignature> {
    return signatureOf(await this.#call('finish', { clientId, transaction, processType, processData }, 'unknown'))
  }

  openTransactions(clientId: string | undefined): Promise<readonly number[]> {
    return this.#call('started', { clientId }, 'none')
  }

  clients(): Promise<readonly string[]> {
    return this.#call('clients', undefined, 'none')
  }

  /** Without the agent's own client. */
  async tills(): Promise<readonly string[]> {
    return (await this.clients()).filter((client) => client !== MANAGEMENT_CLIENT)
  }

  async registerClient(clientId: string): Promise<void> {
    await this.as('adminPin', () => this.#call('register', { clientId }, 'unknown'))
  }

  async deregisterClient(clientId: string): Promise<void> {
    await this.as('adminPin', () => this.#call('deregister', { clientId }, 'unknown'))
  }

  /**
   * Sets PINs and PUK permanently. An interrupted set-up is repeated with the same ones. A refused one is not, because
   * the unit counts tries; it was delivered with another seed or has other PINs.
   */
  async setUp(): Promise<void> {
    const { secrets, timeouts } = this.#options
    const puk = await secrets.provide('puk', PUK_DIGITS)
    const adminPin = await secrets.provide('adminPin', PIN_DIGITS)
    const timeAdminPin = await secrets.provide('timeAdminPin', PIN_DIGITS)
    const args = { seed: FACTORY_SEED, puk, adminPin, timeAdminPin, clientId: MANAGEMENT_CLIENT }
    const shown = [FACTORY_SEED, puk, adminPin, timeAdminPin].join()
    await this.#refusedPins.show(FIRST_SET_UP, shown, () => this.#call('setUp', args, 'unknown', timeouts.longMs))
    await this.#refusedPins.accepted('adminPin', 'timeAdminPin')
  }

  async isSelfTestDue(): Promise<boolean> {
    return !(await this.facts()).hasPassedSelfTest
  }

  /** On a unit that another software initialised, the agent is not a client: the test uses one that is registered. */
  async selfTest(): Promise<void> {
    try {
      await this.#testAs(MANAGEMENT_CLIENT)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== 'client_unknown') throw error
      const [anyClient] = await this.clients()
      if (anyClient === undefined) await this.registerClient(MANAGEMENT_CLIENT)
      await this.#testAs(anyClient ?? MANAGEMENT_CLIENT)
    }
  }

  /** The interface, which another program has switched off or an interrupted set-up never switched on. */
  async switchOn(): Promise<void> {
    await this.as('adminPin', () => this.#call('ctssEnable', undefined, 'none'))
  }

  async setTime(nowMs: number): Promise<void> {
    const seconds = Math.floor(nowMs / 1000)
    await this.as('timeAdminPin', () => this.#call('updateTime', { seconds }, 'none'))
  }

  /** Logs in for one act and out again. */
  async as<T>(name: PinName, act: () => Promise<T>): Promise<T> {
    await this.#logIn(name)
    try {
      return await act()
    } finally {
      await this.#logOut(name).catch(() => undefined)
    }
  }

  /** A refused PIN is not tried again, and a different unit gets none, because units count tries. */
  async #logIn(name: PinName): Promise<void> {
    await this.facts()
    const pin = await this.#options.secrets.read(name)
    await this.#refusedPins.logIn(name, pin, async () => {
      const { refusal, triesLeft } = await this.#call('logIn', { user: users[name], pin }, 'unknown')
      if (refusal === undefined) return
      const error = errorOf(refusal, 'the library refused', 'unknown')
      throw triesLeft === undefined ? error : loginErrorOf(error, triesLeft)
    })
  }

  refusedPin(): Promise<RefusedPin | undefined> {
    const { read } = this.#options.secrets
    return this.#refusedPins.standing({ adminPin: () => read('adminPin'), timeAdminPin: () => read('timeAdminPin') })
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    // Three refusals of the first set-up lock the unit permanently.
    return this.#refusedPins.admit(command, (name) => isInit && name !== FIRST_SET_UP)
  }

  logInTimeAdmin(): Promise<void> {
    return this.#logIn('timeAdminPin')
  }

  logInAdmin(): Promise<void> {
    return this.#logIn('adminPin')
  }

  logOutAdmin(): Promise<void> {
    return this.#logOut('adminPin')
  }

  async logOut(): Promise<void> {
    await this.#logOut('timeAdminPin').catch(() => undefined)
    await this.#logOut('adminPin').catch(() => undefined)
  }

  async #logOut(name: PinName): Promise<void> {
    await this.#call('logOut', { user: users[name] }, 'none')
  }

  /** Starts a new process for the same unit. Throws `foreign` none if a different one is on the drive. */
  async reopen(): Promise<boolean> {
    await this.#process.stop()
    await this.beReady()
    return true
  }

  /** The last answer to the client; undefined if there is no answer. */
  async lastOf(clientId: string): Promise<TseSignature | undefined> {
    const last = await unlessAbsent(() => this.#call('last', { clientId }, 'none'))
    return last && signatureOf(last)
  }

  /** The last answer to any client; undefined if there is no answer. */
  async last(): Promise<{ transaction: number; logTimeMs: number } | undefined> {
    let last: WormSignature | undefined
    for (const clientId of await this.clients()) {
      const answer = await unlessDeclined(() => this.#call('last', { clientId }, 'none'))
      if (answer !== undefined && answer.signatureCounter > (last?.signatureCounter ?? 0)) last = answer
    }
    return last && { transaction: last.transaction, logTimeMs: last.logTime * 1000 }
  }

  /** Path of the archive, which the caller removes; undefined if there is no archive. */
  export(wanted: WormExport, limits?: ExportLimits): Promise<string | undefined> {
    return this.#exports.write(wanted, limits)
  }

  /**
   * The whole archive, with a login that lasts until {@link logOutAdmin}. The library deletes everything or, after a log that
   * was not exported, nothing: so only an export after the login of the admin, which is such a log, can be deleted.
   */
  async exportToDelete(isWaitedFor: () => boolean): Promise<DeletableExport | undefined> {
    await this.#logIn('adminPin')
    const path = await this.export(exportOf({}), { isWaitedFor })
    if (path === undefined) return undefined
    const { longMs } = this.#options.timeouts
    return { path, deleteLogs: () => this.#call('deleteStoredData', undefined, 'unknown', longMs) }
  }

  async #testAs(clientId: string): Promise<void> {
    await this.#call('selfTest', { clientId }, 'none', this.#options.timeouts.longMs)
  }

  /** If the configured folder has no unit, searches other drives for the enrolled one by its serial number. */
  async #connect(): Promise<void> {
    const { path } = this.#options
    try {
      await this.#connectAt(path)
    } catch (error) {
      if ((await nodeMark(join(path, PRESENCE_FILE))) !== undefined || !(await this.#isFoundElsewhere())) throw error
    }
  }

  async #connectAt(mount: string): Promise<WormFacts> {
    const { library, timeouts } = this.#options
    this.#mount = mount
    await this.#demandPresence()
    await this.#process.start(timeouts.longMs)
    await this.#call('open', { library, mount }, 'none')
    return this.facts()
  }

  /** A different unit is only asked for its serial number. */
  async #isFoundElsewhere(): Promise<boolean> {
    const { path, enrolledSerial, mounts = mountedWith } = this.#options
    const [enrolled, serialBefore] = [enrolledSerial?.(), this.#serial]
    if (enrolled === undefined) return false
    for (const mount of (await mounts(PRESENCE_FILE)).filter((other) => other !== path).slice(0, MOUNTS_MAX)) {
      try {
        const { publicKey } = await this.#connectAt(mount)
        if (serialOfPoint(pointOfKey(publicKey)).toString('hex') === enrolled) return true
      } catch {
        // No unit of this kind, or no answer: try the next.
      }
      this.#serial = serialBefore
      await this.#process.stop()
    }
    this.#mount = path
    return false
  }

  /** A removed unit gets no further calls; the library is loaded again for the next one. */
  async #demandPresence(): Promise<void> {
    try {
      await access(join(this.#mount, PRESENCE_FILE))
    } catch {
      await this.#process.stop()
      throw new DeviceError('unavailable', 'none', `no TSE is mounted on ${this.#mount}`)
    }
  }

  /** `effect`: the possible effect of a call without an answer. */
  async #call<Method extends keyof WormCalls & string>(
    method: Method,
    args: WormCalls[Method]['args'],
    effect: Effect,
    deadlineMs = this.#options.timeouts.replyMs,
  ): Promise<WormCalls[Method]['result']> {
    try {
      return await this.#process.call(method, args, { deadlineMs, effect })
    } catch (error) {
      if (error instanceof NativeFault) throw errorOf(error.code, error.message, effect)
      throw error
    }
  }
}

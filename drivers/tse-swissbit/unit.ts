import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { DriveOptions, TseUnit } from '../called-tse.ts'
import type { Effect } from '../errors.ts'
import { DeviceError, errorCode } from '../errors.ts'
import { fileFault } from '../links/file-faults.ts'
import { mountedWith, mountsMark } from '../links/mounts.ts'
import { nodeMark } from '../links/node-mark.ts'
import { NativeProcess } from '../native/native-process.ts'
import { NativeFault } from '../native/protocol.ts'
import type { RefusedPin, TseSignature } from '../ports/tse.ts'
import { unlessAbsent, unlessEnded, unlessRefusedWith } from '../refusals.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { errorOf, refusedCall, seedRefused } from './device-errors.ts'
import type { ExportLimits } from './export-files.ts'
import { ExportFiles } from './export-files.ts'
import { Logins } from './logins.ts'
import { Sleep } from './sleep.ts'
import { exportOf, isSecondFirmware, signatureOf } from './values.ts'
import type { WormCalls, WormEntries, WormExport, WormFacts } from './worm-calls.ts'

/** `secrets`: `puk` of 6, `adminPin` and `timeAdminPin` of 5 digits. */
export type SwissbitOptions = DriveOptions & {
  /** The customer's own libWormAPI. */
  library: string
  /** For archives during an export. */
  directory: string
  /** From which the dealer made the first PUK and PINs of the unit. */
  seed: string
  timeouts: { replyMs: number; longMs: number }
}

/** A file on the drive of every unit. */
const PRESENCE_FILE = 'TSE_INFO.DAT'
const MOUNTS_MAX = 8
/** The client under which the agent runs the self-test. */
const MANAGEMENT_CLIENT = 'fiskal-edge'
const NOT_REGISTERED = '1011'
const INTERFACE_OFF = '1053'
const PIN_DIGITS = 5
const PUK_DIGITS = 6

export type DeletableExport = { path: string; deleteLogs: () => Promise<unknown> }

/** The functions of the unit with their values, in the process that holds the library. */
export class SwissbitUnit implements TseUnit {
  readonly #options: SwissbitOptions
  readonly #process: NativeProcess<WormCalls>
  readonly logins: Logins
  readonly sleep = new Sleep()
  #isSecondFirmware = false
  #addedClient: string | undefined
  #wasGone = false
  /** Serial number that `open` found: a restarted process must find the same. Empty while a new unit reports none. */
  #serial: string | undefined
  /** The folder where the unit was found. */
  #mount: string
  readonly #exports: ExportFiles

  constructor(options: SwissbitOptions) {
    this.#options = options
    this.#mount = options.path
    const entry = new URL('./worm-child.ts', import.meta.url)
    this.#process = new NativeProcess({
      entry,
      name: options.library,
      clock: options.clock,
      recorder: options.recorder,
    })
    this.#exports = new ExportFiles(options, {
      sizeSectors: async () => (await this.facts()).size,
      write: (args, deadlineMs) => unlessAbsent(() => this.#call('export', args, 'none', deadlineMs)),
    })
    const library = {
      facts: () => this.facts(),
      logIn: (user: number, pin: string) => this.#call('logIn', { user, pin }, 'unknown'),
      logOut: (user: number) => this.#call('logOut', { user }, 'none'),
    }
    this.logins = new Logins(library, options)
  }

  /** The library is exporting and accepts no other call. */
  get isExporting(): boolean {
    return this.#exports.isRunning
  }

  /** It refuses every filtered export: its entries are read one by one. */
  get isSecondFirmware(): boolean {
    return this.#isSecondFirmware
  }

  /** The agent's own client, if this process registered it. */
  get addedClient(): string | undefined {
    return this.#addedClient
  }

  /** As the unit reports it; empty before its set-up, and before it was opened. */
  get serial(): string {
    return this.#serial ?? ''
  }

  /** The file of the unit; without it the mounted drives, one of which may be the unit. */
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

  /** Facts of the unit that `open` found, or an error: a library may now reach a different one. */
  async facts(): Promise<WormFacts> {
    const facts = await this.#call('facts', undefined, 'none')
    const bytes = Buffer.from(facts.serialNumber)
    const serial = bytes.some((byte) => byte !== 0) ? bytes.toString('hex') : ''
    if (this.#serial === undefined || this.#serial === '') this.#serial = serial
    this.#isSecondFirmware = isSecondFirmware(facts)
    if (this.#serial === serial) return facts
    await this.#process.stop()
    throw new DeviceError('foreign', 'none', 'another TSE is on the drive')
  }

  /** Undefined also if the unit refuses to answer: it signs anyway. */
  needsReplacement(): Promise<boolean | undefined> {
    return this.#call('needsReplacement', undefined, 'none').catch(() => undefined)
  }

  /** Does not run a self-test to get the certificate, because the unit may belong to someone else. */
  async certificate(): Promise<Uint8Array> {
    try {
      return this.sleep.noteAnswer(await this.#call('certificate', undefined, 'none'))
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      const isExporting = error.code === 'export_running' && !this.#isEnrolled
      if (error.code === 'self_test_due' || error.deviceCode === INTERFACE_OFF || isExporting) return new Uint8Array()
      throw error
    }
  }

  /** Only a unit that the shop enrolled is tested unasked. False if it was not. */
  async testEnrolled(): Promise<boolean> {
    if (!this.#isEnrolled) return false
    await unlessRefusedWith(() => this.#testAs(MANAGEMENT_CLIENT), NOT_REGISTERED)
    return true
  }

  get #isEnrolled(): boolean {
    return this.#options.enrolledSerial?.() !== undefined
  }

  async start(clientId: string): Promise<TseSignature> {
    return this.sleep.noteAnswer(signatureOf(await this.#call('start', { clientId }, 'unknown')))
  }

  async finish(
    transaction: number,
    clientId: string,
    processType: string,
    processData: Uint8Array,
  ): Promise<TseSignature> {
    return this.sleep.noteAnswer(
      signatureOf(await this.#call('finish', { clientId, transaction, processType, processData }, 'unknown')),
    )
  }

  openTransactions(clientId: string | undefined): Promise<readonly number[]> {
    return this.#call('started', { clientId }, 'none')
  }

  /** A known client is a success, so nothing asks for this list before it registers one: it costs a login. */
  clients(): Promise<readonly string[]> {
    return this.logins.as('adminPin', () => this.#call('clients', undefined, 'none'))
  }

  /** Without the agent's own client. */
  async tills(): Promise<readonly string[]> {
    return (await this.clients()).filter((client) => client !== MANAGEMENT_CLIENT)
  }

  async registerClient(clientId: string): Promise<void> {
    await this.logins.as('adminPin', () => this.#call('register', { clientId }, 'unknown'))
  }

  async deregisterClient(clientId: string): Promise<void> {
    const deregister = () => this.#call('deregister', { clientId }, 'unknown')
    await this.logins.as('adminPin', () => unlessRefusedWith(deregister, NOT_REGISTERED))
  }

  /**
   * Sets PINs and PUK permanently, after a self-test, which a virgin unit refuses. An interrupted set-up is repeated with
   * the same ones.
   */
  async setUp(): Promise<void> {
    const { secrets, timeouts, seed } = this.#options
    const puk = await secrets.provide('puk', PUK_DIGITS)
    const adminPin = await secrets.provide('adminPin', PIN_DIGITS)
    const timeAdminPin = await secrets.provide('timeAdminPin', PIN_DIGITS)
    await unlessRefusedWith(() => this.#testAs(MANAGEMENT_CLIENT), NOT_REGISTERED)
    const args = { seed, puk, adminPin, timeAdminPin, clientId: MANAGEMENT_CLIENT }
    await this.logins.setUp([seed, puk, adminPin, timeAdminPin].join(), async () => {
      try {
        await this.#call('setUp', args, 'unknown', timeouts.longMs)
      } catch (error) {
        throw seedRefused(error) ?? error
      }
    })
  }

  async isSelfTestDue(): Promise<boolean> {
    return this.sleep.isSuspected || !(await this.facts()).hasPassedSelfTest
  }

  /** On a unit that another program set up, the agent's client is registered first: nothing else is allowed then. */
  async selfTest(): Promise<void> {
    const test = () => this.#testAs(MANAGEMENT_CLIENT).then(() => true)
    if ((await unlessRefusedWith(test, NOT_REGISTERED)) === true) return
    await this.registerClient(MANAGEMENT_CLIENT)
    this.#addedClient = MANAGEMENT_CLIENT
    await test()
  }

  /** The interface, which another program has switched off or an interrupted set-up never switched on. */
  async switchOn(): Promise<void> {
    await this.logins.as('adminPin', () => this.#call('ctssEnable', undefined, 'none'))
  }

  async setTime(nowMs: number): Promise<void> {
    const seconds = Math.floor(nowMs / 1000)
    const setTime = () => this.#call('updateTime', { seconds }, 'none')
    await this.logins.as('timeAdminPin', () => unlessEnded(setTime))
  }

  refusedPin(): Promise<RefusedPin | undefined> {
    return this.logins.refusedPin()
  }

  admit<T>(command: () => Promise<T>, isInit: boolean): Promise<T> {
    return this.logins.admit(command, isInit)
  }

  logInTimeAdmin(): Promise<void> {
    return this.logins.logIn('timeAdminPin')
  }

  logInAdmin(): Promise<void> {
    return this.logins.logIn('adminPin')
  }

  async logOut(): Promise<void> {
    await this.logins.logOut('timeAdminPin')
    await this.logins.logOut('adminPin')
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
    const last = await unlessAbsent(() => this.#call('last', { clientId: undefined }, 'none'))
    return last && { transaction: last.transaction, logTimeMs: last.logTime * 1000 }
  }

  /** Its archive up to about the first log. */
  head(): Promise<Uint8Array> {
    return this.#call('head', undefined, 'none', this.#options.timeouts.longMs)
  }

  /** Its logs from that entry on, or from the first. */
  entries(from: number | undefined, most: number, deadlineMs: number): Promise<WormEntries> {
    return this.#call('entries', { from, most }, 'none', deadlineMs)
  }

  /** Path of the archive, which the caller removes; undefined if there is no archive. */
  export(wanted: WormExport, limits?: ExportLimits): Promise<string | undefined> {
    return this.#exports.write(wanted, limits)
  }

  /**
   * The whole archive, with a login that the caller ends. The library deletes everything or, after a log that was not
   * exported, nothing: so only an export after the login of the admin, which is such a log, can be deleted.
   */
  async exportToDelete(isWaitedFor: () => boolean): Promise<DeletableExport | undefined> {
    await this.logins.logIn('adminPin')
    const { count } = this.logins
    const path = await this.export(exportOf({}), { isWaitedFor })
    if (path === undefined) return undefined
    const { longMs } = this.#options.timeouts
    const deleteLogs = async (): Promise<void> => {
      // It may have ended that of the admin, too.
      if (this.logins.count !== count) throw new DeviceError('unexported_data', 'none', 'a login followed the export')
      await this.#call('deleteStoredData', undefined, 'unknown', longMs)
    }
    return { path, deleteLogs }
  }

  async #testAs(clientId: string): Promise<void> {
    await this.#call('selfTest', { clientId }, 'none', this.#options.timeouts.longMs)
    this.sleep.noteSelfTest()
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
    if (this.#wasGone) await this.logins.replugged()
    this.#wasGone = false
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
    const { recorder } = this.#options
    if (recorder?.plays) return
    try {
      await access(join(this.#mount, PRESENCE_FILE), constants.W_OK)
    } catch (error) {
      // The maker may have marked the file itself as read-only.
      if (errorCode(error) === 'EACCES' && (await nodeMark(join(this.#mount, PRESENCE_FILE))) !== undefined) return
      this.#wasGone = true
      await this.#process.stop()
      recorder?.broke(`no ${PRESENCE_FILE}`)
      throw new DeviceError('unavailable', 'none', fileFault(`no TSE can be used on ${this.#mount}`, error))
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
      if (!(error instanceof NativeFault)) throw error
      const refused = refusedCall(method, errorOf(error.code, error.message, effect), effect)
      this.sleep.noteRefusal(refused)
      throw refused
    }
  }
}

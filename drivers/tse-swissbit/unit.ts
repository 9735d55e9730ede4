import { access, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { mountedWith, mountsMark } from '../links/mounts.ts'
import { nodeMark } from '../links/node-mark.ts'
import { NativeProcess } from '../native/native-process.ts'
import { NativeFault } from '../native/protocol.ts'
import type { DeviceSecrets } from '../ports/secrets.ts'
import type { TimeGate } from '../ports/time-gate.ts'
import type { RefusedPin } from '../ports/tse.ts'
import { loginErrorOf } from '../refusal-class.ts'
import { unlessAbsent, unlessDeclined } from '../refusals.ts'
import { RefusedPins } from '../refused-pins.ts'
import { pointOfKey, serialOfPoint } from '../tr03151/ecdsa.ts'
import { errorOf } from './device-errors.ts'
import type { WormCalls, WormExport, WormFacts, WormSignature } from './worm-calls.ts'
import { exportFaults, factorySeed } from './worm-calls.ts'

export type SwissbitOptions = {
  id: string
  /** Folder on which the unit is mounted. */
  path: string
  /** The customer's own libWormAPI. */
  library: string
  /** Of this device; without one the unit is looked for in its folder alone. */
  enrolledSerial?: () => string | undefined
  /** Folders of drives with that file. */
  mounts?: (file: string) => Promise<readonly string[]>
  /** For archives on their way. */
  directory: string
  /** `puk` of 6, `adminPin` and `timeAdminPin` of 5 digits. */
  secrets: DeviceSecrets
  clock: Clock
  /** Where the unit gets the time from. */
  time?: TimeGate | undefined
  timeouts: { replyMs: number; longMs: number }
}

/** A file that every unit has on its drive. */
const presenceFile = 'TSE_INFO.DAT'
const mountsMax = 8
const users = { adminPin: 1, timeAdminPin: 2 } as const
type PinName = keyof typeof users
/** The client under which the agent itself tests a unit. */
const managementClient = 'fiskal-edge'
/** Name of its refusal in the file, beside those of the PINs. */
const FIRST_SET_UP = 'factory'
const pinDigits = 5
const pukDigits = 6
/** `worm_info_size` has 32 bits: a unit of 8 GB counts sectors, as its sister behind the Epson host does. */
const sectorBytes = 512
/** What every flash memory reads at least. */
const slowestBytesPerSecond = 500_000
/** No export takes longer, however much the unit says that it holds. */
export const exportMsMax = 6 * 3_600_000
const EXPORTED = /^export-\d+\.tar$/
/** How often an export is looked at that others may wait for. */
const lookMs = 100

/** The functions of the unit with their values, in the process that holds the library. */
export class SwissbitUnit {
  readonly #options: SwissbitOptions
  readonly #process: NativeProcess<WormCalls>
  readonly #refusedPins: RefusedPins
  /**
   * Of the unit that `open` found: a process that had to be started anew must find the same. Empty while a virgin unit
   * tells none.
   */
  #serial: string | undefined
  /** Where the unit was found. */
  #mount: string
  #isExporting = false
  #isTidy = false

  constructor(options: SwissbitOptions) {
    this.#options = options
    this.#mount = options.path
    this.#refusedPins = new RefusedPins(options.directory, options.secrets, options.clock)
    const entry = new URL('./worm-child.ts', import.meta.url)
    this.#process = new NativeProcess({ entry, name: options.library, clock: options.clock })
  }

  /** The library is at an export and takes nothing else. */
  get isExporting(): boolean {
    return this.#isExporting
  }

  /** The file of the unit; while none is in its folder, the drives that are mounted, one of which may be it. */
  async look(): Promise<string | undefined> {
    return (await nodeMark(join(this.#mount, presenceFile))) ?? (await mountsMark())
  }

  /** Whatever unit is on the drive. Throws `unavailable` none where none is. */
  async open(): Promise<void> {
    this.#serial = undefined
    await this.#tidy()
    await this.#connect()
  }

  /** What a process that was killed had exported: gigabytes, and nobody asks for them. Not what this one is at. */
  async #tidy(): Promise<void> {
    if (this.#isTidy) return
    const { directory } = this.#options
    const names = await readdir(directory).catch(() => [])
    for (const name of names) if (EXPORTED.test(name)) await rm(join(directory, name), { force: true })
    this.#isTidy = true
  }

  async close(): Promise<void> {
    this.#serial = undefined
    await this.#process.stop()
  }

  /** Before each act. After a hang or crash the same unit is found again, or nothing is done. */
  async beReady(): Promise<void> {
    if (this.#serial === undefined) throw new DeviceError('unavailable', 'none', `${this.#options.id} is not open`)
    await this.#demandPresence()
    if (!this.#process.running) await this.#connect()
  }

  /** Of the unit that `open` found, or nothing is done: a library may reach whichever is on the drive by now. */
  async facts(): Promise<WormFacts> {
    const facts = await this.#call('facts', undefined, 'none')
    const told = Buffer.from(facts.serialNumber)
    const serial = told.some((byte) => byte !== 0) ? told.toString('hex') : ''
    if (this.#serial === undefined || this.#serial === '') this.#serial = serial
    if (this.#serial === serial) return facts
    await this.#process.stop()
    throw new DeviceError('foreign', 'none', 'another TSE is on the drive')
  }

  /** A unit that gives it only after its self-test keeps it: it may be a stranger's. */
  async certificate(): Promise<Uint8Array> {
    try {
      return await this.#call('certificate', undefined, 'none')
    } catch (error) {
      if (error instanceof DeviceError && error.code === 'self_test_due') return new Uint8Array()
      throw error
    }
  }

  start(clientId: string): Promise<WormSignature> {
    return this.#call('start', { clientId }, 'unknown')
  }

  finish(transaction: number, clientId: string, processType: string, processData: Uint8Array): Promise<WormSignature> {
    return this.#call('finish', { clientId, transaction, processType, processData }, 'unknown')
  }

  openTransactions(clientId: string | undefined): Promise<readonly number[]> {
    return this.#call('started', { clientId }, 'none')
  }

  clients(): Promise<readonly string[]> {
    return this.#call('clients', undefined, 'none')
  }

  /** Without the agent's own. */
  async tills(): Promise<readonly string[]> {
    return (await this.clients()).filter((client) => client !== managementClient)
  }

  async registerClient(clientId: string): Promise<void> {
    await this.as('adminPin', () => this.#call('register', { clientId }, 'unknown'))
  }

  async deregisterClient(clientId: string): Promise<void> {
    await this.as('adminPin', () => this.#call('deregister', { clientId }, 'unknown'))
  }

  /**
   * PINs and PUK are given once and for all. A set-up that was cut off is repeated with the same; one that was refused,
   * because the unit was delivered with another seed or has other PINs by now, is not: it counts.
   */
  async setUp(): Promise<void> {
    const { secrets, timeouts } = this.#options
    const puk = await secrets.provide('puk', pukDigits)
    const adminPin = await secrets.provide('adminPin', pinDigits)
    const timeAdminPin = await secrets.provide('timeAdminPin', pinDigits)
    const args = { seed: factorySeed, puk, adminPin, timeAdminPin, clientId: managementClient }
    const shown = [factorySeed, puk, adminPin, timeAdminPin].join()
    await this.#refusedPins.show(FIRST_SET_UP, shown, () => this.#call('setUp', args, 'unknown', timeouts.longMs))
    await this.#refusedPins.accepted('adminPin', 'timeAdminPin')
  }

  /** Of a unit that another till's software made ready the agent is no client: it is tested as one that it knows. */
  async selfTest(): Promise<void> {
    try {
      await this.#testAs(managementClient)
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code !== 'client_unknown') throw error
      const [known] = await this.clients()
      if (known === undefined) await this.registerClient(managementClient)
      await this.#testAs(known ?? managementClient)
    }
  }

  /** The interface, which another program has switched off, or a set-up that was cut off never on. */
  async switchOn(): Promise<void> {
    await this.as('adminPin', () => this.#call('ctssEnable', undefined, 'none'))
  }

  async setTime(nowMs: number): Promise<void> {
    const seconds = Math.floor(nowMs / 1000)
    await this.as('timeAdminPin', () => this.#call('updateTime', { seconds }, 'none'))
  }

  /** Logs in for one act and out again. */
  async as<T>(name: PinName, act: () => Promise<T>): Promise<T> {
    await this.logIn(name)
    try {
      return await act()
    } finally {
      await this.logOut(name).catch(() => undefined)
    }
  }

  /** A PIN that was refused is not tried again, and none is shown to another unit: they count. */
  async logIn(name: PinName): Promise<void> {
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
    // Three refusals of its first set-up lock it for good.
    return this.#refusedPins.admit(command, (name) => isInit && name !== FIRST_SET_UP)
  }

  async logOut(name: PinName): Promise<void> {
    await this.#call('logOut', { user: users[name] }, 'none')
  }

  /** A process of its own is begun anew for the same unit. Throws `foreign` none where another is on the drive. */
  async reopen(): Promise<boolean> {
    await this.#process.stop()
    await this.beReady()
    return true
  }

  /** The last answer that the client got; undefined where it got none. */
  lastOf(clientId: string): Promise<WormSignature | undefined> {
    return unlessAbsent(() => this.#call('last', { clientId }, 'none'))
  }

  /** The last answer that any of its clients got; undefined where none has one. */
  async last(): Promise<WormSignature | undefined> {
    let last: WormSignature | undefined
    for (const clientId of await this.clients()) {
      const found = await unlessDeclined(() => this.#call('last', { clientId }, 'none'))
      if (found !== undefined && found.signatureCounter > (last?.signatureCounter ?? 0)) last = found
    }
    return last
  }

  /**
   * Path of the archive, which whoever asked removes; undefined where there is none. `isWaitedFor` ends it: throws
   * `export_running` none then, and `refused` none where there is more than is wanted.
   */
  async export(
    wanted: WormExport,
    isWaitedFor: () => boolean = () => false,
    { bytesMax = Number.MAX_SAFE_INTEGER, heldMs }: { bytesMax?: number; heldMs?: number | undefined } = {},
  ): Promise<string | undefined> {
    const { directory, clock } = this.#options
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const path = join(directory, `export-${clock.mono()}.tar`)
    let bytes = 0
    let isEnded = false
    let stopLooking: (() => void) | undefined
    const look = (): void => {
      if (isWaitedFor()) {
        isEnded = true
        void rm(path, { force: true }).catch(() => undefined)
      }
      // It may not have been there yet.
      stopLooking = clock.after(lookMs, look)
    }
    try {
      const deadlineMs = Math.min(await this.#exportMs(), heldMs ?? Number.MAX_SAFE_INTEGER)
      this.#isExporting = true
      look()
      const args = { ...wanted, path, bytesMax }
      const written = await unlessAbsent(() => this.#call('export', args, 'none', deadlineMs))
      // The library may have come to its end before it noticed; its file is gone or will be.
      if (isEnded) throw errorOf(exportFaults.ended, 'its file was removed', 'none')
      bytes = written?.bytes ?? 0
    } finally {
      stopLooking?.()
      this.#isExporting = false
      if (bytes === 0) await rm(path, { force: true })
    }
    return bytes === 0 ? undefined : path
  }

  /** All that was exported; refused where anything was not. */
  async deleteExported(): Promise<void> {
    await this.#call('deleteStoredData', undefined, 'unknown', this.#options.timeouts.longMs)
  }

  /** Nobody may take a long export for a library that hangs. */
  async #exportMs(): Promise<number> {
    const { size } = await this.facts()
    const readingMs = Math.ceil((1000 * size * sectorBytes) / slowestBytesPerSecond)
    return Math.min(exportMsMax, this.#options.timeouts.longMs + readingMs)
  }

  async #testAs(clientId: string): Promise<void> {
    await this.#call('selfTest', { clientId }, 'none', this.#options.timeouts.longMs)
  }

  /** If the configured folder has no unit, the enrolled one is looked for on other drives, by its serial number. */
  async #connect(): Promise<void> {
    const { path } = this.#options
    try {
      await this.#connectAt(path)
    } catch (error) {
      if ((await nodeMark(join(path, presenceFile))) !== undefined || !(await this.#isFoundElsewhere())) throw error
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

  /** A unit that is another one is asked for its serial number and left again. */
  async #isFoundElsewhere(): Promise<boolean> {
    const { path, enrolledSerial, mounts = mountedWith } = this.#options
    const [enrolled, known] = [enrolledSerial?.(), this.#serial]
    if (enrolled === undefined) return false
    for (const mount of (await mounts(presenceFile)).filter((other) => other !== path).slice(0, mountsMax)) {
      try {
        const { publicKey } = await this.#connectAt(mount)
        if (serialOfPoint(pointOfKey(publicKey)).toString('hex') === enrolled) return true
      } catch {
        // No unit of this kind, or one that does not answer: the next.
      }
      this.#serial = known
      await this.#process.stop()
    }
    this.#mount = path
    return false
  }

  /** A unit that was pulled is asked nothing more; its library is loaded anew for the next one. */
  async #demandPresence(): Promise<void> {
    try {
      await access(join(this.#mount, presenceFile))
    } catch {
      await this.#process.stop()
      throw new DeviceError('unavailable', 'none', `no TSE is mounted on ${this.#mount}`)
    }
  }

  /** `effect`: what a call without an answer may have done. */
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

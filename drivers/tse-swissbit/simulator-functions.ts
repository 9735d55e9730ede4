import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { pemChain } from '../se-api/certificate-files.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { SimulatedUnit } from '../se-api/simulated-unit.ts'
import type { Powered } from '../se-api/software-unit.ts'
import { hasCertificateEnded } from '../se-api/software-unit.ts'
import { isWhole } from '../tr03151/filter.ts'
import { parseLogMessage } from '../tr03151/log-message.ts'
import { entryAt, newestLog } from './simulator-entries.ts'
import { UnitStates } from './simulator-states.ts'
import type { Given, Result } from './simulator-wire.ts'
import { encode, filterOf, fn, long, Refusal, signed } from './simulator-wire.ts'

/** The major version. From 2 on: no filtered exports, and one user at a time. */
export type Firmware = 1 | 2

/** Errors that its flash could not correct, spare blocks, erase counts and retention left in per cent. */
export type Wear = readonly [number, number, number, number]

type Options = SimulatedUnit & {
  factorySeed: string
  isNamedBySetUp: boolean
  firmware: Firmware
  endsListsEmpty: boolean
  wear: Wear
}

const SECTOR_BYTES = 512
const users = ['', 'admin', 'timeAdmin'] as const
const CLIENTS_OF_LIST = 16
/** After it the unit demands the time again. */
const TIME_HOLDS_S = 86_400
const DONE_AFTER_END: ReadonlySet<number> = new Set([fn.login, fn.logout, fn.updateTime])
/** Firmware 1 serves them while a filtered export is open, also if its reader was killed: else 1016 until a self-test. */
const DURING_EXPORT: ReadonlySet<number> = new Set([fn.info, fn.selfTest, fn.exportNext, fn.exportEnd])
/** 2 bytes major, 1 minor, 1 patch. */
const versions: Readonly<Record<Firmware, number>> = { 1: 0x0001_0100, 2: 0x0002_0000 }

const errors: Readonly<Partial<Record<DeviceErrorCode, number>>> = {
  time_not_set: 0x1002,
  transaction_unknown: 0x1008,
  open_transactions_full: 0x1009,
  transactions_open: 0x1014,
  certificate_expired: 0x100a,
  signatures_exhausted: 0x100e,
  client_limit: 0x1010,
  client_unknown: 0x1011,
  unexported_data: 0x1012,
  memory_full: 0x1017,
  self_test_due: 0x1054,
  disabled: 0x10fe,
  not_initialised: 0x10ff,
  not_authorised: 0x100f,
  no_data: 0x2003,
  refused: 0x1007,
}

/** The functions of the library; the simulated element of TR-03151 below them signs and stores. */
export class WormFunctions {
  readonly #options: Options
  readonly #states = new UnitStates()
  #export: AsyncIterator<Uint8Array> | undefined
  #toldMs = 0
  /** A filtered export is open: it was neither read completely nor ended. */
  #isFilteredOpen = false

  constructor(options: Options) {
    this.#options = options
  }

  async losePower(): Promise<void> {
    this.#states.losePower()
    await this.#endExport()
  }

  async #endExport(): Promise<void> {
    await this.#export?.return?.()
    this.#export = undefined
    this.#isFilteredOpen = false
  }

  switchOff(): void {
    this.#states.switchInterface(false)
  }

  fallAsleep(error: number): void {
    this.#states.fallAsleep(error)
  }

  /** The whole answer. `fault` is the WormError of a fault that applies. */
  async run(code: number, given: Given, fault: number | undefined): Promise<Buffer> {
    try {
      if (fault !== undefined) throw new Refusal(fault)
      const result = await this.#execute(code, given)
      return encode((await this.#notesEnd(code, result)) ? 0x100a : 0, result)
    } catch (error) {
      if (error instanceof Refusal) return encode(error.error, error.told)
      const wormError = error instanceof DeviceError ? errors[error.code] : undefined
      return encode(wormError ?? 3, [])
    }
  }

  /** After the end of its certificate the unit does these and reports 100a; an export after its last chunk. */
  async #notesEnd(code: number, [chunk]: Result): Promise<boolean> {
    const isLast = chunk instanceof Uint8Array && chunk.length === 0
    const isDone = DONE_AFTER_END.has(code) || (code === fn.exportNext && isLast)
    return isDone && hasCertificateEnded(await this.#options.unit.power())
  }

  async #execute(code: number, given: Given): Promise<Result> {
    const powered = await this.#options.unit.power()
    if (powered.element.info().nowMs - this.#toldMs > TIME_HOLDS_S * 1000) powered.element.loseTime()
    if (this.#isFilteredOpen && !DURING_EXPORT.has(code)) throw new Refusal(0x1016)
    this.#states.demandServed(code, powered.element)
    if (code >= fn.start && code <= fn.started) return this.#transaction(code, given, powered.element)
    if (code === fn.ctssEnable) return this.#switchOn()
    if (code >= fn.export && code !== fn.wear) return this.#archive(code, given, powered)
    return this.#service(code, given, powered)
  }

  #switchOn(): Result {
    this.#options.users.demand('admin')
    this.#states.switchInterface(true)
    return []
  }

  async #service(code: number, given: Given, { element, signer }: Powered): Promise<Result> {
    switch (code) {
      case fn.info:
        return this.#info({ element, signer })
      case fn.setup:
        return this.#setUp(given, element)
      case fn.updateTime:
        await element.updateTime(given.number(0) * 1000)
        this.#toldMs = given.number(0) * 1000
        return []
      case fn.selfTest:
        if (this.#isFilteredOpen) element.loseTime()
        await this.#endExport()
        await this.#states.selfTest(given.text(0), element)
        return []
      case fn.register:
        await element.registerClient(given.text(0))
        return []
      case fn.deregister:
        this.#options.users.demand('admin')
        if (!element.info().state.clients.includes(given.text(0))) throw new Refusal(0x1011)
        if (element.info().state.open.some(({ clientId }) => clientId === given.text(0))) throw new Refusal(0x1013)
        await element.deregisterClient(given.text(0))
        return []
      case fn.clients:
        return this.#list(given.number(0), element)
      case fn.wear:
        return this.#options.wear
      case fn.login:
        return this.#logIn(given, element)
      case fn.logout:
        return this.#logOut(given, element)
      default:
        throw new Refusal(1)
    }
  }

  /** Two drivers of others expect different answers for more clients than there are. */
  #list(skipped: number, element: SecureElement): Result {
    const { users: allUsers, endsListsEmpty } = this.#options
    allUsers.demand('admin')
    const { clients } = element.info().state
    if (!endsListsEmpty && skipped > 0 && skipped >= clients.length) throw new Refusal(0x1007)
    return clients.slice(skipped, skipped + CLIENTS_OF_LIST)
  }

  #info({ element, signer }: Powered): Result {
    const { limits, certification, isNamedBySetUp, firmware } = this.#options
    const { state, serial, timeIsSet, selfTestDueInMs } = element.info()
    const initialised = state.initialised ? 1 : 0
    const isOn = this.#states.isInterfaceOn(element)
    return [
      Math.floor(limits.memoryBytes / SECTOR_BYTES),
      isOn ? Math.ceil(state.usedBytes / SECTOR_BYTES) : 0,
      timeIsSet ? 1 : 0,
      selfTestDueInMs > 0 ? 1 : 0,
      isOn ? 1 : 0,
      state.disabled ? 2 : initialised,
      Math.floor(selfTestDueInMs / 1000),
      isOn ? state.open.length : 0,
      limits.openTransactions,
      state.signatureCounter,
      limits.signatures,
      limits.signatures - state.signatureCounter,
      state.clients.length,
      limits.clients,
      Math.floor(signer.certificateExpiresAtMs / 1000),
      signer.publicKey,
      isNamedBySetUp && !state.initialised ? new Uint8Array() : serial,
      certification,
      versions[firmware],
      1,
      0,
      TIME_HOLDS_S,
    ]
  }

  /** Changes PUK and PINs, registers the client, runs the self-test, switches the interface on and initialises. */
  async #setUp(given: Given, element: SecureElement): Promise<Result> {
    const { users: allUsers, description, factorySeed, firmware } = this.#options
    if (element.info().state.initialised) throw new Refusal(0x10fd)
    this.#states.demandSeed(given.text(0), factorySeed)
    const [puk, adminPin, timeAdminPin, clientId] = [1, 2, 3, 4].map((index) => given.text(index))
    allUsers.assign('admin', 'admin', { pin: adminPin ?? '', puk: puk ?? '' })
    allUsers.assign('timeAdmin', 'timeAdmin', { pin: timeAdminPin ?? '', puk: puk ?? '' })
    await element.authenticateUser('admin', adminPin ?? '')
    await element.initialise(description)
    await element.registerClient(clientId ?? '')
    await this.#states.selfTest(clientId ?? '', element)
    if (firmware === 1) await element.authenticateUser('timeAdmin', timeAdminPin ?? '')
    else await element.logOut('admin', 'user')
    return []
  }

  /** The number of tries is set only if the PIN was refused. */
  async #logIn(given: Given, element: SecureElement): Promise<Result> {
    const { users: allUsers, firmware } = this.#options
    const user = users[given.number(0)] ?? ''
    if (!allUsers.has(user, 'pin')) throw new Refusal(0x1050)
    // No source names the code of a unit that has a user already.
    if (firmware === 2 && allUsers.hasOther(user)) throw new Refusal(0x100d)
    const { result, triesLeft } = await element.authenticateUser(user, given.text(1))
    if (result === 'ok') return []
    throw new Refusal(result === 'pinIsBlocked' ? 0x1201 : 0x1100, [Math.max(0, triesLeft)])
  }

  async #logOut(given: Given, element: SecureElement): Promise<Result> {
    const user = users[given.number(0)] ?? ''
    if (!this.#options.users.isLoggedIn(user)) throw new Refusal(0x1202)
    await element.logOut(user, 'user')
    return []
  }

  async #transaction(code: number, given: Given, element: SecureElement): Promise<Result> {
    const client = given.text(0)
    if (code === fn.started) {
      const open = await element.openTransactions(client === '' ? undefined : client)
      const skipped = given.number(1)
      if (skipped > 0 && skipped >= open.length) throw new Refusal(0x1007)
      return [Buffer.concat(open.slice(skipped).map((number) => long(number)))]
    }
    const { serial } = element.info()
    if (code === fn.last) {
      const last = await newestLog(client, element)
      if (last?.transaction === undefined) throw new Refusal(0x100c)
      const { transaction, counter, timeMs, message } = last
      const { signature } = parseLogMessage(message)
      return signed({ transaction, signatureCounter: counter, logTimeMs: timeMs, signature }, serial)
    }
    if (code === fn.start) return signed(await element.start(client), serial)
    const [number, data, type] = [given.number(1), given.bytes(2), given.text(3)]
    const isUpdate = code === fn.update
    const act = isUpdate ? element.update(number, client, type, data) : element.finish(number, client, type, data)
    return signed(await act, serial)
  }

  async #archive(code: number, given: Given, { element, signer }: Powered): Promise<Result> {
    switch (code) {
      case fn.export:
        return this.#beginExport(given, element)
      case fn.exportNext:
        return this.#next()
      case fn.exportEnd:
        await this.#endExport()
        return []
      case fn.exportEntry:
        return entryAt(given.number(0), given.number(1), element)
      case fn.delete:
        await element.deleteStoredData()
        return []
      case fn.certificate:
        return [pemChain(signer)]
      default:
        throw new Refusal(1)
    }
  }

  /** A decommissioned unit takes no time and must still export. */
  async #beginExport(given: Given, element: SecureElement): Promise<Result> {
    const { timeIsSet, state } = element.info()
    if (!timeIsSet && !state.disabled) throw new Refusal(0x1002)
    const filter = filterOf(given)
    // No source names the code.
    if (this.#options.firmware === 2 && !isWhole(filter)) throw new Refusal(0xf000)
    await this.#endExport()
    this.#export = (await element.exportLogs(filter))[Symbol.asyncIterator]()
    this.#isFilteredOpen = !isWhole(filter)
    return this.#next()
  }

  async #next(): Promise<Result> {
    let hasMore = false
    try {
      const chunk = await this.#export?.next()
      hasMore = chunk?.done === false
      return [chunk?.done === false ? chunk.value : new Uint8Array()]
    } finally {
      if (!hasMore) await this.#endExport()
    }
  }
}

import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseSignature } from '../ports/tse.ts'
import type { SeLimits } from '../se-api/limits.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { Powered, SoftwareUnit } from '../se-api/software-unit.ts'
import type { SeUsers } from '../se-api/users.ts'

type Options = {
  unit: SoftwareUnit
  users: SeUsers
  limits: SeLimits
  description: string
  factorySeed: string
  isNamedBySetUp: boolean
}
type Result = readonly (number | string | Uint8Array)[]

/** Numbers of the functions in the stand-in for the library (worm-stub.c). */
const fn = {
  info: 1,
  setup: 2,
  updateTime: 3,
  selfTest: 4,
  register: 5,
  deregister: 6,
  clients: 7,
  login: 8,
  logout: 9,
  start: 11,
  update: 12,
  finish: 13,
  last: 14,
  started: 15,
  export: 16,
  exportNext: 17,
  delete: 18,
  certificate: 19,
  ctssEnable: 20,
  exportEnd: 21,
} as const

const SECTOR_BYTES = 512
const users = ['', 'admin', 'timeAdmin'] as const
const CLIENTS_OF_LIST = 16

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
  not_authorised: 0x1202,
  no_data: 0x2003,
  refused: 1,
}

class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly error: number
  /** A failed login still returns the number of remaining tries. */
  readonly told: Result

  constructor(error: number, told: Result = []) {
    super(`0x${error.toString(16)}`)
    this.error = error
    this.told = told
  }
}

export const WORM_ACTS = Object.keys(fn)

/** The act of a function as faults name it. */
export function actOf(code: number): string {
  return Object.entries(fn).find(([, known]) => known === code)?.[0] ?? 'unknown'
}

/** The arguments of a request: u32 length and bytes each. */
export function fieldsOf(bytes: Buffer): readonly Buffer[] {
  const fields: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    fields.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return fields
}

/** The functions of the library, over the element of TR-03151. */
export class WormFunctions {
  readonly #options: Options
  #export: AsyncIterator<Uint8Array> | undefined
  #isOn = true

  constructor(options: Options) {
    this.#options = options
  }

  /** Cancels its export. */
  async endExport(): Promise<void> {
    await this.#export?.return?.()
    this.#export = undefined
  }

  switchOff(): void {
    this.#isOn = false
  }

  /** The whole answer. `fault` is the WormError of a fault that applies. */
  async run(code: number, fields: readonly Buffer[], fault: number | undefined): Promise<Buffer> {
    try {
      if (fault !== undefined) throw new Refusal(fault)
      return encode(0, await this.#execute(code, fields))
    } catch (error) {
      if (error instanceof Refusal) return encode(error.error, error.told)
      const wormError = error instanceof DeviceError ? errors[error.code] : undefined
      return encode(wormError ?? 3, [])
    }
  }

  async #execute(code: number, fields: readonly Buffer[]): Promise<Result> {
    const powered = await this.#options.unit.power()
    const given = new Given(fields)
    if (code >= fn.start && code <= fn.started) return this.#transaction(code, given, powered.element)
    if (code === fn.ctssEnable) return this.#switchOn()
    if (code >= fn.export) return this.#archive(code, given, powered)
    return this.#service(code, given, powered)
  }

  #switchOn(): Result {
    this.#options.users.demand('admin')
    this.#isOn = true
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
        return []
      case fn.selfTest:
        if (!element.info().state.clients.includes(given.text(0))) throw new Refusal(0x1011)
        await element.selfTest()
        return []
      case fn.register:
        await element.registerClient(given.text(0))
        return []
      case fn.deregister:
        if (element.info().state.open.some(({ clientId }) => clientId === given.text(0))) throw new Refusal(0x1013)
        await element.deregisterClient(given.text(0))
        return []
      case fn.clients:
        return element.info().state.clients.slice(given.number(0), given.number(0) + CLIENTS_OF_LIST)
      case fn.login:
        return this.#logIn(given, element)
      case fn.logout:
        await element.logOut(users[given.number(0)] ?? '', 'user')
        return []
      default:
        throw new Refusal(1)
    }
  }

  #info({ element, signer }: Powered): Result {
    const { limits, description, isNamedBySetUp } = this.#options
    const { state, serial, timeIsSet, selfTestDueInMs } = element.info()
    const initialised = state.initialised ? 1 : 0
    return [
      Math.floor(limits.memoryBytes / SECTOR_BYTES),
      Math.ceil(state.usedBytes / SECTOR_BYTES),
      timeIsSet ? 1 : 0,
      selfTestDueInMs > 0 ? 1 : 0,
      this.#isOn ? initialised : 0,
      state.disabled ? 2 : initialised,
      Math.floor(selfTestDueInMs / 1000),
      state.open.length,
      limits.openTransactions,
      state.signatureCounter,
      limits.signatures,
      limits.signatures - state.signatureCounter,
      state.clients.length,
      limits.clients,
      Math.floor(signer.certificateExpiresAtMs / 1000),
      signer.publicKey,
      isNamedBySetUp && !state.initialised ? new Uint8Array() : serial,
      description,
      0x0001_0000,
      1,
      0,
    ]
  }

  async #setUp(given: Given, element: SecureElement): Promise<Result> {
    const { users: allUsers, description, factorySeed } = this.#options
    if (element.info().state.initialised) throw new Refusal(0x10fd)
    if (given.text(0) !== factorySeed) throw new Refusal(0x1100)
    const [puk, adminPin, timeAdminPin, clientId] = [1, 2, 3, 4].map((index) => given.text(index))
    allUsers.assign('admin', 'admin', { pin: adminPin ?? '', puk: puk ?? '' })
    allUsers.assign('timeAdmin', 'timeAdmin', { pin: timeAdminPin ?? '', puk: puk ?? '' })
    await element.selfTest()
    await element.authenticateUser('admin', adminPin ?? '')
    await element.initialise(description)
    await element.registerClient(clientId ?? '')
    await element.logOut('admin', 'user')
    return []
  }

  async #logIn(given: Given, element: SecureElement): Promise<Result> {
    const { result, triesLeft } = await element.authenticateUser(users[given.number(0)] ?? '', given.text(1))
    if (result === 'ok') return [triesLeft]
    throw new Refusal(result === 'pinIsBlocked' ? 0x1201 : 0x1100, [Math.max(0, triesLeft)])
  }

  async #transaction(code: number, given: Given, element: SecureElement): Promise<Result> {
    const client = given.text(0)
    if (code === fn.started) {
      const open = await element.openTransactions(client === '' ? undefined : client)
      return [Buffer.concat(open.slice(given.number(1)).map((number) => long(number)))]
    }
    if (!this.#isOn) throw new Refusal(0x1053)
    const { serial, state } = element.info()
    if (code === fn.last) {
      const recall = await element.recall(state.transactionCounter)
      const last = recall?.finish ?? recall?.start
      if (last === undefined) throw new Refusal(0x100c)
      return signed(last, serial)
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
        await this.#export?.return?.()
        this.#export = (await element.exportLogs(filterOf(given)))[Symbol.asyncIterator]()
        return this.#next()
      case fn.exportNext:
        return this.#next()
      case fn.exportEnd:
        await this.endExport()
        return []
      case fn.delete:
        await element.deleteStoredData()
        return []
      case fn.certificate:
        return [Buffer.concat(signer.certificates)]
      default:
        throw new Refusal(1)
    }
  }

  async #next(): Promise<Result> {
    const chunk = await this.#export?.next()
    if (chunk?.done === false) return [chunk.value]
    this.#export = undefined
    return [new Uint8Array()]
  }
}

class Given {
  readonly #fields: readonly Buffer[]

  constructor(fields: readonly Buffer[]) {
    this.#fields = fields
  }

  bytes(index: number): Buffer {
    return this.#fields[index] ?? Buffer.alloc(0)
  }

  text(index: number): string {
    return this.bytes(index).toString('latin1')
  }

  number(index: number): number {
    const bytes = this.bytes(index)
    return bytes.length === 8 ? Number(bytes.readBigUInt64BE(0)) : 0
  }
}

function filterOf(given: Given): TseExportFilter {
  const [kind, from, to, client] = [given.number(0), given.number(1), given.number(2), given.text(3)]
  const clientId = client === '' ? {} : { clientId: client }
  if (kind === 1) return { timeFromMs: from * 1000, timeToMs: to * 1000 + 999, ...clientId }
  return kind === 2 ? { transactionFrom: from, transactionTo: to, ...clientId } : {}
}

function signed(signature: TseSignature, serial: Uint8Array): Result {
  return [
    signature.transaction,
    signature.signatureCounter,
    Math.floor(signature.logTimeMs / 1000),
    signature.signature,
    serial,
  ]
}

function encode(error: number, result: Result): Buffer {
  const parts = result.flatMap((value) => {
    const bytes = typeof value === 'number' ? long(value) : Buffer.from(value as string)
    return [int(bytes.length), bytes]
  })
  const body = Buffer.concat([int(error), ...parts])
  return Buffer.concat([int(body.length), body])
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { TseExportFilter, TseSignature } from '../ports/tse.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { SimulatedUnit } from '../se-api/simulated-unit.ts'
import { hasCertificateEnded } from '../se-api/software-unit.ts'
import type { Credential } from '../se-api/users.ts'
import { algorithmByName } from '../tr03151/algorithms.ts'
import { oid, tlv } from '../tr03151/der.ts'
import type { Parameter } from './codec.ts'
import { commandCode, encodeArchiveHead, encodeErrorAnswer, encodeParametersAnswer, u16, u32, u64 } from './codec.ts'
import { bytesAt, numberAt, textAt } from './values.ts'

/** The whole answer, over all its blocks. */
export type Reply = Buffer

export type CardCommandsOptions = SimulatedUnit & { firmware: string }

const roles = { Admin: 'admin', TimeAdmin: 'timeAdmin' } as const
const firstFirmware = ['240346', '425545', '793041']
const uniqueId = Buffer.from('0103d047f5001b8559efc7f5aaf54c67', 'hex')
const OPEN = 0xffffffff

/** Users of a new card: no PIN is set yet. */
export function transportPins(tries: number): Record<string, Credential> {
  return Object.fromEntries(
    Object.entries(roles).map(([id, role]) => [
      id,
      { role, pin: undefined, puk: undefined, pinTriesLeft: tries, pukTriesLeft: tries },
    ]),
  )
}

const acts: Readonly<Record<number, string>> = {
  [commandCode.startTransaction]: 'start',
  [commandCode.updateTransaction]: 'update',
  [commandCode.finishTransaction]: 'finish',
  [commandCode.exportData]: 'export',
  [commandCode.exportMoreData]: 'export',
  [commandCode.erase]: 'delete',
  [commandCode.deleteDataUpTo]: 'delete',
}

/** All of them. */
export const CARD_ACTS: readonly string[] = [...Object.values(acts), ...Object.keys(commandCode)]

/** The act of a command as faults name it: `start`, `finish`, `export`, else the card's own name. */
export function actOf(code: number): string {
  return acts[code] ?? Object.entries(commandCode).find(([, known]) => known === code)?.[0] ?? 'unknown'
}

const refusals: Readonly<Partial<Record<DeviceErrorCode, number>>> = {
  memory_full: 0x801e,
  disabled: 0x8006,
  not_authorised: 0x8008,
  not_initialised: 0x8009,
  open_transactions_full: 0x800c,
  signatures_exhausted: 0x800c,
  // No source names the code of a card that refuses this.
  transactions_open: 0x8018,
  certificate_expired: 0x800d,
  transaction_unknown: 0x800e,
  time_not_set: 0x8011,
  client_unknown: 0x8012,
  client_limit: 0x8018,
  data_too_long: 0x8018,
  no_data: 0x8015,
  unexported_data: 0x8017,
  self_test_due: 0x801d,
  refused: 0x8018,
}

/** The card's commands, over the element of TR-03151. */
export class CardCommands {
  readonly #options: CardCommandsOptions
  #isAwake = false

  constructor(options: CardCommandsOptions) {
    this.#options = options
  }

  async wake(isAwake: boolean): Promise<void> {
    this.#isAwake = isAwake
    if (isAwake) await this.#options.unit.power()
    else await this.#options.unit.cut()
  }

  /** The answer to a command. Throws DeviceError for a refusal of the element. */
  async run(code: number, parameters: readonly Parameter[]): Promise<Reply> {
    const { element } = await this.#options.unit.power()
    if (code === commandCode.start) return this.#start(element)
    if (!this.#isAwake) return encodeErrorAnswer(0x801d)
    const answered = (await this.#users(code, parameters, element)) ?? (await this.#device(code, parameters, element))
    if (answered !== undefined) return answered
    return (await this.#business(code, parameters, element)) ?? encodeErrorAnswer(0x8001)
  }

  refusal(error: unknown): Reply {
    const code = error instanceof DeviceError ? refusals[error.code] : undefined
    return encodeErrorAnswer(code ?? 0x8005)
  }

  /** The card tests itself. */
  async #start(element: SecureElement): Promise<Reply> {
    this.#isAwake = true
    if (element.info().selfTestDueInMs === 0) await element.selfTest()
    return answer(text(this.#options.firmware), bytes(uniqueId))
  }

  async #users(code: number, given: readonly Parameter[], element: SecureElement): Promise<Reply | undefined> {
    switch (code) {
      case commandCode.getPinStates:
        return answer(bytes(Buffer.from(this.#pinStates())))
      case commandCode.initializePins:
        return this.#initializePins(given)
      case commandCode.authenticateUser:
        return this.#authenticate(given, element)
      case commandCode.unblockUser: {
        const result = await element.unblockUser(textAt(given, 0), string(given, 1), string(given, 2))
        return answer({ type: 'byte', value: ['ok', 'failed', 'error', 'unknownUserId'].indexOf(result) })
      }
      case commandCode.logout:
        await element.logOut(textAt(given, 0), 'user')
        return this.#unlessEnded(answer())
      default:
        return undefined
    }
  }

  /** Admin PIN, admin PUK, time admin PIN, time admin PUK: 1 if it is the transport one. */
  #pinStates(): readonly number[] {
    return Object.keys(roles).flatMap((id) => {
      const { users } = this.#options
      return [users.has(id, 'pin') ? 0 : 1, users.has(id, 'puk') ? 0 : 1]
    })
  }

  #initializePins(given: readonly Parameter[]): Reply {
    const { users, firmware } = this.#options
    if (!this.#pinStates().some((state) => state !== 0)) return encodeErrorAnswer(0x8007)
    if (firstFirmware.some((id) => firmware.includes(id))) {
      users.assign('Admin', 'admin', { puk: string(given, 0), pin: string(given, 1) })
      users.assign('TimeAdmin', 'timeAdmin', { puk: string(given, 2), pin: string(given, 3) })
      return answer()
    }
    const id = textAt(given, 0)
    if (id !== 'Admin' && id !== 'TimeAdmin') return encodeErrorAnswer(0x800b)
    users.assign(id, roles[id], { puk: string(given, 1) })
    return answer()
  }

  async #authenticate(given: readonly Parameter[], element: SecureElement): Promise<Reply> {
    if (this.#pinStates().some((state) => state !== 0)) return encodeErrorAnswer(0x801c)
    const { result, triesLeft } = await element.authenticateUser(textAt(given, 0), string(given, 1))
    const code = ['ok', 'failed', 'pinIsBlocked', 'unknownUserId'].indexOf(result)
    const reply = answer({ type: 'byte', value: code }, { type: 'short', value: Math.max(0, triesLeft) })
    return result === 'ok' ? this.#unlessEnded(reply) : reply
  }

  /** After the end of its certificate the card has done it, and reports that. */
  async #unlessEnded(reply: Reply): Promise<Reply> {
    return hasCertificateEnded(await this.#options.unit.power()) ? encodeErrorAnswer(0x800d) : reply
  }

  async #device(code: number, given: readonly Parameter[], element: SecureElement): Promise<Reply | undefined> {
    switch (code) {
      case commandCode.initialize:
        if (this.#pinStates().some((state) => state !== 0)) return encodeErrorAnswer(0x801c)
        await element.initialise(this.#options.description)
        return answer()
      case commandCode.updateTime:
        await element.updateTime(numberAt(given, 0) * 1000)
        return this.#unlessEnded(answer())
      case commandCode.getSerialNumbers: {
        const uses = tlv(0x30, tlv(0x80, one), tlv(0x81, one), tlv(0x82, one))
        return answer(bytes(tlv(0x30, tlv(0x30, tlv(0x04, element.info().serial), uses))))
      }
      case commandCode.mapErsToKey:
        await element.registerClient(textAt(given, 0))
        return answer()
      case commandCode.getErsMappings:
        return answer(bytes(this.#mappings(element)))
      case commandCode.getCertificates: {
        const { signer } = await this.#options.unit.power()
        return answer(bytes(Buffer.concat(signer.certificates)))
      }
      case commandCode.getConfigData:
        return this.#config(numberAt(given, 0))
      case commandCode.getStatus:
        return this.#status(numberAt(given, 0), element)
      case commandCode.getKeyData:
        return this.#keyData(numberAt(given, 0), element)
      default:
        return undefined
    }
  }

  #mappings(element: SecureElement): Uint8Array {
    const { serial, state } = element.info()
    return tlv(0x30, ...state.clients.map((id) => tlv(0x30, tlv(0x04, Buffer.from(id)), tlv(0x04, serial))))
  }

  async #config(what: number): Promise<Reply> {
    const { limits, certification, unit } = this.#options
    const { algorithm } = (await unit.power()).signer
    const values: Readonly<Record<number, Parameter>> = {
      1: bytes(tlv(0x30, oid(algorithmByName(algorithm).oid))),
      2: bytes(u16(0)),
      4: bytes(u32(limits.clients)),
      5: bytes(u32(limits.openTransactions)),
      6: bytes(u16(0)),
      7: bytes(u16(3)),
      8: text(certification),
    }
    const value = values[what]
    return value === undefined ? encodeErrorAnswer(0x8018) : answer(value)
  }

  #status(what: number, element: SecureElement): Reply {
    const { limits } = this.#options
    const { state, timeIsSet } = element.info()
    const lifeCycle = state.disabled ? 5 : timeIsSet ? 3 : 2
    const values: Readonly<Record<number, Parameter>> = {
      0: bytes(u32(state.clients.length)),
      1: bytes(u32(state.open.length)),
      2: { type: 'longs', value: state.open.map(({ transaction }) => transaction) },
      3: bytes(u32(state.transactionCounter)),
      4: bytes(u16(state.initialised ? lifeCycle : 1)),
      5: bytes(u64(limits.memoryBytes)),
      6: bytes(u64(limits.memoryBytes - state.usedBytes)),
    }
    const value = values[what]
    return value === undefined ? encodeErrorAnswer(0x8018) : answer(value)
  }

  async #keyData(what: number, element: SecureElement): Promise<Reply> {
    const { signer } = await this.#options.unit.power()
    if (what === 0) return answer(bytes(u32(element.info().state.signatureCounter)))
    if (what === 1) return answer(bytes(u64(Math.floor(signer.certificateExpiresAtMs / 1000))))
    return what === 2 ? answer(bytes(signer.publicKey)) : encodeErrorAnswer(0x8018)
  }

  async #business(code: number, given: readonly Parameter[], element: SecureElement): Promise<Reply | undefined> {
    switch (code) {
      case commandCode.startTransaction: {
        const signature = await element.start(textAt(given, 0))
        return answer(bytes(u32(signature.transaction)), ...signed(signature, element))
      }
      case commandCode.updateTransaction:
        return answer(...signed(await element.update(numberAt(given, 0), ...dataOf(given)), element))
      case commandCode.finishTransaction:
        return answer(...signed(await element.finish(numberAt(given, 0), ...dataOf(given)), element))
      case commandCode.exportData:
        return archive(await element.exportLogs(filterOf(given)))
      case commandCode.exportMoreData:
        return archive(element.exportMore(numberAt(given, 1), numberAt(given, 2)))
      case commandCode.erase:
        await element.deleteStoredData()
        return answer()
      case commandCode.deleteDataUpTo:
        await element.deleteLogsUpTo(numberAt(given, 1))
        return answer()
      default:
        return undefined
    }
  }
}

const one = Uint8Array.of(0xff)

function dataOf(given: readonly Parameter[]): [clientId: string, processType: string, data: Uint8Array] {
  return [textAt(given, 1), textAt(given, 3), bytesAt(given, 2)]
}

function filterOf(given: readonly Parameter[]): TseExportFilter {
  const clientId = textAt(given, 0)
  const [transaction, from, to, timeFrom, timeTo] = [1, 2, 3, 4, 5].map((index) => numberAt(given, index))
  const isRange = from !== 0 || to !== OPEN
  return {
    ...(clientId !== '' && { clientId }),
    ...(transaction !== OPEN && { transactionFrom: transaction ?? 0, transactionTo: transaction ?? 0 }),
    ...(transaction === OPEN && isRange && { transactionFrom: from ?? 0, transactionTo: to ?? OPEN }),
    ...(timeFrom !== 0 && { timeFromMs: (timeFrom ?? 0) * 1000 }),
    ...(timeTo !== OPEN && { timeToMs: (timeTo ?? 0) * 1000 + 999 }),
  }
}

function signed(signature: TseSignature, element: SecureElement): Parameter[] {
  return [
    bytes(u32(signature.signatureCounter)),
    bytes(u64(Math.floor(signature.logTimeMs / 1000))),
    bytes(signature.signature),
    bytes(element.info().serial),
  ]
}

async function archive(chunks: AsyncIterable<Uint8Array>): Promise<Reply> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  const whole = Buffer.concat(parts)
  return Buffer.concat([encodeArchiveHead(whole.length), whole])
}

function answer(...parameters: readonly Parameter[]): Reply {
  return encodeParametersAnswer(parameters)
}

function string(given: readonly Parameter[], index: number): string {
  return Buffer.from(bytesAt(given, index)).toString('latin1')
}

function text(value: string): Parameter {
  return { type: 'text', value }
}

function bytes(value: Uint8Array): Parameter {
  return { type: 'bytes', value }
}

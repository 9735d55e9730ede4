import type { DeviceErrorCode } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { TseSignature } from '../ports/tse.ts'
import type { SeLimits } from '../se-api/limits.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { Powered, SoftwareUnit } from '../se-api/software-unit.ts'
import { archiveFilter, BufferedAnswer, framedArchive } from './buffered-answer.ts'
import type { Request } from './codec.ts'
import { command, decodeDate, encodeAnswer, encodeDate } from './codec.ts'

type Options = { unit: SoftwareUnit; limits: SeLimits; clock: Clock; description: string }
type Values = readonly (string | Buffer)[]
/** A transaction command under way: begun by 200 or 204, ended by 201, 205 or 207. */
type Open = { transaction: number | undefined; size: number; processType: string; parts: Buffer[] }

const powerFail = '0002'
const refusals: Readonly<Partial<Record<DeviceErrorCode, string>>> = {
  unavailable: powerFail,
  not_initialised: '0100',
  time_not_set: '0101',
  certificate_expired: '0102',
  disabled: '0103',
  memory_full: '0107',
  transaction_unknown: '0108',
  no_data: '010b',
  self_test_due: '010c',
  not_authorised: '0111',
  client_unknown: '0115',
  transaction_limit: '0117',
  signatures_exhausted: '0118',
  client_limit: '0119',
  data_too_long: '0008',
}

class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: string

  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** What the unit does at each command, over the element of TR-03151. Undefined is silence: it was refused. */
export class UnitCommands {
  readonly #options: Options
  /** Of the last command but 001 and 309. */
  #error = '0000'
  #client: string | undefined
  #open: Open | undefined
  #talking = true
  /** Size of the whole archive that was read to its end last. */
  #exportedBytes: number | undefined
  readonly #buffers = new Map<number, BufferedAnswer>()
  /** Clients that were registered before the initialisation. */
  readonly #early = new Set<string>()

  constructor(options: Options) {
    this.#options = options
  }

  /** Unsolicited status messages are on. */
  get isTalking(): boolean {
    return this.#talking
  }

  async losePower(): Promise<void> {
    this.#client = undefined
    this.#open = undefined
    this.#talking = true
    this.#exportedBytes = undefined
    this.#buffers.clear()
    await this.#options.unit.cut()
  }

  /** `fault` is the code of an error that strikes the command. */
  async run(request: Request, fault: string | undefined): Promise<readonly Buffer[] | undefined> {
    const { command: name, buffer, id } = request
    if (name === command.getMfcStatus) return [this.#error, this.#open ? '02' : '00'].map(bytes)
    if (name === command.resetExportBuffer) return undefined
    try {
      if (fault !== undefined) throw new Refusal(fault)
      const archive = buffer === undefined ? undefined : await this.#archive(request)
      const values = archive === undefined ? (await this.#execute(request)).map(bytes) : []
      this.#error = '0000'
      if (buffer === undefined) return values
      this.#buffers.set(buffer, archive ?? new BufferedAnswer(() => [encodeAnswer({ command: name, id, values })]))
      return undefined
    } catch (error) {
      this.#error = codeOf(error)
      if (this.#error === powerFail) await this.losePower()
      return undefined
    }
  }

  async #execute(request: Request): Promise<Values> {
    const powered = await this.#options.unit.power()
    const { command: name, parameters: given } = request
    if (name === command.setAsb) {
      this.#talking = given[0] === '1'
      return []
    }
    if (name === command.getCommandResponse) return this.#piece(Number(given[0]), Number(given[1]))
    if (name === command.setClientId) {
      this.#client = given[0]
      return []
    }
    if (name.startsWith('2')) return this.#transaction(name, given, powered.element)
    if (name.startsWith('3')) return this.#export(name, given, powered)
    if (name.startsWith('4')) return this.#user(name, given, powered.element)
    return this.#device(name, given, powered)
  }

  /** Status 00 = more, anything else = last. */
  async #piece(buffer: number, packet: number): Promise<Values> {
    const piece = await this.#buffers.get(buffer)?.piece(packet)
    if (piece === undefined) throw new Refusal('010b')
    const { data, isLast } = piece
    return [String(buffer), String(packet), isLast ? 'ff' : '00', String(data.length).padStart(5, '0'), data]
  }

  /** An export comes out of the memory as it is asked for, however large; undefined for any other command. */
  async #archive({ command: name, id, parameters }: Request): Promise<BufferedAnswer | undefined> {
    const filter = archiveFilter(name, parameters)
    if (filter === undefined) return undefined
    const { element } = await this.#options.unit.power()
    const counted = async function* (this: UnitCommands): AsyncGenerator<Uint8Array> {
      let bytes = 0
      for await (const chunk of await element.exportLogs(filter)) {
        bytes += chunk.length
        yield chunk
      }
      this.#exportedBytes = name === command.exportAll ? bytes : undefined
    }
    const answer = new BufferedAnswer(() => framedArchive(name, id, counted.call(this)))
    await answer.lookAhead()
    return answer
  }

  async #transaction(name: string, given: readonly string[], element: SecureElement): Promise<Values> {
    const client = this.#demandClient()
    if (name === command.startInit) return this.#begin(undefined, given)
    if (name === command.finishInit) return this.#begin(Number(given[0]), given.slice(1))
    const open = this.#open
    if (open === undefined) throw new Refusal('0006')
    if (name === command.transactionData) {
      open.parts.push(Buffer.from(given[1] ?? '', 'base64'))
      return []
    }
    this.#open = undefined
    if (name === command.transactionVoid) return []
    const data = Buffer.concat(open.parts)
    if (data.length !== open.size) throw new Refusal('0008')
    const { transaction, processType } = open
    if (name === command.startEnd && transaction === undefined) {
      const signature = await element.start(client)
      const serial = element.info().serial.toString('base64')
      return [encodeDate(signature.logTimeMs), padded(signature.transaction), serial, ...signed(signature)]
    }
    if (name !== command.finishEnd || transaction === undefined) throw new Refusal('0006')
    const signature = await element.finish(transaction, client, processType, data)
    return [encodeDate(signature.logTimeMs), ...signed(signature)]
  }

  #begin(transaction: number | undefined, [size, processType]: readonly string[]): Values {
    if (this.#open !== undefined) throw new Refusal('0006')
    this.#open = { transaction, size: Number(size), processType: processType ?? '', parts: [] }
    return []
  }

  async #export(name: string, given: readonly string[], { element, signer }: Powered): Promise<Values> {
    switch (name) {
      case command.getCertificates:
        return [Buffer.concat(signer.certificates).toString('base64')]
      case command.getPublicKey:
        return ['1', Buffer.from(signer.publicKey).toString('base64')]
      case command.deleteExportedData:
        if (Number(given[1]) !== this.#exportedBytes) throw new Refusal('0104')
        if (element.info().state.open.length > 0) throw new Refusal('011b')
        await element.deleteExported()
        this.#exportedBytes = undefined
        return ['1']
      case command.getLastLog:
        return [(await lastLog(element)).toString('base64')]
      default:
        throw new Refusal('0003')
    }
  }

  async #user(name: string, given: readonly string[], element: SecureElement): Promise<Values> {
    this.#demandClient()
    const user = given[1] ?? ''
    if (name === command.login) {
      const { result, triesLeft } = await element.authenticateUser(user, given[2] ?? '')
      return [result === 'ok' ? '0' : '2', String(Math.max(0, triesLeft))]
    }
    if (name !== command.logout) throw new Refusal('0003')
    await element.logOut(user, 'user')
    return []
  }

  async #device(name: string, given: readonly string[], { element, signer }: Powered): Promise<Values> {
    const { limits, description } = this.#options
    const { state, selfTestDueInMs } = element.info()
    switch (name) {
      case command.initialize:
        return this.#initialise(element)
      case command.updateTime:
        await element.updateTime(decodeDate(Buffer.from(given[0] ?? '')))
        return []
      case command.registerClient:
        if (state.initialised) await element.registerClient(this.#demandClient())
        else this.#early.add(this.#demandClient())
        return []
      case command.deregisterClient:
        if (state.open.some(({ clientId }) => clientId === this.#client)) throw new Refusal('011a')
        await element.deregisterClient(this.#demandClient())
        return []
      case command.runSelfTest:
        if (!this.#early.has(this.#client ?? '') && !state.clients.includes(this.#client ?? '')) return ['3']
        await element.selfTest()
        return ['1']
      case command.getSlotInfo: {
        const { memoryBytes, signatures } = limits
        const states = ['03', state.disabled ? '02' : state.initialised ? '01' : '00']
        const memory = [memoryBytes, memoryBytes - state.usedBytes].map((value) => String(value).padStart(12, '0'))
        const left = String(signatures - state.signatureCounter).padStart(10, '0')
        const expiry = encodeDate(signer.certificateExpiresAtMs)
        return [...states, '0', '0001000300010004', ...memory, expiry, left, signer.algorithm, 'S', description]
      }
      case command.getRegisteredClients:
        return state.clients
      case command.getTransactionCount:
        return [String(limits.openTransactions), String(state.open.length)]
      case command.getStartedTransactions:
        return (await element.openTransactions(given[0])).map(padded)
      case command.getNextSelfTest:
        return [String(Math.floor(selfTestDueInMs / 1000))]
      default:
        throw new Refusal('0003')
    }
  }

  async #initialise(element: SecureElement): Promise<Values> {
    await element.initialise(this.#options.description)
    for (const client of this.#early) await element.registerClient(client)
    this.#early.clear()
    return []
  }

  #demandClient(): string {
    if (this.#client === undefined) throw new Refusal('010a')
    return this.#client
  }
}

const codeOf = (error: unknown): string => {
  if (error instanceof Refusal) return error.code
  return (error instanceof DeviceError ? refusals[error.code] : undefined) ?? '0104'
}

const signed = (signature: TseSignature): Values => [
  padded(signature.signatureCounter),
  Buffer.from(signature.signature).toString('base64'),
]

const padded = (value: number): string => String(value).padStart(10, '0')

const bytes = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value, 'latin1') : value)

const lastLog = async (element: SecureElement): Promise<Buffer> => {
  const { signatureCounter } = element.info().state
  for await (const { message } of element.logsFrom(signatureCounter)) return Buffer.from(message)
  throw new Refusal('010d')
}

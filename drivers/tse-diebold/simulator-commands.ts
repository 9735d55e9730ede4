import type { TseSignature } from '../ports/tse.ts'
import type { SeLimits } from '../se-api/limits.ts'
import type { SecureElement } from '../se-api/secure-element.ts'
import type { Powered } from '../se-api/software-unit.ts'
import { hasCertificateEnded } from '../se-api/software-unit.ts'
import type { Request } from './codec.ts'
import { command, decodeDate, encodeAnswer, encodeDate } from './codec.ts'
import { archiveFilter, BufferedAnswer, framedArchive } from './simulator-buffer.ts'
import { codeOf, POWER_FAIL, Refusal } from './simulator-refusals.ts'
import type { SimulatedSlot } from './simulator-slot.ts'
import { occupied } from './simulator-slot.ts'

/** The slot of a command without one: that of the client set last, or the one named last. */
export type SlotRule = 'client' | 'named'
type Options = {
  slotRule: SlotRule
  slots: readonly SimulatedSlot[]
  limits: SeLimits
  description: string
  hasLongStatus: boolean
  reportsFree: boolean
}
type Values = readonly (string | Buffer)[]
/** A transaction command in progress: begun by 200 or 204, ended by 201, 205 or 207. */
type Open = { slot: SimulatedSlot; transaction: number | undefined; size: number; processType: string; parts: Buffer[] }

/** Commands whose first parameter is a slot. */
const SLOT_NAMING = /^(10[0246789]|11\d|30\d|40\d|502)$/

/** The commands of the box, over the elements of TR-03151 in its slots. Undefined means silence after a refusal. */
export class UnitCommands {
  readonly #options: Options
  /** The error of the last command except 001 and 309. */
  #error = '0000'
  #client: string | undefined
  #open: Open | undefined
  #talking = true
  /** The slot that a command named last. */
  #named: SimulatedSlot | undefined
  readonly #buffers = new Map<number, BufferedAnswer>()

  constructor(options: Options) {
    this.#options = options
  }

  /** True if unsolicited status messages are on. */
  get isTalking(): boolean {
    return this.#talking
  }

  async losePower(): Promise<void> {
    this.#client = undefined
    this.#open = undefined
    this.#talking = true
    this.#named = undefined
    for (const answer of this.#buffers.values()) await answer.close()
    this.#buffers.clear()
    for (const slot of this.#options.slots) await slot.losePower()
  }

  /** Removes the card of that slot; a transaction command in progress on it ends. */
  async pullCard(slot: SimulatedSlot): Promise<void> {
    slot.isIn = false
    if (this.#open?.slot === slot) this.#open = undefined
    await slot.losePower()
  }

  /**
   * A command without a slot goes to the first slot that knows the client or, by the other rule, to the slot named last,
   * as it does for a client that no slot knows. No source documents the rule; a driver must work with both.
   */
  async slotOf({ command: name, parameters }: Request): Promise<SimulatedSlot | undefined> {
    const { slots } = this.#options
    if (SLOT_NAMING.test(name)) {
      this.#named = slots[Number(parameters[0]) - 1]
      return this.#named
    }
    const client = this.#options.slotRule === 'client' ? this.#client : undefined
    for (const slot of slots) if (client !== undefined && (await slot.knows(client))) return slot
    return this.#named ?? slots[0]
  }

  /** Sets the error that the next status query returns. */
  complain(error: string): void {
    this.#error = error
  }

  /** `fault` is the error code of a fault that applies to the command. */
  async run(
    request: Request,
    slot: SimulatedSlot | undefined,
    fault: string | undefined,
  ): Promise<readonly Buffer[] | undefined> {
    const { command: name, buffer, id } = request
    if (name === command.getMfcStatus) return this.#status().map(bytes)
    if (name === command.resetExportBuffer) return undefined
    try {
      if (fault !== undefined) throw new Refusal(fault)
      const archive = buffer === undefined ? undefined : await this.#archive(request, slot)
      const values = archive === undefined ? (await this.#execute(request, slot)).map(bytes) : []
      this.#error = '0000'
      const isSilent = await this.#notesEnd(name, slot)
      if (buffer === undefined) return isSilent ? undefined : values
      await this.#buffers.get(buffer)?.close()
      this.#buffers.set(buffer, archive ?? new BufferedAnswer(() => [encodeAnswer({ command: name, id, values })]))
      return undefined
    } catch (error) {
      this.#error = codeOf(error)
      if (this.#error === POWER_FAIL) await (this.#options.slots.length > 1 ? slot?.losePower() : this.losePower())
      return undefined
    }
  }

  /** After the end of its certificate the unit does these and reports 0102. */
  async #notesEnd(name: string, slot: SimulatedSlot | undefined): Promise<boolean> {
    if (!DONE_AFTER_END.has(name) || slot?.isIn !== true || !hasCertificateEnded(await slot.unit.power())) return false
    this.#error = '0102'
    return true
  }

  /** State bits: 01 fiscal mode, 02 command open, 04 transaction started. Some firmwares put a value before. */
  #status(): readonly string[] {
    const state = this.#open === undefined ? '01' : this.#open.transaction === undefined ? '03' : '07'
    return [...(this.#options.hasLongStatus ? ['23'] : []), this.#error, state]
  }

  async #execute(request: Request, place: SimulatedSlot | undefined): Promise<Values> {
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
    if (name === command.getSlotInfo && place?.isIn !== true) return emptySlot
    const slot = occupied(place)
    const powered = await slot.unit.power()
    if (name.startsWith('2')) return this.#transaction(name, given, slot, powered.element)
    if (name.startsWith('3')) return this.#export(name, given, slot, powered)
    if (name.startsWith('4')) return this.#user(name, given, powered.element)
    return this.#device(name, given, slot, powered)
  }

  /** Status 00 = more, anything else = last. */
  async #piece(buffer: number, packet: number): Promise<Values> {
    const piece = await this.#buffers.get(buffer)?.piece(packet)
    if (piece === undefined) throw new Refusal('010b')
    const { data, isLast } = piece
    return [String(buffer), String(packet), isLast ? 'ff' : '00', String(data.length).padStart(5, '0'), data]
  }

  /** An export is read from memory on demand, so it may be of any size; undefined for other commands. */
  async #archive(
    { command: name, id, parameters }: Request,
    place: SimulatedSlot | undefined,
  ): Promise<BufferedAnswer | undefined> {
    const filter = archiveFilter(name, parameters)
    if (filter === undefined) return undefined
    const slot = occupied(place)
    const { element } = await slot.unit.power()
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      let bytes = 0
      for await (const chunk of await element.exportLogs(filter)) {
        bytes += chunk.length
        yield chunk
      }
      slot.exportedBytes = name === command.exportAll ? bytes : undefined
    }
    const answer = new BufferedAnswer(() => framedArchive(name, id, counted()))
    await answer.lookAhead()
    return answer
  }

  async #transaction(
    name: string,
    given: readonly string[],
    slot: SimulatedSlot,
    element: SecureElement,
  ): Promise<Values> {
    const client = this.#demandClient()
    if (name === command.startInit) return this.#begin(slot, undefined, given)
    if (name === command.finishInit) return this.#begin(slot, Number(given[0]), given.slice(1))
    const open = this.#open
    if (open?.slot !== slot) throw new Refusal('0006')
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

  #begin(slot: SimulatedSlot, transaction: number | undefined, [size, processType]: readonly string[]): Values {
    if (this.#open !== undefined) throw new Refusal('0006')
    this.#open = { slot, transaction, size: Number(size), processType: processType ?? '', parts: [] }
    return []
  }

  async #export(
    name: string,
    given: readonly string[],
    slot: SimulatedSlot,
    { element, signer }: Powered,
  ): Promise<Values> {
    switch (name) {
      case command.getCertificates:
        return [Buffer.concat(signer.certificates).toString('base64')]
      case command.getPublicKey:
        return ['1', Buffer.from(signer.publicKey).toString('base64')]
      case command.deleteExportedData:
        if (Number(given[1]) !== slot.exportedBytes) throw new Refusal('0104')
        await element.deleteExported()
        slot.exportedBytes = undefined
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

  async #device(
    name: string,
    given: readonly string[],
    { early, users }: SimulatedSlot,
    { element, signer }: Powered,
  ): Promise<Values> {
    const { limits, description } = this.#options
    const { state, selfTestDueInMs } = element.info()
    switch (name) {
      case command.initialize:
        return this.#initialise(early, element)
      case command.updateTime:
        await element.updateTime(decodeDate(Buffer.from(given[0] ?? '')))
        return []
      case command.registerClient:
        if (state.initialised) await element.registerClient(this.#demandClient())
        else early.add(this.#demandClient())
        return []
      case command.deregisterClient:
        if (state.open.some(({ clientId }) => clientId === this.#client)) throw new Refusal('011a')
        await element.deregisterClient(this.#demandClient())
        return []
      case command.runSelfTest:
        if (!early.has(this.#client ?? '') && !state.clients.includes(this.#client ?? '')) return ['3']
        await element.selfTest()
        return ['1']
      case command.getSlotInfo: {
        const { memoryBytes, signatures } = limits
        const states = ['03', state.disabled ? '02' : state.initialised ? '01' : '00']
        const memory = this.#memory(memoryBytes, memoryBytes - state.usedBytes)
        const signaturesLeft = String(signatures - state.signatureCounter).padStart(10, '0')
        const expiry = encodeDate(signer.certificateExpiresAtMs)
        return [
          ...states,
          '0',
          '0001000300010004',
          ...memory,
          expiry,
          signaturesLeft,
          signer.algorithm,
          'S',
          description,
        ]
      }
      case command.getRegisteredClients:
        users.demand('admin')
        return [...(state.initialised ? [FACTORY_CLIENT] : []), ...state.clients].map((client) => client.padEnd(30))
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

  /** Some units leave the free bytes out. */
  #memory(capacity: number, free: number): readonly string[] {
    const [total, rest] = [capacity, free].map((value) => String(value).padStart(12, '0'))
    return [total ?? '', this.#options.reportsFree ? (rest ?? '') : '']
  }

  async #initialise(early: Set<string>, element: SecureElement): Promise<Values> {
    await element.initialise(this.#options.description)
    for (const client of early) await element.registerClient(client)
    early.clear()
    return []
  }

  #demandClient(): string {
    if (this.#client === undefined) throw new Refusal('010a')
    return this.#client
  }
}

/** The client of the production, in each delivered unit. */
const FACTORY_CLIENT = 'DN TSEProduction ef82abcedf'
const DONE_AFTER_END: ReadonlySet<string> = new Set([
  ...[command.login, command.logout, command.updateTime, command.exportAll, command.exportByTransaction],
  ...[command.exportByInterval, command.exportByPeriod],
])
const emptySlot = ['00', '00', '0', '', '0', '0', '', '0', '']

function signed(signature: TseSignature): Values {
  return [padded(signature.signatureCounter), Buffer.from(signature.signature).toString('base64')]
}

function padded(value: number): string {
  return String(value).padStart(10, '0')
}

function bytes(value: string | Buffer): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'latin1') : value
}

async function lastLog(element: SecureElement): Promise<Buffer> {
  const { signatureCounter } = element.info().state
  for await (const { message } of element.logsFrom(signatureCounter)) return Buffer.from(message)
  throw new Refusal('010d')
}

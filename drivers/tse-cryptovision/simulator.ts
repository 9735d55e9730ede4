import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Mutex } from '../../base/mutex.ts'
import { Blip } from '../absence.ts'
import { delay } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import { FaultPlan } from '../faults.ts'
import type { SeLimits } from '../se-api/limits.ts'
import { defaultLimits } from '../se-api/limits.ts'
import type { UnitSimulatorOptions } from '../se-api/simulated-unit.ts'
import { simulatedUnit } from '../se-api/simulated-unit.ts'
import type { SoftwareUnit } from '../se-api/software-unit.ts'
import { unitFaults } from '../se-api/unit-faults.ts'
import type { Parameter } from './codec.ts'
import {
  ANSWER_DATA_MAX,
  BLOCK_BYTES,
  decodeCommand,
  decodeRequest,
  encodeAnswer,
  encodeErrorAnswer,
  responseMode,
} from './codec.ts'
import type { Reply } from './simulator-commands.ts'
import { actOf, CARD_ACTS, CardCommands, transportPins } from './simulator-commands.ts'

export type CryptovisionSimulatorOptions = UnitSimulatorOptions & {
  /** Folder in which the file `TSE-IO.bin` appears, as on a mounted card. */
  mount: string
  /** Decides how PINs are set; default: the recorded one. */
  firmware?: string
}

const faultNames = [...unitFaults, 'busy', 'garbled'] as const
const SECTOR_BYTES = 512
/** Not in any list of the card's errors. */
const UNDOCUMENTED_ERROR = 0x80f1
const RECORDED_FIRMWARE = '462076 Dec 18 2019 00:11:50'
const DESCRIPTION = 'fiskal-edge simulator of a CryptoVision TSE, NOT CERTIFIED'
/** Log memory, transactions and clients of the recorded card. */
const recordedLimits: SeLimits = { ...defaultLimits, clients: 128, memoryBytes: 2_751_462_912, processDataBytes: 8156 }

/**
 * A CryptoVision card whose file answers requests written into `TSE-IO.bin`. The file is on an ordinary disk, and the
 * kernel notifies about writes. NOT CERTIFIED.
 */
export class CryptovisionSimulator {
  readonly #options: CryptovisionSimulatorOptions
  readonly #faults = new FaultPlan(faultNames, CARD_ACTS)
  readonly #unit: SoftwareUnit
  readonly #commands: CardCommands
  readonly #blip: Blip
  #file: FileHandle | undefined
  #watcher: FSWatcher | undefined
  readonly #work = new Mutex()
  /** The rest of an answer that did not fit one block. */
  #rest: Buffer = Buffer.alloc(0)

  constructor(options: CryptovisionSimulatorOptions) {
    this.#options = options
    this.#blip = new Blip(this, options.clock)
    const kind = { description: DESCRIPTION, delivered: transportPins, usualLimits: recordedLimits }
    const simulated = simulatedUnit(options, kind)
    this.#unit = simulated.unit
    this.#commands = new CardCommands({ ...simulated, firmware: options.firmware ?? RECORDED_FIRMWARE })
  }

  /** Path of the card's file while it is plugged in. */
  get path(): string {
    return join(this.#options.mount, 'TSE-IO.bin')
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  async plugIn(): Promise<void> {
    if (this.#file) return
    await mkdir(this.#options.mount, { recursive: true })
    await mkdir(this.#options.directory, { recursive: true, mode: 0o700 })
    this.#file = await open(this.path, 'w+', 0o600)
    await this.#file.write(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, 0)
    this.#watcher = watch(this.path, () => this.#queueRequest())
  }

  /** Removes the file at once; time and logins are lost with it. */
  async pullOut(): Promise<void> {
    this.#blip.cancel()
    this.#watcher?.close()
    this.#watcher = undefined
    await rm(this.path, { force: true })
    await this.#work.settled()
    const file = this.#file
    this.#file = undefined
    await file?.close()
    this.#rest = Buffer.alloc(0)
    await this.#unit.cut()
  }

  /** Serves one request at a time; for a change reported twice the answer already exists. */
  #queueRequest(): void {
    void this.#work.run(() => this.#serve().catch(() => undefined))
  }

  /** A request without an answer is marked as busy, so that the next look does not run it again. */
  async #serve(): Promise<void> {
    const block = await this.#read()
    const request = block && decodeRequest(block)
    if (block === undefined || request === undefined) return
    const answer = await this.#answer(request.mode, request.data)
    // A new request supersedes the pending one.
    if ((await this.#read())?.equals(block)) await this.#write(encodeAnswer(block, answer ?? 'busy'))
  }

  async #answer(mode: number, data: Buffer): Promise<Buffer | undefined> {
    if (data.length === 1 && data[0] === 0xc5) return this.#nextBlock()
    this.#rest = Buffer.alloc(0)
    if (data.length === 1 && data[0] === 0xc4) return Buffer.alloc(0)
    if (mode !== responseMode.normal) {
      await this.#commands.wake(mode === responseMode.disableSuspend)
      return Buffer.alloc(0)
    }
    const command = decodeCommand(data)
    return command === undefined ? encodeErrorAnswer(0x8001) : this.#struck(command)
  }

  /** Runs a command with the faults that apply to it. */
  async #struck(command: { code: number; parameters: readonly Parameter[] }): Promise<Buffer | undefined> {
    const { names, slowMs, blipMs, code } = this.#faults.strike(actOf(command.code))
    if (blipMs > 0) this.#blip.begin(blipMs)
    if (names.has('unplugged')) {
      this.#pullOutLater()
      return undefined
    }
    const { clock, latencyMs = 0 } = this.#options
    const since = clock.mono()
    await delay(clock, slowMs)
    if (names.has('blip-before') || names.has('lost-request') || names.has('busy')) return undefined
    if (names.has('memory-full')) return encodeErrorAnswer(0x801e)
    const error = encodeErrorAnswer(/^8[01][0-9a-f]{2}$/.test(code) ? Number.parseInt(code, 16) : UNDOCUMENTED_ERROR)
    if (names.has('error')) return error
    const reply = await this.#perform(command.code, command.parameters, names)
    // The work itself counts towards the device's latency.
    await delay(clock, latencyMs + slowMs - Number(clock.mono() - since) / 1e6)
    if (blipMs > 0 || names.has('lost-answer') || names.has('power-cut')) return undefined
    if (names.has('error-done')) return error
    if (names.has('garbled')) return Buffer.of(0x00)
    return this.#firstBlock(reply)
  }

  async #perform(code: number, parameters: readonly Parameter[], names: ReadonlySet<string>) {
    await this.#unit.power()
    try {
      return await this.#unit.struck(names, () => this.#commands.run(code, parameters))
    } catch (error) {
      if (!(error instanceof DeviceError) || error.code === 'unavailable') await this.#unit.cut()
      return this.#commands.refusal(error)
    }
  }

  #firstBlock(reply: Reply): Buffer {
    this.#rest = reply.subarray(ANSWER_DATA_MAX)
    return reply.subarray(0, ANSWER_DATA_MAX)
  }

  #nextBlock(): Buffer {
    const block = this.#rest.subarray(0, ANSWER_DATA_MAX)
    this.#rest = this.#rest.subarray(ANSWER_DATA_MAX)
    return block
  }

  #pullOutLater(): void {
    this.#options.clock.after(0, () => void this.pullOut())
  }

  async #read(): Promise<Buffer | undefined> {
    const block = Buffer.alloc(BLOCK_BYTES)
    const { bytesRead } = (await this.#file?.read(block, 0, BLOCK_BYTES, 0)) ?? { bytesRead: 0 }
    return bytesRead === BLOCK_BYTES ? block : undefined
  }

  /** The head is written last: until then the request remains, and no one reads a partial answer. */
  async #write(block: Buffer): Promise<void> {
    await this.#file?.write(block, SECTOR_BYTES, block.length - SECTOR_BYTES, SECTOR_BYTES)
    await this.#file?.write(block, 0, SECTOR_BYTES, 0)
  }
}

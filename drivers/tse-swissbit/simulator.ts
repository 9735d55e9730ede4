import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Mutex } from '../../base/mutex.ts'
import { Blip } from '../absence.ts'
import { delay } from '../delay.ts'
import { FaultPlan } from '../faults.ts'
import type { UnitSimulatorOptions } from '../se-api/simulated-unit.ts'
import { simulatedUnit } from '../se-api/simulated-unit.ts'
import type { SoftwareUnit } from '../se-api/software-unit.ts'
import { unitFaults } from '../se-api/unit-faults.ts'
import { CHAIN_FILE_NAME } from '../tr03151/file-name.ts'
import type { Firmware, Wear } from './simulator-functions.ts'
import { WormFunctions } from './simulator-functions.ts'
import { actOf, fieldsOf, Given, WORM_ACTS } from './simulator-wire.ts'
import { USUAL_SEED } from './worm-calls.ts'

export type SwissbitSimulatorOptions = UnitSimulatorOptions & {
  /** The folder on which the unit is "mounted"; its path must be short, because it contains a socket. */
  mount: string
  /** The seed of its first PUK and PINs; default: the usual one. */
  factorySeed?: string
  /** Its serial number is empty until it is set up. */
  isNamedBySetUp?: boolean
  /** Default 1. */
  firmware?: Firmware
  /** A list of clients that fills its pages ends with an empty one; default: with 1007. */
  endsListsEmpty?: boolean
  /** Default: that of a new unit. */
  wear?: Wear
}

const faultNames = [...unitFaults, 'crashed'] as const
const DESCRIPTION = 'fiskal-edge simulator of a Swissbit TSE, NOT CERTIFIED'
const REQUEST_MAX_BYTES = 1 << 20
const IO_ERROR = 3
/** Not in any header of the library. */
const UNDOCUMENTED_ERROR = 0x7777
/** A length that no answer has: the stand-in for the library then crashes, as vendor libraries sometimes do. */
const crashOrder = Buffer.of(0xff, 0xff, 0xff, 0xff)

/**
 * A Swissbit TSE for the stand-in for its library (`worm-stub.c`), which forwards every call to a socket on the drive.
 * NOT CERTIFIED.
 */
export class SwissbitSimulator {
  readonly #options: SwissbitSimulatorOptions
  readonly #faults = new FaultPlan(faultNames, WORM_ACTS)
  readonly #unit: SoftwareUnit
  readonly #functions: WormFunctions
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  readonly #work = new Mutex()
  readonly #blip: Blip

  constructor(options: SwissbitSimulatorOptions) {
    this.#options = options
    this.#blip = new Blip(this, options.clock)
    const simulated = simulatedUnit(options, {
      description: DESCRIPTION,
      curve: 'brainpoolP384r1',
      chainFile: CHAIN_FILE_NAME,
    })
    this.#unit = simulated.unit
    this.#functions = new WormFunctions({
      ...simulated,
      factorySeed: options.factorySeed ?? USUAL_SEED,
      isNamedBySetUp: options.isNamedBySetUp ?? false,
      firmware: options.firmware ?? 1,
      wear: options.wear ?? [0, 100, 100, 100],
      endsListsEmpty: options.endsListsEmpty ?? false,
    })
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  /** Switches off its interface (CTSS), as another program may: it signs nothing until that is switched on. */
  switchOff(): void {
    this.#functions.switchOff()
  }

  /** Its energy-saving state: all but the self-test is refused with that error. */
  fallAsleep(error: number): void {
    this.#functions.fallAsleep(error)
  }

  async plugIn(): Promise<void> {
    if (this.#server) return
    const { mount, directory } = this.#options
    await mkdir(mount, { recursive: true })
    await mkdir(directory, { recursive: true, mode: 0o700 })
    await writeFile(join(mount, 'TSE_INFO.DAT'), DESCRIPTION)
    await rm(join(mount, 'worm.sock'), { force: true })
    const server = createServer((socket) => this.#attach(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(join(mount, 'worm.sock'), resolve)
    })
    this.#server = server
  }

  /** Removes the file and the socket at once; time and logins are lost. */
  async pullOut(): Promise<void> {
    this.#blip.cancel()
    const server = this.#server
    this.#server = undefined
    await rm(join(this.#options.mount, 'TSE_INFO.DAT'), { force: true })
    for (const socket of this.#sockets) socket.destroy()
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()))
    await this.#work.settled()
    await this.#functions.losePower()
    await this.#unit.cut()
  }

  #attach(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
    let received = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes])
      while (received.length >= 4 && received.length >= 4 + received.readUInt32BE(0)) {
        const size = received.readUInt32BE(0)
        const request = received.subarray(4, 4 + size)
        received = received.subarray(4 + size)
        void this.#work.run(() => this.#serve(socket, request).catch(() => undefined))
      }
      if (received.length > REQUEST_MAX_BYTES) socket.destroy()
    })
  }

  async #serve(socket: Socket, request: Buffer): Promise<void> {
    const code = request[0] ?? 0
    const { names, slowMs, blipMs, code: told } = this.#faults.strike(actOf(code))
    if (names.has('unplugged')) return void this.#options.clock.after(0, () => void this.pullOut())
    if (blipMs > 0) this.#blip.begin(blipMs)
    if (names.has('blip-before') || names.has('lost-request')) return
    const { clock, latencyMs = 0 } = this.#options
    const since = clock.mono()
    await delay(clock, slowMs)
    const error = /^[0-9a-f]{1,8}$/.test(told) ? Number.parseInt(told, 16) : UNDOCUMENTED_ERROR
    const fault = names.has('error') ? error : names.has('memory-full') ? 0x1017 : undefined
    const given = new Given(fieldsOf(request.subarray(1)))
    const answer = await this.#unit.struck(names, () => this.#functions.run(code, given, fault))
    // The work itself counts towards the device's latency.
    await delay(clock, latencyMs + slowMs - Number(clock.mono() - since) / 1e6)
    if (blipMs > 0 || names.has('lost-answer') || names.has('power-cut')) return
    if (names.has('error-done')) return void socket.write(withError(answer ?? errorAnswer(error), error))
    if (names.has('crashed')) return void socket.write(crashOrder)
    socket.write(answer ?? errorAnswer(IO_ERROR))
  }
}

/** Results that accompany an error, such as the remaining tries after a login, stay in the answer. */
function withError(answer: Buffer, code: number): Buffer {
  const changed = Buffer.from(answer)
  changed.writeUInt32BE(code, 4)
  return changed
}

function errorAnswer(code: number): Buffer {
  const answer = Buffer.alloc(8)
  answer.writeUInt32BE(4, 0)
  answer.writeUInt32BE(code, 4)
  return answer
}

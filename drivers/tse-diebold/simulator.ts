import { join } from 'node:path'
import { Mutex } from '../../base/mutex.ts'
import { Blip } from '../absence.ts'
import { delay } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import type { Struck } from '../faults.ts'
import { FaultPlan } from '../faults.ts'
import { openPty } from '../links/pty.ts'
import type { ServedLine, TcpService } from '../links/served-line.ts'
import { serveTcp } from '../links/served-line.ts'
import { defaultLimits } from '../se-api/limits.ts'
import type { UnitSimulatorOptions } from '../se-api/simulated-unit.ts'
import { simulatedUnit } from '../se-api/simulated-unit.ts'
import { unitFaults } from '../se-api/unit-faults.ts'
import type { Credential } from '../se-api/users.ts'
import type { CurveName } from '../tr03151/algorithms.ts'
import type { Request } from './codec.ts'
import { command, decodeRequests, encodeAnswer } from './codec.ts'
import type { SlotRule } from './simulator-commands.ts'
import { UnitCommands } from './simulator-commands.ts'
import { SimulatedSlot } from './simulator-slot.ts'

/** The latency is that of a signature. */
export type DieboldSimulatorOptions = UnitSimulatorOptions & {
  /** Slots of a ConnectBox, each with a TSE; default one. Key, logs and PINs of further slots are in subfolders. */
  slots?: number
  /** The undocumented rule; default `client`. */
  slotRule?: SlotRule
  /** Curve of its key; default: as real units. */
  curve?: CurveName
  /** PINs as delivered. */
  pins?: { admin: string; timeAdmin: string }
  /** Sends unsolicited status messages until they are switched off. */
  talks?: boolean
  /** Answers 001 with a value before error and state. */
  hasLongStatus?: boolean
  /** Reports the free part of its memory; default true. */
  reportsFree?: boolean
}

const faultNames = [...unitFaults, 'garbled'] as const
type Fault = (typeof faultNames)[number]
const acts: Readonly<Record<string, string>> = {
  [command.startEnd]: 'start',
  [command.finishEnd]: 'finish',
  [command.exportAll]: 'export',
  [command.exportByInterval]: 'export',
  [command.exportByPeriod]: 'export',
  [command.getCommandResponse]: 'piece',
  [command.deleteExportedData]: 'delete',
}

const ACTS: readonly string[] = [...Object.values(acts), ...Object.values(command)]

/** Commands to the box itself, which faults of a slot do not affect. */
const boxWide: ReadonlySet<string> = new Set([
  command.getMfcStatus,
  command.setAsb,
  command.getCommandResponse,
  command.setClientId,
])
const REQUESTS_MAX = 64
/** Not in any manual. */
const UNDOCUMENTED_ERROR = '0f01'
const DESCRIPTION = 'fiskal-edge simulator of a Diebold Nixdorf TSE, NOT CERTIFIED'
const statusMessage = Buffer.of(0x1b, 0x6b, 0x00, 0x14, 0x0f)

/**
 * A Diebold Nixdorf SingleTSE, or a ConnectBox with several, that speaks its own bytes on a pseudo-terminal or a TCP
 * port. It answers refusals with silence. NOT CERTIFIED.
 */
export class DieboldSimulator {
  readonly #options: DieboldSimulatorOptions
  /** Faults of the box in any slot, then of each slot. */
  readonly #faults = new FaultPlan(faultNames, ACTS)
  readonly #slots: ReadonlyMap<SimulatedSlot, FaultPlan<Fault>>
  readonly #commands: UnitCommands
  #line: ServedLine | undefined
  #tcp: TcpService | undefined
  #link: string | undefined
  #isOut = false
  #heard: Buffer = Buffer.alloc(0)
  readonly #work = new Mutex()
  readonly #blip: Blip

  constructor(options: DieboldSimulatorOptions) {
    this.#options = options
    this.#blip = new Blip(this, options.clock)
    const limits = { ...defaultLimits, ...options.limits }
    const slots = Array.from({ length: options.slots ?? 1 }, (_, index) => slotOf(options, index + 1))
    this.#slots = new Map(slots.map((slot) => [slot, new FaultPlan(faultNames, ACTS)]))
    this.#commands = new UnitCommands({
      slotRule: options.slotRule ?? 'client',
      slots,
      limits,
      description: DESCRIPTION,
      hasLongStatus: options.hasLongStatus ?? false,
      reportsFree: options.reportsFree ?? true,
    })
  }

  /** `2:FAULT` applies to slot 2 only; `unplugged` removes its card. */
  inject(fault: string): void {
    const [, slot, text = fault] = /^(\d+):(.*)$/.exec(fault) ?? []
    const plan = slot === undefined ? this.#faults : [...this.#slots.values()][Number(slot) - 1]
    if (plan === undefined) throw new DeviceError('refused', 'none', `fault "${fault}": there is no slot ${slot}`)
    if (slot !== undefined && /^\s*(blip-|unplugged=)/i.test(text))
      throw new DeviceError('refused', 'none', `fault "${fault}": a blip is of the line, which all slots share`)
    plan.inject(text)
  }

  clearFaults(): void {
    this.#faults.clear()
    for (const plan of this.#slots.values()) plan.clear()
  }

  async pullCard(number: number): Promise<void> {
    const slot = [...this.#slots.keys()][number - 1]
    if (slot === undefined) return
    await this.#work.settled()
    await this.#commands.pullCard(slot)
  }

  /** 0 takes a free port, which is returned. */
  async serveTcp(port: number): Promise<number> {
    this.#tcp = await serveTcp(port, (line) => this.serve(line))
    return this.#tcp.port
  }

  async servePty(link: string): Promise<void> {
    this.#link = link
    const line = await openPty(this.#options.clock)
    this.#attach(line)
    await line.nameAs(link)
  }

  /** Serves a new line instead of the one before; hangs up if the box is unplugged. */
  serve(line: ServedLine): void {
    if (this.#isOut) void line.end()
    else this.#attach(line)
  }

  /** Hangs up the line; time, logins and the client are lost. */
  async pullOut(): Promise<void> {
    this.#blip.cancel()
    this.#isOut = true
    await this.#line?.end()
    await this.#work.settled()
    this.#line = undefined
    await this.#commands.losePower()
  }

  /** Plugs in the box and all removed cards. */
  async plugIn(): Promise<void> {
    for (const slot of this.#slots.keys()) slot.isIn = true
    if (!this.#isOut) return
    this.#isOut = false
    if (this.#link !== undefined) await this.servePty(this.#link)
  }

  async close(): Promise<void> {
    await this.pullOut()
    await this.#tcp?.close()
  }

  #attach(line: ServedLine): void {
    this.#line = line
    this.#heard = Buffer.alloc(0)
    line.listen((bytes) => {
      if (this.#line === line) this.#receive(bytes)
    })
  }

  #receive(bytes: Buffer): void {
    const { requests, rest } = decodeRequests(Buffer.concat([this.#heard, bytes]))
    this.#heard = rest
    for (const request of requests) {
      if (this.#work.waiting >= REQUESTS_MAX) return
      void this.#work.run(() => this.#serve(request).catch(() => undefined))
    }
  }

  async #serve(request: Request): Promise<void> {
    const slot = await this.#commands.slotOf(request)
    const { names, slowMs, blipMs, code } = await this.#strike(request.command, slot)
    if (blipMs > 0) this.#blip.begin(blipMs)
    if (this.#isOut || names.has('blip-before') || names.has('lost-request')) return
    const isSigning = request.command === command.startEnd || request.command === command.finishEnd
    const since = this.#options.clock.mono()
    await delay(this.#options.clock, slowMs)
    if (this.#options.talks === true && this.#commands.isTalking) this.#line?.write(statusMessage)
    const error = code || UNDOCUMENTED_ERROR
    const run = () => this.#commands.run(request, slot, refusalBy(names, error))
    const values = slot?.isIn === true ? await slot.unit.struck(names, run) : await run()
    // The work itself counts towards the device's latency.
    const deviceMs = slowMs + (isSigning ? (this.#options.latencyMs ?? 0) : 0)
    await delay(this.#options.clock, deviceMs - Number(this.#options.clock.mono() - since) / 1e6)
    if (names.has('error-done') && blipMs === 0) return this.#commands.complain(error)
    if (values === undefined || blipMs > 0 || names.has('lost-answer') || names.has('power-cut')) return
    const answer = encodeAnswer({ command: request.command, id: request.id, values })
    this.#line?.write(names.has('garbled') ? answer.subarray(5) : answer)
  }

  /** The faults of the box and those of the command's slot. */
  async #strike(name: string, slot: SimulatedSlot | undefined): Promise<Struck<Fault>> {
    const act = acts[name] ?? name
    const ofBox = this.#faults.strike(act)
    const ofSlot = slot && !boxWide.has(name) ? this.#slots.get(slot)?.strike(act) : undefined
    if (ofBox.names.has('unplugged')) {
      this.#isOut = true
      this.#options.clock.after(0, () => void this.pullOut())
    }
    if (slot && ofSlot?.names.has('unplugged')) await this.#commands.pullCard(slot)
    const names = new Set([...ofBox.names, ...(ofSlot?.names ?? [])])
    const slowMs = ofBox.slowMs + (ofSlot?.slowMs ?? 0)
    return { names, slowMs, blipMs: ofBox.blipMs, code: ofBox.code || (ofSlot?.code ?? '') }
  }
}

/** The code of a fault that refuses the command before it has an effect. */
function refusalBy(names: ReadonlySet<Fault>, error: string): string | undefined {
  if (names.has('error')) return error
  return names.has('memory-full') ? '0107' : undefined
}

function slotOf(options: DieboldSimulatorOptions, number: number): SimulatedSlot {
  const { curve = 'brainpoolP384r1', pins = { admin: '12345', timeAdmin: '54321' } } = options
  const directory = number === 1 ? options.directory : join(options.directory, `slot-${number}`)
  const kind = { description: DESCRIPTION, delivered: (tries: number) => delivered(pins, tries), curve }
  return new SimulatedSlot(simulatedUnit({ ...options, directory }, kind))
}

function delivered(pins: { admin: string; timeAdmin: string }, tries: number): Readonly<Record<string, Credential>> {
  return {
    '1': { role: 'admin', pin: pins.admin, puk: '0000000000', pinTriesLeft: tries, pukTriesLeft: tries },
    '2': { role: 'timeAdmin', pin: pins.timeAdmin, puk: '0000000000', pinTriesLeft: tries, pukTriesLeft: tries },
  }
}

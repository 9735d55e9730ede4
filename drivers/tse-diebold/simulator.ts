import { FaultPlan } from '../faults.ts'
import { linkTo, openPty, unlink } from '../links/pty.ts'
import type { ServedLine, TcpService } from '../links/served-line.ts'
import { serveTcp } from '../links/served-line.ts'
import type { Clock } from '../ports/clock.ts'
import { CredentialFile } from '../se-api/credential-file.ts'
import type { SeLimits } from '../se-api/limits.ts'
import { defaultLimits } from '../se-api/limits.ts'
import { SoftwareUnit } from '../se-api/software-unit.ts'
import type { Credential } from '../se-api/users.ts'
import { SeUsers } from '../se-api/users.ts'
import type { Request } from './codec.ts'
import { command, decodeRequests, encodeAnswer } from './codec.ts'
import { UnitCommands } from './unit-commands.ts'

export type DieboldSimulatorOptions = {
  /** Key, logs and PINs of the unit. */
  directory: string
  clock: Clock
  /** Device time of each signature. */
  latencyMs?: number
  limits?: Partial<SeLimits>
  /** Logs that it is to have signed before it was virgin; none unless told. */
  history?: number | undefined
  /** As the unit is delivered. */
  pins?: { admin: string; timeAdmin: string }
  /** Says what it does without being asked, until that is switched off. */
  talks?: boolean
}

const faultNames = [
  'slow',
  'lost-answer',
  'lost-request',
  'unplugged',
  'memory-full',
  'clock-lost',
  'certificate-expired',
  'self-test-due',
  'wrong-signature',
  'power-cut',
  'garbled',
] as const
const acts: Readonly<Record<string, string>> = {
  [command.startEnd]: 'start',
  [command.finishEnd]: 'finish',
  [command.exportAll]: 'export',
  [command.getCommandResponse]: 'piece',
  [command.deleteExportedData]: 'delete',
}
const requestsMax = 64
const description = 'fiskal-edge simulator of a Diebold Nixdorf TSE, NOT CERTIFIED'
const statusMessage = Buffer.of(0x1b, 0x6b, 0x00, 0x14, 0x0f)

/**
 * A Diebold Nixdorf SingleTSE that speaks its own bytes on a pseudo-terminal or a TCP port. Whatever it refuses it says
 * nothing to. NOT CERTIFIED.
 */
export class DieboldSimulator {
  readonly #options: DieboldSimulatorOptions
  readonly #faults = new FaultPlan(faultNames)
  readonly #unit: SoftwareUnit
  readonly #commands: UnitCommands
  #line: ServedLine | undefined
  #tcp: TcpService | undefined
  #link: string | undefined
  #isOut = false
  #heard: Buffer = Buffer.alloc(0)
  #work: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(options: DieboldSimulatorOptions) {
    this.#options = options
    const { directory, clock, pins = { admin: '12345', timeAdmin: '54321' } } = options
    const limits = { ...defaultLimits, ...options.limits }
    const users = new SeUsers(new CredentialFile(directory, delivered(pins, limits.pinTries)), limits.pinTries)
    const info = { description, manufacturer: 'fiskal-edge', version: '1' }
    this.#unit = new SoftwareUnit({
      directory,
      curve: 'brainpoolP384r1',
      clock,
      limits,
      info,
      users,
      history: options.history,
    })
    this.#commands = new UnitCommands({ unit: this.#unit, limits, clock, description })
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
  }

  /** 0 takes a free port, which is returned. */
  async serveTcp(port: number): Promise<number> {
    this.#tcp = await serveTcp(port, (line) => {
      if (this.#isOut) void line.end()
      else this.#attach(line)
    })
    return this.#tcp.port
  }

  async servePty(link: string): Promise<void> {
    this.#link = link
    const line = await openPty(this.#options.clock)
    this.#attach(line)
    await linkTo(line.path, link)
  }

  /** The line hangs up; time, logins and the client are gone. */
  async pullOut(): Promise<void> {
    this.#isOut = true
    if (this.#link !== undefined) await unlink(this.#link)
    await this.#line?.end()
    await this.#work
    this.#line = undefined
    await this.#commands.losePower()
  }

  async plugIn(): Promise<void> {
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
      if (this.#waiting >= requestsMax) return
      this.#waiting += 1
      this.#work = this.#work.then(async () => {
        this.#waiting -= 1
        await this.#serve(request).catch(() => undefined)
      })
    }
  }

  async #serve(request: Request): Promise<void> {
    const { names, slowMs } = this.#faults.strike(acts[request.command] ?? request.command)
    if (names.has('unplugged')) {
      this.#options.clock.after(0, () => void this.pullOut())
      return
    }
    if (names.has('lost-request')) return
    const isSigning = request.command === command.startEnd || request.command === command.finishEnd
    const since = this.#options.clock.mono()
    await this.#wait(slowMs)
    if (this.#options.talks === true && this.#commands.isTalking) this.#line?.write(statusMessage)
    const { element, signer } = await this.#unit.power()
    if (names.has('clock-lost')) element.loseTime()
    if (names.has('self-test-due')) element.requireSelfTest()
    signer.strike(names)
    const values = await this.#commands.run(request, names.has('memory-full') ? '0107' : undefined)
    this.#unit.powered?.signer.strike(new Set())
    // Its own work is part of the time that the device is given.
    const deviceMs = slowMs + (isSigning ? (this.#options.latencyMs ?? 0) : 0)
    await this.#wait(deviceMs - Number(this.#options.clock.mono() - since) / 1e6)
    if (values === undefined || names.has('lost-answer') || names.has('power-cut')) return
    const answer = encodeAnswer({ command: request.command, id: request.id, values })
    this.#line?.write(names.has('garbled') ? answer.subarray(5) : answer)
  }

  #wait(delayMs: number): Promise<void> {
    if (delayMs <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#options.clock.after(delayMs, resolve)
    })
  }
}

const delivered = (
  pins: { admin: string; timeAdmin: string },
  tries: number,
): Readonly<Record<string, Credential>> => ({
  '1': { role: 'admin', pin: pins.admin, puk: '0000000000', pinTriesLeft: tries, pukTriesLeft: tries },
  '2': { role: 'timeAdmin', pin: pins.timeAdmin, puk: '0000000000', pinTriesLeft: tries, pukTriesLeft: tries },
})

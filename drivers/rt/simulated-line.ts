import type { Clock } from '../../base/clock.ts'
import { Mutex } from '../../base/mutex.ts'
import { untilAborted } from '../../base/stop-signals.ts'
import { delay } from '../delay.ts'
import type { FaultTime } from '../fault-times.ts'
import { StandingFaults } from '../fault-times.ts'
import { openPty } from '../links/pty.ts'
import type { ServedLine, TcpService } from '../links/served-line.ts'
import { serveTcp } from '../links/served-line.ts'
import { CommandFaults } from './command-faults.ts'
import type { Struck } from './simulated-faults.ts'
import { faultNames, mangle, milliseconds, timeOf } from './simulated-faults.ts'

const ACK = Buffer.of(0x06)
const NAK = Buffer.of(0x15)

/** A simulated printer without its line. `Frame` is a whole command. */
export type LineDevice<Frame> = {
  /** The commands in these bytes: `bad` is answered by NAK, noise yields nothing. */
  read(bytes: Buffer): readonly (Frame | 'bad')[]
  /** Drops a partial frame. */
  reset(): void
  /** The command in the device's own words, for the faults. */
  nameOf(frame: Frame): string
  /** How each command begins. */
  readonly commands: readonly string[]
  /** True for a frame with another address: no answer. */
  isForeign(frame: Frame): boolean
  /** Applies a fault to the printer before the command. */
  spoil(struck: Struck, standing: StandingFaults): void
  /** Executes; the bytes of the reply. `closing`: it must not wait for paper any longer. */
  execute(frame: Frame, closing: AbortSignal): Promise<Buffer>
  /** The reply that refuses without executing; `busy` or the code of the fault `error`. */
  refuse(frame: Frame, code: string): Buffer
  /** A reply to another command. */
  stale(frame: Frame): Buffer
  /** Sends the reply itself if it is not one frame at once. */
  takesReply?(frame: Frame, reply: Buffer, send: (bytes: Buffer) => void): Promise<boolean>
  losePower(): void
  /** False for a device whose ACK is switched off; default true. */
  readonly acknowledges?: boolean
}

const PARTIAL_FRAME_MS = 500
const FRAMES_MAX = 64

/** Serves a simulated printer over TCP or a pseudo-terminal, one frame at a time, with faults on request. */
export class SimulatedLine<Frame> {
  readonly #device: LineDevice<Frame>
  readonly #clock: Clock
  readonly #faults: CommandFaults<(typeof faultNames)[number]>
  readonly #standing: StandingFaults
  #line: ServedLine | undefined
  #tcp: TcpService | undefined
  #link: string | undefined
  /** Without power, received bytes are lost. */
  #deaf = false
  #unplugged = false
  readonly #closing = new AbortController()
  readonly #work = new Mutex()
  #cancelPartial: () => void = () => undefined

  constructor(device: LineDevice<Frame>, clock: Clock) {
    this.#device = device
    this.#faults = new CommandFaults(faultNames, device.commands)
    this.#clock = clock
    this.#standing = new StandingFaults(clock)
  }

  inject(fault: string): void {
    this.#faults.inject(fault)
  }

  clearFaults(): void {
    this.#faults.clear()
    this.#standing.clear()
  }

  /** 0 takes a free port, which is returned. */
  async serveTcp(port: number): Promise<number> {
    this.#tcp = await serveTcp(port, (line) => this.serve(line))
    return this.#tcp.port
  }

  async servePty(link: string): Promise<void> {
    this.#link = link
    await this.#plugIn(link)
  }

  /** Serves a new line instead of the one before; hangs up if the printer is unplugged. */
  serve(line: ServedLine): void {
    if (this.#unplugged || this.#isClosed) void line.end()
    else this.#attach(line)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#standing.drop()
    this.#cancelPartial()
    await this.#tcp?.close()
    await this.#line?.end()
    await this.#work.settled()
  }

  async #plugIn(link: string): Promise<void> {
    const line = await openPty(this.#clock)
    if (this.#isClosed) {
      await line.end()
      return
    }
    this.#attach(line)
    await line.nameAs(link)
  }

  #attach(line: ServedLine): void {
    this.#line = line
    this.#device.reset()
    line.listen((bytes) => {
      if (this.#line === line) this.#receive(bytes)
    })
  }

  #receive(bytes: Buffer): void {
    this.#cancelPartial()
    if (this.#deaf) return
    this.#cancelPartial = this.#clock.after(PARTIAL_FRAME_MS, () => this.#device.reset())
    for (const frame of this.#device.read(bytes)) {
      if (frame === 'bad') this.#send(NAK)
      else this.#enqueue(frame)
    }
  }

  #enqueue(frame: Frame): void {
    if (this.#device.isForeign(frame) || this.#work.waiting >= FRAMES_MAX) return
    void this.#work.run(async () => {
      if (!this.#deaf && !this.#isClosed) await this.#handle(frame)
    })
  }

  async #handle(frame: Frame): Promise<void> {
    const struck = this.#faults.strike(this.#device.nameOf(frame))
    this.#device.spoil(struck, this.#standing)
    if (struck.has('lost-request')) return
    if (struck.has('power-cut-before')) return await this.#cutPower(milliseconds(struck, 'power-cut-before'))
    if (struck.has('unplugged-before')) return await this.#unplug(timeOf(struck, 'unplugged-before'))
    if (struck.has('nak')) return this.#send(NAK)
    const isSilent = struck.has('lost-ack') || struck.has('silent') || struck.get('cut') === '0'
    if (!isSilent && this.#device.acknowledges !== false) this.#send(ACK)
    if (struck.has('not-executed')) return
    await this.#answer(frame, await this.#replyTo(frame, struck), struck)
  }

  async #replyTo(frame: Frame, struck: Struck): Promise<Buffer> {
    const refusal = struck.get('error') ?? (struck.has('busy') ? 'busy' : undefined)
    if (refusal !== undefined) return this.#device.refuse(frame, refusal)
    const reply = await this.#device.execute(frame, this.#closing.signal)
    const denial = struck.get('error-done')
    return denial === undefined ? reply : this.#device.refuse(frame, denial)
  }

  async #answer(frame: Frame, reply: Buffer, struck: Struck): Promise<void> {
    if (struck.has('power-cut')) return await this.#cutPower(milliseconds(struck, 'power-cut'))
    if (struck.has('unplugged')) return await this.#unplug(timeOf(struck, 'unplugged'))
    if (struck.has('lost-answer') || struck.has('silent')) return
    if (await this.#device.takesReply?.(frame, reply, (bytes) => this.#send(bytes))) return
    if (struck.has('late')) await this.#wait(milliseconds(struck, 'late'))
    for (const [index, piece] of mangle(reply, struck, this.#device.stale(frame)).entries()) {
      if (index > 0) await this.#wait(milliseconds(struck, 'slow-bytes'))
      this.#send(piece)
    }
    if (struck.has('unplugged-after')) await this.#unplug(timeOf(struck, 'unplugged-after'))
    if (struck.has('power-blink')) this.#device.losePower()
  }

  #send(bytes: Buffer): void {
    if (!this.#unplugged) this.#line?.write(bytes)
  }

  async #cutPower(ms: number): Promise<void> {
    this.#deaf = true
    this.#device.losePower()
    await this.#wait(ms)
    this.#device.reset()
    this.#deaf = false
  }

  /** The printer keeps its state, including an open document; a different node appears afterwards. */
  async #unplug(time: FaultTime): Promise<void> {
    this.#unplugged = true
    await this.#line?.end()
    this.#line = undefined
    const pluggedIn = new Promise<void>((resolve) => this.#standing.begin('unplugged', time, resolve))
    await Promise.race([pluggedIn, untilAborted(this.#closing.signal)])
    this.#unplugged = false
    if (this.#link !== undefined && !this.#isClosed) await this.#plugIn(this.#link)
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted
  }

  /** Closing the printer ends the wait for a fault. */
  #wait(ms: number): Promise<void> {
    return delay(this.#clock, ms, this.#closing.signal)
  }
}

import { DeviceError } from '../errors.ts'
import type { Link } from '../links/link.ts'
import type { Clock } from '../ports/clock.ts'
import type { Message, Reply, Values } from './codec.ts'
import {
  closeDevice,
  encodeMessage,
  MessageReader,
  openDevice,
  operate,
  parseMessage,
  parseReply,
  reconnect,
} from './codec.ts'
import { errorOf, hostErrorOf } from './device-errors.ts'

/** What a lost connection is resumed with, also by the process that comes after this one. */
export type Session = { clientId: string; dataId: number }

export type HostLineOptions = {
  link: Link
  clock: Clock
  replyMs: number
  /** Keeps the session over a restart; called with each message. */
  keep: (session: Session | undefined) => void
  kept: () => Session | undefined
}

const executed = 'EXECUTION_OK'

/**
 * Functions of the TSE through its host, one at a time. A connection that breaks is resumed, so that an answer that was
 * under way still comes; only one that cannot be resumed leaves the outcome open.
 */
export class HostLine {
  readonly #options: HostLineOptions
  readonly #reader = new MessageReader()
  #messages: Message[] = []
  #session: Session | undefined
  #isOpen = false

  constructor(options: HostLineOptions) {
    this.#options = options
  }

  get connected(): boolean {
    return this.#isOpen && this.#options.link.connected
  }

  /** Throws `unavailable` or `busy`, both none. */
  async connect(): Promise<void> {
    if (this.connected) return
    this.#isOpen = false
    try {
      const clientId = await this.#greeted()
      const before = this.#session ?? this.#options.kept()
      if (before !== undefined && (await this.#resumed(before, clientId))) return
      await this.#openDevice(clientId)
    } catch (error) {
      await this.#options.link.close()
      throw error instanceof DeviceError ? new DeviceError(error.code, 'none', error.message, error.deviceCode) : error
    }
  }

  /** Gives the device back, so that another host may have it. */
  async close(): Promise<void> {
    if (this.connected) {
      await this.#options.link.write(encodeMessage(closeDevice)).catch(() => undefined)
      this.#remember(undefined)
    }
    this.#isOpen = false
    await this.#options.link.close()
  }

  /** The output of a function. Throws what it refuses; `timeout` unknown without an answer in time, `unavailable` unknown. */
  async run(name: string, input: Values, timeoutMs = this.#options.replyMs): Promise<Values> {
    const { link, clock } = this.#options
    this.#messages = []
    await link.write(encodeMessage(operate(name, input, timeoutMs)))
    const until = clock.mono() + BigInt(timeoutMs) * 1_000_000n
    const { result, output, fact } = await this.#answer(name, until)
    if (result !== executed) throw errorOf(result, fact)
    return output
  }

  async #answer(name: string, until: bigint): Promise<Reply> {
    for (;;) {
      const message = await this.#next(until).catch((error: unknown) => this.#resume(error, until))
      if (message === undefined) throw new DeviceError('timeout', 'unknown', `${name}: no answer in time`)
      if (message.kind !== 'result') continue
      if (message.code !== 'SUCCESS') throw hostErrorOf(message.code)
      const reply = parseReply(message.body)
      // An answer to an earlier function that was given up.
      if (reply.name === name) return reply
    }
  }

  /** After a broken connection: whatever was under way is sent again. */
  async #resume(error: unknown, until: bigint): Promise<Message | undefined> {
    const session = this.#session
    if (!(error instanceof DeviceError) || error.code !== 'unavailable' || session === undefined) throw error
    const clientId = await this.#greeted().catch(() => undefined)
    if (clientId === undefined || !(await this.#resumed(session, clientId))) {
      this.#isOpen = false
      throw error
    }
    return this.#next(until)
  }

  /** The device speaks first. */
  async #greeted(): Promise<string> {
    const { link } = this.#options
    this.#reader.reset()
    this.#messages = []
    await link.check()
    await link.connect()
    const greeting = await this.#next(this.#deadline())
    if (greeting?.kind !== 'connect') throw new DeviceError('unavailable', 'none', 'the device did not greet')
    return greeting.clientId
  }

  async #resumed(before: Session, clientId: string): Promise<boolean> {
    await this.#options.link.write(encodeMessage(reconnect(before.clientId, clientId, before.dataId)))
    const { code } = await this.#said('reconnect')
    if (code !== 'OK') return false
    this.#remember({ clientId, dataId: before.dataId })
    this.#isOpen = true
    return true
  }

  async #openDevice(clientId: string): Promise<void> {
    await this.#options.link.write(encodeMessage(openDevice))
    const { code, dataId } = await this.#said('open_device')
    if (code !== 'OK') throw hostErrorOf(code)
    this.#remember({ clientId, dataId: dataId ?? 0 })
    this.#isOpen = true
  }

  async #said(kind: 'open_device' | 'reconnect'): Promise<{ code: string; dataId: number | undefined }> {
    const until = this.#deadline()
    for (;;) {
      const message = await this.#next(until)
      if (message === undefined) throw new DeviceError('unavailable', 'none', 'the device is silent')
      if (message.kind === kind) return message
    }
  }

  /** The next message that is no repetition; undefined after the deadline. */
  async #next(until: bigint): Promise<Message | undefined> {
    for (;;) {
      const message = this.#messages.shift()
      if (message !== undefined && this.#isNew(message)) return message
      if (message !== undefined) continue
      const leftMs = Number(until - this.#options.clock.mono()) / 1e6
      const bytes = leftMs <= 0 ? undefined : await this.#options.link.read(leftMs)
      if (bytes === undefined) return undefined
      this.#messages.push(...this.#reader.read(bytes).map(parseMessage))
    }
  }

  #isNew(message: Message): boolean {
    if (message.kind !== 'result' || message.dataId === undefined || this.#session === undefined) return true
    if (message.dataId <= this.#session.dataId) return false
    this.#remember({ ...this.#session, dataId: message.dataId })
    return true
  }

  #remember(session: Session | undefined): void {
    this.#session = session
    this.#options.keep(session)
  }

  #deadline(): bigint {
    return this.#options.clock.mono() + BigInt(this.#options.replyMs) * 1_000_000n
  }
}

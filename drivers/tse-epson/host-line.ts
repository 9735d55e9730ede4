import type { Clock } from '../../base/clock.ts'
import { beingClosed, DeviceError, withEffect } from '../errors.ts'
import type { Link } from '../links/link.ts'
import { endOf, ReadUntil } from '../links/read-until.ts'
import { loginErrorOf } from '../refusal-class.ts'
import type { Message, Reply, Values } from './codec.ts'
import {
  closeDevice,
  encodeMessage,
  localTse,
  MessageReader,
  numberOr,
  openDevice,
  operate,
  parseMessage,
  parseReply,
  reconnect,
} from './codec.ts'
import { errorOf, hostErrorOf } from './device-errors.ts'

/**
 * What a lost connection is resumed with, also by the process that comes after this one. `claimed`: who was asked for in
 * its place without an answer, oldest first: a host that was busy may have taken one of them since.
 */
export type Session = { clientId: string; dataId: number; claimed?: readonly string[] }

export type HostLineOptions = {
  link: Link
  clock: Clock
  replyMs: number
  /** That of a printer unless told. */
  deviceId?: string | undefined
  /** Keeps the session over a restart; called with each message. */
  keep: (session: Session | undefined) => void
  kept: () => Session | undefined
}

const executed = 'EXECUTION_OK'
/** Until an answer: a host says a few beside it, and those of before once more behind a lost connection. */
const messagesMax = 200
/** Reconnections without an answer that are remembered. */
const claimedMax = 8
/** Errors of the ePOS-Device XML manual by which the TSE heard of nothing. */
const passedOnNothing = new Set([
  'DEVICE_NOT_FOUND',
  'DEVICE_NOT_OPEN',
  'PARAM_ERROR',
  'FUNCTION_NOT_FOUND',
  'COMMAND_ILLEGAL',
])
/** Functions that only ask, or begin to. */
const isQuestion = /^(?:Get|ArchiveExport$|ExportFiltered|CancelExport$)/
/** Questions that need nothing and change nothing. */
const harmless = ['GetStorageInfo', 'GetRegisteredClientList']

/**
 * Functions of the TSE through its host, one at a time. A connection that breaks is resumed, so that an answer that was
 * under way still comes; only one that cannot be resumed leaves the outcome open.
 */
export class HostLine {
  readonly #options: HostLineOptions
  readonly #reader = new MessageReader(messagesMax)
  readonly #bytes: ReadUntil
  #messages: Message[] = []
  #session: Session | undefined
  #isOpen = false
  /** The session is of the process before, whose answers may still come: in one that is opened anew there are none. */
  #isInherited = false
  #isClosed = false
  /** Functions whose answer may still come: it must not be taken for that of the next call. */
  readonly #late = new Set<string>()
  readonly #device: string

  constructor(options: HostLineOptions) {
    this.#options = options
    this.#device = options.deviceId ?? localTse
    this.#bytes = new ReadUntil(options.link, options.clock)
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
      const before = this.#session ?? this.#inherited()
      if (before === undefined) this.#remember({ clientId, dataId: 0 })
      else if (await this.#resumed(before, clientId)) {
        if (!this.#isInherited) return
        this.#isOpen = false
        await this.#options.link.write(encodeMessage(closeDevice(this.#device)))
      }
      await this.#openDevice(clientId)
    } catch (error) {
      await this.#options.link.close()
      throw withEffect(error, 'none')
    }
  }

  #inherited(): Session | undefined {
    const session = this.#options.kept()
    this.#isInherited = session !== undefined
    return session
  }

  /** Gives the device back, so that another host may have it. For good: what is under way fails and is not resumed. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.connected) await this.#giveBack()
    this.#isOpen = false
    await this.#options.link.close()
  }

  /** The device is given back and opened anew, over a new connection. Throws `unavailable` or `busy`, both none. */
  async reopen(): Promise<void> {
    if (this.connected) await this.#giveBack()
    this.#isOpen = false
    await this.#options.link.close()
    await this.connect()
  }

  async #giveBack(): Promise<void> {
    await this.#options.link.write(encodeMessage(closeDevice(this.#device))).catch(() => undefined)
    this.#remember(undefined)
    this.#isOpen = false
  }

  /** A connection that broke while nothing was under way is resumed; false where the host no longer knows it. */
  async recover(): Promise<boolean> {
    const session = this.#session
    if (this.connected) return true
    return this.#isOpen && session !== undefined && (await this.#regained(session))
  }

  /** Whatever is in its way: what was sent before stays in doubt, and nothing more is sent on this connection. */
  async #regained(session: Session): Promise<boolean> {
    try {
      if (await this.#resumed(session, await this.#greeted())) return true
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
    }
    this.#isOpen = false
    return false
  }

  /** The output of a function. Throws what it refuses; `timeout` unknown without an answer in time, `unavailable` unknown. */
  async run(name: string, input: Values, timeoutMs = this.#options.replyMs): Promise<Values> {
    if (this.#late.has(name)) await this.#passLate()
    const { result, output, fact } = await this.#called(name, input, timeoutMs)
    if (result === executed) return output
    const error = errorOf(result, fact, isQuestion.test(name) ? 'none' : 'unknown')
    const triesLeft = numberOr(output, 'remainingRetries', Number.NaN)
    throw name.startsWith('AuthenticateUser') && !Number.isNaN(triesLeft) ? loginErrorOf(error, triesLeft) : error
  }

  /** The host answers in turn: after the answer to another function none from before can come. */
  async #passLate(): Promise<void> {
    const question = harmless.find((name) => !this.#late.has(name))
    try {
      if (question === undefined) throw new DeviceError('unavailable', 'none', 'the host answers no question')
      await this.#called(question, {}, this.#options.replyMs)
    } catch (error) {
      // In a session that is opened anew no answer is late.
      if (question === undefined) await this.#giveBack()
      throw withEffect(error, 'none')
    }
  }

  async #called(name: string, input: Values, timeoutMs: number): Promise<Reply> {
    const { link, clock } = this.#options
    this.#reader.expect()
    await link.write(encodeMessage(operate(this.#device, name, input, timeoutMs)))
    this.#late.add(name)
    const reply = await this.#answer(name, endOf(clock, timeoutMs))
    this.#late.clear()
    return reply
  }

  async #answer(name: string, until: bigint): Promise<Reply> {
    for (;;) {
      const message = await this.#next(until).catch((error: unknown) => this.#resume(error, until))
      if (message === undefined) throw new DeviceError('timeout', 'unknown', `${name}: no answer in time`)
      if (message.kind === 'error') throw this.#complained(name, message.code)
      if (message.kind !== 'result') continue
      if (message.code !== 'SUCCESS') throw this.#refused(name, message.code)
      const reply = parseReply(message.body)
      // An answer to an earlier function that was given up.
      if (reply.name === name) return reply
    }
  }

  /** The host did not pass the function on. One that holds no open device for us must be asked to open it anew. */
  #refused(name: string, code: string): DeviceError {
    const error = hostErrorOf(code)
    if (error.code !== 'timeout') this.#late.delete(name)
    if (error.code === 'unavailable') {
      this.#remember(undefined)
      this.#isOpen = false
    }
    return error
  }

  /** Said in place of an answer, without the name of a function: it may mean an earlier one that was given up. */
  #complained(name: string, code: string): unknown {
    const isOfThis = this.#late.size === 1
    const error = this.#refused(name, code)
    return isOfThis && passedOnNothing.has(code) ? error : withEffect(error, 'unknown')
  }

  /** After a broken connection: whatever was under way is sent again. */
  async #resume(error: unknown, until: bigint): Promise<Message | undefined> {
    const session = this.#session
    if (!(error instanceof DeviceError) || error.code !== 'unavailable' || session === undefined) throw error
    if (!(await this.#regained(session))) throw error
    return this.#next(until)
  }

  /** The device speaks first. */
  async #greeted(): Promise<string> {
    const { link } = this.#options
    if (this.#isClosed) throw beingClosed()
    this.#reader.reset()
    this.#messages = []
    await link.check()
    await link.connect()
    const greeting = await this.#next(this.#deadline())
    if (greeting?.kind !== 'connect') throw new DeviceError('unavailable', 'none', 'the device did not greet')
    return greeting.clientId
  }

  async #resumed({ clientId: former, dataId, claimed = [] }: Session, clientId: string): Promise<boolean> {
    this.#remember({ clientId: former, dataId, claimed: [...claimed, clientId].slice(-claimedMax) })
    for (const holder of [former, ...claimed]) {
      await this.#options.link.write(encodeMessage(reconnect(holder, clientId, dataId)))
      const { code } = await this.#said('reconnect')
      if (code !== 'OK') continue
      this.#remember({ clientId, dataId })
      this.#isOpen = true
      return true
    }
    return false
  }

  async #openDevice(clientId: string): Promise<void> {
    this.#late.clear()
    await this.#options.link.write(encodeMessage(openDevice(this.#device)))
    const { code, dataId } = await this.#said('open_device')
    if (code !== 'OK') throw hostErrorOf(code)
    this.#remember({ clientId, dataId: dataId ?? 0 })
    this.#isInherited = false
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
      const bytes = await this.#bytes.next(until)
      if (bytes === undefined) return undefined
      this.#messages.push(...this.#reader.read(bytes).map(parseMessage))
    }
  }

  #isNew(message: Message): boolean {
    const isCounted = message.kind === 'result' || message.kind === 'error' || message.kind === 'other'
    // A host that was not asked to keep its messages numbers none of them, be it by leaving that empty or by 0.
    if (!isCounted || !message.dataId || this.#session === undefined) return true
    if (message.dataId <= this.#session.dataId) return false
    this.#remember({ ...this.#session, dataId: message.dataId })
    return true
  }

  #remember(session: Session | undefined): void {
    this.#session = session
    this.#options.keep(session)
  }

  #deadline(): bigint {
    return endOf(this.#options.clock, this.#options.replyMs)
  }
}

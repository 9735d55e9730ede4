import type { Clock } from '../../base/clock.ts'
import type { Effect } from '../errors.ts'
import { beingClosed, DeviceError, withEffect } from '../errors.ts'
import type { Link } from '../links/link.ts'
import { endOf, ReadUntil } from '../links/read-until.ts'
import { loginErrorOf, refusalOfOtherAct } from '../refusal-class.ts'
import type { Message, Reply, Values } from './codec.ts'
import {
  closeDevice,
  encodeMessage,
  LOCAL_TSE,
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
 * Resumes a lost connection, also in the next process. `claimed`: client ids requested to replace it without an answer,
 * oldest first. A busy host may have accepted one of them since.
 */
export type Session = { clientId: string; dataId: number; claimed?: readonly string[] }

export type HostLineOptions = {
  link: Link
  clock: Clock
  replyMs: number
  /** Default: the TSE of a printer. */
  deviceId?: string | undefined
  /** Keeps the session across restarts; called with each message. */
  keep: (session: Session | undefined) => void
  storedSession: () => Session | undefined
}

const EXECUTED = 'EXECUTION_OK'
/** Until an answer: a host sends a few others, and after a lost connection it repeats earlier ones. */
const MESSAGES_MAX = 200
/** Limit for remembered reconnections without an answer. */
const CLAIMED_MAX = 8
/** Errors of the ePOS-Device XML manual after which the TSE received nothing. */
const passedOnNothing = new Set([
  'DEVICE_NOT_FOUND',
  'DEVICE_NOT_OPEN',
  'PARAM_ERROR',
  'FUNCTION_NOT_FOUND',
  'COMMAND_ILLEGAL',
])
const IS_SIGNING = /^(?:Start|Update|Finish)Transaction$/
/** Done or begun although the certificate has ended. */
const IS_DONE_THEN =
  /^(?:Authenticate|LogOut|UpdateTime|ArchiveExport$|ExportFiltered|GetExportData$|FinalizeExport$|CancelExport$)/
/** Functions that only ask, or begin a question. */
const IS_QUESTION = /^(?:Get|ArchiveExport$|ExportFiltered|CancelExport$)/
/** Questions that need no login and change nothing. */
const harmless = ['GetStorageInfo', 'GetRegisteredClientList']

/**
 * Runs the functions of the TSE through its host, one at a time. It resumes a broken connection, so that a pending
 * answer still arrives; only a connection that cannot be resumed leaves the outcome unknown.
 */
export class HostLine {
  readonly #options: HostLineOptions
  readonly #reader = new MessageReader(MESSAGES_MAX)
  readonly #bytes: ReadUntil
  #messages: Message[] = []
  #session: Session | undefined
  #isOpen = false
  /**
   * The session is from the previous process, whose answers may still arrive; a newly opened one has no such answers.
   */
  #isInherited = false
  #isClosed = false
  /** Functions whose answer may still arrive: it must not pass for that of the next call. */
  readonly #late = new Set<string>()
  readonly #device: string

  constructor(options: HostLineOptions) {
    this.#options = options
    this.#device = options.deviceId ?? LOCAL_TSE
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
    const session = this.#options.storedSession()
    this.#isInherited = session !== undefined
    return session
  }

  /** Returns the device, so that another host can use it. Permanent: a running function fails and is not resumed. */
  async close(): Promise<void> {
    this.#isClosed = true
    if (this.connected) await this.#giveBack()
    this.#isOpen = false
    await this.#options.link.close()
  }

  /** Returns the device and opens it again over a new connection. Throws `unavailable` or `busy`, both none. */
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

  /** Resumes a connection that broke while idle; false if the host has forgotten it. */
  async recover(): Promise<boolean> {
    const session = this.#session
    if (this.connected) return true
    return this.#isOpen && session !== undefined && (await this.#regained(session))
  }

  /** On any failure the outcome of earlier requests stays unknown, and this connection sends nothing more. */
  async #regained(session: Session): Promise<boolean> {
    try {
      if (await this.#resumed(session, await this.#greeted())) return true
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
    }
    this.#isOpen = false
    return false
  }

  /**
   * The output of a function. Throws its refusal; `timeout` unknown without an answer in time, `unavailable` unknown.
   */
  async run(name: string, input: Values, timeoutMs = this.#options.replyMs): Promise<Values> {
    if (this.#late.has(name)) await this.#passLate()
    const { result, output, fact } = await this.#called(name, input, timeoutMs)
    if (result === EXECUTED) return output
    const effect: Effect = IS_QUESTION.test(name) ? 'none' : 'unknown'
    const reported = errorOf(result, fact, effect)
    const isDone = IS_DONE_THEN.test(name) && input['deleteData'] !== true
    if (reported.code === 'certificate_expired' && isDone) return output
    const error = IS_SIGNING.test(name) ? reported : refusalOfOtherAct(reported, effect)
    const triesLeft = numberOr(output, 'remainingRetries', Number.NaN)
    throw name.startsWith('AuthenticateUser') && !Number.isNaN(triesLeft) ? loginErrorOf(error, triesLeft) : error
  }

  /** The host answers in order: after the answer to another function no earlier one can arrive. */
  async #passLate(): Promise<void> {
    const question = harmless.find((name) => !this.#late.has(name))
    try {
      if (question === undefined) throw new DeviceError('unavailable', 'none', 'the host answers no question')
      await this.#called(question, {}, this.#options.replyMs)
    } catch (error) {
      // A newly opened session has no late answers.
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
      if (message.kind === 'garbled') throw new DeviceError('garbled', 'unknown', `${name}: the answer is not XML`)
      if (message.kind === 'error') throw this.#complained(name, message.code)
      if (message.kind !== 'result') continue
      if (message.code !== 'SUCCESS') throw this.#refused(name, message.code)
      const reply = parseReply(message.body)
      // An answer to an earlier function that timed out.
      if (reply.name === name) return reply
    }
  }

  /**
   * The host did not pass the function on. If it holds no open device for this client, the device must be opened again.
   */
  #refused(name: string, code: string): DeviceError {
    const error = hostErrorOf(code)
    if (error.code !== 'timeout') this.#late.delete(name)
    if (error.code === 'unavailable') {
      this.#remember(undefined)
      this.#isOpen = false
    }
    return error
  }

  /** An error without the name of a function: it may belong to an earlier one that timed out. */
  #complained(name: string, code: string): unknown {
    const isOfThis = this.#late.size === 1
    const error = this.#refused(name, code)
    return isOfThis && passedOnNothing.has(code) ? error : withEffect(error, 'unknown')
  }

  /** After a broken connection the host resends whatever was pending. */
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
    this.#remember({ clientId: former, dataId, claimed: [...claimed, clientId].slice(-CLAIMED_MAX) })
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

  /** The next message that is not a repetition; undefined after the deadline. */
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
    // A host that does not buffer messages leaves their number empty or sends 0.
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

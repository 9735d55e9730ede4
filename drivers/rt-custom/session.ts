import type { Clock } from '../../base/clock.ts'
import { pause } from '../delay.ts'
import { DeviceError, withEffect } from '../errors.ts'
import type { Link } from '../links/link.ts'
import { endOf, ReadUntil } from '../links/read-until.ts'
import { LineSession } from '../rt/line-session.ts'
import { customRefusal, isBusy, isSending } from './failures.ts'
import type { Heard } from './frame.ts'
import { ACK, encodeFrame, FrameReader } from './frame.ts'
import type { CustomProfile, CustomTimeouts } from './profile.ts'
import { replyMsOf } from './profile.ts'
import type { CustomState } from './state.ts'
import { parseState } from './state.ts'

export type SessionOptions = { link: Link; clock: Clock; profile: CustomProfile; timeouts: CustomTimeouts }

/** Data after the echo, or the printer's error. */
export type CustomReply = { done: true; data: string } | { done: false; error: string }

type Listening = { counter: number; acknowledged: boolean; refused: boolean; broken: boolean; until: bigint }

const TRIES_MAX = 3
const COUNTER_MAX = 99
/** Asks for the step of a document. The answer is not used, so a late reply to it is harmless. */
const AGREEING = '1012'
const STATE = '15111'
/** Errors above 99 of the earlier generations: 1015 has the number. */
const ABOVE_99 = 'ERR99'
/** Answered when the file of a Z was sent, or after half a minute. */
const FILE_SENT = '1513'

/** A connected Custom printer that answers questions. */
export class CustomSession extends LineSession {
  readonly clock: Clock
  readonly profile: CustomProfile
  readonly #timeouts: CustomTimeouts
  readonly #reader = new FrameReader()
  /** 0 if it must be agreed on: after connecting, after 99, and after a loss. */
  #counter = 0
  #state: CustomState | undefined

  constructor(options: SessionOptions) {
    super(options.link)
    this.clock = options.clock
    this.profile = options.profile
    this.#timeouts = options.timeouts
  }

  /** As of the last question for the serial. */
  get state(): CustomState | undefined {
    return this.#state
  }

  protected async begin(): Promise<void> {
    this.#counter = 0
  }

  protected async readMatricola(signal: AbortSignal): Promise<string | undefined> {
    const reply = await this.run(STATE, signal)
    return reply.done ? this.#serialIn(reply.data) : undefined
  }

  protected async repeatMatricola(signal: AbortSignal): Promise<string | undefined> {
    return this.#serialIn(await this.ask(STATE, signal))
  }

  #serialIn(data: string): string | undefined {
    this.#state = parseState(data)
    return this.#state?.serial
  }

  /** A command whose repetition is harmless. Throws the printer's refusal. */
  async ask(command: string, signal: AbortSignal): Promise<string> {
    let failure: unknown
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      try {
        await this.ready(signal)
        const reply = await this.run(command, signal)
        if (reply.done) return reply.data
        failure = customRefusal(reply.error, command.slice(0, 4))
        break
      } catch (error) {
        failure = error
        if (signal.aborted || !(error instanceof DeviceError) || error.code === 'unavailable') break
      }
    }
    throw failure
  }

  /** One command, once; a busy printer has not executed it. Throws effect `unknown` if the reply is lost. */
  async run(command: string, signal: AbortSignal): Promise<CustomReply> {
    const { busyMs, busyPauseMs } = this.profile
    for (let waitedMs = 0; ; waitedMs += busyPauseMs) {
      const reply = await this.#explained(await this.#sendOrCheck(command, signal), signal)
      if (reply.done || !isBusy(reply.error, command) || waitedMs >= busyMs) return reply
      const isSent = isSending(reply.error) && (await this.#sendOrCheck(FILE_SENT, signal)).done
      if (!isSent) await pause(this.clock, busyPauseMs, signal)
    }
  }

  async #explained(reply: CustomReply, signal: AbortSignal): Promise<CustomReply> {
    if (reply.done || reply.error !== ABOVE_99) return reply
    const last = await this.#sendOrCheck('1015', signal).catch(() => undefined)
    const number = last?.done === true ? /^ERR([1-9]\d\d)/.exec(last.data)?.[1] : undefined
    return number === undefined ? reply : { done: false, error: `ERR${number}` }
  }

  async #sendOrCheck(command: string, signal: AbortSignal): Promise<CustomReply> {
    try {
      return await this.#send(command, signal)
    } catch (error) {
      if (!signal.aborted) await this.link.check()
      throw error
    }
  }

  /**
   * 00 is always accepted and resets the expected counter. It goes with a separate enquiry, because a frame that is
   * always accepted is also executed twice.
   */
  async #send(command: string, signal: AbortSignal): Promise<CustomReply> {
    if (this.#counter === 0) {
      await this.#exchange(AGREEING, signal).catch((error: unknown) => {
        throw withEffect(error, 'none')
      })
    }
    return await this.#exchange(command, signal)
  }

  async #exchange(command: string, signal: AbortSignal): Promise<CustomReply> {
    const counter = this.#counter
    this.#counter = 0
    const reply = await this.#exchangeAs(counter, command, signal)
    this.#counter = counter === COUNTER_MAX ? 0 : counter + 1
    return reply
  }

  /**
   * A NACK to a first frame means that it was garbled; to a repeated one it may also mean "already received", which is
   * unknown.
   */
  async #exchangeAs(counter: number, command: string, signal: AbortSignal): Promise<CustomReply> {
    this.link.discard()
    this.#reader.reset()
    const frame = encodeFrame({ counter, body: command })
    await this.link.write(frame)
    const reply = await this.#listen(counter, command, signal)
    if (reply !== 'nack') return reply
    await this.link.write(frame)
    const again = await this.#listen(counter, command, signal)
    if (again !== 'nack') return again
    throw new DeviceError(
      'garbled',
      'unknown',
      `${command.slice(0, 4)}: refused as garbled or already received`,
      'NACK',
    )
  }

  async #listen(counter: number, command: string, signal: AbortSignal): Promise<CustomReply | 'nack'> {
    const until = endOf(this.clock, this.#timeouts.ackMs + this.#timeouts.replyMs)
    const listening: Listening = { counter, acknowledged: false, refused: false, broken: false, until }
    const bytes = new ReadUntil(this.link, this.clock)
    for (;;) {
      const chunk = await bytes.next(listening.until, signal)
      if (!chunk) return silence(listening, command)
      for (const heard of this.#reader.read(chunk)) {
        const reply = await this.#replyIn(heard, listening, command)
        if (reply) return reply
      }
    }
  }

  async #replyIn(heard: Heard, listening: Listening, command: string): Promise<CustomReply | undefined> {
    if (heard.kind === 'frame') {
      await this.link.write(Buffer.of(ACK))
      // A different counter marks the reply to another command.
      return heard.frame.counter === listening.counter ? replyOf(heard.frame.body, command) : undefined
    }
    this.#noteControl(heard, listening, command)
    return undefined
  }

  #noteControl(heard: Heard, listening: Listening, command: string): void {
    if (heard.kind === 'ack' && !listening.acknowledged) {
      listening.acknowledged = true
      listening.until = endOf(this.clock, replyMsOf(command, this.#timeouts))
    }
    if (heard.kind === 'nack' && !listening.acknowledged && !listening.refused) {
      listening.refused = true
      listening.until = endOf(this.clock, this.profile.nakQuietMs)
    }
    if (heard.kind !== 'bad') return
    listening.broken = true
    const soon = endOf(this.clock, this.#timeouts.replyMs)
    if (soon < listening.until) listening.until = soon
  }
}

/** The error after a silence. */
function silence({ refused, acknowledged, broken }: Listening, command: string): 'nack' {
  if (refused && !acknowledged) return 'nack'
  const code = broken ? 'garbled' : 'timeout'
  throw new DeviceError(code, 'unknown', `${command.slice(0, 4)}: no reply in time`)
}

/** The manual prints 1018 in the reply to 1017. */
function replyOf(body: string, command: string): CustomReply | undefined {
  const error = /^ERR\d{2,3}(?!\d)/.exec(body)?.[0]
  if (error !== undefined) return { done: false, error }
  const header = body.slice(0, 4)
  const isEcho = header === command.slice(0, 4) || (command.startsWith('1017') && header === '1018')
  return isEcho ? { done: true, data: body.slice(4) } : undefined
}

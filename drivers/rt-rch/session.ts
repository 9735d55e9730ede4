import type { Clock } from '../../base/clock.ts'
import { pause } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import type { Link } from '../links/link.ts'
import type { RtBaseline } from '../ports/rt-printer.ts'
import { LineSession } from '../rt/line-session.ts'
import { rchRefusalWithoutDocument } from './failures.ts'
import type { Exchange } from './line.ts'
import { isOutcome, nameOf, RchLine } from './line.ts'
import type { RchProfile, RchTimeouts } from './profile.ts'
import type { RchOutcome, RchState } from './reply.ts'
import { parseClock, parseCount, parseFlags, parseSimulation, parseState } from './reply.ts'

export type SessionOptions = { link: Link; clock: Clock; profile: RchProfile; timeouts: RchTimeouts }

/** Limit for tries of a command whose repetition is harmless. */
const TRIES_MAX = 3
const MATRICOLA = '<</?m'
export const SIMULATION = 'it is in simulation mode: its documents are worthless'
/** Limit for commands that make the printer idle, before it counts as stuck. */
const REST_MAX = 10
/** Age up to which a reading of the printer's clock can date the search of its memory. */
const CLOCK_NS = 600_000_000_000n

/** A connected printer that answers questions. */
export class RchSession extends LineSession {
  readonly clock: Clock
  readonly profile: RchProfile
  readonly #line: RchLine
  readonly #replyMs: number
  /** The last reading of the printer's clock on this connection. */
  #clockSeen: { text: string; at: bigint } | undefined
  /** Undefined on a new connection. */
  #simulates: boolean | undefined
  /** The line broke during a command: the printer may still hold its frame and would execute it later. */
  #broken = false

  constructor(options: SessionOptions) {
    super(options.link)
    this.clock = options.clock
    this.profile = options.profile
    this.#line = new RchLine(options)
    this.#replyMs = options.timeouts.replyMs
  }

  protected async begin(signal: AbortSignal): Promise<void> {
    this.#clockSeen = undefined
    this.#simulates = undefined
    this.#line.forget()
    if (!this.#broken) return
    await pause(this.clock, this.#replyMs, signal)
    this.#broken = false
  }

  protected async readMatricola(signal: AbortSignal): Promise<string | undefined> {
    return valueIn(await this.#line.send(MATRICOLA, signal))
  }

  protected async repeatMatricola(signal: AbortSignal): Promise<string | undefined> {
    return valueIn(await this.repeat(MATRICOLA, signal))
  }

  /** The value of an enquiry, without its letter. Throws the refusal of a printer that does not support it. */
  async ask(enquiry: string, signal: AbortSignal): Promise<string> {
    const { reply } = await this.repeat(`<</?${enquiry}`, signal)
    if (isOutcome(reply)) throw rchRefusalWithoutDocument(reply, nameOf(enquiry))
    return reply.value
  }

  /**
   * A command whose repetition is harmless: it is repeated after a lost reply, on a new connection if needed, and while
   * the printer is busy.
   */
  async repeat(command: string, signal: AbortSignal): Promise<Exchange> {
    const { busyMs, busyPauseMs } = this.profile
    for (let waitedMs = 0; ; waitedMs += busyPauseMs) {
      const exchange = await this.#repeatLost(command, signal)
      if (!isOutcome(exchange.reply) || exchange.reply.code !== 'EG0050' || waitedMs >= busyMs) return exchange
      await pause(this.clock, busyPauseMs, signal)
    }
  }

  async #repeatLost(command: string, signal: AbortSignal): Promise<Exchange> {
    let failure: unknown
    for (let attempt = 1; attempt <= TRIES_MAX; attempt += 1) {
      try {
        if (!this.connected) await this.ready(signal)
        return await this.#line.send(command, signal)
      } catch (error) {
        failure = error
        if (signal.aborted || !(error instanceof DeviceError) || error.code === 'unavailable') break
        await this.link.check()
      }
    }
    throw failure
  }

  /** The same for a command that is answered by an outcome; throws its refusal. */
  async order(command: string, signal: AbortSignal): Promise<void> {
    const { reply } = await this.repeat(command, signal)
    if (isOutcome(reply) && !reply.done) throw rchRefusalWithoutDocument(reply, nameOf(command))
  }

  /**
   * One command, once: it is repeated only if it was certainly not executed (busy, wrong key). Throws with effect
   * `unknown` if the reply is lost.
   */
  async run(command: string, signal: AbortSignal): Promise<RchOutcome> {
    const { busyMs, busyPauseMs } = this.profile
    let turned = false
    for (let waitedMs = 0; ; ) {
      const { reply } = await this.#runOnce(command, signal)
      if (!isOutcome(reply)) throw new DeviceError('garbled', 'unknown', `${nameOf(command)}: not an outcome`)
      if (reply.code === 'EG0050' && waitedMs < busyMs) {
        waitedMs += busyPauseMs
        await pause(this.clock, busyPauseMs, signal)
      } else if (reply.code === 'EG0004' && !turned) {
        turned = true
        await this.order('=C1', signal)
      } else return reply
    }
  }

  /** Sends the waiting files: some firmwares do it in key Z alone, others in any. */
  async transmit(signal: AbortSignal): Promise<RchOutcome> {
    await this.order('=C3', signal)
    const { reply } = await this.repeat('=C422', signal)
    await this.turnToReg(signal)
    if (isOutcome(reply)) return reply
    throw new DeviceError('garbled', 'unknown', '=C422: not an outcome')
  }

  /**
   * True in simulation mode, in which every document is worthless. False if the printer refuses the enquiry or answers
   * less: it is known from one source alone.
   */
  async readSimulation(signal: AbortSignal): Promise<boolean> {
    const { reply } = await this.repeat('<</?i/*7', signal)
    this.#simulates = isOutcome(reply) ? false : (parseSimulation(reply.value) ?? false)
    return this.#simulates
  }

  async state(signal: AbortSignal): Promise<RchState> {
    return understood(parseState(await this.ask('s', signal)), 's')
  }

  /** An enquiry that is answered by a plain number. */
  async count(enquiry: string, signal: AbortSignal): Promise<number> {
    return understood(parseCount(await this.ask(enquiry, signal)), enquiry)
  }

  /** Undefined if it cannot be read: a printed document does not depend on it. */
  async clockText(signal: AbortSignal): Promise<string | undefined> {
    const text = parseClock(await this.ask('d', signal).catch(() => ''))
    this.#clockSeen = text === undefined ? undefined : { text, at: this.clock.mono() }
    return text
  }

  async flags(signal: AbortSignal): Promise<ReturnType<typeof parseFlags>> {
    return parseFlags(await this.ask('i/*4', signal))
  }

  /** `paper_out` or `cover_open`; undefined if the printer can print. */
  async obstacle(signal: AbortSignal): Promise<DeviceError | undefined> {
    const { paperOut, coverOpen } = await this.flags(signal)
    if (paperOut) return new DeviceError('paper_out', 'unknown', 'no paper', 'EP0040')
    if (coverOpen) return new DeviceError('cover_open', 'unknown', 'the cover is open', 'ES0041')
    return undefined
  }

  /** Ends or aborts an open document and turns the key to REG. Throws `paper_out`… if it cannot be aborted. */
  rest(signal: AbortSignal): Promise<RchState> {
    return this.#resting(() => this.state(signal), signal)
  }

  /** One step towards idle; false if the printer is idle. */
  async stepToRest({ status, key }: Pick<RchState, 'status' | 'key'>, signal: AbortSignal): Promise<boolean> {
    if (status === '00' && key === 'R') return false
    if (status === '04') await this.#orderCleared('=c', signal)
    else if (status !== '00') await this.#abortOpen(signal)
    else await this.turnToReg(signal)
    return true
  }

  turnToReg(signal: AbortSignal): Promise<void> {
    return this.#orderCleared('=C1', signal)
  }

  /** A printer may refuse everything for paper or cover until its error is cleared. */
  async #orderCleared(command: string, signal: AbortSignal): Promise<void> {
    await this.order('=K', signal)
    await this.order(command, signal)
  }

  /**
   * Sends `=k` and ignores the answer: the next poll shows the state, and repeats it after a wrong key or a busy
   * printer.
   */
  async #abortOpen(signal: AbortSignal): Promise<void> {
    const obstacle = await this.obstacle(signal)
    if (obstacle) throw obstacle
    await this.order('=K', signal)
    await this.run('=k', signal)
  }

  /** Counters of an idle printer. Texts sent ahead by another client are dropped. */
  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.identify(signal)
    // Asked once on a connection; each look at its health asks again.
    if (this.#simulates ?? (await this.readSimulation(signal)))
      throw new DeviceError('out_of_service', 'none', SIMULATION)
    const at = await this.#recentClock(signal)
    const read = async () => {
      await this.order('=K', signal)
      const z = await this.count('7', signal)
      const nonFiscal = await this.count('N', signal)
      const restores = await this.count('0', signal)
      // Read last, so that a document keyed in during the reading is not overlooked.
      const { number, status, key } = await this.state(signal)
      return { status, key, baseline: { serial, z, number, non_fiscal: nonFiscal, restores, at } }
    }
    const { baseline } = await this.#resting(read, signal)
    return baseline
  }

  /** The first reading of an idle printer. */
  async #resting<T extends Pick<RchState, 'status' | 'key'>>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let step = 0; step < REST_MAX; step += 1) {
      const reading = await read()
      if (!(await this.stepToRest(reading, signal))) return reading
    }
    throw new DeviceError('refused', 'none', 'an open document cannot be aborted')
  }

  /** It dates the search for a lost document; an earlier time makes the search longer, never incomplete. */
  async #recentClock(signal: AbortSignal): Promise<string> {
    const reading = this.#clockSeen
    if (reading !== undefined && this.clock.mono() - reading.at < CLOCK_NS) return reading.text
    return (await this.clockText(signal)) ?? ''
  }

  async #runOnce(command: string, signal: AbortSignal): Promise<Exchange> {
    try {
      return await this.#line.send(command, signal)
    } catch (error) {
      this.#broken ||= error instanceof DeviceError && error.code === 'unavailable' && error.effect === 'unknown'
      if (!signal.aborted) await this.link.check()
      throw error
    }
  }
}

/** The value in the reply to an enquiry; undefined for a refusal. */
function valueIn({ reply }: Exchange): string | undefined {
  return isOutcome(reply) ? undefined : reply.value
}

function understood<T>(value: T | undefined, enquiry: string): T {
  if (value === undefined) throw new DeviceError('garbled', 'none', `enquiry ${enquiry}: the value is invalid`)
  return value
}

import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { Link } from '../links/link.ts'
import { endOf, ReadUntil } from '../links/read-until.ts'
import type { Frame, Heard } from './frame.ts'
import { encodeFrame, FrameReader, TEXT_MAX } from './frame.ts'
import type { RchProfile, RchTimeouts } from './profile.ts'
import { needsNoReply, replyMsOf } from './profile.ts'
import type { RchOutcome, RchReply } from './reply.ts'
import { parseReply } from './reply.ts'

/**
 * Rule by which the printer derives the id of a reply from the character of the command: its code modulo 10, or
 * unchanged.
 */
type PackRule = 'modulo' | 'same'

/** Replies without an ACK before them, from the first after connecting, after which its ACK counts as switched off. */
const SILENT_ACKS = 2

/** The ACK of a printer can be switched off: learnt from its first replies, until an ACK is received. */
class AckRule {
  #silent = 0
  #isHeard = false

  get areOff(): boolean {
    return !this.#isHeard && this.#silent >= SILENT_ACKS
  }

  learn(isHeard: boolean): void {
    if (isHeard) this.#isHeard = true
    else this.#silent += 1
  }
}

type Listening = {
  pack: string
  acknowledged: boolean
  ackHeard: boolean
  refused: boolean
  broken: boolean
  text: string
  /** Length of all texts received. */
  textLength: number
  /** Monotonic nanoseconds; undefined while the printer waits (`W`=1): an hour after the last bytes. */
  until: bigint | undefined
}

export type Exchange = { reply: RchReply; text: string }

const PRINTER_WAITS_MS = 3_600_000
const LINE_FEED = 0x0a

/**
 * One command and its reply at a time (RCH Onda protocol sheet rel. 1.0): chunks of the link (`ReadUntil`), split into
 * acknowledgements and frames (`FrameReader`), parsed by `parseReply`; session.ts decides what is sent again. Errors have the effect `unknown`, except two
 * with `none`: repeated NAK, and a line that is not connected.
 */
export class RchLine {
  readonly #link: Link
  readonly #clock: Clock
  readonly #profile: RchProfile
  readonly #timeouts: RchTimeouts
  readonly #reader = new FrameReader()
  #pack = 0
  #rule: PackRule | undefined
  #acks = new AckRule()
  /** A frame was dropped that the other rule would accept: the rule may have been learnt from a stale reply. */
  #doubted = false

  constructor(options: { link: Link; clock: Clock; profile: RchProfile; timeouts: RchTimeouts }) {
    this.#link = options.link
    this.#clock = options.clock
    this.#profile = options.profile
    this.#timeouts = options.timeouts
  }

  /** After the link was connected: a different printer may answer now. */
  forget(): void {
    this.#unlearn()
    this.#acks = new AckRule()
    this.#reader.reset()
  }

  /**
   * Sends a command and waits for its reply. Throws `garbled` none after repeated NAK, `unavailable` none if the line
   * is not connected, `timeout`, `garbled` or `unavailable` unknown if the reply is lost, `aborted` unknown if cancelled.
   */
  async send(command: string, signal: AbortSignal): Promise<Exchange> {
    this.#link.discard()
    this.#reader.reset()
    const pack = String(this.#pack)
    this.#pack = (this.#pack + 1) % 10
    const { address, protocol, repeats } = this.#profile
    const frame = encodeFrame({ address, protocol, pack, data: command })
    for (let attempt = 0; attempt <= repeats; attempt += 1) {
      await this.#link.write(frame)
      const reply = await this.#listen(pack, command, signal)
      if (reply !== 'nak') return reply
    }
    throw new DeviceError('garbled', 'none', `${nameOf(command)}: refused as garbled ${repeats + 1} times`, 'NAK')
  }

  async #listen(pack: string, command: string, signal: AbortSignal): Promise<Exchange | 'nak'> {
    const listening: Listening = {
      pack,
      acknowledged: this.#acks.areOff,
      ackHeard: false,
      refused: false,
      broken: false,
      text: '',
      textLength: 0,
      until: endOf(this.#clock, this.#firstMs(command)),
    }
    const bytes = new ReadUntil(this.#link, this.#clock)
    for (;;) {
      const chunk = await bytes.next(listening.until ?? endOf(this.#clock, PRINTER_WAITS_MS), signal)
      if (!chunk) {
        if (listening.refused && !listening.ackHeard) return 'nak'
        if (this.#doubted) this.#unlearn()
        throw lost(command, listening)
      }
      const reply = this.#hearAll(chunk, listening, command)
      if (!reply) continue
      if (!listening.ackHeard) this.#acks.learn(false)
      return { reply, text: listening.text }
    }
  }

  /** Until the ACK, or without one until the reply. */
  #firstMs(command: string): number {
    if (this.#acks.areOff) return replyMsOf(command, this.#timeouts)
    // A harmless repetition need not wait for the reply to a command without ACK.
    return this.#timeouts.ackMs + (needsNoReply(command) ? 0 : this.#timeouts.replyMs)
  }

  #hearAll(chunk: Buffer, listening: Listening, command: string): RchReply | undefined {
    // A text of the memory may take minutes, as long as bytes arrive, even if its ACK was lost: until it ends the
    // printer accepts nothing, and each repetition would send one more text.
    if (command.startsWith('=C45') && (listening.acknowledged || chunk.includes(LINE_FEED)))
      listening.until = endOf(this.#clock, this.#timeouts.gapMs)
    for (const heard of this.#reader.read(chunk)) {
      const reply = heard.kind === 'frame' ? this.#take(heard.frame, listening, command) : undefined
      if (reply) return reply
      this.#noteControl(heard, listening, command)
    }
    return undefined
  }

  /** The reply, unless it belongs to another packet, is not a reply, or is followed by another. */
  #take(frame: Frame, listening: Listening, command: string): RchReply | undefined {
    if (!this.#isOurs(listening.pack, frame.pack)) return undefined
    const reply = parseReply(frame.data)
    if (!reply || !answers(reply, command)) return undefined
    if (reply.kind === 'value' || !reply.more) return reply
    listening.acknowledged = true
    listening.until = undefined
    return undefined
  }

  #noteControl(heard: Heard, listening: Listening, command: string): void {
    if (heard.kind === 'ack') {
      if (!listening.ackHeard) listening.until = endOf(this.#clock, replyMsOf(command, this.#timeouts))
      listening.acknowledged = true
      listening.ackHeard = true
      this.#acks.learn(true)
    }
    if (heard.kind === 'nak' && !listening.ackHeard && !listening.refused) {
      listening.refused = true
      listening.until = endOf(this.#clock, this.#profile.nakQuietMs)
    }
    if (heard.kind === 'text') this.#keepText(heard.text, listening, command)
    if (heard.kind === 'bad') {
      // Probably our reply: nothing more may arrive, but it may also have been a stale one.
      listening.broken = true
      this.#shorten(listening)
    }
  }

  /** The first reply after connecting determines the rule; from then on it is enforced. */
  #isOurs(sent: string, received: string): boolean {
    const modulo = String(sent.charCodeAt(0) % 10)
    const rule = received === modulo ? 'modulo' : received === sent ? 'same' : undefined
    if (rule === undefined) return false
    this.#rule ??= rule
    this.#doubted = this.#rule !== rule
    return !this.#doubted
  }

  #unlearn(): void {
    this.#rule = undefined
    this.#doubted = false
  }

  #shorten(listening: Listening): void {
    const soon = endOf(this.#clock, this.#timeouts.replyMs)
    if (listening.until !== undefined && soon < listening.until) listening.until = soon
  }

  /** A text without an ACK before it is not a reading, unless ACK is switched off. */
  #keepText(text: string, listening: Listening, command: string): void {
    listening.textLength += text.length
    if (listening.acknowledged) listening.text += text
    if (listening.textLength > TEXT_MAX)
      throw new DeviceError('garbled', 'unknown', `${nameOf(command)}: what it says does not end`)
  }
}

/** An enquiry is answered by its letter or by an error, a command by an outcome. */
function answers(reply: RchReply, command: string): boolean {
  if (!command.startsWith('<</?')) return reply.kind === 'outcome'
  return reply.kind === 'value' ? reply.letter === command.charAt(4) : !reply.done
}

function lost(command: string, { acknowledged, broken }: Listening): DeviceError {
  const name = nameOf(command)
  if (broken) return new DeviceError('garbled', 'unknown', `${name}: the reply is garbled`)
  return new DeviceError('timeout', 'unknown', `${name}: ${acknowledged ? 'no reply' : 'not acknowledged'} in time`)
}

/** A command without its texts: they may hold a customer's code. */
export function nameOf(command: string): string {
  return command.replace(/\(.*$/, '(…)').slice(0, 40)
}

export function isOutcome(reply: RchReply): reply is RchOutcome {
  return reply.kind === 'outcome'
}

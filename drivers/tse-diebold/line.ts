import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { endOf, ReadUntil } from '../links/read-until.ts'
import { refusalOfOtherAct } from '../refusal-class.ts'
import type { DieboldBox } from './box.ts'
import { command, decodeBuffered, decodeHex, decodeNumber, encodeRequest, findAnswer, isPieceBegun } from './codec.ts'
import { errorOf } from './device-errors.ts'

export type LineOptions = {
  box: DieboldBox
  clock: Clock
  /** Limit for the silence of the device; an error is silence too. */
  replyMs: number
  longMs: number
}

/** A slot with the line and the box that connect to it. */
export type SlotAccess = { line: DieboldLine; box: DieboldBox; slot: string }

/** A transaction command that was not completed must be cancelled before the next. */
const OPEN_COMMAND = 0x02
const NO_ERROR = '0000'
/** Pieces of an answer in the device's buffer are numbered from 0 to 255, then from 0 again. */
const PACKETS = 256
const MAX_BYTES = 1 << 20
const SLOW_COMMAND_MS = 4000
/** A request is repeated if a piece got lost. */
const PIECES_TRIES = 3
const LIST_MAX_BYTES = 4 << 20

/** Commands that only ask. */
const questions: ReadonlySet<string> = new Set([
  command.getMfcStatus,
  command.getCommandResponse,
  command.getSlotInfo,
  command.exportAll,
  command.exportByTransaction,
  command.exportByInterval,
  command.exportByPeriod,
  command.getCertificates,
  command.getLastLog,
  command.getPublicKey,
  command.resetExportBuffer,
  command.getRegisteredClients,
  command.getTransactionCount,
  command.getStartedTransactions,
  command.getNextSelfTest,
])

/** Commands that sign for a transaction. */
const signing: ReadonlySet<string> = new Set([command.startEnd, command.finishEnd])

/** The answer to that question; undefined if it has not come. */
function lastErrorIn(heard: Buffer, question: string | undefined): string | undefined {
  const status = question === undefined ? undefined : findAnswer(heard, command.getMfcStatus, question)
  return status && errorIn(status.answer.values)
}

/** Some firmwares answer more values: the last two are error and state. */
function errorIn(values: readonly Buffer[]): string {
  return values.at(-2)?.toString('latin1') ?? NO_ERROR
}

function refusalOf(name: string, code: string): DeviceError {
  const effect: Effect = questions.has(name) ? 'none' : 'unknown'
  const error = errorOf(code, effect)
  return signing.has(name) ? error : refusalOfOtherAct(error, effect)
}

/** One command and its answer at a time. After silence it queries the device's last error. */
export class DieboldLine {
  readonly #options: LineOptions

  constructor(options: LineOptions) {
    this.#options = options
  }

  get connected(): boolean {
    return this.#options.box.link.connected
  }

  /** Stops unsolicited status messages on an open port. Throws `unavailable` none. */
  async quieten(): Promise<void> {
    if ((await this.#send(command.setAsb, ['0'], this.#options.replyMs)) !== undefined) return
    if ((await this.#status()) !== undefined) return
    await this.close()
    throw new DeviceError('unavailable', 'none', 'the device is silent')
  }

  async close(): Promise<void> {
    await this.#options.box.link.close()
  }

  /**
   * The values of the answer. After silence it throws the device's refusal (effect none, mostly), `timeout` unknown if
   * the device has no error, or `unavailable` unknown if the device stays silent; the port is then closed.
   */
  async ask(
    name: string,
    parameters: readonly string[] = [],
    timeoutMs = this.#options.replyMs,
  ): Promise<readonly Buffer[]> {
    const values = await this.#send(name, parameters, timeoutMs)
    if (values !== undefined) return values
    throw await this.#reasonOf(name)
  }

  /** A command that also writes a system log, which takes two seconds or more. */
  askSlow(name: string, parameters: readonly string[]): Promise<readonly Buffer[]> {
    return this.ask(name, parameters, Math.max(this.#options.replyMs, SLOW_COMMAND_MS))
  }

  /** A long command: initialisation, self-test. */
  askLong(name: string, parameters: readonly string[] = []): Promise<readonly Buffer[]> {
    return this.ask(name, parameters, this.#options.longMs)
  }

  /**
   * As {@link askLong}, for a command whose refusal must be reported at once: an error
   * is silence, so the device is asked for one after the time of a short command. A busy device does not answer that.
   */
  async askWatched(name: string, parameters: readonly string[]): Promise<readonly Buffer[]> {
    const { box, clock, replyMs, longMs } = this.#options
    const { link } = box
    const id = randomUUID()
    link.discard()
    await link.write(encodeRequest({ command: name, parameters, id }))
    const latest = endOf(clock, longMs)
    const bytes = new ReadUntil(link, clock)
    let received: Buffer = Buffer.alloc(0)
    let question: string | undefined
    for (let until = endOf(clock, replyMs); ; ) {
      const chunk = await bytes.next(until < latest ? until : latest)
      if (chunk === undefined && until >= latest) throw await this.#reasonOf(name)
      if (chunk === undefined) {
        question ??= await this.#askStatus()
        until = endOf(clock, replyMs)
        continue
      }
      received = Buffer.concat([received, chunk])
      const reply = findAnswer(received, name, id)
      if (reply !== undefined) return reply.answer.values
      const error = lastErrorIn(received, question)
      if (error === undefined) continue
      if (error !== NO_ERROR) throw refusalOf(name, error)
      question = undefined
    }
  }

  /** Sends the question for the last error, without waiting. Returns its id. */
  async #askStatus(): Promise<string> {
    const id = randomUUID()
    await this.#options.box.link.write(encodeRequest({ command: command.getMfcStatus, parameters: [], id }))
    return id
  }

  /** The values of an answer that is too long for one frame, through the device's buffer. */
  async askBuffered(name: string, parameters: readonly string[], buffer: number): Promise<readonly Buffer[]> {
    for (let tries = 1; tries <= PIECES_TRIES; tries += 1) {
      const wanted = await this.begin(name, parameters, buffer)
      const { id, values } = decodeBuffered(await this.#gathered(buffer), name)
      if (!this.#options.box.isEarlier(id, wanted)) return values
    }
    throw new DeviceError('timeout', 'unknown', `${name}: the buffer holds an earlier answer`)
  }

  async #gathered(buffer: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    let bytes = 0
    for (let packet = 0, isLast = false; !isLast; packet += 1) {
      const piece = await this.piece(buffer, packet)
      pieces.push(Buffer.from(piece.data))
      bytes += piece.data.length
      isLast = piece.isLast
      if (bytes > LIST_MAX_BYTES)
        throw new DeviceError('refused', 'none', `the answer is longer than ${LIST_MAX_BYTES} bytes`)
    }
    return Buffer.concat(pieces)
  }

  /**
   * Makes the device put an answer into a buffer. The device confirms nothing, but keeps a refusal as its last error
   * until the next command. A busy device does not answer this query either. Returns the id of the answer.
   */
  async begin(name: string, parameters: readonly string[], buffer: number): Promise<string> {
    const { box } = this.#options
    const id = randomUUID()
    box.link.discard()
    await box.link.write(encodeRequest({ command: name, parameters, id, buffer }))
    box.noteBuffered(id)
    const status = await this.#status()
    const refusal = status === undefined || status.error === NO_ERROR ? undefined : refusalOf(name, status.error)
    // After the end of its certificate the answer is in the buffer anyway.
    if (refusal !== undefined && refusal.code !== 'certificate_expired') throw refusal
    return id
  }

  /** A piece of the buffered answer; repeatable. `heldMs`: a shorter limit for the first one. */
  async piece(buffer: number, packet: number, heldMs?: number): Promise<{ data: Buffer; isLast: boolean }> {
    const { longMs, replyMs } = this.#options
    const waitMs = packet === 0 ? longMs : replyMs
    const parameters = [String(buffer), String(packet % PACKETS)]
    for (let tries = 1; ; tries += 1) {
      const values = await this.#send(command.getCommandResponse, parameters, Math.min(waitMs, heldMs ?? waitMs))
      if (values !== undefined) {
        if (decodeNumber(values[1]) === packet % PACKETS)
          return { data: values[4] ?? Buffer.alloc(0), isLast: decodeHex(values[2]) !== 0 }
      } else {
        const reason = await this.#reasonOf(command.getCommandResponse)
        if (reason.code !== 'timeout' || tries >= PIECES_TRIES) throw reason
      }
      if (tries >= PIECES_TRIES) throw new DeviceError('garbled', 'unknown', 'the pieces of an answer come in disorder')
    }
  }

  /** Ends an export in the device. The device often sends no answer, and none is awaited. */
  async resetExport(slot: string): Promise<void> {
    const request = { command: command.resetExportBuffer, parameters: [slot], id: randomUUID() }
    await this.#options.box.link.write(encodeRequest(request)).catch(() => undefined)
  }

  /** Cancels an open transaction command. */
  async voidOpenCommand(): Promise<void> {
    const status = await this.#status()
    if (status !== undefined && (status.state & OPEN_COMMAND) !== 0) await this.ask(command.transactionVoid)
  }

  /** The reason for the device's silence. */
  async #reasonOf(name: string): Promise<DeviceError> {
    const status = await this.#status()
    if (status === undefined) {
      await this.close()
      return new DeviceError('unavailable', 'unknown', `${name}: the device is silent`)
    }
    if (status.error !== NO_ERROR) return refusalOf(name, status.error)
    return new DeviceError('timeout', 'unknown', `${name}: no answer, and the device knows of no error`)
  }

  async #status(): Promise<{ error: string; state: number } | undefined> {
    const values = await this.#send(command.getMfcStatus, [], this.#options.replyMs)
    return values && { error: errorIn(values), state: decodeHex(values.at(-1)) }
  }

  /** Undefined after silence. */
  async #send(name: string, parameters: readonly string[], timeoutMs: number): Promise<readonly Buffer[] | undefined> {
    const { box, clock } = this.#options
    const { link } = box
    const id = randomUUID()
    link.discard()
    await link.write(encodeRequest({ command: name, parameters, id }))
    let until = endOf(clock, timeoutMs)
    let received: Buffer = Buffer.alloc(0)
    const bytes = new ReadUntil(link, clock)
    for (;;) {
      const chunk = await bytes.next(until)
      if (chunk === undefined) return undefined
      received = Buffer.concat([received, chunk])
      // A piece may be kilobytes: while it is arriving there is no silence, even on a slow line.
      if (name === command.getCommandResponse && isPieceBegun(received)) until = endOf(clock, timeoutMs)
      const reply = findAnswer(received, name, id)
      if (reply !== undefined) return reply.answer.values
      if (received.length > MAX_BYTES) throw new DeviceError('garbled', 'unknown', 'the device does not stop talking')
    }
  }
}

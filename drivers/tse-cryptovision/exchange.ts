import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { BlockFile } from '../links/block-file.ts'
import { refusalOfOtherAct } from '../refusal-class.ts'
import type { Parameter } from './codec.ts'
import {
  ANSWER_DATA_MAX,
  ARCHIVE_HEAD_BYTES,
  commandCode,
  decodeAnswer,
  decodeParameters,
  dropBlocks,
  encodeCommand,
  encodeRequest,
  nextBlock,
  readAnswerHead,
} from './codec.ts'
import { errorOf } from './device-errors.ts'

/** The longest wait between two polls. */
const POLL_MAX_MS = 10
/** Polls are denser near the usual end of a command: this is the only delay that the driver adds. */
const POLL_MIN_MS = 2
/** Share of the usual duration between polls before that; a faster command is rare. */
const POLL_EARLY_SHARE = 0.02
/** The next block of an answer is already available: an archive has a hundred thousand blocks. */
const BLOCK_POLL_MS = 1
/** Reading from a removed card does not always fail. */
const LOOK_AT_PATH_MS = 200
/** Polls for the answer to a dropped rest. */
const DROP_LOOKS_MAX = 50
/** Weight of the newest duration in the moving average. */
const NEWEST_SHARE = 0.2

/** Commands that only ask. */
const questions: ReadonlySet<number> = new Set([
  commandCode.getPinStates,
  commandCode.getSerialNumbers,
  commandCode.exportData,
  commandCode.getCertificates,
  commandCode.readLogMessage,
  commandCode.getConfigData,
  commandCode.getStatus,
  commandCode.exportMoreData,
  commandCode.getErsMappings,
  commandCode.getKeyData,
])

/** Commands that sign for a transaction. */
const signing: ReadonlySet<number> = new Set([
  commandCode.startTransaction,
  commandCode.updateTransaction,
  commandCode.finishTransaction,
])

function effectOf(code: number): Effect {
  return questions.has(code) ? 'none' : 'unknown'
}

/** Commands and answers over the file of the card, one at a time. */
export class Exchange {
  readonly #file: BlockFile
  readonly #clock: Clock
  readonly #usualMs = new Map<number, number>()

  constructor(file: BlockFile, clock: Clock) {
    this.#file = file
    this.#clock = clock
  }

  /**
   * The parameters of the answer. Throws the card's refusal; `timeout` unknown if `expired` comes first, `unavailable`
   * none if the card is missing before the command, unknown later.
   */
  async command(code: number, parameters: readonly Parameter[], expired: AbortSignal): Promise<readonly Parameter[]> {
    const first = await this.#sendCommand(code, parameters, expired)
    const head = readAnswerHead(first)
    if (head.kind === 'archive')
      throw new DeviceError('garbled', 'unknown', 'an archive came where values were expected')
    if (head.kind === 'error') return this.#refuse(head.code, code, expired)
    const parts = [first]
    for await (const part of this.#following(first, head.bytes, expired)) parts.push(part)
    return decodeParameters(Buffer.concat(parts).subarray(2, head.bytes))
  }

  /** The length of an archive and its bytes, block by block. Another command ends it, also before the first block. */
  async archive(
    code: number,
    parameters: readonly Parameter[],
    expired: AbortSignal,
  ): Promise<{ bytes: number; chunks: AsyncIterable<Buffer> }> {
    const first = await this.#sendCommand(code, parameters, expired)
    const head = readAnswerHead(first)
    if (head.kind === 'error') return await this.#refuse(head.code, code, expired)
    if (head.kind !== 'archive') throw new DeviceError('garbled', 'unknown', 'no archive came where one was expected')
    if (first.length < ANSWER_DATA_MAX && first.length < head.bytes) throw cutShort(head.bytes, first.length)
    return { bytes: head.bytes - ARCHIVE_HEAD_BYTES, chunks: this.#blocks(first, head.bytes, expired) }
  }

  async *#blocks(first: Buffer, bytes: number, expired: AbortSignal): AsyncGenerator<Buffer> {
    yield Buffer.from(first.subarray(ARCHIVE_HEAD_BYTES, bytes))
    yield* this.#following(first, bytes, expired)
  }

  /** One exchange of raw data; an answer of zero length is empty. */
  async send(data: Uint8Array, mode: number, expired: AbortSignal): Promise<Buffer> {
    await this.#file.check('none')
    await this.#file.write(encodeRequest(data, mode))
    return Buffer.from((await this.#answer(0, expired)).answer)
  }

  async #sendCommand(code: number, parameters: readonly Parameter[], expired: AbortSignal): Promise<Buffer> {
    const request = encodeRequest(encodeCommand(code, parameters))
    await this.#file.check('none')
    await this.#file.write(request)
    const since = this.#clock.mono()
    const usualMs = this.#usualMs.get(code) ?? 0
    const { answer, looks } = await this.#answer(usualMs, expired)
    const bytes = Buffer.from(answer)
    // It came before the first look, which a busy machine delays: that delay must not become the usual duration.
    this.#noteDuration(code, looks === 1 ? firstLookAfter(usualMs) : Number(this.#clock.mono() - since) / 1e6)
    return bytes
  }

  /** Only a full block has a continuation: the announced lengths are not always true. */
  async *#following(first: Buffer, bytes: number, expired: AbortSignal): AsyncGenerator<Buffer> {
    let have = first.length
    for (let last = first; last.length === ANSWER_DATA_MAX && have < bytes; have += last.length) {
      await this.#file.write(encodeRequest(nextBlock))
      last = Buffer.from((await this.#answer(0, expired, BLOCK_POLL_MS)).answer)
      yield last.subarray(0, bytes - have)
    }
    if (have < bytes && first.length === ANSWER_DATA_MAX) throw cutShort(bytes, have)
  }

  /** Makes the card drop the rest after a refusal. The wait for its answer is short. */
  async #refuse(code: number, command: number, expired: AbortSignal): Promise<never> {
    await this.#file.write(encodeRequest(dropBlocks)).catch(() => undefined)
    await this.#dropped(expired).catch(() => undefined)
    const effect = effectOf(command)
    const error = errorOf(code, effect)
    throw signing.has(command) ? error : refusalOfOtherAct(error, effect)
  }

  /** Answers do not name their request: this empty one must not pass for that of the next command. */
  async #dropped(expired: AbortSignal): Promise<void> {
    for (let looks = 0; looks < DROP_LOOKS_MAX; looks += 1) {
      if (decodeAnswer(await this.#file.read()) !== 'pending') return
      await delay(this.#clock, POLL_MIN_MS, expired)
    }
  }

  /** The answer, which the next look overwrites, and how many looks it took. */
  async #answer(
    usualMs: number,
    expired: AbortSignal,
    nearMs = POLL_MIN_MS,
  ): Promise<{ answer: Buffer; looks: number }> {
    const since = this.#clock.mono()
    let lookedAt = since
    await delay(this.#clock, firstLookAfter(usualMs), expired)
    for (let looks = 1; ; looks += 1) {
      const answer = decodeAnswer(await this.#file.read())
      if (answer !== 'pending') return { answer, looks }
      if (expired.aborted) throw new DeviceError('timeout', 'unknown', 'the card did not answer in time')
      const now = this.#clock.mono()
      if (Number(now - lookedAt) / 1e6 >= LOOK_AT_PATH_MS) {
        await this.#file.check('unknown')
        lookedAt = now
      }
      // Ends early at the deadline, before a last poll.
      await delay(this.#clock, pauseMs(Number(now - since) / 1e6, usualMs, nearMs), expired)
    }
  }

  #noteDuration(code: number, tookMs: number): void {
    const before = this.#usualMs.get(code)
    this.#usualMs.set(code, before === undefined ? tookMs : before + NEWEST_SHARE * (tookMs - before))
  }
}

function firstLookAfter(usualMs: number): number {
  return Math.max(0, usualMs * 0.8 - POLL_MAX_MS)
}

/** Time between two polls, `waitedMs` after the command; `usualMs` 0: not known. */
function pauseMs(waitedMs: number, usualMs: number, nearMs: number): number {
  if (usualMs === 0) return waitedMs < 5 * POLL_MAX_MS ? nearMs : POLL_MAX_MS
  if (waitedMs < 0.95 * usualMs) return Math.max(nearMs, usualMs * POLL_EARLY_SHARE)
  return waitedMs < 1.5 * usualMs ? nearMs : POLL_MAX_MS
}

function cutShort(announced: number, came: number): DeviceError {
  return new DeviceError('garbled', 'unknown', `${announced} bytes were announced and ${came} came`)
}

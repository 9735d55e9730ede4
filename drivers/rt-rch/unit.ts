import { shiftedDate } from '../../base/clock.ts'
import { pause } from '../delay.ts'
import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtMemory, RtSpan } from '../ports/rt-printer.ts'
import { dayOf } from '../rt/civil-time.ts'
import { LineUnit } from '../rt/line-unit.ts'
import { memorySearch, nothingIn, searchedDays } from '../rt/memory-search.ts'
import { isWhole, memoryWithin, spanDays } from '../rt/memory-span.ts'
import type { MemoryDocument, MemoryText } from '../rt/memory-text.ts'
import { isAfter, isComplete, parseMemoryText } from '../rt/memory-text.ts'
import { isSlip } from '../rt/slip.ts'
import type { RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/unit.ts'
import type { DocumentPlan } from './document-commands.ts'
import { isPaperOrCover, rchRefusal } from './failures.ts'
import { isOutcome } from './line.ts'
import { joined, readingsSince, spanReadings, wholeReading } from './memory-reading.ts'
import type { RchOutcome, RchState } from './reply.ts'
import { parsePending } from './reply.ts'
import { sendDocument } from './send.ts'
import type { RchSession } from './session.ts'

const LAST_DOCUMENT = '=C453/$0'
const DUPLICATE = '=C453/$1'
const GIFT = '=C453/$2'
/** Limit for readings that a turned key broke off. */
const READINGS_MAX = 3

/** An RCH printer for exactly-once printing. */
export class RchUnit extends LineUnit<RchSession> implements RtUnit<DocumentPlan> {
  baseline(signal: AbortSignal): Promise<RtBaseline> {
    return this.session.baseline(signal)
  }

  rest(signal: AbortSignal): Promise<RchState> {
    return this.session.rest(signal)
  }

  send(plan: DocumentPlan, fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    return sendDocument(this.session, plan, fresh, signal)
  }

  clockText(signal: AbortSignal): Promise<string | undefined> {
    return this.session.clockText(signal)
  }

  async pendingFiles(signal: AbortSignal): Promise<number | undefined> {
    return parsePending(await this.session.ask('i/*5', signal).catch(() => ''))?.files
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'> {
    const { session } = this
    const state = await session.state(signal)
    const z = await session.count('7', signal)
    // Paper and cover are in order, but a printer may refuse everything for them until its error is cleared.
    if (state.error !== '0000' && !(await session.obstacle(signal))) await session.order('=K', signal)
    if (await session.stepToRest(state, signal)) return 'again'
    // The printer may still complete a document after paper is loaded.
    const obstacle = await session.obstacle(signal)
    if (obstacle) throw obstacle
    return { z, number: state.number }
  }

  search(document: RtDocument, baseline: RtBaseline): Search {
    return memorySearch(document, baseline, async (now, signal) => {
      const last = await this.#onlyNewer(baseline, now, signal)
      if (last && isComplete(last, baseline, now)) return last
      const today = await this.clockText(signal)
      if (today === undefined) return undefined
      const days = searchedDays(baseline, today)
      const since = await this.#readAll(readingsSince(baseline, now, days), signal)
      return isComplete(since, baseline, now) ? since : await this.readMemory(wholeReading(days), signal)
    })
  }

  /**
   * The text of the only document since the baseline; undefined if there are several. Some firmwares give that of a
   * closure or slip after it instead, which proves nothing.
   */
  async #onlyNewer(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<MemoryText | undefined> {
    if (now.z !== baseline.z || now.number !== baseline.number + 1) return undefined
    return await this.readMemory(LAST_DOCUMENT, signal).catch(nothingIn)
  }

  /** The last document of the running period, which began on this day or the day before. */
  async lastDocument(place: RtCounters, signal: AbortSignal): Promise<MemoryDocument> {
    const isLast = (document: MemoryDocument): boolean => isAfter(document, { ...place, number: place.number - 1 })
    const last = (await this.readMemory(LAST_DOCUMENT, signal).catch(nothingIn)).documents.find(isLast)
    if (last) return last
    const today = (await this.clockText(signal))?.slice(0, 10)
    const days = today === undefined ? [] : [shiftedDate(today, -1), today]
    const at = { z: place.z + 1, number: place.number }
    const found = (await this.#readAll(spanReadings({ from: at, to: at }, days), signal)).documents.find(isLast)
    if (found) return found
    throw new DeviceError('garbled', 'none', 'the last document is not in the text of the memory')
  }

  async readSpan(span: RtSpan, signal: AbortSignal): Promise<RtMemory> {
    const until = span.until ?? (await this.clockText(signal)) ?? ''
    const days = spanDays(span, until)
    const read = await this.#readAll(spanReadings(span, days), signal)
    const memory = memoryWithin(read, span)
    if (span.from.z === span.to.z || isWhole(memory, span)) return memory
    // A period went past midnight before or after its closing.
    const all = await this.#readAll([wholeReading([days[0] ?? '', days.at(-1) ?? ''])], signal)
    return memoryWithin(joined([read, all]), span)
  }

  /**
   * Reads only what may be ours: the text of a busy day takes minutes on a serial line, and may exceed the limit of the
   * reader.
   */
  async #readAll(commands: readonly string[], signal: AbortSignal): Promise<MemoryText> {
    const texts: MemoryText[] = []
    for (const command of commands) texts.push(await this.readMemory(command, signal).catch(nothingIn))
    return joined(texts)
  }

  /**
   * A text of the detail memory. A power cut before or in it resets the key: the reading starts again from `=C3`, because
   * a refusal would pass for an empty memory.
   */
  async readMemory(command: string, signal: AbortSignal, triesLeft = READINGS_MAX): Promise<MemoryText> {
    const { session } = this
    await session.order('=C3', signal)
    const { reply, text } = await session.repeat(command, signal)
    const isTurnedBack = isOutcome(reply) && reply.code === 'EG0004'
    if (isTurnedBack && triesLeft > 1) return await this.readMemory(command, signal, triesLeft - 1)
    await session.order('=C1', signal)
    if (isOutcome(reply) && !reply.done) throw rchRefusal(reply, 'detail memory')
    return parseMemoryText(text)
  }

  async findSlip(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<RtFound | undefined> {
    const number = await this.session.count('N', signal)
    if (now.z === baseline.z && number === baseline.non_fiscal) return undefined
    // The day was closed and no slip printed since: if ours is on paper, it is the next one of the period before.
    if (number === 0)
      return { z: baseline.z + 1, number: baseline.non_fiscal + 1, printedAt: undefined, certain: false }
    const certain = now.z === baseline.z && number === baseline.non_fiscal + 1
    return { z: now.z + 1, number, printedAt: await this.clockText(signal), certain }
  }

  async justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined> {
    const { session } = this
    const state = await session.state(signal)
    const z = await session.count('7', signal)
    if (z !== fresh.z || state.status !== '00') return undefined
    const isFiscal = !isSlip(document)
    const number = isFiscal ? state.number : await session.count('N', signal)
    if (number !== (isFiscal ? fresh.number : fresh.non_fiscal) + 1) return undefined
    const printedAt = await this.clockText(signal)
    // Either midnight came in between or the printer has no clock reading. The memory has the date of printing, which a
    // return must name.
    const isOfSameDay = fresh.at === '' || (printedAt !== undefined && dayOf(printedAt) === dayOf(fresh.at))
    if (isFiscal && !isOfSameDay) return undefined
    return { z: z + 1, number, printedAt }
  }

  async closeOnce(signal: AbortSignal): Promise<void> {
    const { session } = this
    const outcome = await this.#runClosure(signal)
    // A power loss after the check of the key has turned it back: repeated, as for a lost reply.
    if (!outcome || outcome.done || ['EG0004', 'EG0005'].includes(outcome.code)) return
    await session.turnToReg(signal)
    if (!isPaperOrCover(outcome)) throw rchRefusal(outcome, 'Z report')
    await pause(session.clock, session.profile.pollMs, signal)
  }

  /** X report. Sent in key X only, because in another key it would be a Z. */
  async report(signal: AbortSignal): Promise<void> {
    const { session } = this
    await session.ready(signal)
    await session.rest(signal)
    await session.order('=C2', signal)
    const { key } = await session.state(signal)
    const outcome = key === 'X' ? await session.run('=C10', signal) : undefined
    await session.order('=C1', signal)
    if (!outcome) throw new DeviceError('refused', 'none', 'the key does not turn to X')
    if (!outcome.done) throw rchRefusal(outcome, 'X report')
  }

  /** After a power cut the key may stay in Z: it is turned back before the next command, as after a report. */
  async duplicate(signal: AbortSignal): Promise<void> {
    const { session } = this
    await session.order('=C3', signal)
    const outcome = await session.run(DUPLICATE, signal)
    await session.order('=C1', signal)
    if (!outcome.done) throw rchRefusal(outcome, 'duplicate')
  }

  async gift(signal: AbortSignal): Promise<void> {
    const outcome = await this.session.run(GIFT, signal)
    if (!outcome.done) throw rchRefusal(outcome, 'gift receipt')
  }

  /** Undefined if the reply is lost. In key X the same command prints an X and answers ON, so the key is checked. */
  async #runClosure(signal: AbortSignal): Promise<RchOutcome | undefined> {
    try {
      await this.session.order('=C3', signal)
      const { key } = await this.session.state(signal)
      return key === 'Z' ? await this.session.run('=C10', signal) : undefined
    } catch (error) {
      if (error instanceof DeviceError) return undefined
      throw error
    }
  }
}

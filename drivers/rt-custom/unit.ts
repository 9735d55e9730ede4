import { DeviceError, withEffect } from '../errors.ts'
import type { RtBaseline, RtDocument, RtMemory, RtSpan } from '../ports/rt-printer.ts'
import { dayOf } from '../rt/civil-time.ts'
import { LineUnit } from '../rt/line-unit.ts'
import { memorySearch, searchedDays } from '../rt/memory-search.ts'
import { memoryWithin, spanDays } from '../rt/memory-span.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import { parseMemoryText } from '../rt/memory-text.ts'
import { isSlip } from '../rt/slip.ts'
import type { RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/unit.ts'
import type { DocumentPlan } from './document-commands.ts'
import { CANCEL_COMMAND, restAfter, restIn } from './document-commands.ts'
import { causeOf, customRefusal } from './failures.ts'
import type { CustomFlags, LastReceipt } from './replies.ts'
import { parseClosure, parseDayCounters, parseFlags, parseLastReceipt, parseMinute, parseUnsent } from './replies.ts'
import type { CustomReply, CustomSession } from './session.ts'

const REST_MAX = 10
/** Limit for the lines of a reading: a day of a busy shop. */
const MEMORY_LINES_MAX = 100_000

/** A Custom printer for exactly-once printing. */
export class CustomUnit extends LineUnit<CustomSession> implements RtUnit<DocumentPlan> {
  /** The last counters of the printer. */
  #counted: Counted | undefined

  async clockText(signal: AbortSignal): Promise<string | undefined> {
    return parseMinute(await this.session.ask('1001', signal).catch(() => ''))
  }

  async pendingFiles(signal: AbortSignal): Promise<number | undefined> {
    const unsent = parseUnsent(await this.session.ask('1514', signal).catch(() => ''))
    return unsent && unsent.failed + unsent.waiting
  }

  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.session.identify(signal)
    await this.rest(signal)
    const at = (await this.clockText(signal)) ?? ''
    const { z, number } = await this.#counters(signal)
    return { serial, z, number, nonFiscal: slipOf(await this.lastReceipt(signal)), restores: 0, at }
  }

  /** Aborts an open document. */
  async rest(signal: AbortSignal): Promise<void> {
    for (let step = 0; step < REST_MAX; step += 1) if (!(await this.#cancelled(signal))) return
    throw new DeviceError('refused', 'none', 'an open document cannot be aborted')
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'> {
    const cancelled = await this.#cancelled(signal)
    if (cancelled && !cancelled.done) throw notCancelled(cancelled.error)
    if (cancelled) return 'again'
    await this.#checkPaper(signal)
    return await this.#counters(signal)
  }

  async send({ commands, totalCents }: DocumentPlan, _fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    let restCents = totalCents
    const isOne = commands.length === 1
    // A paper end during the document leaves its outcome unknown, so it does not begin without paper.
    if (isOne) await this.#checkPaper(signal).catch(throwUndone)
    for (const [index, command] of commands.entries()) {
      const isBegun = index > 0
      restCents = restAfter(command, restCents)
      try {
        const reply = await this.session.run(command, signal)
        if (!reply.done) return refused(await this.#refusal(reply.error, command.slice(0, 4), signal), isBegun, isOne)
        // A power blink loses the open document without a lost reply: the next line opens a different one.
        if ((restIn(command, reply.data) ?? restCents) !== restCents) return { end: 'unclear' }
      } catch (error) {
        if (!(error instanceof DeviceError) || (!isBegun && error.effect === 'none')) throw error
        return { end: 'unclear' }
      }
    }
    return { end: 'done' }
  }

  async closeOnce(signal: AbortSignal): Promise<void> {
    try {
      const reply = await this.session.run('20021', signal)
      const refusal = reply.done ? undefined : await this.#refusal(reply.error, 'Z report', signal)
      if (refusal && !isPaperOrCover(refusal)) throw refusal
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
    }
  }

  search(document: RtDocument, baseline: RtBaseline): Search {
    return memorySearch(document, baseline, async (_now, signal) => {
      const today = await this.clockText(signal)
      return today === undefined ? undefined : await this.readMemory(searchedDays(baseline, today), signal)
    })
  }

  /** Reads all of these days, one line per exchange. */
  async readSpan(span: RtSpan, signal: AbortSignal): Promise<RtMemory> {
    const days = spanDays(span, span.until ?? (await this.clockText(signal)) ?? '')
    return memoryWithin(await this.readMemory([days[0] ?? '', days.at(-1) ?? ''], signal), span)
  }

  /** Reads the detail memory between two days, line by line. */
  async readMemory([from, until]: readonly [string, string], signal: AbortSignal): Promise<MemoryText> {
    await this.session.ask(`8006${dayOf(from)}${dayOf(until)}`, signal)
    const lines: string[] = []
    for (let count = 0; count < MEMORY_LINES_MAX; count += 1) {
      // A line whose reply was lost cannot be repeated: the whole reading is.
      const reply = await this.session.run('8004', signal)
      // Power failed during the reading, which is lost.
      if (!reply.done) throw new DeviceError('garbled', 'unknown', `8004: the reading was broken off (${reply.error})`)
      if (reply.data === '') return parseMemoryText(lines.join('\n'))
      lines.push(reply.data)
    }
    throw new DeviceError('garbled', 'unknown', 'the text of the memory does not end')
  }

  /** Slips have no separate counter: the time and number of the last one identify it. */
  async findSlip(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<RtFound | undefined> {
    const last = await this.lastReceipt(signal)
    const slip = slipOf(last)
    if (slip === 0 || slip === baseline.nonFiscal) return undefined
    return { z: now.z + 1, number: last?.number ?? 0, printedAt: await this.clockText(signal), certain: false }
  }

  async justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined> {
    const before = this.#counted
    const printedAt = await this.clockText(signal)
    const last = await this.lastReceipt(signal)
    if (isSlip(document)) {
      // After a sale at the panel the printer no longer reports the number of the slip.
      const isReported = last?.isFiscal === false
      const number = isReported ? last.number : (fresh.nonFiscal % SLIPS_PER_PERIOD) + 1
      return { z: fresh.z + 1, number, printedAt, certain: isReported }
    }
    const { z, number } = await this.#counters(signal)
    if (z !== fresh.z || number !== fresh.number + 1) return undefined
    // A power blink after its first command turns a return into a sale without any other sign: so its text is read.
    if (document.kind === 'return' && !isReturnMore(before, this.#counted)) return undefined
    // Midnight came in between: a return must name the day of printing.
    const isOfDayBefore = last?.isFiscal === true && last.at.slice(0, 10) !== printedAt?.slice(0, 10)
    return { z: z + 1, number, printedAt: isOfDayBefore ? last.at : printedAt }
  }

  async lastReceipt(signal: AbortSignal): Promise<LastReceipt | undefined> {
    return parseLastReceipt(await this.session.ask('1017', signal))
  }

  async flags(signal: AbortSignal): Promise<CustomFlags> {
    const flags = parseFlags(await this.session.ask('1109', signal))
    if (!flags) throw new DeviceError('garbled', 'none', '1109: not flags')
    return flags
  }

  async #checkPaper(signal: AbortSignal): Promise<void> {
    const flags = await this.flags(signal)
    if (flags.coverOpen) throw new DeviceError('cover_open', 'unknown', 'the cover is open')
    if (flags.paperOut) throw new DeviceError('paper_out', 'unknown', 'no paper')
  }

  async #refusal(error: string, what: string, signal: AbortSignal): Promise<DeviceError> {
    const refusal = customRefusal(error, what)
    if (refusal.code !== 'refused') return refusal
    const flags = await this.flags(signal).catch(() => undefined)
    return flags ? causeOf(refusal, flags) : refusal
  }

  /**
   * The answer to ending an open document; undefined if the printer is idle. Steps of 1012: 1 to 4 a document is open,
   * 8 a non-fiscal one.
   */
  async #cancelled(signal: AbortSignal): Promise<CustomReply | undefined> {
    const step = (await this.session.ask('1012', signal)).trim()
    if (/^[1-4]$/.test(step)) return await this.session.run(CANCEL_COMMAND, signal)
    return step === '8' ? await this.session.run('4004', signal) : undefined
  }

  /** The number in the period: 1017 reports the last one of the period before until something is printed. */
  async #counters(signal: AbortSignal): Promise<RtCounters> {
    const z = parseClosure(await this.session.ask('1104', signal))
    const day = parseDayCounters(await this.session.ask('1115', signal))
    if (z === undefined || !day) throw new DeviceError('garbled', 'none', 'the counters are invalid')
    const { receipts, creditNotes, voids, returns } = day
    const number = receipts.count + creditNotes + voids.count + returns.count
    this.#counted = { z, number, returns: returns.count }
    return { z, number }
  }
}

type Counted = RtCounters & { returns: number }

function isReturnMore(before: Counted | undefined, now: Counted | undefined): boolean {
  return (
    before !== undefined &&
    now?.z === before.z &&
    now.number === before.number + 1 &&
    now.returns === before.returns + 1
  )
}

/**
 * A wrong sequence in the middle of our list means that the open document was lost. No paper or an open cover is not a
 * refusal of it: the printer prints what was in progress when they are fixed, so its outcome must be asked.
 */
function refused(error: DeviceError, isBegun: boolean, isOne: boolean): RtSent {
  const hasVanished = isBegun && error.deviceCode === 'ERR05'
  const isInProgress = (isBegun || isOne) && isPaperOrCover(error)
  // The roll may have been changed before the flags were read: after one printing command the outcome is asked,
  // whatever they show.
  return hasVanished || isInProgress ? { end: 'unclear' } : { end: 'refused', error, isBegun: isBegun || isOne }
}

/**
 * No manual documents whether the printer refuses this after a payment. The document may also have just ended: the next
 * question shows it.
 */
function notCancelled(error: string): DeviceError {
  return new DeviceError(
    'unavailable',
    'unknown',
    `it does not cancel its open document: cancel it at its keys (${error})`,
    error,
  )
}

function throwUndone(error: unknown): never {
  throw withEffect(error, 'none')
}

function isPaperOrCover({ code }: DeviceError): boolean {
  return code === 'paper_out' || code === 'cover_open'
}

const SLIPS_PER_PERIOD = 10_000

/** Digits of the last slip's time and number; 0 if the last receipt was not a slip. */
function slipOf(last: LastReceipt | undefined): number {
  return last && !last.isFiscal
    ? Number(`${last.at.replaceAll(/\D/g, '').slice(4)}${String(last.number).padStart(4, '0')}`)
    : 0
}

import { DeviceError, withEffect } from '../errors.ts'
import type { RtBaseline, RtDocument, RtMemory, RtOriginal, RtPlace, RtSpan } from '../ports/rt-printer.ts'
import { LineUnit } from '../rt/line-unit.ts'
import { memorySearch } from '../rt/memory-search.ts'
import { spanDays } from '../rt/memory-span.ts'
import type { MemoryText } from '../rt/memory-text.ts'
import { isSlip } from '../rt/slip.ts'
import type { Mistaken, RtCounters, RtFound, RtSent, RtUnit, Search } from '../rt/unit.ts'
import { countedText, hasVoidSince } from './counted-document.ts'
import type { DocumentPlan } from './document-commands.ts'
import { voidQuestion } from './document-commands.ts'
import { causeOf, customRefusal, isInterruption, isOfForm, isUnexplained } from './failures.ts'
import { readDocument, readSince, readSpan } from './memory-reading.ts'
import type { CustomFlags, DayCounters, LastReceipt } from './replies.ts'
import {
  documentsIn,
  parseClosure,
  parseDayCounters,
  parseFlags,
  parseLastReceipt,
  parseMinute,
  parseTotals,
  parseUnsent,
} from './replies.ts'
import { Resting } from './resting.ts'
import { Sending } from './sending.ts'
import type { CustomSession } from './session.ts'

const SLIPS_PER_PERIOD = 10_000
const VAT_INDEXES = Array.from({ length: 11 }, (_, index) => index + 1)

type Counted = { z: number; number: number; day: DayCounters }

/** A Custom printer for exactly-once printing. */
export class CustomUnit extends LineUnit<CustomSession> implements RtUnit<DocumentPlan> {
  readonly #sending: Sending
  readonly #resting: Resting
  /** The last counters of the printer. */
  #counted: Counted | undefined
  #reportsReceipts = false

  constructor(session: CustomSession) {
    super(session)
    this.#sending = new Sending(session, (...refusal) => this.#refusal(...refusal))
    this.#resting = new Resting(session)
  }

  async clockText(signal: AbortSignal): Promise<string | undefined> {
    return parseMinute(await this.session.ask('1001', signal).catch(() => ''))
  }

  async pendingFiles(signal: AbortSignal): Promise<number | undefined> {
    const unsent = parseUnsent(await this.session.ask('15140', signal).catch(() => ''))
    return unsent && unsent.failed + unsent.waiting
  }

  async baseline(signal: AbortSignal): Promise<RtBaseline> {
    const serial = await this.session.identify(signal)
    await this.rest(signal)
    const at = (await this.clockText(signal)) ?? ''
    const counters = await this.#counters(signal)
    return { serial, non_fiscal: slipOf(await this.lastReceipt(signal)), restores: 0, at, ...counters }
  }

  rest(signal: AbortSignal): Promise<void> {
    return this.#resting.rest(signal)
  }

  async restingCounters(signal: AbortSignal): Promise<RtCounters | 'again'> {
    if (!(await this.#resting.step(signal))) return 'again'
    await this.#checkPaper(signal)
    return await this.#counters(signal)
  }

  /** A document that begins without paper has an unknown outcome, and one of a printer out of service is worthless. */
  async send(plan: DocumentPlan, _fresh: RtBaseline, signal: AbortSignal): Promise<RtSent> {
    this.#demandService(plan)
    await this.#checkPaper(signal).catch(throwUndone)
    const indexes = await this.#vatIndexes(plan, signal).catch(throwUndone)
    this.#resting.noteBegun()
    const sent = await this.#sending.send(plan, indexes, signal)
    if (sent.end === 'done') this.#resting.noteDone()
    return sent
  }

  /** The pitch announces a length; a model that refuses it gets the bare command. */
  async closeOnce(signal: AbortSignal): Promise<void> {
    try {
      let reply = await this.session.run('2002100', signal)
      if (!reply.done && isOfForm(customRefusal(reply.error, ''))) reply = await this.session.run('2002', signal)
      const refusal = reply.done ? undefined : await this.#refusal(reply.error, 'Z report', signal)
      if (refusal && !isInterruption(refusal)) throw refusal
    } catch (error) {
      if (!(error instanceof DeviceError) || error.effect === 'none') throw error
    }
  }

  search(document: RtDocument, baseline: RtBaseline): Search {
    let text: MemoryText | undefined
    const inText = memorySearch(document, baseline, async () => text)
    return async (now, signal) => {
      if (document.kind === 'void' && !(await this.#isReversed(document.original, signal))) return undefined
      const read = countedText(await readSince(this.session, baseline, now, signal), document, baseline, now)
      text = read
      const running = read.documents.filter(({ z }) => z === now.z + 1).map(({ number }) => number)
      const match = await inText({ z: now.z, number: Math.max(now.number, ...running) }, signal)
      return match === undefined && document.kind === 'void' ? onlyVoidIn(read, hasVoidSince(baseline, now)) : match
    }
  }

  /** By the numbers of the documents: the days only limit how much is read. */
  async readSpan(span: RtSpan, signal: AbortSignal): Promise<RtMemory> {
    spanDays(span, span.until ?? (await this.clockText(signal)) ?? '')
    return await readSpan(this.session, span, signal)
  }

  /** Slips have no separate counter: the time and number of the last one identify it, on models that report it. */
  async findSlip(baseline: RtBaseline, now: RtCounters, signal: AbortSignal): Promise<RtFound | undefined> {
    const last = await this.lastReceipt(signal)
    const slip = slipOf(last)
    if (slip === 0 || slip === baseline.non_fiscal) return undefined
    return { z: now.z + 1, number: last?.number ?? 0, printedAt: await this.clockText(signal), certain: false }
  }

  async justPrinted(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtFound | undefined> {
    const before = this.#counted
    const last = await this.lastReceipt(signal)
    if (isSlip(document)) {
      const printedAt = await this.clockText(signal)
      if (last === undefined) return { z: fresh.z + 1, number: 0, printedAt }
      // After a sale at the panel the printer no longer reports the number of the slip.
      const isReported = !last.isFiscal
      const number = isReported ? last.number : (fresh.non_fiscal % SLIPS_PER_PERIOD) + 1
      return { z: fresh.z + 1, number, printedAt, certain: isReported }
    }
    const { z, number } = await this.#counters(signal)
    if (z !== fresh.z || number !== fresh.number + 1) return undefined
    // A power blink after its first command turns a return into a sale without any other sign: so its text is read.
    if (document.kind === 'return' && !isReturnMore(before, this.#counted)) return undefined
    const isLast = last?.isFiscal === true && !last.isAborted && last.number === number
    const printedAt = isLast ? last.at : await this.#timeOf({ z: z + 1, number }, fresh, signal)
    return { z: z + 1, number, printedAt }
  }

  /** A return must name the day of printing: if midnight came since, the text of the document has it. */
  async #timeOf(place: RtPlace, { at }: RtBaseline, signal: AbortSignal): Promise<string | undefined> {
    const now = await this.clockText(signal)
    if (at.slice(0, 10) === now?.slice(0, 10)) return now
    return (await readDocument(this.session, place, signal))?.printedAt ?? now
  }

  /** Without paper the printer would keep the command until the roll is changed. */
  async printOnce(command: string, signal: AbortSignal): Promise<void> {
    await this.session.ready(signal)
    await this.#checkPaper(signal)
    const reply = await this.session.run(command, signal)
    if (!reply.done) throw await this.#refusal(reply.error, command, signal)
  }

  /** Undefined for a model without that enquiry. */
  async lastReceipt(signal: AbortSignal): Promise<LastReceipt | undefined> {
    const last = parseLastReceipt(await this.askIfThere('1017', signal))
    if (last === undefined && this.#reportsReceipts) throw new DeviceError('garbled', 'none', '1017: not a receipt')
    this.#reportsReceipts = last !== undefined
    return last
  }

  /** Empty if the model has no such enquiry. */
  async askIfThere(enquiry: string, signal: AbortSignal): Promise<string> {
    return await this.session.ask(enquiry, signal).catch((error: unknown) => {
      if (error instanceof DeviceError && error.code === 'refused') return ''
      throw error
    })
  }

  async flags(signal: AbortSignal): Promise<CustomFlags> {
    const flags = parseFlags(await this.session.ask('1109', signal))
    if (!flags) throw new DeviceError('garbled', 'none', '1109: not flags')
    return flags
  }

  async dayCounters(signal: AbortSignal): Promise<DayCounters> {
    const day = parseDayCounters(await this.session.ask('1115', signal))
    if (!day) throw new DeviceError('garbled', 'none', '1115: not the counters of a day')
    return day
  }

  /** Asks the printer for the index of each rate that a plan names (7112): models have their rates in another order. */
  async #vatIndexes({ steps }: DocumentPlan, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>()
    for (const vat of new Set(steps.flatMap(({ vat: named }) => named ?? [])))
      found.set(vat, await this.#vatIndex(vat, signal))
    return found
  }

  async #vatIndex(vat: string, signal: AbortSignal): Promise<string> {
    const named = this.session.profile.vatIndexes[vat]
    const digits = vat.startsWith('N') ? '0000' : vat.slice(2).padEnd(4, '0')
    for (const number of named === undefined ? VAT_INDEXES : [named]) {
      const index = String(number).padStart(2, '0')
      if ((await this.askIfThere(`7112${index}`, signal)).startsWith(`${index}${digits}`)) return index
    }
    const words =
      named === undefined
        ? `no index of the VAT table is ${vat}: its technician adds the rate`
        : `index ${named} of the VAT table is not ${vat}: correct "vatIndexes" of the "profile"`
    throw new DeviceError('refused', 'none', words)
  }

  #demandService({ steps }: DocumentPlan): void {
    const { state } = this.session
    if (state?.trouble !== undefined) throw new DeviceError('out_of_service', 'none', state.trouble)
    if (state?.hasLottery === false && steps.some(({ command }) => command.startsWith('3019')))
      throw new DeviceError('refused', 'none', 'the lottery is switched off in the printer: send no lottery code')
  }

  async #checkPaper(signal: AbortSignal): Promise<void> {
    const flags = await this.flags(signal)
    if (flags.coverOpen) throw new DeviceError('cover_open', 'unknown', 'the cover is open')
    if (flags.paperOut) throw new DeviceError('paper_out', 'unknown', 'no paper')
  }

  async #refusal(error: string, what: string, signal: AbortSignal): Promise<DeviceError> {
    const refusal = customRefusal(error, what)
    if (!isUnexplained(refusal)) return refusal
    const flags = await this.flags(signal).catch(() => undefined)
    return flags ? causeOf(refusal, flags) : refusal
  }

  /** After the void of a document another one is not permitted. */
  async #isReversed(original: RtOriginal, signal: AbortSignal): Promise<boolean> {
    return (await this.session.ask(voidQuestion(original), signal)) === '2'
  }

  /** The number in the period: 1003 reports the last one of the period before until something is printed. */
  async #counters(signal: AbortSignal): Promise<RtCounters> {
    const z = parseClosure(await this.session.ask('1104', signal))
    const day = await this.dayCounters(signal)
    const totals = parseTotals(await this.session.ask('1003', signal))
    if (z === undefined || !totals) throw new DeviceError('garbled', 'none', 'the counters are invalid')
    const number = documentsIn(day) === 0 ? 0 : totals.lastNumber
    this.#counted = { z, number, day }
    return { z, number, day_counters: day.text }
  }
}

function isReturnMore(before: Counted | undefined, now: Counted | undefined): boolean {
  return before !== undefined && now?.z === before.z && now.day.returns.count === before.day.returns.count + 1
}

/** A void whose text does not name its document: ours, if it is the only one since. `isCounted`: a void was made since. */
function onlyVoidIn({ documents }: MemoryText, isCounted: boolean): RtFound | Mistaken | undefined {
  const voids = documents.filter(({ kind }) => kind === 'void')
  const unnamed = voids.filter(({ original }) => original === undefined)
  if (unnamed.length < 2 && (voids.length > 0 || !isCounted)) return unnamed[0]
  const words = 'a void was printed, and the memory does not say which of several documents it is: look at the paper'
  throw new DeviceError('print_unresolved', 'unknown', words)
}

function throwUndone(error: unknown): never {
  throw withEffect(error, 'none')
}

/** Digits of the last slip's time and number; 0 if the last receipt was not a slip. */
function slipOf(last: LastReceipt | undefined): number {
  return last && !last.isFiscal
    ? Number(`${last.at.replaceAll(/\D/g, '').slice(4)}${String(last.number).padStart(4, '0')}`)
    : 0
}

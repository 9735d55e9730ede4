import type { Clock } from '../../base/clock.ts'
import { delay } from '../delay.ts'
import { DeviceError, withEffect } from '../errors.ts'
import type { RtBaseline, RtClosure, RtDocument, RtOriginal, RtPrinted, RtSettled } from '../ports/rt-printer.ts'
import { checkNextClosure, checkNextNumber, documentNumberOf } from './document-number.ts'
import { RecentDocuments } from './recent-documents.ts'
import { isSlip } from './slip.ts'
import type { Mistaken, RtCounters, RtFound, RtUnit, Search } from './unit.ts'

/** Limit for polls of an unreachable or unready printer, with pauses between them. The deadline comes far earlier. */
const LOOKS_MAX = 100_000
/** Limit for the pauses between polls, counted in poll intervals: the first polls follow each other at once. */
const BACK_OFF_MAX = 5
/** Limit for tries of a document or closure that certainly was not made. */
const ROUNDS_MAX = 10

export type ExactlyOnceOptions<Plan> = {
  unit: RtUnit<Plan>
  clock: Clock
  /** Pure. Throws effect `none` if the whole document could not be printed. `serial` is the printer's own. */
  planOf: (document: RtDocument, printer: Pick<RtBaseline, 'serial'>) => Plan
  /** Time between two polls of a printer that has no answer yet. */
  pollMs: number
}

/** The document to print, and the numbers of the sales that were annulled before it. */
type Task = { document: RtDocument; baseline: RtBaseline; annulled: Set<string> }
/** The document to search for since a baseline. */
type Sought = { document: RtDocument; baseline: RtBaseline; search: Search }

/**
 * Documents and closures that are made exactly once, whatever is lost on the line: before each try it is certain that
 * the earlier ones did nothing. One act at a time; each ends soon after `signal` aborts.
 */
export class ExactlyOnce<Plan> {
  readonly #unit: RtUnit<Plan>
  readonly #clock: Clock
  readonly #planOf: ExactlyOnceOptions<Plan>['planOf']
  readonly #pollMs: number
  readonly #recent = new RecentDocuments()
  #isSearching = false
  #isSending = false

  constructor({ unit, clock, planOf, pollMs }: ExactlyOnceOptions<Plan>) {
    this.#unit = unit
    this.#clock = clock
    this.#planOf = planOf
    this.#pollMs = pollMs
  }

  /** The texts of the memory are being read: this takes time on a slow line, and is not cancelled for that. */
  get isSearching(): boolean {
    return this.#isSearching
  }

  /** A document is being sent: the printer is not interrupted to poll it. */
  get isSending(): boolean {
    return this.#isSending
  }

  /**
   * Prints one document. `fresh` is the baseline if nothing was done since it was read: then the first try needs no
   * search. A sale that was printed instead of a return is annulled first.
   */
  async print(
    document: RtDocument,
    baseline: RtBaseline,
    fresh: RtBaseline | undefined,
    signal: AbortSignal,
  ): Promise<RtPrinted> {
    const annulled = new Set<string>()
    try {
      const printed = await this.#print({ document, baseline, annulled }, fresh, signal)
      this.#recent.note(document, printed)
      return annulled.size === 0 ? printed : { ...printed, annulled: [...annulled] }
    } catch (error) {
      throw error instanceof DeviceError && annulled.size > 0 ? error.toldAs({ annulled: [...annulled] }) : error
    }
  }

  /**
   * Determines the outcome of a document: printed, certainly not (undefined), or `misprinted`: a sale was printed
   * instead, which {@link print} annuls and reports. Aborts an open document: it has no number, and a finished one
   * cannot be aborted. Throws effect `unknown` if cancelled before the printer answered, `foreign` for another printer
   * than the baseline's.
   */
  async settle(document: RtDocument, baseline: RtBaseline, signal: AbortSignal): Promise<RtSettled> {
    const settled = await this.#searchUntilSettled(document, baseline, signal)
    return settled && 'mistaken' in settled ? 'misprinted' : settled
  }

  /** Makes one closure, also when called again with the same baseline. */
  async closeDay(baseline: RtBaseline, signal: AbortSignal): Promise<RtClosure> {
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const closure = await this.settleClosure(baseline, signal)
      if (closure) return closure
      checkNextClosure(baseline.z)
      try {
        await this.#unit.closeOnce(signal)
      } catch (error) {
        // A closure may be refused, as at the end of the paper, and still be made: the counter decides.
        const closure = await this.settleClosure(baseline, signal)
        if (closure) return closure
        throw error
      }
    }
    const closure = await this.settleClosure(baseline, signal)
    if (closure) return closure
    throw new DeviceError('unavailable', 'none', 'no closure: every try was lost')
  }

  /** Decides by the closure counter alone, never by totals. */
  settleClosure(baseline: RtBaseline, signal: AbortSignal): Promise<RtClosure | undefined> {
    const unit = this.#unit
    return this.#untilSettled(baseline, signal, async () => {
      const now = await unit.restingCounters(signal)
      if (now === 'again') return 'again'
      if (now.z <= baseline.z) return { settled: undefined }
      const closedAt = await unit.clockText(signal)
      return { settled: { z: now.z, closedAt, pendingFiles: await unit.pendingFiles(signal) } }
    })
  }

  /** Every round begins with the certainty that the document was not printed. */
  async #print(task: Task, baselineOfCaller: RtBaseline | undefined, signal: AbortSignal): Promise<RtPrinted> {
    const { document, baseline } = task
    const plan = this.#planOf(document, baseline)
    let fresh = baselineOfCaller
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      if (!fresh) {
        const settled = await this.#settledFor(task, signal)
        if (settled) return settled
        fresh = await this.#freshBaseline(baseline, signal)
      }
      checkNextNumber(document, fresh)
      const printed = await this.#tryOnce({ ...task, baseline: fresh }, plan, signal)
      if (printed) return printed
      fresh = undefined
    }
    const outcome = await this.#settledFor(task, signal)
    if (outcome) return outcome
    throw new DeviceError('unavailable', 'none', 'not printed: every try was lost')
  }

  /** As {@link settle}, but annuls what was printed instead. */
  async #settledFor({ document, baseline, annulled }: Task, signal: AbortSignal): Promise<RtPrinted | undefined> {
    const settled = await this.#searchUntilSettled(document, baseline, signal)
    for (const name of settled?.annulled ?? []) annulled.add(name)
    if (!settled || !('mistaken' in settled)) return settled
    if (settled.mistaken) annulled.add(await this.#annul(settled.mistaken, baseline, signal))
    return undefined
  }

  /**
   * Returns the number of the annulled document. If the printer refuses, a person must annul it; the error names it.
   */
  async #annul(original: RtOriginal, baseline: RtBaseline, signal: AbortSignal): Promise<string> {
    const name = documentNumberOf(original.z, original.number)
    try {
      await this.#print({ document: { kind: 'void', original }, baseline, annulled: new Set() }, undefined, signal)
      return name
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      const { code, effect, message, deviceCode } = error
      const words = `power was lost in a return, and ${name} came out as a sale: it must be annulled (${message})`
      throw new DeviceError(effect === 'none' ? 'annulment_due' : code, effect, words, deviceCode)
    }
  }

  /** One round; undefined if the printer must be asked. Throws a refusal after the open document was aborted. */
  async #tryOnce(task: Task, plan: Plan, signal: AbortSignal): Promise<RtPrinted | undefined> {
    const { document, baseline: fresh } = task
    this.#isSending = true
    const sent = await this.#unit.send(plan, fresh, signal).finally(() => {
      this.#isSending = false
    })
    if (sent.end === 'done') return await this.#confirmed(document, fresh, signal)
    if (sent.end === 'unclear') return undefined
    const outcome = sent.isBegun ? await this.#settledFor(task, signal) : undefined
    if (outcome) return outcome
    throw sent.error
  }

  async #confirmed(document: RtDocument, fresh: RtBaseline, signal: AbortSignal): Promise<RtPrinted | undefined> {
    try {
      const newest = await this.#unit.justPrinted(document, fresh, signal)
      return newest && (await this.#printedOf(document, newest, signal))
    } catch (error) {
      if (error instanceof DeviceError) return undefined
      throw error
    }
  }

  /** The outcome was determined just before: certainly not printed, whatever happens here. */
  async #freshBaseline(baseline: RtBaseline, signal: AbortSignal): Promise<RtBaseline> {
    try {
      let fresh = await this.#unit.baseline(signal)
      // The printer made its Z between the two counters: a number only falls with a Z.
      if (fresh.z === baseline.z && fresh.number < baseline.number) fresh = await this.#unit.baseline(signal)
      if (fresh.serial !== baseline.serial) throw new DeviceError('foreign', 'none', 'another printer answers')
      return fresh
    } catch (error) {
      throw withEffect(error, 'none')
    }
  }

  #searchUntilSettled(
    document: RtDocument,
    baseline: RtBaseline,
    signal: AbortSignal,
  ): Promise<RtPrinted | Mistaken | undefined> {
    const sought = { document, baseline, search: this.#unit.search(document, baseline) }
    const search = async (): Promise<{ settled: RtPrinted | Mistaken | undefined } | 'again'> => {
      const now = await this.#unit.restingCounters(signal)
      if (now === 'again') return 'again'
      const match = await this.#matchOf(sought, now, signal)
      if (match === 'again') return 'again'
      const isPrinted = match !== undefined && !('mistaken' in match)
      return { settled: isPrinted ? await this.#printedOf(document, match, signal) : match }
    }
    return this.#untilSettled(baseline, signal, search).finally(() => {
      this.#isSearching = false
    })
  }

  /** Finds a slip by its counter, a document by the printer's records since the baseline. */
  async #matchOf(
    { document, baseline, search }: Sought,
    now: RtCounters,
    signal: AbortSignal,
  ): Promise<RtFound | Mistaken | undefined | 'again'> {
    if (isSlip(document)) return await this.#unit.findSlip(baseline, now, signal)
    const isSameNumber = now.z === baseline.z && now.number === baseline.number
    if (isSameNumber && now.day_counters === baseline.day_counters) return undefined
    if (!isSameNumber && this.#recent.exclude(document, baseline, now)) return undefined
    this.#isSearching = true
    return await search(now, signal)
  }

  async #printedOf(
    document: RtDocument,
    { z, number, printedAt, serial, certain = true, annulled }: RtFound,
    signal: AbortSignal,
  ): Promise<RtPrinted> {
    return {
      kind: document.kind,
      serial: serial ?? (await this.#unit.ready(signal)),
      z,
      number,
      documentNumber: isSlip(document) ? String(number) : documentNumberOf(z, number),
      // The memory has no seconds.
      printedAt: printedAt?.length === 16 ? `${printedAt}:00` : printedAt,
      pendingFiles: await this.#unit.pendingFiles(signal),
      certain,
      ...(annulled && { annulled }),
    }
  }

  async #untilSettled<T>(
    baseline: RtBaseline,
    signal: AbortSignal,
    question: () => Promise<{ settled: T } | 'again'>,
  ): Promise<T> {
    let failure: unknown = new DeviceError('timeout', 'unknown', 'the printer did not answer in time')
    for (let polls = 0; polls < LOOKS_MAX && !signal.aborted; polls += 1) {
      try {
        const serial = await this.#unit.identify(signal)
        if (serial !== baseline.serial)
          throw new DeviceError('foreign', 'unknown', `another printer answers: ${serial}`)
        const answer = await question()
        if (answer !== 'again') return answer.settled
      } catch (error) {
        // Only a running reading is waited for.
        this.#isSearching = false
        if (!(error instanceof DeviceError) || error.code === 'foreign' || error.code === 'print_unresolved')
          throw error
        if (error.code !== 'aborted') failure = error
      }
      await delay(this.#clock, this.#pollMs * Math.min(polls, BACK_OFF_MAX), signal)
    }
    throw withEffect(failure, 'unknown')
  }
}

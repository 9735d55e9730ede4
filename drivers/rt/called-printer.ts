import { DeviceError, withEffect } from '../errors.ts'
import type { QueueLoad } from '../ports/queue-load.ts'
import type { RtBaseline, RtClosure, RtDocument, RtPrinted, RtSettled } from '../ports/rt-printer.ts'
import { CommandQueue } from '../queue.ts'
import type { ExactlyOnceOptions } from './exactly-once.ts'
import { ExactlyOnce } from './exactly-once.ts'
import type { RtUnit } from './unit.ts'

export type CalledPrinterOptions<Plan> = ExactlyOnceOptions<Plan> & {
  unit: RtUnit<Plan> & { readonly connected: boolean; close(): Promise<void> }
  /** Limit for each call; default 10 seconds. */
  deadlineMs?: number | undefined
  /** Additional time while a document is being sent. */
  printMs: number
  /** Additional time for closures and reports. */
  longMs: number
  /** Limit for one reading of the whole memory; default `longMs`. */
  readingMs?: number
}

const DEADLINE_DEFAULT_MS = 10_000

/** Bytes at 9600 bit/s and the printer's own time, for a line with its discount. */
const PER_LINE_MS = 500
const LOOK_MS = 500
/** Readings of the whole memory that one question may need. */
const SEARCHES_MAX = 4
/** Time in which a cancelled act must end. */
const GRACE_MS = 2000

/**
 * Additional time on the deadline of a call: `extraMs` for the call itself, `sendMs` while a document is being sent.
 * `withinMs` replaces the deadline.
 */
type Time = { extraMs?: number; sendMs?: number; withinMs?: number }
type Limits = { deadlineMs: number; searchMs: number; sendMs: number }

/** The acts of a fiscal printer that are the same in every family: one at a time, each with its deadline. */
export abstract class CalledPrinter<Plan> {
  readonly kind = 'fiscal_printer'
  readonly #options: CalledPrinterOptions<Plan>
  readonly #queue: CommandQueue
  readonly #once: ExactlyOnce<Plan>
  /** The baseline since which nothing was sent. */
  #fresh: RtBaseline | undefined
  #running = new AbortController()

  constructor(options: CalledPrinterOptions<Plan>) {
    this.#options = options
    this.#queue = new CommandQueue(options.clock)
    this.#once = new ExactlyOnce(options)
  }

  load(): QueueLoad {
    return this.#queue.load()
  }

  async close(): Promise<void> {
    const settled = this.#queue.close()
    this.#running.abort()
    await settled
    await this.#options.unit.close()
  }

  /** The serial has no influence on what is printable. */
  check(document: RtDocument): void {
    this.#options.planOf(document, { serial: '' })
  }

  identity(): Promise<{ serial: string }> {
    return this.ask(async (signal) => ({ serial: await this.#options.unit.identify(signal) }))
  }

  baseline(): Promise<RtBaseline> {
    return this.ask(async (signal) => {
      // A printer that refuses a newer one may no longer print what was planned on the last.
      this.#fresh = undefined
      this.#fresh = await this.#options.unit.baseline(signal)
      return this.#fresh
    })
  }

  print(document: RtDocument, baseline: RtBaseline): Promise<RtPrinted> {
    const { printMs, longMs } = this.#options
    // A document that refers to an earlier one may take as long as a report.
    const sendMs = 'original' in document ? Math.max(printMs, longMs) : printMs
    const act = (signal: AbortSignal): Promise<RtPrinted> => {
      const isFresh = this.#options.unit.connected && this.#fresh !== undefined && isSame(this.#fresh, baseline)
      this.#fresh = undefined
      return this.#once.print(document, baseline, isFresh ? baseline : undefined, signal)
    }
    return this.#act(act, { extraMs: extraMsOf(document), sendMs })
  }

  settle(document: RtDocument, baseline: RtBaseline): Promise<RtSettled> {
    return this.#act((signal) => this.#once.settle(document, baseline, signal))
  }

  closeDay(baseline: RtBaseline): Promise<RtClosure> {
    return this.#act((signal) => this.#once.closeDay(baseline, signal), { extraMs: this.#options.longMs })
  }

  settleClosure(baseline: RtBaseline): Promise<RtClosure | undefined> {
    return this.#act((signal) => this.#once.settleClosure(baseline, signal))
  }

  /** For calls that print no document, or whose repetition is harmless: they may be repeated after any failure. */
  protected ask<T>(act: (signal: AbortSignal) => Promise<T>, long = false): Promise<T> {
    return this.#asked(act, { extraMs: long ? this.#options.longMs : 0 })
  }

  /** A copy of the last document: between two others, so none of them counts on what was read before it. */
  protected copy(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.ask(async (signal) => {
      this.#fresh = undefined
      const { number } = await this.#options.unit.baseline(signal)
      if (number === 0) throw new DeviceError('no_data', 'none', 'the running period has no document')
      await act(signal)
    }, true)
  }

  /** The same, cancelled after `withinMs`. */
  protected askWithin<T>(withinMs: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#asked(act, { withinMs })
  }

  #asked<T>(act: (signal: AbortSignal) => Promise<T>, time: Time): Promise<T> {
    return this.#perform(act, time).catch((error: unknown) => {
      throw withEffect(error, 'none')
    })
  }

  #act<T>(act: (signal: AbortSignal) => Promise<T>, time: Time = {}): Promise<T> {
    return this.#perform(async (signal) => {
      try {
        return await act(signal)
      } finally {
        this.#fresh = undefined
      }
    }, time)
  }

  #perform<T>(act: (signal: AbortSignal) => Promise<T>, { extraMs = 0, sendMs = 0, withinMs }: Time): Promise<T> {
    const deadlineMs = withinMs ?? (this.#options.deadlineMs ?? DEADLINE_DEFAULT_MS) + extraMs
    const { longMs, readingMs = longMs } = this.#options
    const searchMs = SEARCHES_MAX * readingMs
    const latestMs = 2 * deadlineMs + sendMs + searchMs + GRACE_MS
    return this.#queue.run({ deadlineMs: latestMs }, async () => {
      const running = new AbortController()
      this.#running = running
      const cancel = this.#givenUpAfter({ deadlineMs, searchMs, sendMs }, running)
      try {
        return await act(running.signal)
      } catch (error) {
        if (!(error instanceof DeviceError) || error.code !== 'aborted') throw error
        throw error.toldAs({ code: 'timeout', message: `no answer within ${deadlineMs} ms` })
      } finally {
        cancel()
      }
    })
  }

  /**
   * Cancels at the deadline, or, while the memory is read or a document is sent, when that has ended or takes too long.
   * A document that was sent by then gets the same time again for its outcome.
   */
  #givenUpAfter({ deadlineMs, searchMs, sendMs }: Limits, running: AbortController): () => void {
    const { clock } = this.#options
    let searchLeftMs = searchMs
    let sendLeftMs = sendMs
    let restMs = 0
    let cancel = clock.after(deadlineMs, () => look())
    const lookAgain = (ms: number): void => {
      cancel = clock.after(ms, look)
    }
    const look = (): void => {
      if (this.#once.isSearching && searchLeftMs > 0) {
        searchLeftMs -= LOOK_MS
        lookAgain(LOOK_MS)
      } else if (this.#once.isSending && sendLeftMs > 0) {
        if (sendLeftMs === sendMs) restMs = deadlineMs
        sendLeftMs -= LOOK_MS
        lookAgain(LOOK_MS)
      } else if (!this.#once.isSending && restMs > 0) {
        lookAgain(restMs)
        restMs = 0
      } else running.abort()
    }
    return () => cancel()
  }
}

/** A long document takes longer on a slow line, and twice as long if it is sent again. */
function extraMsOf(document: RtDocument): number {
  if (document.kind === 'void' || document.kind === 'cash') return 0
  return document.lines.length * PER_LINE_MS
}

function isSame(one: RtBaseline, other: RtBaseline): boolean {
  return (
    one.serial === other.serial &&
    one.z === other.z &&
    one.number === other.number &&
    one.non_fiscal === other.non_fiscal &&
    one.restores === other.restores &&
    one.at === other.at
  )
}

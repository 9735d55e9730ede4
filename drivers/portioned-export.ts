import type { Clock } from '../base/clock.ts'
import { NumberSpans } from '../base/number-spans.ts'
import { delay } from './delay.ts'
import { DeviceError } from './errors.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import type { TseExportFilter } from './ports/tse.ts'
import { INFO_FILE_NAME, isCertificateFileName } from './tr03151/file-name.ts'
import { isWhole, LATEST_TRANSACTION } from './tr03151/filter.ts'
import { filteredArchive } from './tr03151/filtered-archive.ts'
import { parseLogMessage } from './tr03151/log-message.ts'
import type { TarEntry } from './tr03151/tar.ts'
import { readTar, tarEnd } from './tr03151/tar.ts'

/** An archive, or the reason for none: nothing matches, a till waits, too large for one portion. */
export type UnitPortion = Buffer | 'none' | 'ended' | 'large'
/** For a portion ended for a till: how long the till had waited when the unit was released. */
export type Portion = Exclude<UnitPortion, 'ended'> | { waitedMs: number }

/** A unit that does nothing else while it exports. Each call takes its own slot in the queue, with sales in between. */
export type PortionSource = {
  clock: Clock
  signal: AbortSignal | undefined
  /** The last signature, by the unit's own clock; undefined without any transaction. */
  last: () => Promise<{ transaction: number; logTimeMs: number } | undefined>
  /** `heldMs`: a till that waits longer ends the portion. */
  portion: (filter: TseExportFilter, heldMs: number) => Promise<Portion>
}

/** Wait of a till after which it ends an export. */
const HELD_MS = 1000
/** For a portion of minimal size that did not complete; shorter than a till's time limit for its request. */
const HELD_MOST_MS = 4000
/** Limit for one portion. */
export const PORTION_MAX_BYTES = 16 << 20

/** Transactions in a portion. A single one would omit the logs around it, so there are always several. */
const WIDTH_FIRST = 64
const WIDTH_LEAST = 16
const WIDTH_MOST = 1 << 17
/** The next portion grows only if this one was smaller. */
const GROWS_BELOW_BYTES = 4 << 20
/** Each portion may search the whole memory, so the size doubles until a till has ended one. */
const GROWTH = 2
const GROWTH_ONCE_ENDED = 1.25
/** In a row, with a longer pause before each: no shop is idle for so short a time only. */
const ENDED_MAX = 12
const PAUSE_MS = 500
/** Tolerance for the unit's clock, which may have been set in between. */
const SLACK_MS = 60_000
const RUNS_MAX = 65_536
/**
 * A unit may not react to a cancellation while it searches its memory. The export fails after tills have waited this
 * much longer than intended, in a row and without progress.
 */
const OVERDUE_MOST_MS = HELD_MOST_MS
const SLICE_BYTES = 1 << 16

/**
 * The archive for the filter, built from portions of transaction numbers. Neighbours share one transaction, since the
 * logs between the lowest and the highest counter of a range belong to it (TR-03151 §5). Logs before the first
 * transaction, after the last one, and signed during the export are requested by time. `after`: the last counter that
 * the unit no longer holds. Throws `garbled` none if a counter after that is in no portion, `export_running` none if
 * sales let no portion complete.
 */
export function portionedArchive(
  source: PortionSource,
  filter: TseExportFilter,
  after: number,
): AsyncGenerator<Uint8Array> {
  const archive = wholeArchive(source, after)
  return isWhole(filter) ? archive : filteredArchive(archive, filter)
}

/** True once the export that begins now has run for its time and a till waits. */
export function waitedFor(queue: { load(): QueueLoad }, clock: Clock, held = HELD_MS): () => boolean {
  const since = clock.mono()
  return () => queue.load().waiting > 0 && Number(clock.mono() - since) / 1e6 >= held
}

/** Called before the unit is released, because then the till goes next. */
export function withWait(portion: UnitPortion, queue: { longestWaitMs(): number }): Portion {
  return portion === 'ended' ? { waitedMs: queue.longestWaitMs() } : portion
}

async function* wholeArchive(source: PortionSource, after: number): AsyncGenerator<Uint8Array> {
  const joined = new JoinedPortions()
  const beganMs = source.clock.now() - SLACK_MS
  const last = await source.last()
  for await (const portion of numbered(source, last?.transaction ?? 0)) {
    if (joined.isEmpty) {
      const before = await demanded(source, { timeToMs: await firstTimeMs(portion) })
      if (before !== undefined) yield* joined.added(before)
    }
    yield* joined.added(portion)
  }
  const tail = await demanded(source, { timeFromMs: Math.max(0, Math.min(last?.logTimeMs ?? 0, beganMs)) })
  if (tail !== undefined) yield* joined.added(tail)
  if (joined.isEmpty) throw new DeviceError('no_data', 'none', 'the unit holds no logs')
  joined.demandWhole(after)
  yield tarEnd
}

/** All transactions, in ranges as wide as the tills permit. */
async function* numbered(source: PortionSource, last: number): AsyncGenerator<Buffer> {
  const width = new Width()
  for (let from = 1; from <= last; ) {
    const to = from + width.transactions - 1 < last ? from + width.transactions - 1 : LATEST_TRANSACTION
    const portion = await source.portion({ transactionFrom: from, transactionTo: to }, width.heldMs)
    if (portion === 'large' || isEnded(portion)) {
      await delay(source.clock, width.reduced(portion), source.signal)
      demandWanted(source)
      continue
    }
    if (portion !== 'none') yield portion
    width.enlarge(portion.length)
    from = portion === 'none' || to === LATEST_TRANSACTION ? to + 1 : to
  }
}

/** Number of transactions in the next portion, by the waits during earlier ones. */
class Width {
  #transactions = WIDTH_FIRST
  #growth = GROWTH
  #retries = new PortionRetries()

  get transactions(): number {
    return this.#transactions
  }

  get heldMs(): number {
    return this.#retries.heldMs
  }

  enlarge(bytes: number): void {
    this.#retries = new PortionRetries()
    if (bytes < GROWS_BELOW_BYTES)
      this.#transactions = Math.min(WIDTH_MOST, Math.ceil(this.#transactions * this.#growth))
  }

  /** Returns the pause in milliseconds. Throws `export_running` none if further tries are useless. */
  reduced(portion: Portion): number {
    const restMs = this.#retries.rest(portion, this.#transactions === WIDTH_LEAST)
    this.#transactions = Math.max(WIDTH_LEAST, Math.floor(this.#transactions / 2))
    this.#growth = GROWTH_ONCE_ENDED
    return restMs
  }
}

/** Counts waits of tills and tries of the export without progress, in a row. */
class PortionRetries {
  #ended = 0
  #overdueMs = 0

  /** The wait of a till after which it ends the next portion. */
  get heldMs(): number {
    return Math.min(HELD_MOST_MS, (1 + this.#ended) * HELD_MS)
  }

  /**
   * Returns the pause in milliseconds after a portion that did not complete. Throws `export_running` none if further
   * tries are useless.
   */
  rest(portion: Portion, isLeast: boolean): number {
    if (isEnded(portion)) this.#overdueMs += Math.max(0, portion.waitedMs - this.heldMs)
    if (isLeast) this.#ended += 1
    if (this.#overdueMs > OVERDUE_MOST_MS || this.#ended >= ENDED_MAX)
      throw new DeviceError('export_running', 'none', 'sales ended each export')
    return PAUSE_MS * this.#ended
  }
}

/** A portion that cannot be reduced; undefined if it is empty. */
async function demanded(source: PortionSource, filter: TseExportFilter): Promise<Buffer | undefined> {
  for (const retries = new PortionRetries(); ; ) {
    const portion = await source.portion(filter, retries.heldMs)
    if (portion === 'none') return undefined
    if (portion === 'large') throw new DeviceError('refused', 'none', 'too many logs for one portion')
    if (!isEnded(portion)) return portion
    await delay(source.clock, retries.rest(portion, true), source.signal)
    demandWanted(source)
  }
}

function isEnded(portion: Portion): portion is { waitedMs: number } {
  return typeof portion === 'object' && 'waitedMs' in portion
}

function demandWanted({ signal }: PortionSource): void {
  if (signal?.aborted) throw new DeviceError('aborted', 'none', 'the export was cancelled')
}

/** Time of the log with the lowest counter. */
async function firstTimeMs(portion: Buffer): Promise<number> {
  let [lowest, timeMs] = [Number.POSITIVE_INFINITY, 0]
  for await (const { content } of logsIn(portion)) {
    const { counter, time } = parseLogMessage(content)
    if (counter < lowest) [lowest, timeMs] = [counter, time.ms]
  }
  return timeMs
}

async function* logsIn(portion: Buffer): AsyncGenerator<TarEntry & { content: Uint8Array }> {
  for await (const entry of readTar(slices(portion)))
    if (entry.content !== undefined && isLog(entry)) yield { ...entry, content: entry.content }
}

function isLog({ name }: TarEntry): boolean {
  return name.endsWith('.log')
}

/** Yields an archive without copying it. */
async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES)
}

/** Each log once; info and certificates from the first portion only. */
class JoinedPortions {
  readonly #counters = new NumberSpans(RUNS_MAX)
  readonly #common = new Set<string>()
  /** Counters of audit logs. */
  readonly #audits = new Set<number>()
  #lowest = Number.POSITIVE_INFINITY

  get isEmpty(): boolean {
    return this.#lowest === Number.POSITIVE_INFINITY
  }

  /** The new logs of a portion. A duplicate counter within one portion stays, so that verification reports it. */
  async *added(portion: Buffer): AsyncGenerator<Uint8Array> {
    const own = new NumberSpans(RUNS_MAX)
    for await (const entry of readTar(slices(portion))) {
      const { content, name, parts } = entry
      if (content === undefined || !isLog(entry)) {
        const isKnown = this.#common.has(name)
        this.#common.add(name)
        if (!isKnown || !(name === INFO_FILE_NAME || isCertificateFileName(name))) yield* parts
        continue
      }
      const { counter, kind } = parseLogMessage(content)
      const isTwice = own.add(counter) === 'twice'
      if (this.#counters.add(counter) === 'twice' && !isTwice) continue
      this.#lowest = Math.min(this.#lowest, counter)
      if (kind === 'Aud' && this.#audits.size < RUNS_MAX) this.#audits.add(counter)
      yield* parts
    }
  }

  /** A failed signature also uses a counter: the audit log after it explains such a gap (TR-03153-1 §9.2). */
  demandWhole(after: number): void {
    const unexplained = this.#counters.gaps().find(({ to }) => !this.#audits.has(to + 1))
    if (unexplained === undefined && this.#lowest === after + 1) return
    const [from, to] = unexplained === undefined ? [after + 1, this.#lowest - 1] : [unexplained.from, unexplained.to]
    throw new DeviceError('garbled', 'none', `the portions leave out counters ${from} to ${to}`)
  }
}

import type { Clock } from '../base/clock.ts'
import { delay } from './delay.ts'
import { DeviceError } from './errors.ts'
import type { QueueLoad } from './ports/queue-load.ts'
import type { TseExportFilter } from './ports/tse.ts'
import { infoFileName, isCertificateFileName } from './tr03151/file-name.ts'
import { isWhole, latestTransaction } from './tr03151/filter.ts'
import { filteredArchive } from './tr03151/filtered-archive.ts'
import { parseLogMessage } from './tr03151/log-message.ts'
import { NumberRuns } from './tr03151/number-runs.ts'
import type { TarEntry } from './tr03151/tar.ts'
import { readTar, tarEnd } from './tr03151/tar.ts'

/** An archive of its own, or why there is none: nothing answers, a till waits, it is too much for one portion. */
export type UnitPortion = Buffer | 'none' | 'ended' | 'large'
/** Of one that was ended for a till: how long that had waited when the unit let go. */
export type Portion = Exclude<UnitPortion, 'ended'> | { waitedMs: number }

/** A unit that does nothing else while it exports. Each call is a turn of its own: tills have theirs in between. */
export type PortionSource = {
  clock: Clock
  signal: AbortSignal | undefined
  /** What was signed last, by the unit's own clock; undefined where no transaction was. */
  last: () => Promise<{ transaction: number; logTimeMs: number } | undefined>
  /** `heldMs`: whoever waits for longer ends it. */
  portion: (filter: TseExportFilter, heldMs: number) => Promise<Portion>
}

/** How long a till waits for an export; from then on it ends one. */
const heldMs = 1000
/** For what cannot be made smaller and did not come through: no answer to a till takes so long that it does without. */
const heldMostMs = 4000
/** More in one portion is not gathered. */
export const portionBytesMax = 16 << 20

/** Transactions of a portion. A single one comes without the logs around it, so there are always several. */
const widthFirst = 64
const widthLeast = 16
const widthMost = 1 << 17
/** A portion that was larger is followed by none that asks for more. */
const growsBelowBytes = 4 << 20
/** Each portion may have to look through the whole memory: it asks for twice as much until a till has ended one. */
const growth = 2
const growthOnceEnded = 1.25
/** One after the other, with a longer pause before each: no shop rests for so short a time only. */
const endedMax = 12
const pauseMs = 500
/** For the clock of the unit, which may have been set meanwhile. */
const slackMs = 60_000
const runsMax = 65_536
/**
 * A unit may not hear that it is to end while it looks through its memory. Tills that in a row waited for so much longer than
 * they were to have waited enough for an archive that they get nothing from.
 */
const overdueMostMs = heldMostMs
const sliceBytes = 1 << 16

/**
 * The archive that answers the filter, out of portions of transaction numbers. Neighbours have one transaction in common, since the logs
 * between the lowest and the highest counter of a range belong to it (TR-03151 §5); what lies before the first transaction
 * and behind the last one, and what was signed meanwhile, is asked for by time. `after`: of what the unit holds no more.
 * Throws `garbled` none where a counter from there on is in no portion, `export_running` none where no till lets one through.
 */
export function portionedArchive(
  source: PortionSource,
  filter: TseExportFilter,
  after: number,
): AsyncGenerator<Uint8Array> {
  const archive = wholeArchive(source, after)
  return isWhole(filter) ? archive : filteredArchive(archive, filter)
}

/** Whether somebody waits for the export that begins now, and it had its time. */
export function waitedFor(queue: { load(): QueueLoad }, clock: Clock, held = heldMs): () => boolean {
  const since = clock.mono()
  return () => queue.load().waiting > 0 && Number(clock.mono() - since) / 1e6 >= held
}

/** Called while the unit is still held: afterwards it is the till's turn. */
export function withWait(portion: UnitPortion, queue: { longestWaitMs(): number }): Portion {
  return portion === 'ended' ? { waitedMs: queue.longestWaitMs() } : portion
}

async function* wholeArchive(source: PortionSource, after: number): AsyncGenerator<Uint8Array> {
  const joined = new JoinedPortions()
  const beganMs = source.clock.now() - slackMs
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

/** All transactions, in ranges that are as wide as the tills let them be. */
async function* numbered(source: PortionSource, last: number): AsyncGenerator<Buffer> {
  const width = new Width()
  for (let from = 1; from <= last; ) {
    const to = from + width.transactions - 1 < last ? from + width.transactions - 1 : latestTransaction
    const portion = await source.portion({ transactionFrom: from, transactionTo: to }, width.heldMs)
    if (portion === 'large' || isEnded(portion)) {
      await delay(source.clock, width.reduced(portion), source.signal)
      demandWanted(source)
      continue
    }
    if (portion !== 'none') yield portion
    width.enlarge(portion.length)
    from = portion === 'none' || to === latestTransaction ? to + 1 : to
  }
}

/** How many transactions the next portion has, by how the tills took those before. */
class Width {
  #transactions = widthFirst
  #growth = growth
  #patience = new Patience()

  get transactions(): number {
    return this.#transactions
  }

  get heldMs(): number {
    return this.#patience.heldMs
  }

  enlarge(bytes: number): void {
    this.#patience = new Patience()
    if (bytes < growsBelowBytes) this.#transactions = Math.min(widthMost, Math.ceil(this.#transactions * this.#growth))
  }

  /** Gives how long to wait then, in milliseconds. Throws `export_running` none where that leads nowhere. */
  reduced(portion: Portion): number {
    const restMs = this.#patience.rest(portion, this.#transactions === widthLeast)
    this.#transactions = Math.max(widthLeast, Math.floor(this.#transactions / 2))
    this.#growth = growthOnceEnded
    return restMs
  }
}

/** What the tills, and whoever exports, have put up with in a row for nothing. */
class Patience {
  #ended = 0
  #overdueMs = 0

  /** How long a till waits for the next portion. */
  get heldMs(): number {
    return Math.min(heldMostMs, (1 + this.#ended) * heldMs)
  }

  /** Gives how long to wait behind one that did not come through, in milliseconds. Throws `export_running` none where that leads nowhere. */
  rest(portion: Portion, isLeast: boolean): number {
    if (isEnded(portion)) this.#overdueMs += Math.max(0, portion.waitedMs - this.heldMs)
    if (isLeast) this.#ended += 1
    if (this.#overdueMs > overdueMostMs || this.#ended >= endedMax)
      throw new DeviceError('export_running', 'none', 'sales ended each export')
    return pauseMs * this.#ended
  }
}

/** What cannot be made smaller; undefined where there is none. */
async function demanded(source: PortionSource, filter: TseExportFilter): Promise<Buffer | undefined> {
  for (const patience = new Patience(); ; ) {
    const portion = await source.portion(filter, patience.heldMs)
    if (portion === 'none') return undefined
    if (portion === 'large') throw new DeviceError('refused', 'none', 'too many logs for one portion')
    if (!isEnded(portion)) return portion
    await delay(source.clock, patience.rest(portion, true), source.signal)
    demandWanted(source)
  }
}

function isEnded(portion: Portion): portion is { waitedMs: number } {
  return typeof portion === 'object' && 'waitedMs' in portion
}

function demandWanted({ signal }: PortionSource): void {
  if (signal?.aborted) throw new DeviceError('aborted', 'none', 'the export was given up')
}

/** Of the log with the lowest counter. */
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

/** An archive is read without a copy of it. */
async function* slices(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes)
}

/** Each log once, and info and certificates of the first portion alone. */
class JoinedPortions {
  readonly #counters = new NumberRuns(runsMax)
  readonly #common = new Set<string>()
  /** Counters of audit logs. */
  readonly #audits = new Set<number>()
  #lowest = Number.POSITIVE_INFINITY

  get isEmpty(): boolean {
    return this.#lowest === Number.POSITIVE_INFINITY
  }

  /** What is in it and was in none before. A counter that one portion has twice stays so: it is to be found. */
  async *added(portion: Buffer): AsyncGenerator<Uint8Array> {
    const own = new NumberRuns(runsMax)
    for await (const entry of readTar(slices(portion))) {
      const { content, name, parts } = entry
      if (content === undefined || !isLog(entry)) {
        const isKnown = this.#common.has(name)
        this.#common.add(name)
        if (!isKnown || !(name === infoFileName || isCertificateFileName(name))) yield* parts
        continue
      }
      const { counter, kind } = parseLogMessage(content)
      const isTwice = own.add(counter) === 'twice'
      if (this.#counters.add(counter) === 'twice' && !isTwice) continue
      this.#lowest = Math.min(this.#lowest, counter)
      if (kind === 'Aud' && this.#audits.size < runsMax) this.#audits.add(counter)
      yield* parts
    }
  }

  /** A signature that failed takes its counter along: such a gap is explained by the audit log behind it (TR-03153-1 §9.2). */
  demandWhole(after: number): void {
    const unexplained = this.#counters.gaps().find(({ to }) => !this.#audits.has(to + 1))
    if (unexplained === undefined && this.#lowest === after + 1) return
    const [from, to] = unexplained === undefined ? [after + 1, this.#lowest - 1] : [unexplained.from, unexplained.to]
    throw new DeviceError('garbled', 'none', `the portions leave out counters ${from} to ${to}`)
  }
}

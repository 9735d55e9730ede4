import type { Clock } from '../../../../base/clock.ts'
import { monoMs, rfc3339 } from '../../../../base/clock.ts'
import { CodedError } from '../../../../base/thrown.ts'
import type { Tse, TseIdentity } from '../../../../drivers/ports/tse.ts'
import { tseIndex } from '../../../devices/enrolment.ts'
import { tseId } from '../../../journal/documents/records.ts'
import type { Journal } from '../../../journal/journal.ts'
import type { GatheredLog, GatheredLogs } from './gathered-logs.ts'
import { deletedCounter, memoryFacts } from './kept-archives.ts'
import type { PendingFinish } from './pending-finishes.ts'
import { pendingFinishes } from './pending-finishes.ts'
import { tidyPortions, writePortion } from './portion-file.ts'
import type { ReadTo, StoredReadFacts } from './read-facts.ts'
import { readFacts } from './read-facts.ts'
import type { ReadFrom } from './unit-logs.ts'
import { OutOfTimeError, UnitLogs } from './unit-logs.ts'

export type ReadingOptions = {
  journal: Pick<Journal, 'view' | 'record' | 'headSeq'>
  clock: Clock
  /** `archives` in the state directory. */
  directory: string
  hasRoom: () => boolean
  fault: (point: string) => void
}

/** Time limits for the whole read and for a single command, in ms. */
export type ReadLimits = { forMs: number; heldMs: number }

/** The unit exported nothing, or not what it signed. */
export class NotReadError extends CodedError<'timeout' | 'incomplete'> {
  override readonly name = 'NotReadError'
}

/**
 * Reads back what a unit has signed since the last time; verifies and stores it portion by portion, each journalled
 * before the next. Returns early, without an error, when its time is over. Throws NotReadError, DeviceError,
 * FiskalError.
 */
export class Reading {
  readonly #options: ReadingOptions
  readonly #tse: Tse
  readonly #device: string
  readonly #identity: TseIdentity

  constructor(options: ReadingOptions, device: string, tse: Tse, identity: TseIdentity) {
    this.#options = options
    this.#device = device
    this.#tse = tse
    this.#identity = identity
  }

  async run({ forMs, heldMs }: ReadLimits, signal: AbortSignal): Promise<void> {
    const { journal, clock, directory, fault } = this.#options
    const { serial } = this.#identity
    const latestMs = monoMs(clock) + forMs
    const isInTime = (): boolean => monoMs(clock) < latestMs
    const headSeq = journal.headSeq
    const { archives } = memoryFacts(journal.view, serial)
    await tidyPortions(directory, serial, readFacts(journal.view, serial).readTo?.counter ?? 0, archives)
    const pending = await pendingFinishes(journal.view, serial, readSoFar(journal.view, serial), signal)
    if (pending.length === 0) return
    fault('tse.reading')
    const logs = new UnitLogs(this.#tse, { signal, heldMs, isInTime })
    try {
      await this.#portions(logs, pending, headSeq, isInTime, signal)
    } catch (error) {
      if (!(error instanceof OutOfTimeError)) throw error
    }
    if (!isInTime() && !logs.hasAnswered) throw new NotReadError('timeout', 'It handed nothing out in time.')
  }

  async #portions(
    logs: UnitLogs,
    pending: readonly PendingFinish[],
    headSeq: number,
    isInTime: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let rest = pending
    while (rest.length > 0 && isInTime() && !signal.aborted && this.#options.hasRoom()) {
      const { gathered, isWhole } = await logs.next(this.#from(), rest.length)
      if (signal.aborted) return
      // Aborted before its first log.
      if (gathered.span === undefined && !isWhole && !isInTime()) return
      rest = await this.#portion(gathered, rest, headSeq)
      if (isWhole && rest[0] !== undefined) throw notHandedOut(rest[0].counter)
    }
  }

  /** Stores the logs after the last portion. Returns the finishes that are not among them. */
  async #portion(
    gathered: GatheredLogs,
    pending: readonly PendingFinish[],
    headSeq: number,
  ): Promise<readonly PendingFinish[]> {
    const from = this.#from()
    const { logs, last, gapAt, transaction } = portionAfter(gathered, from)
    const missing = missingIn(logs, pending, last?.counter ?? from.counter)
    if (missing !== undefined || last === undefined) throw notHandedOut(missing ?? gapAt ?? pending[0]?.counter ?? 0)
    const rest = pending.filter(({ counter }) => counter > last.counter)
    // All finishes up to this event: an event that arrives late is after those that were read.
    const seq = rest.length === 0 ? headSeq : Math.min(...rest.map((finish) => finish.seq)) - 1
    await this.#keep(gathered, logs, { transaction, seq })
    return rest
  }

  #from(): ReadFrom {
    const { view } = this.#options.journal
    const { readTo } = readFacts(view, this.#identity.serial)
    const { counter } = readSoFar(view, this.#identity.serial)
    return { counter, transaction: readTo?.transaction ?? 1, timeMs: readTo?.time_ms }
  }

  async #keep(
    gathered: GatheredLogs,
    logs: readonly GatheredLog[],
    { transaction, seq }: Pick<ReadTo, 'transaction' | 'seq'>,
  ): Promise<void> {
    const { directory, clock, journal, fault } = this.#options
    const { serial } = this.#identity
    const portion = await writePortion(directory, this.#identity, gathered.common, logs, fault)
    fault('tse.portion_written')
    const readTo: ReadTo = {
      counter: portion.last_counter,
      transaction,
      time_ms: logs.at(-1)?.timeMs ?? 0,
      at: rfc3339(clock.now()),
      seq,
    }
    const set: StoredReadFacts = { read_to: readTo, unreadable: null }
    const facts = { device: this.#device, portion: true as const, ...portion }
    await journal.record((view) => [
      { kind: 'tse.archived', op: tseId(serial), body: { ...tseIndex(view, serial), set, facts } },
    ])
  }
}

/** Earlier logs were read or taken out of the unit. */
function readSoFar(view: Journal['view'], serial: string): { counter: number; seq: number } {
  const { readTo } = readFacts(view, serial)
  return {
    counter: Math.max(readTo?.counter ?? 0, deletedCounter(memoryFacts(view, serial).archives)),
    seq: readTo?.seq ?? 0,
  }
}

type PortionLogs = {
  logs: readonly GatheredLog[]
  last: GatheredLog | undefined
  gapAt: number | undefined
  /** The next export begins here. */
  transaction: number
}

/** The first portion of a unit begins with its first transaction. */
function portionAfter(gathered: GatheredLogs, from: ReadFrom): PortionLogs {
  const isFirst = from.timeMs === undefined
  const lowest = gathered.span?.lowest ?? 0
  const { logs, gapAt } = gathered.after(isFirst ? Math.max(from.counter, lowest - 1) : from.counter)
  const transaction = Math.max(from.transaction, ...logs.map((log) => log.transaction ?? 0))
  return { logs, last: logs.at(-1), gapAt, transaction }
}

/** The first finish up to a counter that is not among the logs. */
function missingIn(logs: readonly GatheredLog[], finishes: readonly PendingFinish[], upTo: number): number | undefined {
  const counters = new Set(logs.map(({ counter }) => counter))
  return finishes.find(({ counter }) => counter <= upTo && !counters.has(counter))?.counter
}

function notHandedOut(counter: number): NotReadError {
  return new NotReadError('incomplete', `It does not hand out log ${counter}, which it signed.`)
}

import { NumberSpans } from '../../../../base/number-spans.ts'
import type { LogMessage } from '../../../../drivers/tr03151/log-message.ts'
import type { CountedSpan, Span } from '../archive-logs.ts'
import type { ArchivedLog } from './archived-log.ts'

/** Maximum number of gaps remembered per unit. */
const RUNS_MAX = 65_536
/** Maximum number of unfinished transactions remembered per unit. */
const OPEN_MAX = 1000

/**
 * `whole`: everything a unit holds; `part`: some of it; `kept`: logs that were taken out of a unit that is not at hand.
 */
export type Extent = 'whole' | 'part' | 'kept'

/**
 * `isWhole`: a log missing in its archives is missing in the unit. `sections`: counters that an archive has without a
 * gap. `open`: transactions that were started and not finished.
 */
export type ArchivedUnit = {
  counters: NumberSpans
  spans: NumberSpans
  sections: Span[]
  highest: number
  newestMs: number
  isWhole: boolean
  isKeptOnly: boolean
  open: Set<number>
}

/** The logs of each unit that the archives at hand contain. */
export class ArchivedUnits {
  readonly #units = new Map<string, ArchivedUnit>()

  /** By serial number. */
  get all(): ReadonlyMap<string, ArchivedUnit> {
    return this.#units
  }

  /** False for a log that another archive contained already. */
  add(serial: string, { counter, time }: LogMessage): boolean {
    const unit = this.#unit(serial)
    if (unit.counters.add(counter) === 'twice') return false
    unit.newestMs = Math.max(unit.newestMs, time.ms)
    return true
  }

  noteOpen({ serial, transaction }: ArchivedLog, operation: string): void {
    const { open } = this.#unit(serial)
    if (operation === 'Finish') open.delete(transaction)
    else if (operation === 'Start' && open.size < OPEN_MAX) open.add(transaction)
  }

  /** An archive has these logs of the unit. `isRead`: nothing in it was unreadable. */
  cover(serial: string, span: CountedSpan, extent: Extent, isRead: boolean): void {
    const unit = this.#unit(serial)
    unit.spans.add(span.lowest, span.highest)
    unit.highest = Math.max(unit.highest, span.highest)
    unit.isWhole &&= extent === 'whole' && isRead
    unit.isKeptOnly &&= extent === 'kept'
    if (isRead && span.highest - span.lowest + 1 === span.logs) unit.sections.push(span)
  }

  #unit(serial: string): ArchivedUnit {
    const unit = this.#units.get(serial) ?? {
      counters: new NumberSpans(RUNS_MAX),
      spans: new NumberSpans(),
      sections: [],
      highest: 0,
      newestMs: 0,
      isWhole: true,
      isKeptOnly: true,
      open: new Set<number>(),
    }
    this.#units.set(serial, unit)
    return unit
  }
}

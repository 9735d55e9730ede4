import type { Clock } from '../../base/clock.ts'
import type { Link } from '../links/link.ts'
import type { RtMemory, RtSpan } from '../ports/rt-printer.ts'
import type { CalledPrinterOptions } from './called-printer.ts'
import { CalledPrinter } from './called-printer.ts'

/** The arguments of a driver for a printer on a line. */
export type LinePrinterOptions<Profile, Timeouts> = {
  link: Link
  clock: Clock
  /** Rate (`0.22`) or natura (`N4`) → department as the installer programmed it. */
  departments: Readonly<Record<string, number>>
  timeouts?: Partial<Timeouts>
  profile?: Partial<Profile>
  /** Limit for each call of the port; reports add the longest reply. */
  deadlineMs?: number
}

type ReadableUnit<Plan> = CalledPrinterOptions<Plan>['unit'] & {
  /** Ends or aborts an open document. */
  rest(signal: AbortSignal): Promise<unknown>
  readSpan(span: RtSpan, signal: AbortSignal): Promise<RtMemory>
}

/** A printer on a line, which returns the texts of its memory. */
export abstract class LinePrinter<Plan> extends CalledPrinter<Plan> {
  readonly #unit: ReadableUnit<Plan>

  constructor(options: CalledPrinterOptions<Plan> & { unit: ReadableUnit<Plan> }) {
    super(options)
    this.#unit = options.unit
  }

  open(): Promise<void> {
    return this.ask((signal) => this.#rest(signal))
  }

  documents(span: RtSpan, withinMs: number): Promise<RtMemory> {
    return this.askWithin(withinMs, async (signal) => {
      await this.#rest(signal)
      return await this.#unit.readSpan(span, signal)
    })
  }

  async #rest(signal: AbortSignal): Promise<void> {
    await this.#unit.ready(signal)
    await this.#unit.rest(signal)
  }
}

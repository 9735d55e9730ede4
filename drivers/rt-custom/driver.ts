import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtHealth, RtLastDocument, RtPrinter, RtTotals } from '../ports/rt-printer.ts'
import { clockSkewMs } from '../rt/civil-time.ts'
import { four } from '../rt/document-number.ts'
import type { LinePrinterOptions } from '../rt/line-printer.ts'
import { LinePrinter } from '../rt/line-printer.ts'
import { lastDocumentOf } from '../rt/memory-search.ts'
import type { DocumentPlan } from './document-commands.ts'
import { planDocument } from './document-commands.ts'
import { readDocument } from './memory-reading.ts'
import type { CustomProfile, CustomTimeouts } from './profile.ts'
import { defaultTimeouts, profileWith } from './profile.ts'
import type { UnsentFiles } from './replies.ts'
import { hasFailed, parseCheck, parseClosure, parseUnsent } from './replies.ts'
import { CustomSession } from './session.ts'
import { CustomUnit } from './unit.ts'

/** Serial: 19200 bit/s, 7 data bits, odd parity. */
export type CustomPrinterOptions = LinePrinterOptions<CustomProfile, CustomTimeouts>

/** Each line of the memory is one exchange, at twenty a second with 19200 bit/s: an act may ask for a day of them. */
const READING_MS = 1_800_000
/** One question each: a month of closures. */
const FILES_ASKED_MAX = 31

/** RT printers that speak the Custom protocol (Q3X-F, KUBE-F, XKUBE-F, K3-F), serial or TCP. */
export class CustomPrinter extends LinePrinter<DocumentPlan> implements RtPrinter {
  readonly #clock: Clock
  readonly #profile: CustomProfile
  readonly #session: CustomSession
  readonly #unit: CustomUnit
  #rejectedFiles: { key: string; closures: readonly number[] } | undefined

  constructor(options: CustomPrinterOptions) {
    const { link, clock, departments, deadlineMs } = options
    const profile = profileWith(options.profile)
    const timeouts = { ...defaultTimeouts, ...options.timeouts }
    const session = new CustomSession({ link, clock, profile, timeouts })
    const unit = new CustomUnit(session)
    const planOf = (document: RtDocument, { serial }: Pick<RtBaseline, 'serial'>): DocumentPlan =>
      planDocument(document, { departments, profile, serial })
    const { printMs, longMs } = timeouts
    super({ unit, clock, planOf, deadlineMs, printMs, longMs, readingMs: READING_MS, pollMs: profile.pollMs })
    this.#clock = clock
    this.#profile = profile
    this.#session = session
    this.#unit = unit
  }

  hasTender(tender: number): boolean {
    return this.#profile.tenderCodes[tender] !== undefined
  }

  /** One question at a time: a new document goes before the next one. */
  async health(): Promise<RtHealth> {
    const ask = (command: string) => this.ask((signal) => this.#session.ask(command, signal))
    await this.identity()
    const { state } = this.#session
    const flags = await this.ask((signal) => this.#unit.flags(signal))
    const open = await ask('1016')
    // Before its files: a Z between the two questions is not taken for one that was sent.
    const z = parseClosure(await ask('1104')) ?? 0
    const unsent = parseUnsent(await ask('15140'))
    return {
      paper: flags.paperOut ? 'out' : flags.paperLow ? 'low' : 'ok',
      cover: flags.coverOpen ? 'open' : 'closed',
      memory: flags.memoryFull ? 'full' : flags.memoryNearlyFull ? 'nearly_full' : 'ok',
      inService: state?.trouble === undefined,
      pendingFiles: unsent && unsent.failed + unsent.waiting,
      rejectedZ: await this.#rejected(z, unsent),
      pendingFilesMax: undefined,
      oldestPendingAt: undefined,
      periodicCheck: parseCheck(await this.ask((signal) => this.#unit.askIfThere('1529', signal))),
      clockSkewMs: await this.ask(async (signal) => clockSkewMs(await this.#unit.clockText(signal), this.#clock.now())),
      documentOpen: !/^0*$/.test(open.trim()),
      z,
      description: [
        'Custom',
        ...(state?.splitsVat ? ['ventilazione'] : []),
        ...(state?.trouble === undefined ? [] : [state.trouble]),
      ].join(', '),
    }
  }

  /** Asked for each closure again only when the numbers of files have changed. */
  async #rejected(z: number, unsent: UnsentFiles | undefined): Promise<readonly number[]> {
    const { failed = 0, waiting = 0 } = unsent ?? {}
    const key = `${z} ${failed} ${waiting}`
    if (this.#rejectedFiles?.key === key) return this.#rejectedFiles.closures
    const closures: number[] = []
    for (let asked = z; asked > Math.max(0, z - FILES_ASKED_MAX) && closures.length < failed; asked -= 1) {
      const name = four(asked)
      const state = await this.ask((signal) => this.#session.run(`15150${name}0000`, signal))
      if (state.done && hasFailed(state.data, name)) closures.push(asked)
    }
    this.#rejectedFiles = { key, closures }
    return closures
  }

  lastDocument(): Promise<RtLastDocument | undefined> {
    return this.ask(async (signal) => {
      const { z, number } = await this.#unit.baseline(signal)
      if (number === 0) return undefined
      const last = await readDocument(this.#session, { z: z + 1, number }, signal)
      if (!last) throw new DeviceError('garbled', 'none', 'the last document is not in the text of the memory')
      // The layout of the memory is published nowhere, the receipt's own total is.
      const receipt = await this.#unit.lastReceipt(signal)
      const isSame = receipt?.isFiscal === true && !receipt.isAborted && receipt.number === number
      return lastDocumentOf(isSame ? { ...last, totalCents: receipt.totalCents, printedAt: receipt.at } : last)
    }, true)
  }

  dailyTotals(): Promise<RtTotals> {
    return this.ask(async (signal) => {
      const { number } = await this.#unit.baseline(signal)
      const { receipts, returns, voids } = await this.#unit.dayCounters(signal)
      return {
        documents: number,
        salesCents: receipts.cents,
        returnsCents: returns.cents,
        voidsCents: voids.cents,
      }
    })
  }

  printReport(): Promise<void> {
    return this.ask((signal) => this.#unit.printOnce('2003', signal), true)
  }

  async openDrawer(): Promise<void> {
    await this.ask((signal) => this.#session.ask('70081', signal))
  }

  printDuplicate(): Promise<void> {
    return this.copy((signal) => this.#unit.printOnce('4007', signal))
  }

  printGift(): Promise<void> {
    return this.copy((signal) => this.#unit.printOnce('4007R', signal))
  }

  async transmitPending(): Promise<void> {
    await this.ask((signal) => this.#session.ask('6403', signal), true)
  }
}

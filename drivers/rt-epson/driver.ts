import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { Post } from '../links/http.ts'
import type { RtBaseline, RtDocument, RtHealth, RtLastDocument, RtPrinter, RtTotals } from '../ports/rt-printer.ts'
import { CalledPrinter } from '../rt/called-printer.ts'
import { documentNumberOf } from '../rt/document-number.ts'
import type { DocumentPlan } from './document-xml.ts'
import { hasTender, planDocument } from './document-xml.ts'
import type { EpsonTimeouts } from './unit.ts'
import { EpsonUnit } from './unit.ts'
import { element } from './xml.ts'

export type EpsonPrinterOptions = {
  host: string
  port: number
  clock: Clock
  departments: Readonly<Record<string, number>>
  timeouts?: Partial<EpsonTimeouts>
  deadlineMs?: number
  pollMs?: number
  /** Default: the network. */
  post?: Post | undefined
}

const defaultTimeouts: EpsonTimeouts = { replyMs: 5000, printMs: 30_000, longMs: 180_000 }
const POLL_DEFAULT_MS = 300

/**
 * Epson FP-81 II RT and FP-90 III RT with their XML service. It reads no texts of the memory: after a lost answer one
 * new document with the same total counts as ours and is marked as not certain.
 */
export class EpsonPrinter extends CalledPrinter<DocumentPlan> implements RtPrinter {
  readonly #unit: EpsonUnit
  readonly #timeouts: EpsonTimeouts

  constructor(options: EpsonPrinterOptions) {
    const { host, port, clock, departments, deadlineMs, pollMs = POLL_DEFAULT_MS } = options
    const timeouts = { ...defaultTimeouts, ...options.timeouts }
    const unit = new EpsonUnit({ host, port, clock, timeouts, post: options.post })
    const planOf = (document: RtDocument, { serial }: Pick<RtBaseline, 'serial'>): DocumentPlan =>
      planDocument(document, { departments, serial })
    const { printMs, longMs } = timeouts
    super({ unit, clock, planOf, deadlineMs, printMs, longMs, pollMs })
    this.#timeouts = timeouts
    this.#unit = unit
  }

  hasTender(tender: number): boolean {
    return hasTender(tender)
  }

  async open(): Promise<void> {
    await this.ask((signal) => this.#unit.ready(signal))
  }

  health(): Promise<RtHealth> {
    return this.ask(async (signal) => {
      const status = await this.#unit.status(signal)
      const { z } = await this.#unit.counters(signal)
      const { inService = true, pendingFiles } = (await this.#unit.rtStatus(signal)) ?? {}
      const [printer, journal] = status
      return {
        paper: printer === '3' ? 'out' : printer === '2' ? 'low' : 'ok',
        cover: 'closed',
        memory: journal === '5' ? 'full' : journal === '1' ? 'nearly_full' : 'ok',
        inService,
        pendingFiles,
        pendingFilesMax: undefined,
        oldestPendingAt: undefined,
        periodicCheck: 'ok',
        // The service has no command that returns the time.
        clockSkewMs: undefined,
        documentOpen: false,
        z,
        description: `Epson, status ${status}`,
      }
    })
  }

  /**
   * The service does not report the kind of the last document: a return or void counts as a sale here. After a slip it
   * reports no document. In a period without one it reports that of a period before.
   */
  lastDocument(): Promise<RtLastDocument | undefined> {
    return this.ask(async (signal) => {
      const last = await this.#unit.lastReceipt(signal)
      if (last?.isFiscal === false) throw new DeviceError('no_data', 'none', 'a slip hides its last document')
      if (!last) return undefined
      const { z, at, totalCents } = last
      const documentNumber = documentNumberOf(z, last.number)
      return { kind: 'sale', z, number: last.number, documentNumber, printedAt: at, totalCents, reference: undefined }
    })
  }

  /** The service has no enquiry for them. */
  dailyTotals(): Promise<RtTotals> {
    return Promise.reject(new DeviceError('no_data', 'none', 'the XML service reports no totals'))
  }

  async printReport(): Promise<void> {
    const xml = element('printerFiscalReport', {}, element('printXReport', { operator: 1 }))
    await this.ask((signal) => this.#unit.order(xml, this.#timeouts.longMs, 'X report', signal), true)
  }

  async openDrawer(): Promise<void> {
    const xml = element('printerCommand', {}, element('openDrawer', { operator: 1 }))
    await this.ask((signal) => this.#unit.order(xml, this.#timeouts.replyMs, 'drawer', signal))
  }

  /** The printer sends automatically; its service has no command for it. */
  async transmitPending(): Promise<void> {
    await this.ask((signal) => this.#unit.ready(signal))
  }
}

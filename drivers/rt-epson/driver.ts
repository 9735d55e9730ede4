import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtHealth, RtLastDocument, RtPrinter, RtTotals } from '../ports/rt-printer.ts'
import { CalledPrinter } from '../rt/called-printer.ts'
import { documentNumberOf } from '../rt/document-number.ts'
import type { DocumentPlan } from './document-xml.ts'
import { hasTender, planDocument } from './document-xml.ts'
import type { EpsonProfile } from './profile.ts'
import { defaultProfile } from './profile.ts'
import type { EpsonServiceOptions, EpsonTimeouts } from './service.ts'
import { EpsonService, requestMs } from './service.ts'
import { EpsonUnit } from './unit.ts'
import { element } from './xml.ts'

export type EpsonPrinterOptions = Pick<EpsonServiceOptions, 'host' | 'port' | 'clock' | 'post' | 'recorder'> & {
  departments: Readonly<Record<string, number>>
  timeouts?: Partial<EpsonTimeouts>
  profile?: Partial<EpsonProfile>
  /** The password for duplicates, if the printer wants one. */
  duplicatePassword?: (() => Promise<string>) | undefined
  deadlineMs?: number
  pollMs?: number
}

const defaultTimeouts: EpsonTimeouts = { replyMs: 5000, printMs: 30_000, longMs: 180_000 }
const POLL_DEFAULT_MS = 300
/** Padded with blanks (three programs of shops). */
const PASSWORD_LENGTH = 100

/**
 * Epson FP-81 II RT and FP-90 III RT with their XML service. It reads no texts of the memory: after a lost answer one
 * new document with the same total counts as ours and is marked as not certain.
 */
export class EpsonPrinter extends CalledPrinter<DocumentPlan> implements RtPrinter {
  readonly #unit: EpsonUnit
  readonly #service: EpsonService
  readonly #duplicatePassword: EpsonPrinterOptions['duplicatePassword']

  constructor(options: EpsonPrinterOptions) {
    const { host, port, clock, recorder, departments, deadlineMs, pollMs = POLL_DEFAULT_MS } = options
    const timeouts = { ...defaultTimeouts, ...options.timeouts }
    const profile = { ...defaultProfile, ...options.profile }
    const service = new EpsonService({ host, port, clock, timeouts, post: options.post, recorder })
    const unit = new EpsonUnit(service)
    const planOf = (document: RtDocument, { serial }: Pick<RtBaseline, 'serial'>): DocumentPlan =>
      planDocument(document, { departments, serial, profile })
    const [printMs, longMs] = [requestMs(timeouts.printMs), requestMs(timeouts.longMs)]
    super({ unit, clock, planOf, deadlineMs, printMs, longMs, pollMs })
    this.#service = service
    this.#unit = unit
    this.#duplicatePassword = options.duplicatePassword
  }

  hasTender(tender: number): boolean {
    return hasTender(tender)
  }

  async open(): Promise<void> {
    await this.ask((signal) => this.#unit.open(signal))
  }

  health(): Promise<RtHealth> {
    return this.ask(async (signal) => {
      const { paper, memory, isOpen } = await this.#service.states(signal)
      const { z } = await this.#unit.counters(signal)
      const { worthless, pendingFiles } = await this.#service.serviceState(await this.#service.rtStatus(signal), signal)
      return {
        paper,
        cover: 'closed',
        memory,
        inService: worthless === undefined,
        pendingFiles,
        pendingFilesMax: undefined,
        oldestPendingAt: undefined,
        periodicCheck: 'ok',
        // The service has no command that returns the time.
        clockSkewMs: undefined,
        documentOpen: isOpen,
        z,
        description: worthless === undefined ? 'Epson' : `Epson: ${worthless}`,
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
    await this.ask((signal) => this.#service.order(xml, this.#service.timeouts.longMs, 'X report', signal), true)
  }

  async openDrawer(): Promise<void> {
    const xml = element('printerCommand', {}, element('openDrawer', { operator: 1 }))
    await this.ask((signal) => this.#service.order(xml, this.#service.timeouts.replyMs, 'drawer', signal))
  }

  /** Its service has no command for a copy without prices. */
  printDuplicate(): Promise<void> {
    return this.copy(async (signal) => {
      const password = await this.#duplicatePassword?.()
      const data = `02${password?.padEnd(PASSWORD_LENGTH)}`
      const before = password === undefined ? [] : [element('directIO', { command: '4038', data })]
      const xml = element('printerCommand', {}, ...before, element('printDuplicateReceipt', { operator: 1 }))
      const what = password === undefined ? 'duplicate without "duplicatePasswordFile"' : 'duplicate'
      await this.#service.order(xml, this.#service.timeouts.printMs, what, signal)
    })
  }

  /** The printer sends automatically; its service has no command for it. */
  async transmitPending(): Promise<void> {
    await this.ask((signal) => this.#unit.ready(signal))
  }
}

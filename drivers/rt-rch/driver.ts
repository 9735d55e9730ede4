import type { Clock } from '../../base/clock.ts'
import { DeviceError } from '../errors.ts'
import type { RtBaseline, RtDocument, RtHealth, RtLastDocument, RtPrinter, RtTotals } from '../ports/rt-printer.ts'
import { clockSkewMs } from '../rt/civil-time.ts'
import type { LinePrinterOptions } from '../rt/line-printer.ts'
import { LinePrinter } from '../rt/line-printer.ts'
import { lastDocumentOf } from '../rt/memory-search.ts'
import type { DocumentPlan } from './document-commands.ts'
import { planDocument } from './document-commands.ts'
import { rchRefusal } from './failures.ts'
import type { RchProfile, RchTimeouts } from './profile.ts'
import { defaultProfile, defaultTimeouts, hasTender } from './profile.ts'
import { parseItalian, parsePending } from './reply.ts'
import { RchSession, SIMULATION } from './session.ts'
import { RchUnit } from './unit.ts'

export type RchPrinterOptions = LinePrinterOptions<RchProfile, RchTimeouts>

/** RT printers that speak the RCH native protocol (Print! F RT, Print! 3.0 RT, Onda/Spot RT), serial or TCP. */
export class RchPrinter extends LinePrinter<DocumentPlan> implements RtPrinter {
  readonly #clock: Clock
  readonly #profile: RchProfile
  readonly #session: RchSession
  readonly #unit: RchUnit

  constructor(options: RchPrinterOptions) {
    const { link, clock, departments, deadlineMs } = options
    const profile = { ...defaultProfile, ...options.profile }
    const timeouts = { ...defaultTimeouts, ...options.timeouts }
    const session = new RchSession({ link, clock, profile, timeouts })
    const unit = new RchUnit(session)
    const planOf = (document: RtDocument, { serial }: Pick<RtBaseline, 'serial'>): DocumentPlan =>
      planDocument(document, { departments, profile, serial })
    const { printMs, longMs } = timeouts
    super({ unit, clock, planOf, deadlineMs, printMs, longMs, pollMs: profile.pollMs })
    this.#clock = clock
    this.#profile = profile
    this.#session = session
    this.#unit = unit
  }

  hasTender(tender: number): boolean {
    return hasTender(this.#profile, tender)
  }

  /** One question at a time: a new document goes before the next one. */
  async health(): Promise<RtHealth> {
    const session = this.#session
    const ask = (enquiry: string) => this.ask((signal) => session.ask(enquiry, signal))
    const state = await this.ask((signal) => session.state(signal))
    const flags = await this.ask((signal) => session.flags(signal))
    const memory = (await ask('i')).trim()
    const service = await ask('i/*3')
    // Before its files: a Z between the two questions is not taken for one that was sent.
    const z = await this.ask((signal) => session.count('7', signal))
    const pending = parsePending(await ask('i/*5'))
    const check = await this.#optional('i/*2')
    const simulates = await this.ask((signal) => session.readSimulation(signal))
    return {
      paper: flags.paperOut ? 'out' : 'ok',
      cover: flags.coverOpen ? 'open' : 'closed',
      memory: memory === '1' ? 'full' : memory === '10' ? 'nearly_full' : 'ok',
      inService: /^111000/.test(service.trim()) && !simulates,
      pendingFiles: pending?.files,
      pendingFilesMax: pending?.filesMax,
      oldestPendingAt: pending?.oldestAt,
      periodicCheck: check.charAt(3) === '1' ? 'expired' : check.charAt(2) === '1' ? 'expiring' : 'ok',
      clockSkewMs: await this.ask(async (signal) => clockSkewMs(await session.clockText(signal), this.#clock.now())),
      documentOpen: state.status !== '00',
      z,
      description: `${await this.#optional('f')}${simulates ? `, ${SIMULATION}` : ''}`,
    }
  }

  lastDocument(): Promise<RtLastDocument | undefined> {
    return this.ask(async (signal) => {
      await this.#session.ready(signal)
      const { number } = await this.#session.rest(signal)
      if (number === 0) return undefined
      const z = await this.#session.count('7', signal)
      return lastDocumentOf(await this.#unit.lastDocument({ z, number }, signal))
    })
  }

  dailyTotals(): Promise<RtTotals> {
    return this.ask(async (signal) => {
      const { number } = await this.#session.state(signal)
      return {
        documents: number,
        salesCents: await this.#amount('1', signal),
        returnsCents: await this.#amount('r', signal),
        voidsCents: await this.#amount('v', signal),
      }
    })
  }

  printReport(): Promise<void> {
    return this.ask((signal) => this.#unit.report(signal), true)
  }

  openDrawer(): Promise<void> {
    return this.ask((signal) => this.#session.order('=C86', signal))
  }

  printDuplicate(): Promise<void> {
    return this.copy((signal) => this.#unit.duplicate(signal))
  }

  printGift(): Promise<void> {
    return this.copy((signal) => this.#unit.gift(signal))
  }

  transmitPending(): Promise<void> {
    return this.ask(async (signal) => {
      const outcome = await this.#session.transmit(signal)
      if (!outcome.done) throw rchRefusal(outcome, 'transmission')
    }, true)
  }

  /** Enquiries that some firmwares do not support. */
  async #optional(enquiry: string): Promise<string> {
    try {
      return (await this.ask((signal) => this.#session.ask(enquiry, signal))).trim()
    } catch (error) {
      if (error instanceof DeviceError && error.deviceCode?.startsWith('E')) return ''
      throw error
    }
  }

  async #amount(enquiry: string, signal: AbortSignal): Promise<bigint> {
    const cents = parseItalian(await this.#session.ask(enquiry, signal))
    if (cents === undefined) throw new DeviceError('garbled', 'none', `enquiry ${enquiry}: not an amount`)
    return cents
  }
}

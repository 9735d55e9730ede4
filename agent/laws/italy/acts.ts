import { DeviceError, isSilence } from '../../../drivers/errors.ts'
import type { RtBaseline, RtClosure, RtDocument, RtPrinted, RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import { strangerTrouble } from '../../devices/stranger.ts'
import type { Trouble, Usable } from '../../devices/usable.ts'
import { SILENCES_MAX } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import { instruction } from '../instruction.ts'
import type { ActRequest, Failed, Unknown } from '../law.ts'
import { documentOf } from './document-json.ts'
import { foundSince } from './found-documents.ts'
import type { KnownPlace, KnownPlaces } from './known-place.ts'
import type { SumsOf } from './period-reading.ts'
import { reportedBy, withSums } from './period-reading.ts'
import type {
  CloseAct,
  Closed,
  PrintAct,
  Printed,
  PrinterAct,
  PrinterDone,
  PrinterOutcome,
  Read,
  ReadAct,
} from './printer-act.ts'
import { refusalOfPrinter } from './refusal.ts'

export type PrinterActsOptions = {
  printerOf: (device: string) => Usable<RtPrinter> | undefined
  /** Matricola of the printer enrolled for this device. */
  enrolledSerial: (device: string) => string | undefined
  /** Another id of this configuration to which that printer belongs. */
  otherIdOf: (device: string, serial: string) => string | undefined
  /** Counters of the printers according to the journal. */
  places: Pick<KnownPlaces, 'of' | 'last'>
  /** The sums of a printer's periods, from the journal. */
  periodSums: SumsOf
}

/** Temporary conditions: an act that may be printed later waits for their end. */
const PASSING = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'aborted', 'foreign', 'paper_out', 'cover_open'])

/**
 * Executes planned acts on the printer. Appends nothing to the journal. `identify` and `read` change nothing on the
 * device; `print` and `close` carry the baseline that shows what became of them.
 */
export class PrinterActs {
  readonly #options: PrinterActsOptions

  constructor(options: PrinterActsOptions) {
    this.#options = options
  }

  /** True for a payment that the printer has, and if the configuration has no such printer. */
  hasTender(device: string, tender: number): boolean {
    return this.#options.printerOf(device)?.unit.hasTender(tender) !== false
  }

  /** Throws FiskalError for documents that the printer cannot print completely. Does not contact it. */
  refuseUnprintable(device: string, documents: readonly RtDocument[]): void {
    const unit = this.#options.printerOf(device)?.unit
    try {
      for (const document of documents) unit?.check(document)
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      const { code, message, details } = refusalOfPrinter(error, { device }, undefined)
      throw new FiskalError(code, message, details)
    }
  }

  /** The counters of the act's printer at its last query, according to the journal. */
  knownPlace(act: PrinterAct): KnownPlace | undefined {
    return 'baseline' in act ? this.#options.places.last(act.baseline.serial) : undefined
  }

  /**
   * `unknown` if the printer may have acted, and for an act that may be done later (`later`) while it is down. A
   * printer that has just fallen silent is awaited, then asked what it did; the act is repeated only if it did nothing.
   */
  async perform(given: PrinterAct, request?: Pick<ActRequest, 'waitUntilNs'>): Promise<PrinterOutcome> {
    let act = given
    for (let silences = 0; ; silences += 1) {
      const printer = this.#options.printerOf(act.device)
      const obstacle = await this.#obstacle(printer, act, request)
      if (obstacle !== undefined || printer === undefined) return obstacle ?? notDone(act, troubleOf(printer, act))
      const { outcome, error } = await this.#attempt(printer, act)
      if (error === undefined || !isSilence(error.code) || silences >= SILENCES_MAX) return outcome
      const settled = await this.#afterSilence(printer, act, error, request)
      if (settled === undefined) return outcome
      if (settled.kind !== 'absent') return settled
      act = (settled.next as PrinterAct | undefined) ?? act
    }
  }

  /** The reason why the act cannot begin, after the wait for a printer that has just fallen silent. */
  async #obstacle(
    printer: Usable<RtPrinter> | undefined,
    act: PrinterAct,
    request: Pick<ActRequest, 'waitUntilNs'> | undefined,
  ): Promise<PrinterOutcome | undefined> {
    if (printer?.usable === true) return undefined
    try {
      if (request !== undefined && (await printer?.isBack?.(request.waitUntilNs)) === true) return undefined
    } catch (error) {
      return unknownBy(error)
    }
    return notDone(act, troubleOf(printer, act))
  }

  async #attempt(
    printer: Usable<RtPrinter>,
    act: PrinterAct,
  ): Promise<{ outcome: PrinterOutcome; error?: DeviceError }> {
    try {
      const outcome = await this.#doneBy(printer.unit, act)
      printer.worked()
      return { outcome }
    } catch (thrown) {
      if (!(thrown instanceof DeviceError)) throw thrown
      const error = 'reads' in act ? ofPrinter(thrown) : thrown
      // The printer works, and has closed its day already.
      if (error.code === 'nothing_to_close') printer.worked()
      else printer.report(error)
      if (error.effect === 'unknown') return { outcome: unknownBy(error), error: thrown }
      return { outcome: notDone(act, error, error.annulled), error: thrown }
    }
  }

  /** The outcome of an act during which the connection broke; undefined if the printer does not come back in time. */
  async #afterSilence(
    printer: Usable<RtPrinter>,
    act: PrinterAct,
    error: DeviceError,
    request: Pick<ActRequest, 'waitUntilNs'> | undefined,
  ): Promise<PrinterOutcome | undefined> {
    try {
      if (request === undefined || (await printer.isBack?.(request.waitUntilNs)) !== true) return undefined
      // A sale that was annulled already is reported with the failure: a new try would lose its number.
      if (error.effect === 'none') return error.annulled.length > 0 ? undefined : { kind: 'absent' }
      for (let asked = 0; asked < SILENCES_MAX; asked += 1) {
        const outcome = await this.askOutcome(act)
        if (outcome.kind !== 'unknown' || !isSilence(outcome.code)) return outcome
        if ((await printer.isBack?.(request.waitUntilNs)) !== true) return outcome
      }
      return undefined
    } catch (thrown) {
      return unknownBy(thrown)
    }
  }

  /** Asks the printer; never acts. */
  async askOutcome(act: PrinterAct): Promise<PrinterOutcome> {
    if (act.name === 'identify' || act.name === 'read') return { kind: 'absent' }
    const { serial } = act.baseline
    if ((this.#options.enrolledSerial(act.device) ?? serial) !== serial) return exchanged(serial)
    const printer = this.#options.printerOf(act.device)
    if (printer?.usable !== true) return { kind: 'unknown', ...troubleOf(printer, act) }
    try {
      const found = await this.#foundOf(printer.unit, act)
      // A sale was printed instead: it is annulled once the printer can, and a temporary condition does not end the
      // act.
      if (found === 'misprinted') return { kind: 'absent', next: { ...act, later: true } }
      return found ?? { kind: 'absent' }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      printer.report(error)
      return unknownBy(error)
    }
  }

  async #doneBy(printer: RtPrinter, act: PrinterAct): Promise<PrinterDone> {
    switch (act.name) {
      case 'identify': {
        const { serial } = await printer.identity()
        this.#refuseOther(act.device, serial)
        const { z, inService } = await printer.health()
        return { kind: 'done', act: 'identify', result: { serial, z, in_service: inService } }
      }
      case 'read':
        return { kind: 'done', act: 'read', result: await this.#read(printer, act) }
      case 'print':
        return printedAs(await this.#printed(printer, await printer.print(documentOf(act.document), act.baseline)))
      case 'close':
        return closedAs(await printer.closeDay(act.baseline))
    }
  }

  /** Includes what was printed since the last counters in the journal. */
  async #readBaseline(printer: RtPrinter, device: string): Promise<Read> {
    let baseline = await this.#ownBaseline(printer, device)
    const place = await this.#options.places.of(baseline.serial)
    if (isTorn(baseline, place)) baseline = await this.#ownBaseline(printer, device)
    const { z, number, at } = baseline
    const found = number < 0 ? [] : await foundSince(printer, place, { to: { z: z + 1, number }, at })
    return { baseline, ...(found.length > 0 && { found }) }
  }

  /** Includes foreign documents that were printed before it. */
  async #printed(printer: RtPrinter, printed: RtPrinted): Promise<Printed> {
    const { kind, serial, z, number, printedAt: at = '' } = printed
    const json = printedJson(printed)
    if (kind === 'non_fiscal' || kind === 'cash') return json
    const place = await this.#options.places.of(serial)
    const found = await foundSince(printer, place, { to: { z, number: number - 1 }, at })
    return { ...json, ...(found.length > 0 && { found }) }
  }

  async #foundOf(printer: RtPrinter, act: PrintAct | CloseAct): Promise<Found> {
    const { baseline } = act
    if (act.name === 'close') {
      const closure = await printer.settleClosure(baseline)
      return closure && closedAs(closure)
    }
    // A person who resolves the act later gets an immediate answer.
    await this.#options.places.of(baseline.serial)
    const printed = await printer.settle(documentOf(act.document), baseline)
    return typeof printed === 'object' ? printedAs(await this.#printed(printer, printed)) : printed
  }

  async #ownBaseline(printer: RtPrinter, device: string): Promise<RtBaseline> {
    const baseline = await printer.baseline()
    this.#refuseOther(device, baseline.serial)
    return baseline
  }

  /** Another printer may have been plugged in since the last probe: its paper is not the shop's. */
  #refuseOther(device: string, serial: string): void {
    const trouble = strangerTrouble(
      { serial },
      {
        enrolledSerial: () => this.#options.enrolledSerial(device),
        otherIdOf: () => this.#options.otherIdOf(device, serial),
      },
    )
    if (trouble !== undefined) throw new DeviceError('foreign', 'none', trouble.message)
  }

  async #read(printer: RtPrinter, act: ReadAct): Promise<Read> {
    const { periodSums } = this.#options
    if (act.totals !== true) return withSums(await this.#readBaseline(printer, act.device), act, undefined, periodSums)
    let totals = await reportedBy(printer)
    const read = await this.#readBaseline(printer, act.device)
    // The printer is back. After the closure the totals cannot be read any longer.
    totals ??= await reportedBy(printer)
    // A sale was keyed in at the printer in between: number and sums would be of different times.
    if (totals !== undefined && totals !== 'untold' && totals.documents !== read.baseline.number)
      totals = (await reportedBy(printer)) ?? totals
    return withSums(read, act, totals === 'untold' ? undefined : totals, periodSums)
  }
}

/**
 * True if the printer made its Z between the answers with the closure and with the number: a number only falls
 * with a Z. Counters of two periods would hide our documents of the first one.
 */
function isTorn({ z, number }: RtBaseline, place: KnownPlace | undefined): boolean {
  return place !== undefined && place.z === z + 1 && number >= 0 && number < place.number
}

type Found = PrinterDone | 'misprinted' | undefined

function printedAs(result: Printed): PrinterDone {
  return { kind: 'done', act: 'print', result }
}

function closedAs(closure: RtClosure): PrinterDone {
  return { kind: 'done', act: 'close', result: closureJson(closure) }
}

/** The unknown outcome of an act that failed so. Rethrows everything that is not a DeviceError. */
function unknownBy(error: unknown): Unknown {
  if (!(error instanceof DeviceError)) throw error
  const { code, message, deviceCode } = error
  return { kind: 'unknown', code, message, ...(deviceCode !== undefined && { deviceCode }) }
}

function notDone(act: PrinterAct, { code, message }: Trouble, annulled: readonly string[] = []): Failed | Unknown {
  if (act.later === true && PASSING.has(code)) return { kind: 'unknown', code, message }
  return { kind: 'failed', code, message, ...(annulled.length > 0 && { beside: { annulled } }) }
}

/** A refused query says nothing against the document to be printed. */
function ofPrinter(error: DeviceError): DeviceError {
  if (error.code !== 'refused') return error
  return new DeviceError('unavailable', error.effect, error.message, error.deviceCode)
}

/** A technician replaced the printer: the previous one cannot be asked any longer. */
function exchanged(serial: string): Failed {
  const message = instruction(
    'Printer {} was replaced before it reported whether it had printed: look at its paper first.',
    serial,
  )
  return { kind: 'failed', code: 'printer_replaced', message }
}

function troubleOf(printer: Usable<RtPrinter> | undefined, act: PrinterAct): Trouble {
  if (printer === undefined) return { code: 'unavailable', message: `There is no printer ${act.device}.` }
  return printer.trouble ?? { code: 'unavailable', message: 'The printer does not answer.' }
}

function printedJson(printed: RtPrinted): Printed {
  const { kind, serial, z, number, documentNumber, printedAt, pendingFiles, certain, annulled } = printed
  return {
    kind,
    serial,
    z,
    number,
    document_number: documentNumber,
    certain,
    ...(printedAt !== undefined && { printed_at: printedAt }),
    ...(pendingFiles !== undefined && { pending_files: pendingFiles }),
    ...(annulled !== undefined && { annulled }),
  }
}

function closureJson({ z, closedAt, pendingFiles }: RtClosure): Closed {
  return {
    z,
    ...(closedAt !== undefined && { closed_at: closedAt }),
    ...(pendingFiles !== undefined && { pending_files: pendingFiles }),
  }
}

import { DeviceError } from '../../../drivers/errors.ts'
import type {
  FiscalPrinter,
  RtBaseline,
  RtClosure,
  RtDocument,
  RtPrinted,
  RtTotals,
} from '../../../drivers/ports/fiscal-printer.ts'
import { FiskalError } from '../../errors.ts'
import type { Outcome, Trouble, Usable } from '../regime.ts'
import { documentOf } from './document-json.ts'
import type {
  CloseAct,
  Closed,
  Identified,
  PeriodSums,
  PrintAct,
  Printed,
  PrinterAct,
  Read,
  ReadTotals,
} from './printer-act.ts'
import { refusalOf } from './refusal.ts'

export type PrinterActsOptions = {
  printerOf: (device: string) => Usable<FiscalPrinter> | undefined
  /** Matricola that the shop takes for this device. */
  enrolledSerial: (device: string) => string | undefined
  /** `vat` and `payments` of a printer's running period, by the journal. */
  periodSums: (serial: string, z: number) => Promise<PeriodSums>
}

/** Conditions that pass: what may be printed later waits for their end. */
const PASSING = new Set(['unavailable', 'timeout', 'garbled', 'busy', 'aborted', 'foreign', 'paper_out', 'cover_open'])

/**
 * Has planned acts done by the printer. Appends nothing. `identify` and `read` change nothing on the device; `print` and
 * `close` carry the baseline by which the printer is asked what became of them.
 */
export class PrinterActs {
  readonly #options: PrinterActsOptions

  constructor(options: PrinterActsOptions) {
    this.#options = options
  }

  /** True for a payment that the printer has, and where the configuration has no such printer. */
  hasTender(device: string, tender: number): boolean {
    return this.#options.printerOf(device)?.unit.hasTender(tender) !== false
  }

  /** Throws FiskalError for what the printer could not print whole. Asks it nothing. */
  refuseUnprintable(device: string, documents: readonly RtDocument[]): void {
    const unit = this.#options.printerOf(device)?.unit
    try {
      for (const document of documents) unit?.check(document)
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      const { code, message, details } = refusalOf(error, { device }, undefined)
      throw new FiskalError(code, message, details)
    }
  }

  /** `unknown` where the printer may have acted, and for an act that may be done later (`later`) while it is away. */
  async perform(act: PrinterAct): Promise<Outcome> {
    const printer = this.#options.printerOf(act.device)
    if (printer?.usable !== true) return notDone(act, troubleOf(printer, act))
    try {
      const result = await this.#resultOf(printer.unit, act)
      printer.worked()
      return { kind: 'done', result }
    } catch (thrown) {
      if (!(thrown instanceof DeviceError)) throw thrown
      const error = 'reads' in act ? ofPrinter(thrown) : thrown
      // It is well, and has closed its day.
      if (error.code === 'nothing_to_close') printer.worked()
      else printer.report(error)
      if (error.effect === 'unknown') return unknown(error)
      return notDone(act, error, error.annulled)
    }
  }

  /** Asks the printer, never acts. */
  async settle(act: PrinterAct): Promise<Outcome> {
    if (act.name === 'identify' || act.name === 'read') return { kind: 'absent' }
    const { serial } = act.baseline
    if ((this.#options.enrolledSerial(act.device) ?? serial) !== serial) return exchanged(serial)
    const printer = this.#options.printerOf(act.device)
    if (printer?.usable !== true) return { kind: 'unknown', ...troubleOf(printer, act) }
    try {
      const found = await foundOf(printer.unit, act)
      // A sale stands in its place: to be put right once the printer can, and not given up for what passes.
      if (found === 'misprinted') return { kind: 'absent', next: { ...act, later: true } }
      return found === undefined ? { kind: 'absent' } : { kind: 'done', result: found }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      printer.report(error)
      return unknown(error)
    }
  }

  async #resultOf(printer: FiscalPrinter, act: PrinterAct): Promise<Identified | Read | Printed | Closed> {
    switch (act.name) {
      case 'identify': {
        const { serial } = await printer.identity()
        this.#refuseOther(act.device, serial)
        const { z, inService } = await printer.health()
        return { serial, z, in_service: inService }
      }
      case 'read':
        return act.totals === true
          ? this.#readWithTotals(printer, act.device)
          : { baseline: await this.#ownBaseline(printer, act.device) }
      case 'print':
        return printedJson(await printer.print(documentOf(act.document), act.baseline))
      case 'close':
        return closureJson(await printer.closeDay(act.baseline))
    }
  }

  async #ownBaseline(printer: FiscalPrinter, device: string): Promise<RtBaseline> {
    const baseline = await printer.baseline()
    this.#refuseOther(device, baseline.serial)
    return baseline
  }

  /** Since the last look at the device another printer may have been plugged in: its paper is not the shop's. */
  #refuseOther(device: string, serial: string): void {
    const enrolled = this.#options.enrolledSerial(device) ?? serial
    if (enrolled === serial) return
    throw new DeviceError('foreign', 'none', `The device has serial ${serial}, enrolled is ${enrolled}.`)
  }

  async #readWithTotals(printer: FiscalPrinter, device: string): Promise<Read> {
    let totals = await toldTotals(printer)
    const baseline = await this.#ownBaseline(printer, device)
    // It is there again. Behind the closure nobody can ask for them any more.
    totals ??= await toldTotals(printer)
    return {
      baseline,
      totals: { ...totals, ...(await this.#options.periodSums(baseline.serial, baseline.z + 1)) },
    }
  }
}

/** With the printer's own code, if it told one. */
function unknown({ code, message, deviceCode }: DeviceError): Outcome {
  return { kind: 'unknown', code, message, ...(deviceCode !== undefined && { deviceCode }) }
}

type Found = Printed | Closed | 'misprinted' | undefined

async function foundOf(printer: FiscalPrinter, act: PrintAct | CloseAct): Promise<Found> {
  const { baseline } = act
  if (act.name === 'close') {
    const closure = await printer.settleClosure(baseline)
    return closure && closureJson(closure)
  }
  const printed = await printer.settle(documentOf(act.document), baseline)
  return typeof printed === 'object' ? printedJson(printed) : printed
}

function notDone(act: PrinterAct, { code, message }: Trouble, annulled: readonly string[] = []): Outcome {
  if (act.later === true && PASSING.has(code)) return { kind: 'unknown', code, message }
  return { kind: 'failed', code, message, ...(annulled.length > 0 && { beside: { annulled } }) }
}

/** What a printer refuses of an enquiry says nothing against the document that was to come. */
function ofPrinter(error: DeviceError): DeviceError {
  if (error.code !== 'refused') return error
  return new DeviceError('unavailable', error.effect, error.message, error.deviceCode)
}

/** A technician took another printer for the shop's: nobody can ask the one before any more. */
function exchanged(serial: string): Outcome {
  const message = `Printer ${serial} was exchanged before it told whether it had printed: look at its paper first.`
  return { kind: 'failed', code: 'printer_exchanged', message }
}

function troubleOf(printer: Usable<FiscalPrinter> | undefined, act: PrinterAct): Trouble {
  if (printer === undefined) return { code: 'unavailable', message: `There is no printer ${act.device}.` }
  return printer.trouble ?? { code: 'unavailable', message: 'The printer does not answer.' }
}

function printedJson(printed: RtPrinted): Printed {
  const { kind, serial, z, number, documentNumber, printedAt, pendingFiles, certain, annulled } = printed
  return {
    ...{ kind, serial, z, number, document_number: documentNumber, certain },
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

/** Nothing of a printer that does not tell its totals: it closes its day all the same. Undefined where it was not heard. */
async function toldTotals(printer: FiscalPrinter): Promise<Omit<ReadTotals, keyof PeriodSums> | undefined> {
  try {
    return totalsJson(await printer.dailyTotals())
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    return error.code === 'refused' ? {} : undefined
  }
}

function totalsJson({ documents, salesCents, returnsCents, voidsCents }: RtTotals): Omit<ReadTotals, keyof PeriodSums> {
  return { documents, sales: Number(salesCents), returns: Number(returnsCents), voids: Number(voidsCents) }
}

import { DeviceError } from '../../../drivers/errors.ts'
import type { RtBaseline, RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import type { Printout, PrintoutType } from '../../contract/printout.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Trouble, Usable } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import type { Emergencies } from '../emergencies.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Printouts } from '../printouts.ts'
import type { PrinterActs } from './acts.ts'
import { summedBy } from './closure.ts'
import { lastRecorded } from './last-document.ts'
import { nameOf } from './last-document-advice.ts'
import type { Read } from './printer-act.ts'
import type { JournalSource } from './recorded.ts'
import { refusalOfPrinter } from './refusal.ts'

/** The printer has no such printout, refuses it, or has nothing to copy. */
const NOT_THERE = new Set(['refused', 'no_data', 'document_unknown'])

type Parts = {
  acts: Pick<PrinterActs, 'perform'>
  emergencies: Pick<Emergencies, 'refuseOpen'>
  source: JournalSource
  deviceOf: (device: string) => Pick<DeviceSupervisor, 'asPrinter' | 'device'> | undefined
}

/** X report, drawer and copies of the RT: nothing of them is in its memory, and a second one is harmless. */
export function printouts({ acts, emergencies, source, deviceOf }: Parts): Printouts {
  return {
    print: async (device, type, register) => {
      // A drawer prints nothing.
      if (type !== 'drawer') emergencies.refuseOpen(device)
      const supervisor = deviceOf(device)
      const printer = supervisor?.asPrinter
      // A drawer opens at once; a printer that is down gives its reason.
      const isAtOnce = type === 'drawer' && printer?.usable === true
      const { totals, baseline } = isAtOnce ? {} : await readFor(acts, device, type)
      const command = printer && commandOf(printer.unit, type)
      if (printer === undefined || command === undefined)
        throw notSupported(device, `The driver ${supervisor?.device.driver} has no ${type}.`)
      const isCopy = type === 'last_document' || type === 'gift_receipt'
      const copied = isCopy && baseline ? await copiedNumber(source, baseline, { device, type, register }) : undefined
      await printed(device, printer, command)
      return {
        ...(totals !== undefined && { totals: summedBy(totals).totals as NonNullable<Printout['totals']> }),
        ...(copied !== undefined && { document_number: copied }),
      }
    },
  }
}

/**
 * Number of the printer's last document; undefined in a period without one. Throws `last_document_foreign` if another
 * till printed it, or a person at the printer: it may name their customer.
 */
async function copiedNumber(
  source: JournalSource,
  { serial, z, number }: RtBaseline,
  { device, type, register }: { device: string; type: PrintoutType; register: string },
): Promise<string | undefined> {
  if (number === 0) return undefined
  const newest = await lastRecorded(source, serial)
  // Below 0 the printer reports a slip, which hides the number of its last document.
  const last = number < 0 || (newest?.z === z + 1 && newest.number === number) ? newest : undefined
  const name = last?.facts.document_number ?? nameOf({ z: z + 1, number })
  if (last === undefined || source.view.operation(last.operation)?.shown.register_id !== register)
    throw new FiskalError('last_document_foreign', `The last document of ${device} is ${name}, of another till.`, {
      ...{ device_id: device, document_number: name, operation_id: last?.operation ?? null, pointer: '/type' },
    })
  if (type === 'gift_receipt' && last.facts.document_type !== 'sale')
    throw notSupported(device, `The last document, ${name}, is not a sale: only a sale has a gift receipt.`)
  return name
}

async function printed(device: string, printer: Usable<RtPrinter>, command: () => Promise<void>): Promise<void> {
  try {
    await command.call(printer.unit)
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error
    if (!NOT_THERE.has(error.code)) printer.report(error)
    throw refused(device, error)
  }
}

function commandOf(unit: RtPrinter, type: PrintoutType): (() => Promise<void>) | undefined {
  switch (type) {
    case 'x_report':
      return unit.printReport
    case 'drawer':
      return unit.openDrawer
    case 'last_document':
      return unit.printDuplicate
    case 'gift_receipt':
      return unit.printGift
  }
}

/** The answering printer must be the register's, and an X report has the sums of this moment. */
async function readFor(acts: Parts['acts'], device: string, type: PrintoutType): Promise<Read> {
  const totals = type === 'x_report'
  const read = await acts.perform({ name: 'read', reads: true, device, client: '', ...(totals && { totals }) })
  if (read.kind === 'done') return outcomeOf(read, 'read').result
  if (read.kind === 'absent') throw new RangeError('a read has an outcome')
  throw refused(device, read)
}

function refused(device: string, trouble: Trouble): FiskalError {
  if (NOT_THERE.has(trouble.code)) return notSupported(device, trouble.message)
  const { code, message, details } = refusalOfPrinter(trouble, { device }, undefined)
  return new FiskalError(code, message, details)
}

function notSupported(device: string, message: string): FiskalError {
  return new FiskalError('printout_not_supported', message, { device_id: device, pointer: '/type' })
}

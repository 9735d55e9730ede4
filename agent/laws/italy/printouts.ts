import { DeviceError } from '../../../drivers/errors.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import type { Printout, PrintoutType } from '../../contract/printout.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Trouble, Usable } from '../../devices/usable.ts'
import { FiskalError } from '../../errors.ts'
import type { Emergencies } from '../emergencies.ts'
import { outcomeOf } from '../outcome-of.ts'
import type { Printouts } from '../printouts.ts'
import type { PrinterActs } from './acts.ts'
import { summedBy } from './closure.ts'
import type { Read } from './printer-act.ts'
import { refusalOfPrinter } from './refusal.ts'

/** The printer has no such printout, refuses it, or has nothing to copy. */
const NOT_THERE = new Set(['refused', 'no_data', 'document_unknown'])

type Parts = {
  acts: Pick<PrinterActs, 'perform'>
  emergencies: Pick<Emergencies, 'refuseOpen'>
  deviceOf: (device: string) => Pick<DeviceSupervisor, 'asPrinter' | 'device'> | undefined
}

/** X report, drawer and copies of the RT: nothing of them is in its memory, and a second one is harmless. */
export function printouts({ acts, emergencies, deviceOf }: Parts): Printouts {
  return {
    print: async (device, type) => {
      // A drawer prints nothing.
      if (type !== 'drawer') emergencies.refuseOpen(device)
      const supervisor = deviceOf(device)
      const printer = supervisor?.asPrinter
      // A drawer opens at once; a printer that is down gives its reason.
      const isAtOnce = type === 'drawer' && printer?.usable === true
      const { totals } = isAtOnce ? {} : await readFor(acts, device, type)
      const command = printer && commandOf(printer.unit, type)
      if (printer === undefined || command === undefined)
        throw notSupported(device, `The driver ${supervisor?.device.driver} has no ${type}.`)
      await printed(device, printer, command)
      return totals === undefined ? {} : { totals: summedBy(totals).totals as NonNullable<Printout['totals']> }
    },
  }
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
async function readFor(acts: Parts['acts'], device: string, type: PrintoutType): Promise<Pick<Read, 'totals'>> {
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

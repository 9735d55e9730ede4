import type { Json } from '../../base/canonical.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { FiskalError } from '../errors.ts'
import type { PrinterReadings } from '../laws/printer-readings.ts'
import type { DeviceActParts } from '../till/technician/device-acts.ts'

/** Runs the acts of a device one at a time. */
type DeviceQueue = { exclusively(device: string, ask: () => Promise<Json>): Promise<Json> }

/**
 * A law's readings for a person, queued between the shop's documents. If the printer is down, no act is running, and
 * the read returns without waiting for it.
 */
export function queuedReadings(
  readings: PrinterReadings | undefined,
  queue: DeviceQueue,
): Pick<DeviceActParts, 'lastDocument' | 'printedDocuments' | 'leftPeriod'> {
  const queued = async (
    { id, usable }: DeviceSupervisor,
    read: (by: PrinterReadings) => Promise<Json>,
  ): Promise<Json> => {
    if (readings === undefined)
      throw new FiskalError('unprocessable_entity', 'No law here reads a fiscal-printer.', { device_id: id })
    return usable ? queue.exclusively(id, () => read(readings)) : read(readings)
  }
  return {
    lastDocument: (device, unit, isBrief = false) => queued(device, (by) => by.lastDocument(device.id, unit, isBrief)),
    leftPeriod: async (serial) => readings?.leftPeriod(serial),
    printedDocuments: (device, unit, range) => queued(device, (by) => by.printedDocuments(unit, range)),
  }
}

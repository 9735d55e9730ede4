import type { Json } from '../../../base/canonical.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { OpenedDevice } from '../../../drivers/ports/device.ts'
import type { RtPrinter } from '../../../drivers/ports/rt-printer.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { isUncertifiedDevice } from '../../devices/certification.ts'
import { enrolPrinter, enrolUnit } from '../../devices/enrolment.ts'
import { deviceReport } from '../../devices/report.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { isUncertifiedUnit, refusalOfNumber } from '../../devices/uncertified.ts'
import { FiskalError } from '../../errors.ts'
import type { DeviceMemory } from '../../laws/device-memory.ts'
import type { Emergencies } from '../../laws/emergencies.ts'
import type { LeftPeriod } from '../../laws/printer-readings.ts'
import { PRINTER_CLOCK_REMEDY } from '../../texts/printer-warnings.ts'
import type { DeviceAct, PlainDeviceAct, PrintedRange } from '../administration.ts'
import type { TillParts } from '../parts.ts'
import { adoptTse } from './adoption.ts'
import { answeringSerial, refuseUnitOfOther } from './answering-unit.ts'
import { comparedDevice } from './compared-device.ts'
import { closeEmergency, openEmergency } from './emergencies.ts'
import { abortForeignTransactions } from './foreign-transactions.ts'
import { resolveAct } from './resolution.ts'
import { refuseStranding, refuseUncertified } from './stranded-registers.ts'

export type DeviceActParts = Pick<
  TillParts,
  'journal' | 'clock' | 'newId' | 'laws' | 'recorder' | 'devices' | 'reconcileOpen'
> & {
  /** Why the line of a device may be that of another connected device. */
  lineTrouble: (device: string) => Promise<string | undefined>
  /** PINs and PUKs made by `init`: it returns them until they were shown. */
  secrets: {
    unseen(device: string): Record<string, string>
    seen(device: string, names: readonly string[]): Promise<void>
  }
  /** The signed logs in devices. */
  deviceMemory: Pick<DeviceMemory, 'archive'>
  /** The last document of a printer and the journal's; `isBrief`: only the comparison is needed. */
  lastDocument: (device: DeviceSupervisor, unit: RtPrinter, isBrief?: boolean) => Promise<Json>
  /** The period that an exchange of the printer with that serial number leaves in no closing. */
  leftPeriod: (serial: string) => Promise<LeftPeriod | undefined>
  /** The emergencies of the law that has printers. */
  emergencies: Emergencies | undefined
  /** Documents of a printer's memory by number; null if the memory cannot be read. */
  printedDocuments: (device: DeviceSupervisor, unit: RtPrinter, range: PrintedRange) => Promise<Json>
}

const CLIENT = /^[A-Za-z0-9-]{1,30}$/

/** Acts that only read or only change the journal, and `init`, which asks who answers. */
const FOR_ANY_UNIT: ReadonlySet<string> = new Set([
  ...['status', 'compare', 'last-document', 'documents', 'resolve'],
  ...['emergencies', 'emergency-sheet', 'emergency-open', 'emergency-close'],
  'init',
])

/** Executes a technician's act on a device and returns what to show. Throws FiskalError or DeviceError. */
export async function actOn(device: DeviceSupervisor, act: DeviceAct, parts: DeviceActParts): Promise<Json> {
  await refuseOnUnitOfOther(device, act, parts)
  return typeof act === 'string' ? plainAct(device, act, parts) : actWith(device, act, parts)
}

async function plainAct(device: DeviceSupervisor, act: PlainDeviceAct, parts: DeviceActParts): Promise<Json> {
  if (act === 'adopt') return adoptTse(device, parts)
  if (act === 'abort-foreign') return abortForeignTransactions(device, parts)
  if (act === 'last-document') return parts.lastDocument(device, printerOf(device, act))
  if (act === 'compare') return comparedDevice(device, parts)
  if (act === 'init') return initialised(device, parts)
  if (PRINTING.has(act)) parts.emergencies?.refuseOpen(device.id)
  await SERVICES[act](device)
  if (act !== 'status') await noteService(device, { act }, parts)
  return deviceReport(device, parts.clock.now())
}

async function refuseOnUnitOfOther(device: DeviceSupervisor, act: DeviceAct, parts: DeviceActParts): Promise<void> {
  if (FOR_ANY_UNIT.has(typeof act === 'string' ? act : act.act)) return
  await device.look()
  refuseUnitOfOther(parts.journal.view, parts.devices, device.id, device.identity?.serial)
}

/** The acts with arguments. */
async function actWith(
  device: DeviceSupervisor,
  act: Exclude<DeviceAct, string>,
  parts: DeviceActParts,
): Promise<Json> {
  switch (act.act) {
    case 'resolve':
      // Without a daemon the device was not probed yet.
      await device.look()
      return resolveAct(device, act.seen, parts)
    case 'archive':
      return archived(device, act.deletes, parts)
    case 'documents':
      return parts.printedDocuments(device, printerOf(device, act.act), act)
    case 'register-client':
      return clientRegistered(device, act, parts)
    case 'emergencies':
      return [...(parts.emergencies?.list(device.id) ?? [])]
    case 'emergency-sheet':
      return [...((await parts.emergencies?.sheets(device.id, act.date)) ?? [])]
    case 'emergency-open':
      return openEmergency(device, act, parts)
    case 'emergency-close':
      return closeEmergency(device, act.forGood === true, parts)
  }
}

async function archived(device: DeviceSupervisor, deletes: boolean, parts: DeviceActParts): Promise<Json> {
  await reach(device)
  // Fewer transactions are open then.
  if (deletes) await parts.reconcileOpen(device.id)
  const answer = await admitted(device.device.unit, () => parts.deviceMemory.archive(device, deletes))
  // A full unit has room again.
  if (deletes) await parts.reconcileOpen(device.id)
  return answer
}

async function clientRegistered(
  device: DeviceSupervisor,
  { act, client }: Extract<DeviceAct, { act: 'register-client' }>,
  parts: DeviceActParts,
): Promise<Json> {
  await withTse(device, act, (tse) => {
    const refusal = refusalOfNumber(client, isUncertifiedDevice(parts.journal.view, device))
    if (refusal === undefined) return registerClient(tse, client)
    throw new FiskalError('fiscalization_conflict', refusal.message, { device_id: device.id })
  })
  await noteService(device, { act, argument: client }, parts)
  return deviceReport(device, parts.clock.now())
}

/** Nothing is printed in an emergency. */
const PRINTING: ReadonlySet<PlainDeviceAct> = new Set(['print-report', 'reprint', 'gift-receipt'])

type Service = Exclude<PlainDeviceAct, 'adopt' | 'abort-foreign' | 'last-document' | 'compare' | 'init'>

const SERVICES: Readonly<Record<Service, (device: DeviceSupervisor) => Promise<void>>> = {
  status: (device) => device.connect(),
  'self-test': (device) => withTse(device, 'self-test', (tse) => tse.selfTest()),
  'set-time': (device) => withTse(device, 'set-time', (tse) => tse.setTime()),
  'open-drawer': (device) => withPrinter(device, 'open-drawer', (printer) => printer.openDrawer()),
  'print-report': (device) => withPrinter(device, 'print-report', (printer) => printer.printReport()),
  reprint: (device) => withPrinter(device, 'reprint', (printer) => printer.printDuplicate()),
  'gift-receipt': (device) => withPrinter(device, 'gift-receipt', printGift),
  transmit: (device) => withPrinter(device, 'transmit', (printer) => printer.transmitPending()),
}

async function initialised(device: DeviceSupervisor, parts: DeviceActParts): Promise<Json> {
  const { clock, journal, laws, secrets, devices } = parts
  refuseStranding(journal.view, laws, { id: device.id, kind: device.device.unit.kind })
  await refuseAmbiguousLine(device.id, parts)
  // Asked now: a line may have been exchanged since its last look.
  refuseUnitOfOther(journal.view, devices, device.id, await answeringSerial(device))
  const openPeriod = await initialise(device, parts)
  await device.connectAnew()
  await noteService(device, { act: 'init' }, parts)
  const fresh = secrets.unseen(device.id)
  return {
    ...deviceReport(device, clock.now()),
    ...(openPeriod !== undefined && { open_period_of_former_printer: openPeriod }),
    ...(Object.keys(fresh).length > 0 && { new_secrets: fresh }),
  }
}

/** The unit that is found may be that of the other line. Throws `fiscalization_conflict`. */
async function refuseAmbiguousLine(id: string, { lineTrouble }: DeviceActParts): Promise<void> {
  const trouble = await lineTrouble(id)
  if (trouble !== undefined)
    throw new FiskalError('fiscalization_conflict', `${trouble} Nothing was changed.`, { device_id: id })
}

/**
 * Enrols the new card or printer for the device id; only this act replaces one. Returns what the former printer leaves in
 * no closing, if anything.
 */
async function initialise(device: DeviceSupervisor, parts: DeviceActParts): Promise<Json | undefined> {
  const { id } = device
  const { journal, clock } = parts
  const { unit } = device.device
  if (unit.kind === 'fiscal_printer') {
    await unit.open()
    const { serial } = await unit.identity()
    const former = journal.view.enrolledSerial(id)
    const openPeriod = former === undefined || former === serial ? undefined : await parts.leftPeriod(former)
    await enrolPrinter(journal, id, serial, clock.now(), (view, at) => [
      ...(openPeriod === undefined ? [] : [openPeriod.event(view, id, at)]),
      ...(former === undefined ? [] : (parts.emergencies?.replaced(view, former, at) ?? [])),
    ])
    return openPeriod?.shown
  }
  if (unit.kind === 'tse') await demandReached(device)
  await admitted(unit, () => unit.initialise(), true)
  if (unit.kind !== 'signature_card') return undefined
  const identity = await unit.identity()
  refuseUncertified(journal.view, id, isUncertifiedUnit(unit, identity))
  await enrolUnit(journal, id, unit, identity, clock.now(), true)
  return undefined
}

function registerClient(tse: Tse, client: string): Promise<void> {
  if (CLIENT.test(client)) return tse.registerClient(client)
  throw new FiskalError('invalid_request', 'Name the client: 1 to 30 letters, digits and hyphens.', {
    reason: 'schema',
  })
}

async function withTse(device: DeviceSupervisor, act: string, work: (tse: Tse) => Promise<void>): Promise<void> {
  await demandReached(device)
  const tse = device.asTse?.unit
  if (tse === undefined) {
    const instead = act === 'set-time' && device.asPrinter !== undefined ? ` ${PRINTER_CLOCK_REMEDY}` : ''
    throw new FiskalError('unprocessable_entity', `${device.id} is not a TSE: it has no ${act}.${instead}`, {
      device_id: device.id,
    })
  }
  await admitted(tse, () => work(tse))
  // The device may work after that alone.
  await reach(device)
}

/** A login requested by a person: unresolved secrets are shown again. */
function admitted<T>(unit: OpenedDevice['unit'], work: () => Promise<T>, isInit = false): Promise<T> {
  return unit.kind === 'tse' && unit.admit !== undefined ? unit.admit(work, isInit) : work()
}

async function withPrinter(
  device: DeviceSupervisor,
  act: string,
  work: (printer: RtPrinter) => Promise<void>,
): Promise<void> {
  await device.look()
  await work(printerOf(device, act))
}

function printGift(printer: RtPrinter): Promise<void> {
  if (printer.printGift !== undefined) return printer.printGift()
  throw new FiskalError('printout_not_supported', 'The driver of this printer has no gift receipt.')
}

function printerOf({ id, asPrinter }: DeviceSupervisor, act: string): RtPrinter {
  if (asPrinter !== undefined) return asPrinter.unit
  throw new FiskalError('unprocessable_entity', `${id} is not a printer: it has no ${act}.`, { device_id: id })
}

/** Without a daemon the device is not connected yet. Throws the reason why it cannot be. */
async function demandReached(device: DeviceSupervisor): Promise<void> {
  await device.look()
  const { identity, trouble } = device
  if (identity === undefined && trouble?.code === 'unavailable')
    throw new DeviceError(trouble.code, 'none', trouble.message)
}

async function reach(device: DeviceSupervisor): Promise<void> {
  if (!device.usable) await device.connect()
}

function noteService(
  device: DeviceSupervisor,
  done: { act: string; argument?: string },
  { journal }: DeviceActParts,
): Promise<void> {
  const facts = { device: device.id, ...done }
  return journal.record(() => [{ kind: 'device.serviced', op: device.id, body: { facts } }])
}

import { localDate, shiftedDate } from '../../../base/clock.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Warning } from '../../devices/warning.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { Unit } from '../../journal/documents/records.ts'
import { unitId } from '../../journal/documents/records.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import type { Conclusion, Moment } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { openEmergency } from './emergency.ts'
import { FACTS } from './facts.ts'
import { printersInUse } from './register-end.ts'
import { romeDay } from './rome-time.ts'
import type { PrinterCount } from './state.ts'

/** The last Z of a printer, and when it was first seen. The stored members are frozen. */
type LastZ = { readonly z: number; readonly at: string }
type Devices = ReadonlyMap<string, Pick<DeviceSupervisor, 'lastReport'>>
type Reader = Pick<View, 'enrolments' | 'unit' | 'register' | 'resources' | 'enrolledSerial'>
/** A printer without a Z since that day; `due`: the day on which its state must be stated. */
type IdlePrinter = { readonly device: string; readonly serial: string; readonly day: string; readonly due: string }

const WARNED_DAYS = 10
/** A pause of more than 12 days is announced at its beginning (event code 608): the task is for a forgotten one. */
const IDLE_DAYS = 12
/** A day on which each printer is idle. */
const EVER = '9999-12-31'
const NO_DEVICES: Devices = new Map()

/** The printer counts more Zs than the journal has: one of ours, or one that it made itself. None without a newer Z. */
export function countedEvents(
  view: Pick<View, 'unit'>,
  device: string,
  { serial, z }: PrinterCount,
  at: string,
): NewEvent[] {
  const unit = view.unit(serial)
  const known = lastZOf(unit?.shown)
  if (known !== undefined && known.z >= z) return []
  const lastZ: LastZ = { z, at }
  const made = unit === undefined && ({ device, serial, enrolled_at: at } satisfies Unit)
  const index = unit === undefined && { index: { kind: 'unit' as const } }
  return [{ kind: 'printer.z_counted', op: unitId(serial), body: { ...index, set: { ...made, last_z: lastZ } } }]
}

/** Adds the newest Z that an act found or made. */
export function countsZ(
  view: Pick<View, 'unit'>,
  conclusion: Conclusion,
  { chain: before, device, at }: Pick<Moment, 'chain' | 'device' | 'at'>,
): Conclusion {
  const { serial, z } = (conclusion.chain ?? {}) as Partial<PrinterCount>
  // Most acts find the printer as it was: nothing is looked up for a sale.
  if (serial === undefined || z === undefined || (before?.['serial'] === serial && before['z'] === z)) return conclusion
  const counted = countedEvents(view, device, { serial, z }, at)
  return counted.length === 0 ? conclusion : { ...conclusion, events: [...(conclusion.events ?? []), ...counted] }
}

/** True if the last report of a printer has a newer Z than the journal. */
export function hasNewerZ(
  view: Pick<View, 'unit'>,
  { lastReport }: Pick<DeviceSupervisor, 'lastReport'>,
  serial: string,
): boolean {
  if (lastReport?.kind !== 'fiscal_printer' || lastReport.identity.serial !== serial) return false
  return lastReport.health.z > (lastZOf(view.unit(serial)?.shown)?.z ?? -1)
}

/** Printers without a Z for 12 days, until the next one. */
export function idleTasks(view: Reader, devices: Devices, nowMs: number): Task[] {
  const today = localDate(nowMs, FACTS.timeZone)
  return idlePrinters(view, devices, view.enrolments(), today).flatMap((printer) =>
    printer.due <= today ? [idleTask(printer)] : [],
  )
}

/** A printer of a device without a Z for ten days, until a person has stated its state. */
export function idleWarnings(
  view: Reader & Pick<View, 'confirmedTask'>,
  devices: Devices,
  device: string,
  nowMs: number,
): Warning[] {
  const own = view.enrolments().filter((enrolment) => enrolment.device === device)
  return idlePrinters(view, devices, own, localDate(nowMs, FACTS.timeZone)).flatMap((printer) => {
    const { serial, day, due } = printer
    if (isConfirmed(view, taskId(printer))) return []
    return [{ code: 'printer_idle', message: `No Z of printer ${serial} was seen since ${day}.`, due }]
  })
}

/** The same task of a printer in use from its last Z on: a pause is announced on the last day of trade. */
export function earlyIdleTask(view: Reader, id: string): Task | undefined {
  const printer = idlePrinters(view, NO_DEVICES, view.enrolments(), EVER).find((each) => taskId(each) === id)
  return printer && idleTask(printer)
}

function idlePrinters(
  view: Reader,
  devices: Devices,
  enrolments: ReturnType<Reader['enrolments']>,
  today: string,
): IdlePrinter[] {
  let inUse: ReadonlySet<string> | undefined
  return enrolments.flatMap(({ device, serial }) => {
    const last = lastZOf(view.unit(serial)?.shown)
    if (last === undefined) return []
    const day = romeDay(last.at)
    if (today < shiftedDate(day, WARNED_DAYS)) return []
    inUse ??= printersInUse(view)
    // One in an emergency is reported as out of service by another duty.
    if (!inUse.has(serial) || openEmergency(view, serial) !== undefined) return []
    // After a pause the next look notes the Zs that the printer made in it.
    const supervisor = devices.get(device)
    if (supervisor !== undefined && hasNewerZ(view, supervisor, serial)) return []
    return [{ device, serial, day, due: shiftedDate(day, IDLE_DAYS) }]
  })
}

function taskId({ serial, day }: IdlePrinter): string {
  return `idle-printer-${serial}-${day}`
}

function idleTask(printer: IdlePrinter): Task {
  const { device, serial, day, due } = printer
  return {
    id: taskId(printer),
    ...DUTY_KINDS.idlePrinter,
    title: `State printer ${serial} (${device}) as out of service: no Z seen since ${day}`,
    due,
    device_id: device,
    instructions: [
      instruction('If the printer makes a Z before, this duty ends automatically.'),
      instruction('A Z that it made while it did not answer is seen when it is back: look at its paper first.'),
      instruction(
        'State "fuori servizio" with event code 608: it announces the beginning of a pause of more than 12 days.',
      ),
      instruction(
        'State it in the menu of the RT or at the portal (Fatture e Corrispettivi); next time on the last day of trade.',
      ),
      instruction('The first transmission ends that state; no one can end it by hand.'),
    ],
  }
}

function lastZOf(unit: Unit | undefined): LastZ | undefined {
  return (unit?.last_z ?? undefined) as LastZ | undefined
}

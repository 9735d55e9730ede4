import { localDate, localMinute, parseRfc3339, shiftedDate } from '../../../base/clock.ts'
import type { Warning } from '../../devices/warning.ts'
import { confirmationOf, isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { ConfirmedTask } from '../../journal/documents/records.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import type { Emergency, PrinterEmergency } from './emergency.ts'
import { allEmergencies, openEmergency } from './emergency.ts'
import { sumsDutyId } from './entries.ts'
import { FACTS } from './facts.ts'
import { romeDay } from './rome-time.ts'

/** Days after an entry for its sums: the RT itself has twelve to transmit a Z. */
const SUMS_DAYS = 12

type Reader = Pick<View, 'unit' | 'firstOf' | 'confirmedTask'>

/** The duties of a person for a printer that was down for good. */
export function emergencyTasks(view: Reader, nowMs: number): Task[] {
  const today = localDate(nowMs, FACTS.timeZone)
  return allEmergencies(view).flatMap((each) => [
    ...callTasks(view, each),
    stateTask(each),
    ...each.emergency.days.map((day) => sumsTask(each, day, today)),
    ...backTasks(each),
  ])
}

/** While the emergency register of a device is open. */
export function emergencyWarnings(view: Pick<View, 'unit' | 'enrolledSerial'>, device: string): Warning[] {
  const serial = view.enrolledSerial(device)
  const open = openEmergency(view, serial)
  if (open === undefined) return []
  const message = `Emergency register ${open.id} of printer ${serial} is open since ${romeDay(open.opened_at)}: ${open.reason}`
  return [{ code: 'printer_emergency_open', message }]
}

/** An emergency of an earlier version has its call, and no confirmation of it. */
function callTasks(view: Reader, each: PrinterEmergency): Task[] {
  const task = callTask(each)
  return each.emergency.called_at === undefined || isConfirmed(view, task.id) ? [task] : []
}

/** The duty to call the technician is done with its opening. */
export function calledEvents(opened: PrinterEmergency): NewEvent[] {
  const { called_at: at } = opened.emergency
  if (at === undefined) return []
  const { id, title, due } = callTask(opened)
  const set = { duty: id, title, due, reason: `called at ${at}` } satisfies ConfirmedTask
  return [{ kind: 'duty.confirmed', op: confirmationOf(id), body: { index: { kind: 'confirmation' }, set } }]
}

function callTask({ serial, emergency }: PrinterEmergency): Task {
  const { id, device, opened_at: at } = emergency
  return {
    id: `emergency-call-${id}`,
    ...DUTY_KINDS.emergencyCall,
    title: `Call the technician of printer ${serial} (${device})`,
    due: romeDay(at),
    device_id: device,
    instructions: [
      instruction(
        'Call the technician at once, and note the time in the libretto of the printer, on paper or at the portal.',
      ),
      instruction('Then confirm this duty, with the time as its reason.'),
    ],
  }
}

function stateTask({ serial, emergency }: PrinterEmergency): Task {
  const { id, device, opened_at: at, silent_since: silent = at } = emergency
  return {
    id: `emergency-state-${id}`,
    ...DUTY_KINDS.emergencyState,
    title: `State printer ${serial} (${device}) as out of service`,
    due: romeDay(at),
    device_id: device,
    instructions: [
      instruction(
        'Open Fatture e Corrispettivi: "Ricerca dispositivo", the matricola, "Cambia stato", "fuori servizio", Malfunzionamento.',
      ),
      instruction(
        'The printer does not work since {} (Italian time): the time of the state is just before that.',
        localMinute(parseRfc3339(silent) ?? 0, FACTS.timeZone),
      ),
      instruction('The portal takes sums of the emergency only in that state.'),
    ],
  }
}

/** Later entries would be in no sum: a day is stated when it is over, or when its emergency is. */
function sumsTask({ serial, emergency }: PrinterEmergency, day: string, today: string): Task {
  const { id, device, closed_at: closed } = emergency
  const isOver = closed !== undefined || day < today
  return {
    id: sumsDutyId(id, day),
    ...DUTY_KINDS.emergencySums,
    title: `Hand the sums of ${day} to the books: entries without printer ${serial} (${device})`,
    due: shiftedDate(day, SUMS_DAYS),
    device_id: device,
    ...(isOver
      ? {}
      : {
          not_before: shiftedDate(day, 1),
          unfinished: `Entries of ${day} may follow: confirm it from the next day on.`,
        }),
    instructions: [
      instruction('The sums by rate and natura: {}', `${sheetOf(emergency)} --date ${day}`),
      instruction('Enter them in the books (registro dei corrispettivi). Sending them to the office is voluntary.'),
      instruction(
        'If the shop sends them: "Procedure di emergenza", "Dispositivo fuori servizio", before the printer is back in service.',
      ),
      instruction('Do not key them in at the printer: its Z would count them a second time.'),
      instruction(
        'They do not contain the documents that printer {} has printed since its last Z: its Z or the duty of its open period has them.',
        serial,
      ),
    ],
  }
}

function backTasks({ serial, emergency }: PrinterEmergency): Task[] {
  const { id, device, closed_at: closed, for_good: forGood } = emergency
  if (closed === undefined || forGood === true) return []
  const task: Task = {
    id: `emergency-back-${id}`,
    ...DUTY_KINDS.emergencyBack,
    title: `Check the end of the emergency of printer ${serial} (${device})`,
    due: shiftedDate(romeDay(closed), 1),
    device_id: device,
    instructions: [
      instruction('The first transmission of the printer ends the state "fuori servizio": look at the portal.'),
      instruction(
        'Compare the paper of the printer with {}: a sale that the printer has printed is named there (printed_as), and is in no sum of it.',
        sheetOf(emergency),
      ),
      instruction(
        'A printer whose memory names no operation (Epson) shows none: compare its last documents with the first entries.',
      ),
    ],
  }
  return [task]
}

function sheetOf({ device }: Emergency): string {
  return `fiskal-edge emergency sheet ${device}`
}

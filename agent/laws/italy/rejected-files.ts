import { formatCents, toCents } from '../../../base/money.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Warning } from '../../devices/warning.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import { vatWords } from './open-period.ts'
import { romeDay } from './rome-time.ts'
import { printedIn } from './shapes.ts'
import { workingDaysAfter } from './working-days.ts'

type Closing = DocumentOf<'closing'>

/** The office takes a rejected file again within five working days. */
const DAYS = 5

/** For each Z whose file the tax office rejected: its sums are stated there, unless the printer sends it again. */
export function rejectedTask(view: Pick<View, 'eventsOf'>, { id, shown }: Closing): Task | undefined {
  const { fiscal_information: facts, totals, register_id: register } = shown
  const [z] = shown.z_numbers
  const [file] = printedIn(facts)
  if (file === undefined || z === undefined) return undefined
  const { rt_serial_number: serial, printed_at: printed } = file
  const rejection = view.eventsOf(id).findLast(({ body }) => body.includes('"transmission_status":"failed"'))
  const seen = romeDay(rejection?.at ?? shown.created_at)
  return {
    id: taskId(serial, z),
    ...DUTY_KINDS.rejectedFile,
    title: `Settle Z ${z} of printer ${serial}: the tax office rejected its file`,
    due: workingDaysAfter(seen, DAYS),
    register_id: register,
    instructions: [
      `The file of Z ${z} of ${romeDay(printed)} was seen as rejected on ${seen}: the office does not have its sums.`,
      'Open Fatture e Corrispettivi, "Ricevute file corrispettivi telematici": the receipt of the file names the reason.',
      'Give the reason to the technician of the printer. If it sends the file again, this duty ends automatically.',
      `Otherwise enter the sums there: "Ricerca dispositivo", ${serial}, "Cambia stato" to "fuori servizio"; then "Procedure di emergenza", "Dispositivo fuori servizio".`,
      sumsOf(z, totals),
      'The next transmission of the printer ends that state. When the portal has the sums, confirm this duty.',
    ],
  }
}

function sumsOf(z: number, totals: Closing['shown']['totals']): string {
  if (totals === null) return `Sums of Z ${z}: take them from its paper, they are not in the journal.`
  const cents = totals.vat.reduce((sum, { amount }) => sum + toCents(amount), 0n)
  const paid = totals.payments.map(({ name, amount }) => `${name} ${amount}`).join('; ')
  return `Sums of Z ${z}: ${formatCents(cents)} EUR. ${vatWords(totals.vat)}. ${paid}.`
}

function taskId(serial: string, z: number): string {
  return `rt-rejected-${serial}-${z}`
}

/** The Zs of a printer whose files the tax office rejected, until a person has settled them. */
export function rejectedWarnings(
  view: Pick<View, 'confirmedTask'>,
  device: Pick<DeviceSupervisor, 'lastReport'> | undefined,
): Warning[] {
  const report = device?.lastReport
  if (report?.kind !== 'fiscal_printer') return []
  const { identity, health } = report
  const open = (health.rejectedZ ?? []).filter((z) => !isConfirmed(view, taskId(identity.serial, z)))
  if (open.length === 0) return []
  return [{ code: 'printer_transmission_failed', message: `The tax office rejected the file of Z ${open.join(', ')}.` }]
}

import { formatCents, toCents } from '../../../base/money.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import type { Warning } from '../../devices/warning.ts'
import { isConfirmed } from '../../journal/confirmed-tasks.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import type { Instruction } from '../instruction.ts'
import { instruction, verbatim } from '../instruction.ts'
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
      instruction(
        'The file of Z {} of {} was seen as rejected on {}: the office does not have its sums.',
        z,
        romeDay(printed),
        seen,
      ),
      instruction(
        'Open Fatture e Corrispettivi, "Ricevute file corrispettivi telematici": the receipt of the file names the reason.',
      ),
      instruction(
        'Give the reason to the technician of the printer. If the printer sends the file again, this duty ends automatically.',
      ),
      instruction(
        'Otherwise enter the sums there: "Ricerca dispositivo", {}, "Cambia stato" to "fuori servizio"; then "Procedure di emergenza", "Dispositivo fuori servizio".',
        serial,
      ),
      ...sumsOf(z, totals),
      instruction(
        'The next transmission of the printer ends that state. When the portal has the sums, confirm this duty.',
      ),
    ],
  }
}

function sumsOf(z: number, totals: Closing['shown']['totals']): Instruction[] {
  if (totals === null) return [instruction('Sums of Z {}: take them from its paper, they are not in the journal.', z)]
  const cents = totals.vat.reduce((sum, { amount }) => sum + toCents(amount), 0n)
  const paid = totals.payments.map(({ name, amount }) => `${name} ${amount}`).join('; ')
  return [instruction('Sums of Z {}: {} EUR.', z, formatCents(cents)), vatWords(totals.vat), verbatim(`${paid}.`)]
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

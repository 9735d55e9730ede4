import type { Unit } from '../../journal/documents/records.ts'
import { serialOfUnit, unitId } from '../../journal/documents/records.ts'
import type { NewEvent } from '../../journal/events.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Task } from '../duty.ts'
import { instruction } from '../instruction.ts'
import type { Conclusion, Moment } from '../law.ts'
import { DUTY_KINDS } from './duty-kinds.ts'
import type { PrintedPeriod } from './open-period.ts'
import { periodWords } from './open-period.ts'
import { romeDay } from './rome-time.ts'
import type { PrinterCount } from './state.ts'

/** The period of a printer that was exchanged within it, and when. */
type LeftPeriod = PrintedPeriod & { readonly device: string; readonly left_at: string }

type Reader = Pick<View, 'firstOf' | 'unit'>

/** A printer was replaced under its device id while its period was open. The stored members are frozen. */
export function exchangedEvent(view: Pick<View, 'unit'>, device: string, period: PrintedPeriod, at: string): NewEvent {
  const { serial } = period
  const leftPeriod: LeftPeriod = { ...period, device, left_at: at }
  const isKnown = view.unit(serial) !== undefined
  const unit: Unit = { device, serial, enrolled_at: at }
  const set = { ...(isKnown ? {} : unit), open_period: leftPeriod }
  const index = !isKnown && { index: { kind: 'unit' as const } }
  return { kind: 'printer.replaced', op: unitId(serial), body: { ...index, set } }
}

/** Adds that the period of an exchanged printer is closed, once its closing was seen. */
export function closesLeftPeriod(
  view: Pick<View, 'unit'>,
  conclusion: Conclusion,
  { chain: before }: Pick<Moment, 'chain'>,
): Conclusion {
  const { serial, z = 0 } = (conclusion.chain ?? {}) as Partial<PrinterCount>
  // Most acts find the printer as it was: nothing is looked up for a sale.
  if (serial === undefined || (before?.['serial'] === serial && before['z'] === z)) return conclusion
  const period = leftPeriodOf(view.unit(serial)?.shown)
  if (period === undefined || period.z > z) return conclusion
  const closed: NewEvent = { kind: 'printer.period_closed', op: unitId(serial), body: { set: { open_period: null } } }
  return { ...conclusion, events: [...(conclusion.events ?? []), closed] }
}

/** The periods that no closing has counted because their printer was exchanged within them. */
export function periodTasks(view: Reader): Task[] {
  return view.firstOf(unitId('')).flatMap(({ op }) => {
    const period = leftPeriodOf(view.unit(serialOfUnit(op))?.shown)
    return period === undefined ? [] : [periodTask(period)]
  })
}

function leftPeriodOf(unit: Unit | undefined): LeftPeriod | undefined {
  return (unit?.open_period ?? undefined) as LeftPeriod | undefined
}

function periodTask(period: LeftPeriod): Task {
  const { serial, z, device, left_at: at } = period
  return {
    id: `open-period-${serial}-${z}`,
    ...DUTY_KINDS.openPeriod,
    title: `Close the period of printer ${serial}, which was ${device}`,
    due: romeDay(at),
    device_id: device,
    instructions: [
      instruction('It was exchanged on {} before its daily closing.', romeDay(at)),
      ...periodWords(period),
      instruction(
        'Connect it and make its daily closing (Z), at its keys or as a device of the agent. The closings of the new printer do not contain it.',
      ),
      instruction('If it is broken: state the sums at the portal (Fatture e Corrispettivi), then confirm this duty.'),
    ],
  }
}

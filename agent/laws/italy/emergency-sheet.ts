import { formatCents } from '../../../base/money.ts'
import { isRate } from './books/rates.ts'
import type { PrinterEmergency } from './emergency.ts'
import type { Entry } from './emergency-entries.ts'
import { sumsOf } from './emergency-sums.ts'

/** An amount at one rate or natura of an entry. `voids`: the number of the entry that it takes back. */
function linesOf({ operation, information, printedAs, centsByKind }: Entry, numbers: ReadonlyMap<string, number>) {
  const { entry: number, recorded_at } = information.emergency
  const voids = operation.kind === 'void' ? numbers.get(operation.shown.related_operation_id) : undefined
  return [...centsByKind].map(([kind, cents]) => ({
    register_id: operation.shown.register_id,
    ...{ entry: number, recorded_at, amount: formatCents(cents) },
    ...(isRate(kind) ? { rate: kind } : { natura: kind }),
    ...(printedAs !== undefined && { printed_as: printedAs }),
    ...(voids !== undefined && { voids }),
  }))
}

/** One sheet for each day of an emergency, or for the day that is asked for, in the fields of the portal. */
export function sheetsOf(
  { serial, emergency: { id, device } }: PrinterEmergency,
  entries: readonly Entry[],
  date?: string,
) {
  const numbers = new Map(entries.map(({ operation, information }) => [operation.id, information.emergency.entry]))
  const days = [...new Set(entries.map(({ facts }) => facts.day))].sort()
  return days
    .filter((day) => date === undefined || day === date)
    .map((day) => {
      const own = entries.filter(({ facts }) => facts.day === day)
      const { rates, natures, payments, total } = sumsOf(own)
      return {
        ...{ emergency_id: id, device, rt_serial_number: serial, date: day, entries: own.length },
        ...{ rates: [...rates], natures: [...natures], payments: [...payments], total },
        lines: own.flatMap((entry) => linesOf(entry, numbers)),
      }
    })
}

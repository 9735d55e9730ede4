import { allRegisters } from '../journal/documents/registers.ts'
import type { View } from '../journal/projections/view.ts'
import type { LossLaw } from './chained-registers.ts'

/** The last numbers on paper, as a person read them, by register id. */
export type LastNumbers = {
  readonly receipts: Readonly<Record<string, number>>
  readonly closings: Readonly<Record<string, number>>
}

/** The given number cannot be the last one on paper. Nothing was restored. */
class LastNumberRefusedError extends Error {
  override readonly name = 'LastNumberRefusedError'
  readonly code = 'last_number_refused'
}

/** For registers whose numbers the agent gives: no card chains them, no printer gives them. Throws LastNumberRefusedError. */
export function demandLastNumbers(view: View, laws: readonly LossLaw[], { receipts, closings }: LastNumbers): void {
  const numbered = allRegisters(view).filter(({ fiscalization }) =>
    laws.some((law) => law.name === fiscalization?.regime && law.deviceKinds.includes('tse')),
  )
  const names = numbered.map(({ id, name }) => `${id} (${name})`).join(', ')
  const demand = (option: string, register: string, number: number, lastNumber: number): void => {
    if (numbered.every(({ id }) => id !== register))
      throw new LastNumberRefusedError(
        `${option} ${register}=${number}: the backup has no such register whose receipt numbers the agent gives. Name one of: ${names === '' ? 'none' : names}.`,
      )
    if (number < lastNumber)
      throw new LastNumberRefusedError(
        `${option} ${register}=${number}: the backup has number ${lastNumber} of it already. Read the newest paper again.`,
      )
  }
  for (const [register, number] of Object.entries(receipts))
    demand('--last-receipt', register, number, view.lastReceiptNumber(register))
  for (const [register, number] of Object.entries(closings))
    demand('--last-closing', register, number, lastZ(view, register))
}

function lastZ(view: View, register: string): number {
  const last = view.lastSession(register)
  const closed = last?.state === 'closed' ? last : last && view.closedSessionBefore(register, last.seq)
  return closed?.document.own.zNumber ?? 0
}

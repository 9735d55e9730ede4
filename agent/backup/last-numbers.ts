import { CodedError } from '../../base/thrown.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { View } from '../journal/projections/view.ts'
import type { LossLaw } from './chained-registers.ts'

/** The last numbers on paper, as a person read them, by register id. */
export type LastNumbers = {
  readonly receipts: Readonly<Record<string, number>>
  readonly closings: Readonly<Record<string, number>>
}

/**
 * For registers whose receipt numbers the agent gives, as no chain does, and whose closings it numbers, as no printer does.
 * Throws `last_number_refused`.
 */
export function demandLastNumbers(view: View, laws: readonly LossLaw[], { receipts, closings }: LastNumbers): void {
  const isNumbered = {
    receipt: ({ loss }: LossLaw) => loss === undefined,
    closing: ({ deviceKinds }: LossLaw) => deviceKinds.includes('tse'),
  }
  const demand = (what: 'receipt' | 'closing', register: string, number: number, lastNumber: number): void => {
    const option = `--last-${what}`
    const numbered = allRegisters(view).filter(({ fiscalization }) =>
      laws.some((law) => law.name === fiscalization?.regime && isNumbered[what](law)),
    )
    const names = numbered.map(({ id, name }) => `${id} (${name})`).join(', ')
    if (numbered.every(({ id }) => id !== register))
      throw new CodedError(
        'last_number_refused',
        `${option} ${register}=${number}: the backup has no such register whose ${what} numbers the agent gives. Name one of: ${names === '' ? 'none' : names}.`,
      )
    if (number < lastNumber)
      throw new CodedError(
        'last_number_refused',
        `${option} ${register}=${number}: the backup has number ${lastNumber} of it already. Read the newest paper again.`,
      )
  }
  for (const [register, number] of Object.entries(receipts))
    demand('receipt', register, number, view.lastReceiptNumber(register))
  for (const [register, number] of Object.entries(closings)) demand('closing', register, number, lastZ(view, register))
}

function lastZ(view: View, register: string): number {
  const last = view.lastSession(register)
  const closed = last?.state === 'closed' ? last : last && view.closedSessionBefore(register, last.seq)
  return closed?.document.own.z_number ?? 0
}

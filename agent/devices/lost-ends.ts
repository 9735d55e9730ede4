import type { Tse } from '../../drivers/ports/tse.ts'
import { registerIdOf } from '../journal/documents/registers.ts'
import type { View } from '../journal/projections/view.ts'

/**
 * A transaction that the journal has open and the device has ended. Its bon had a number, and the events of its end are
 * lost: another end of the operation gets another number.
 */
export type LostEnd = { readonly number: number; readonly register: string; readonly counter: number }

/** Throws DeviceError. */
export async function lostEnds(view: View, device: string, tse: Pick<Tse, 'recall'>): Promise<LostEnd[]> {
  const ends: LostEnd[] = []
  for (const { number, op } of view.deviceTransactions(device)) {
    const register = registerIdOf(view, op)
    if (view.register(register) === undefined) continue
    const counter = (await tse.recall(number))?.finish?.signatureCounter
    if (counter !== undefined) ends.push({ number, register, counter })
  }
  return ends
}

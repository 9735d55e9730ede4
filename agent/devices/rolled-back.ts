import type { TseNumbers } from '../../drivers/ports/tse.ts'
import type { View } from '../journal/projections/view.ts'
import { journalledNumbers } from './journalled-numbers.ts'
import type { Trouble } from './usable.ts'

type Given = { given?: TseNumbers }

/**
 * The trouble of a TSE with less in its memory than the journal has from it: it was rolled back with its disk or is a
 * copy, and would assign numbers a second time. Undefined for units that report no numbers, whose memory no disk can
 * roll back. The journal is read first: later signatures only put the unit ahead of it. Throws DeviceError.
 */
export async function rollbackOf(
  journal: { readonly view: View; readonly headSeq: number },
  id: string,
  unit: { health(): Promise<object & Given> },
  seen: object & Given,
): Promise<Trouble | undefined> {
  if (seen.given === undefined) return undefined
  const lastNumbers = journalledNumbers(journal.view, journal.headSeq, id).last
  const { given } = await unit.health()
  if (given === undefined) return undefined
  const isRolledBack =
    given.transaction < lastNumbers.transaction || given.signatureCounter < lastNumbers.signatureCounter
  if (!isRolledBack) return undefined
  const message =
    `The TSE's memory ends at transaction ${given.transaction} and signature ${given.signatureCounter}, the journal has ` +
    `transaction ${lastNumbers.transaction} and signature ${lastNumbers.signatureCounter} from it: it was set back, or is a copy. ` +
    `"fiskal-edge device adopt ${id}" continues above them, so that no number is used twice.`
  return { code: 'tse_rolled_back', message }
}

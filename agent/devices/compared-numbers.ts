import { DeviceError } from '../../drivers/errors.ts'
import type { Tse, TseNumbers } from '../../drivers/ports/tse.ts'
import type { View } from '../journal/projections/view.ts'
import { journalledNumbers } from './journalled-numbers.ts'
import { describeLost, lostTransactions, registersByClient } from './lost-transactions.ts'
import { rollbackOf } from './rolled-back.ts'

/** The numbers of a device compared with the journal; `agrees`: null if they cannot be compared, or prove nothing. */
export type Compared = { agrees: boolean | null; message: string }

type Journal = { readonly view: View; readonly headSeq: number }

/**
 * Whether a TSE has signed something for this shop that is not in the journal, or less than the journal has from it.
 * Signatures for others do not concern this journal. Nothing is signed or recorded.
 */
export async function comparedNumbers(journal: Journal, id: string, tse: Tse): Promise<Compared> {
  try {
    const health = await tse.health()
    const strange = await rollbackOf(journal, id, tse, health)
    if (strange !== undefined) return { agrees: false, message: strange.message }
    const lost = await lostTransactions(journal.view, () => journal.headSeq, id, tse)
    if (lost.length > 0) return { agrees: false, message: describeLost(lost) }
    const { last, isWhole } = journalledNumbers(journal.view, journal.headSeq, id)
    if (!isWhole) return { agrees: null, message: 'the newest events of the journal name no transaction of it' }
    const { given } = health
    if (given !== undefined && !(await isExplained(journal.view, id, tse, given, last)))
      return {
        agrees: null,
        message: `it has given out transaction ${given.transaction}, and the client is unknown: the journal has ${last.transaction}`,
      }
    return {
      agrees: true,
      message: `transaction ${last.transaction}, signature ${last.signatureCounter} in the journal, and no later one of this shop`,
    }
  } catch (error) {
    if (error instanceof DeviceError) return { agrees: null, message: error.message }
    throw error
  }
}

/** True if an open transaction explains it, which is settled automatically, or a till of others. */
async function isExplained(view: View, id: string, tse: Tse, given: TseNumbers, last: TseNumbers): Promise<boolean> {
  if (given.transaction <= last.transaction) return true
  const recall = await tse.recall(given.transaction)
  if (recall === undefined) return false
  return recall.finish === undefined || !registersByClient(view, id).has(recall.clientId)
}

import { FiskalError } from '../../errors.ts'
import type { RecordedDocument } from '../../journal/documents/document.ts'
import { registerIdOf } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import { tooOldFor } from '../../journal/too-old.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import { recordedDocument } from '../recording/workflow.ts'

/** The outcome of a bon can be reconciled only while the device has the register. Throws `reconciling`, `version_too_old`. */
export function refuseWhileSettling(
  view: View,
  id: string,
  mayFollow: (document: RecordedDocument) => boolean = () => false,
): void {
  const later = view.laterWork().find(({ op, index }) => (index?.register ?? registerIdOf(view, op)) === id)
  if (later !== undefined) throw tooOldFor(later, 'none')
  const unsettled = view.openIntents().flatMap(({ seq, op }) => {
    // The abort of a transaction may belong to no operation: its facts name the register.
    if (op !== '') return registerIdOf(view, op) === id && !mayFollow(recordedDocument(view, op)) ? [op] : []
    const { register_id: register, operation_id: operation } = transactionFacts(view.bodyAt(seq))
    return register === id ? [operation] : []
  })
  if (unsettled.length === 0) return
  throw new FiskalError(
    'reconciling',
    `Register ${id} has bons whose outcome the device has not reported yet.`,
    { register_id: id, operation_ids: [...new Set(unsettled)].filter((op) => typeof op === 'string') },
    { fiscalEffect: 'none', retryAfterSeconds: 5 },
  )
}

import { FiskalError } from '../../errors.ts'
import type { Document, DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import type { TillParts } from '../parts.ts'

/**
 * Roots of requests whose bon belongs to the newest session of a register and counts, but has no number yet: events of
 * the session, reversals, drawer openings. Until then the cash of a reversal is not known either.
 */
function unnumberedBons(view: View, registerId: string): number[] {
  const session = view.lastSessionState(registerId)?.id
  return view.openIntents().flatMap(({ seq, op }) => {
    const document = view.document(op)
    const isMissing = document !== undefined && hasNoNumber(document, registerId, session)
    return isMissing ? [view.bodyAt(seq).root ?? seq] : []
  })
}

function hasNoNumber(document: Document, registerId: string, session: string | undefined): boolean {
  // A closing gets its number with its receipt.
  if (!isOperation(document) && document.kind !== 'drawer_opening') return false
  const { shown, own, law } = document
  const isOfSession = shown.register_id === registerId && (sessionIn(document) ?? session) === session
  const isCounted = !('status' in shown) || shown.status !== 'open'
  return isOfSession && isCounted && law !== undefined && own.receipt_number === undefined
}

function sessionIn(document: OperationDocument | DocumentOf<'drawer_opening'>): string | null {
  return document.kind === 'drawer_opening' ? null : document.shown.session_id
}

/**
 * Numbers bons that were left open by a crash or an unavailable device, as in an outage: the device may stay down, and
 * after the next close they would be in no closing. Not if a law chains or prints its receipts: then only the device
 * knows the outcome.
 */
export async function numberLeftBons({ journal, recorder }: TillParts, registerId: string): Promise<void> {
  if (recorder.order.chainedRegister(registerId) !== undefined) return
  for (const root of unnumberedBons(journal.view, registerId))
    if (!recorder.running.isRunning(root)) await recorder.deadlines.early(root)
}

/** Throws `reconciling` while a bon of the newest session has no number: it must come before the requested change. */
export function refuseWhileUnnumbered(view: View, registerId: string): void {
  const [root] = unnumberedBons(view, registerId)
  if (root === undefined) return
  const id = view.event(root)?.op ?? ''
  throw new FiskalError(
    'reconciling',
    `${id} of this session is still being signed.`,
    { register_id: registerId, id },
    { fiscalEffect: 'none', retryAfterSeconds: 1 },
  )
}

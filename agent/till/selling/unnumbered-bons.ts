import { FiskalError } from '../../errors.ts'
import type { Document, DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/kinds.ts'
import type { View } from '../../journal/projections/view.ts'
import type { TillParts } from '../parts.ts'

/**
 * Roots of requests whose bon belongs to the newest session of a register, counts already, and has no number yet: events of
 * the session, reversals, openings of the drawer. The cash of a reversal is not told before, either.
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
  return isOfSession && isCounted && law !== undefined && own.receiptNumber === undefined
}

function sessionIn(document: OperationDocument | DocumentOf<'drawer_opening'>): string | null {
  return document.kind === 'drawer_opening' ? null : document.shown.session_id
}

/**
 * Bons that nobody is at any more, because of a crash or of a device that was not to be asked, get their number as in an
 * outage: their device may stay away for long, and behind the next close they would stand in no closing. Not where a law
 * chains its receipts or prints them: there only the device tells.
 */
export async function numberLeftBons({ journal, recorder }: TillParts, registerId: string): Promise<void> {
  if (recorder.chainedRegister(registerId) !== undefined) return
  for (const root of unnumberedBons(journal.view, registerId))
    if (!recorder.isRunning(root)) await recorder.undecided(root)
}

/** Throws `reconciling` while a bon of the newest session has no number: it belongs before what is asked for now. */
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

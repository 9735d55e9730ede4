import type { DocumentOf, OperationDocument } from '../../journal/documents/document.ts'
import { isOperation } from '../../journal/documents/document.ts'
import type { SessionRow } from '../../journal/projections/sessions.ts'
import type { View } from '../../journal/projections/view.ts'
import { sessionBefore } from '../../journal/session-before.ts'
import type { LawRules } from '../../laws/law.ts'
import type { ReportedShop } from '../../receipts/closing.ts'
import type { ShopDocuments } from '../../receipts/documents.ts'
import { lawOfRegister } from '../laws.ts'

type Closing = DocumentOf<'closing'>
type Place = { merchant: string; register: string | null; location: string | null | undefined }

/** The merchant and the place of the sale, as of then; ONLINE operations have neither register nor location. */
export function shopOf(
  view: View,
  document: OperationDocument | Closing | DocumentOf<'drawer_opening'>,
): ShopDocuments {
  const { merchant_id: merchant, register_id: register } = document.shown
  const location = isOperation(document) ? document.shown.location_id : null
  return shopAt(view, { merchant, register, location }, masterSeq(view, document))
}

/** The shop of each session that a closing reports, the oldest first; none of a receipt that is not a report. */
export function reportedShops(view: View, laws: readonly LawRules[], closing: Closing): readonly ReportedShop[] {
  return sessionsOf(view, laws, closing).map(({ seq, register, document: { shown, own } }) => {
    const place = { merchant: shown.merchant_id, register, location: shown.location_id }
    return { number: own.z_number, openedAt: shown.opened_at, shop: shopAt(view, place, seq) }
  })
}

function sessionsOf(view: View, laws: readonly LawRules[], closing: Closing): readonly SessionRow[] {
  const { register_id: register, z_numbers: numbers } = closing.shown
  const seq = view.resource(closing.id)?.seq
  if (seq === undefined) return []
  const law = lawOfRegister(laws, view.register(register)?.shown ?? {})
  const reports = law?.closingBooks ?? law?.closings?.reports?.(register)
  if (reports !== undefined) return reports.sessionsOf(closing, seq)
  // A printer's Z closes what the newest session sold.
  const session = numbers.length === 0 ? undefined : sessionBefore(view, register, seq)
  return session === undefined ? [] : [session]
}

function shopAt(
  view: View,
  { merchant, register: registerId, location }: Place,
  seq: number | undefined,
): ShopDocuments {
  // Most documents have not changed since, and the current one is cached.
  const upTo = (id: string): number | undefined => (seq !== undefined && view.isChangedAfter(id, seq) ? seq : undefined)
  const register = registerId === null ? undefined : view.register(registerId, upTo(registerId))?.shown
  const place = location ?? register?.location_id
  return {
    merchant: view.merchant(merchant, upTo(merchant))?.shown ?? {},
    location: (place === undefined ? undefined : view.location(place, upTo(place))?.shown) ?? {},
    register: register ?? {},
  }
}

/** The event that determines its master data: the begin of its session; outside any session its own. */
function masterSeq(view: View, document: Parameters<typeof shopOf>[1]): number | undefined {
  const session = isOperation(document) ? document.shown.session_id : null
  const inSession = session === null ? undefined : view.session(session)
  return (inSession ?? view.resource(document.id) ?? view.operationRow(document.id))?.seq
}

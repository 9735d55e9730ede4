import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import { outagesOf } from '../../devices/outages.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { headText } from '../../journal/chain.ts'
import type { ClosingDocument, DrawerOpeningDocument, RegisterDocument } from '../../journal/documents.ts'
import type { Members } from '../../journal/events.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import type { Regime } from '../../laws/law.ts'
import { closingModel } from '../../receipts/closing.ts'
import type { ShopDocuments } from '../../receipts/documents.ts'
import { shopDocuments } from '../../receipts/documents.ts'
import { drawerOpeningModel } from '../../receipts/drawer-opening.ts'
import { labelsOf } from '../../receipts/labels.ts'
import { receiptModel } from '../../receipts/model.ts'
import { operationOf, ownedDocument, refuseForeignRegister } from '../guards.ts'
import { lawOf, lawOfCountry } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access } from '../requests.ts'

/** The receipt of an operation, of a closing (`cls_…`) or the slip of an opening of the drawer (`cdo_…`). */
export function receiptOf(
  parts: Pick<TillParts, 'journal' | 'regimes' | 'receiptLaws'>,
  access: Access,
  id: string,
  wanted: ReceiptModel['language'] | undefined,
): ReceiptModel {
  const { view } = parts.journal
  const { receiptLaws: laws, regimes } = parts
  const known = { laws, isUncertified: (serial: string): boolean => isUncertifiedSerial(view, serial) }
  if (id.startsWith('cdo_')) {
    const found = ownedDocument(view, 'cash_drawer_opening', access, id)
    const opening = found as DrawerOpeningDocument
    refuseForeignRegister(access.caller, opening.register_id, 'cash_drawer_opening', id)
    const shop = shopOf(view, found)
    return drawerOpeningModel({ opening, ...known, ...shop }, wanted ?? languageOf(regimes, shop))
  }
  if (id.startsWith('cls_')) {
    const found = ownedDocument(view, 'closing', access, id)
    const closing = found as ClosingDocument
    if (closing.$refused === true) throw notFound('closing', id)
    refuseForeignRegister(access.caller, closing.register_id, 'closing', id)
    const shop = shopOf(view, found)
    const model = closingModel({ closing, ...known, ...shop }, wanted ?? languageOf(regimes, shop))
    return withDuty(parts, withHead(view, model), shop.register)
  }
  const operation = operationOf(view, access, id)
  const shop = shopOf(view, operation)
  const model = receiptModel({ operation, ...known, ...shop }, wanted ?? languageOf(regimes, shop), false)
  return operation.type === 'session_close' ? withDuty(parts, withHead(view, model), shop.register) : model
}

/**
 * The head of the journal at the report: its own first event, which all before it is chained to. Paper is out of the reach of
 * whoever writes the journal anew.
 */
function withHead(view: View, model: ReceiptModel): ReceiptModel {
  const seq = (view.resource(model.operation_id) ?? view.operationRow(model.operation_id))?.seq
  const event = seq === undefined ? undefined : view.event(seq)
  if (event === undefined) return model
  const row = { label: labelsOf(model.language)('journal_head'), value: headText(event.seq, event.hash) }
  return { ...model, header: [...model.header, row] }
}

/**
 * Slips that stay in the shop say that an outage of the device had to be reported by then: a customer's receipt does not.
 * From the journal, so that a slip reads the same whenever it is printed.
 */
function withDuty(
  { journal, regimes }: Pick<TillParts, 'journal' | 'regimes'>,
  model: ReceiptModel,
  register: Partial<RegisterDocument>,
): ReceiptModel {
  const regime = lawOf(regimes, register)
  const mustReport = regime?.outage.mustReport
  if (regime === undefined || mustReport === undefined) return model
  const atMs = parseRfc3339(model.issued_at) ?? 0
  for (const { fromMs, toMs = Number.POSITIVE_INFINITY } of outagesOf(journal.view, String(register.fiscal_device))) {
    if (atMs >= toMs || !mustReport(atMs - fromMs)) continue
    const since = localDate(fromMs, regime.law.timeZone)
    return { ...model, notices: [...model.notices, `${labelsOf(model.language)('outage_report')} ${since}`] }
  }
  return model
}

/** What is spoken where the shop is. */
function languageOf(regimes: readonly Regime[], { merchant, location }: ShopDocuments): ReceiptModel['language'] {
  const country = location.address?.country_code ?? merchant.country_code
  return lawOfCountry(regimes, country)?.law.language ?? 'de'
}

/** Who sold, and where, as it was then; ONLINE operations have neither register nor location. */
function shopOf(view: View, document: Members): ShopDocuments {
  const seq = masterSeq(view, document)
  const documentOf = (member: Members[string]): Members => {
    const id = String(member ?? '')
    // Most have not changed since, and what is there now is at hand.
    const isOld = seq !== undefined && view.isChangedAfter(id, seq)
    return view.members(id, isOld ? seq : undefined) ?? {}
  }
  const register = documentOf(document['register_id'])
  const location = documentOf(document['location_id'] ?? register['location_id'])
  return shopDocuments({ merchant: documentOf(document['merchant_id']), location, register })
}

/** Where in the journal its master data stand: at the beginning of its session, outside of any at its own. */
function masterSeq(view: View, { id, session_id: session }: Members): number | undefined {
  const inSession = typeof session === 'string' ? view.session(session) : undefined
  return (inSession ?? view.resource(String(id)) ?? view.operationRow(String(id)))?.seq
}

import { localDate, parseRfc3339 } from '../../../base/clock.ts'
import type { ReceiptModel } from '../../contract/receipt.ts'
import type { Register } from '../../contract/register.ts'
import { isTrialDevice } from '../../devices/certification.ts'
import { outagesOf } from '../../devices/outages.ts'
import { isUncertifiedSerial } from '../../devices/uncertified.ts'
import { headText } from '../../journal/chain.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { isMovement, isSold, originalIn } from '../../journal/documents/document.ts'
import { notFound } from '../../journal/not-found.ts'
import { isRefused } from '../../journal/progress.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { goodsDocument, paperOf } from '../../laws/returned-goods.ts'
import { closingModel } from '../../receipts/closing.ts'
import type { ShopDocuments } from '../../receipts/documents.ts'
import { drawerOpeningModel } from '../../receipts/drawer-opening.ts'
import { receiptModel } from '../../receipts/model.ts'
import type { Named } from '../../receipts/originals.ts'
import type { ReceiptLaw } from '../../receipts/receipt-law.ts'
import { labelsOf } from '../../texts/receipts.ts'
import { operationOf, ownedDocument, refuseForeignRegister } from '../guards.ts'
import { lawOfCountry, lawOfRegister } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Access } from '../requests.ts'
import { reportedShops, shopOf } from './shop-of.ts'

/** The receipt of an operation, of a closing (`cls_…`) or the slip of a drawer opening (`cdo_…`). */
export function receiptOf(
  parts: Pick<TillParts, 'journal' | 'laws' | 'receiptLaws' | 'devices'>,
  access: Access,
  id: string,
  wanted: ReceiptModel['language'] | undefined,
): ReceiptModel {
  const { view } = parts.journal
  const { receiptLaws, laws } = parts
  const context = { laws: receiptLaws, isUncertified: (serial: string): boolean => isUncertifiedSerial(view, serial) }
  const document = view.document(id)
  if (document?.kind === 'drawer_opening') {
    const opening = ownedDocument(view, 'cash_drawer_opening', access, id)
    refuseForeignRegister(access.caller, opening.shown.register_id, 'cash_drawer_opening', id)
    const shop = shopOf(view, opening)
    return drawerOpeningModel({ subject: opening, ...context, ...shop }, wanted ?? languageOf(laws, shop))
  }
  if (document?.kind === 'closing') {
    const closing = ownedDocument(view, 'closing', access, id)
    if (isRefused(view.progress(id))) throw notFound('closing', id)
    refuseForeignRegister(access.caller, closing.shown.register_id, 'closing', id)
    const shops = reportedShops(view, laws, closing)
    const shop = shops.at(-1)?.shop ?? shopOf(view, closing)
    const model = closingModel({ subject: closing, ...context, ...shop }, wanted ?? languageOf(laws, shop), shops)
    const trial = isOfTrial(parts, shop.register) ? [labelsOf(model.language)('trial')] : []
    const marked = { ...model, notices: [...trial, ...model.notices] }
    return withTask(parts, withHead(view, marked), shop.register)
  }
  const operation = operationOf(view, access, id)
  const shop = shopOf(view, operation)
  const named = namedIn(view, receiptLaws, operation)
  const model = receiptModel(
    { subject: operation, ...context, ...shop, named },
    wanted ?? languageOf(laws, shop),
    false,
  )
  return operation.kind === 'session_close' ? withTask(parts, withHead(view, model), shop.register) : model
}

/** By the TSE of that time if the register has one, else by its device. */
function isOfTrial(
  { journal: { view }, devices }: Pick<TillParts, 'journal' | 'devices'>,
  { fiscalization, fiscal_device: id }: Partial<Register>,
): boolean {
  const serial = fiscalization?.tse_serial
  if (serial != null && view.tse(serial) !== undefined) return isUncertifiedSerial(view, serial)
  const device = devices.get(id ?? '')
  return device !== undefined && isTrialDevice(device)
}

/** The operations that its lines name, and the deposit of those that name none. */
function namedIn(view: View, laws: readonly ReceiptLaw[], document: OperationDocument): Named {
  const deposit = depositIn(view, document)
  const ids = isMovement(document) ? document.shown.line_items.map((line) => line.related_operation_id) : []
  const named = [...new Set([...ids, deposit])].flatMap((id) =>
    id === undefined ? [] : (goodsDocument(view, id) ?? []),
  )
  const originals = new Map(named.map((each) => [each.id, paperOf(laws, each)]))
  return { originals, deposit }
}

/** The deposit that an operation takes off as a whole, or the one that it reverses. */
function depositIn(view: View, document: OperationDocument): string | undefined {
  const reversed = document.kind === 'void' ? goodsDocument(view, document.shown.related_operation_id) : document
  const id = reversed !== undefined && isSold(reversed) ? originalIn(reversed) : undefined
  return id !== undefined && goodsDocument(view, id)?.kind === 'deposit' ? id : undefined
}

/**
 * The head of the journal at the report: its own first event, whose hash covers all earlier ones. An attacker who
 * rewrites the journal cannot change the paper.
 */
function withHead(view: View, model: ReceiptModel): ReceiptModel {
  const seq = (view.resource(model.operation_id) ?? view.operationRow(model.operation_id))?.seq
  const event = seq === undefined ? undefined : view.event(seq)
  if (event === undefined) return model
  const row = { label: labelsOf(model.language)('journal_head'), value: headText(event.seq, event.hash) }
  return { ...model, header: [...model.header, row] }
}

/**
 * Slips that stay in the shop show that an outage of the device had to be reported by then; a customer's receipt does
 * not. From the journal, so that a slip is the same whenever it is printed.
 */
function withTask(
  { journal, laws }: Pick<TillParts, 'journal' | 'laws'>,
  model: ReceiptModel,
  register: Partial<Register>,
): ReceiptModel {
  const law = lawOfRegister(laws, register)
  const mustReport = law?.outage.mustReport
  if (law === undefined || mustReport === undefined) return model
  const atMs = parseRfc3339(model.issued_at) ?? 0
  for (const { fromMs, toMs = Number.POSITIVE_INFINITY } of outagesOf(journal.view, String(register.fiscal_device))) {
    if (atMs >= toMs || !mustReport(atMs - fromMs)) continue
    const since = localDate(fromMs, law.facts.timeZone)
    return { ...model, notices: [...model.notices, `${labelsOf(model.language)('outage_report')} ${since}`] }
  }
  return model
}

/** The language of the shop's country. */
function languageOf(laws: readonly LawRules[], { merchant, location }: ShopDocuments): ReceiptModel['language'] {
  const country = location.address?.country_code ?? merchant.country_code
  return lawOfCountry(laws, country)?.facts.language ?? 'de'
}

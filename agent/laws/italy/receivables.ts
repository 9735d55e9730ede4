import { formatCents, toCents } from '../../../base/money.ts'
import type { RtNonFiscal } from '../../../drivers/ports/rt-printer.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { unprocessable } from '../../errors.ts'
import type { GoodsDocument, OperationDocument } from '../../journal/documents/document.ts'
import { lineRules } from '../../register/line-types.ts'
import { className } from './classes.ts'
import { goodsOf } from './lines.ts'
import { printedDocuments, referenceText } from './original.ts'
import { refuseChange, tenderedOf, turned } from './payments.ts'
import { italian } from './slips.ts'
import type { TenderSettings } from './tenders.ts'

type Lines = { readonly line_items: readonly Line[] }
type Line = CreateGoods['line_items'][number]
type Settings = Pick<TenderSettings, 'tenders'> & { operationOf: (id: string) => OperationDocument | undefined }

const COLLECTED = 'INCASSO - NON FISCALE'
const LINES_MAX = 200

/** True for money without goods: an invoice or an account is paid, which was turnover before. */
export function settlesReceivables({ line_items: lines }: Lines): boolean {
  return lines.length > 0 && lines.every(({ type }) => lineRules(type).isSettlement)
}

/** Throws `unprocessable_entity` for a claim next to anything else, which needs a documento commerciale. */
export function refuseMixedReceivables({
  line_items: lines,
  tip_amount: tip,
}: Lines & Pick<CreateGoods, 'tip_amount'>): void {
  const index = lines.findIndex(({ type }) => lineRules(type).isSettlement)
  if (index < 0) return
  if (!lines.every(({ type }) => lineRules(type).isSettlement))
    throw unprocessable(`Line ${index} settles a claim: record it without goods.`, `/line_items/${index}/type`)
  if (toCents(tip) !== 0n) throw unprocessable('A claim is settled without a tip: record it alone.', '/tip_amount')
}

/** The slip of an incasso, and with other signs of its return or void. Throws as a document of a sale does for its payments. */
export function receivableSlip(operation: GoodsDocument, settings: Settings): RtNonFiscal {
  const { line_items: lines, tip_amount, total_amount: total } = goodsOf(operation)
  refuseMixedReceivables({ line_items: lines, tip_amount })
  const named = lines.slice(0, LINES_MAX).map((line) => `RIF. ${nameOf(line, settings)} ${italian(line.total_amount)}`)
  // A slip has words for classes that the printer does not have.
  const paid = tenderedOf(operation, { ...settings, hasTender: () => true })
  // A void has the payments of its original.
  if (operation.kind !== 'void') refuseChange(operation.kind === 'return' ? paid.map(turned) : paid)
  const payments = paid.map(({ tender, cents, rounding }) => {
    const name = rounding === undefined ? className(tender) : 'Arrotondamento'
    return `${name} ${italian(formatCents(cents))}`
  })
  return { kind: 'non_fiscal', lines: [COLLECTED, ...named, `IMPORTO ${italian(total)}`, ...payments] }
}

/** The invoice, or the document of the goods: their number on paper if there is one. */
function nameOf(line: Line, { operationOf }: Settings): string {
  const { external_related_operation: external, related_operation_id: id = '' } = line
  if (external !== undefined) return external.external_operation_id
  const claim = operationOf(id)?.shown
  const sale = printedDocuments(claim).findLast(({ kind }) => kind === 'sale')?.original
  if (sale === undefined || 'evidence' in sale) return claim?.external_id ?? id
  const { serial: _, ...place } = sale
  return referenceText(place)
}

import { formatCents, toCents } from '../../base/money.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import { FiskalError } from '../errors.ts'
import type { OperationDocument } from '../journal/documents/document.ts'
import { isGoods, isMovement, isUnpaid, isWithoutPayments } from '../journal/documents/document.ts'
import { soldGoods } from '../journal/documents/sold-goods.ts'
import type { Say } from '../texts/receipts.ts'
import { labelsOf } from '../texts/receipts.ts'
import { agencyBlocks } from './agencies.ts'
import { fiscalBlock } from './fiscal.ts'
import type { CountedUnpaid, Draft, DraftLine } from './goods-draft.ts'
import {
  goodsDraft,
  isOfReturn,
  moveDraft,
  reversalDraft,
  takesEmptiesBack,
  unpaidDraft,
  unpaidReversalDraft,
} from './goods-draft.ts'
import { headerRows, merchantBlock, zoneOf } from './head.ts'
import { firstLaw, lawNamed, lawOf, lawWhere } from './law-of.ts'
import { noticesOf } from './notices.ts'
import { claimPaper, settlementWords } from './originals.ts'
import type { ReceiptDocuments, ReceiptLaw } from './receipt-law.ts'
import { recordedOf } from './recorded.ts'
import { sessionDraft } from './session-event.ts'
import { taxKeys, taxRows } from './taxes.ts'

/**
 * The receipt of a finished operation: every field that its law requires and the documents
 * contain, in order, with labels. The document has the receipt number of a bon that was never signed. Throws
 * `operation_invalid_state` while the operation is open.
 */
export function receiptModel(
  documents: ReceiptDocuments & { subject: OperationDocument },
  language: ReceiptModel['language'],
  copy: boolean,
): ReceiptModel {
  const { subject } = documents
  const status = finishedStatus(subject)
  const say = labelsOf(language)
  const voided = status === 'voided'
  const law = lawOf(documents)
  const below = belowTotal(documents, law)
  const settlement = settlementWords(documents.named ?? { originals: new Map() }, zoneOf(documents), language, say)
  const ofLaw = law ?? lawWhere(documents) ?? firstLaw(documents)
  const draft = draftOf(subject, { voided, below, law: ofLaw, recorded: subject.parts.law, settlement }, say)
  const counted = [...draft.lines, ...draft.giftCards].flatMap((line) =>
    line.group === null ? [] : [{ group: line.group, value: line.value }],
  )
  const keyOf = taxKeys(
    counted.map(({ group }) => group),
    // An online sale has no law.
    law ?? firstLaw(documents),
  )
  const finish = ({ group, ...line }: DraftLine) => ({ ...line, tax_key: group === null ? null : keyOf(group) })
  // Goods without payments are owed by no one here.
  const payable =
    isWithoutPayments(subject) || subject.kind === 'order_move'
      ? 0n
      : draft.giftCards.reduce((sum, { value }) => sum + toCents(value), draft.total)
  const decimalPoint = language === 'en' ? '.' : ','
  const original: ReceiptModel = {
    operation_id: subject.id,
    status,
    language,
    copy: false,
    title: titleOf(subject, draft, say),
    currency: subject.shown.currency,
    issued_at: recordedOf(subject).endedAt,
    merchant: merchantBlock(documents, say),
    header: headerRows(documents, law, language, say),
    lines: draft.lines.map(finish),
    ...agencyBlocks(documents.merchant, draft.lines, (turnover) => taxRows(turnover, keyOf, say, decimalPoint), say),
    total: { label: say('total'), value: formatCents(draft.total) },
    offsets: draft.giftCards.map(finish),
    payable: { label: say('payable'), value: formatCents(payable) },
    taxes: taxRows(counted, keyOf, say, decimalPoint),
    payments: draft.payments,
    ...fiscalBlock(documents, law, language, say),
    notices: noticesOf(documents, law, say),
  }
  return copy ? copyOf(original) : original
}

function draftOf(subject: OperationDocument, given: CountedUnpaid, say: Say): Draft {
  if (isUnpaid(subject)) return unpaidDraft(soldGoods(subject.shown), given, say)
  if (subject.kind === 'order_move') return moveDraft(subject, given, say)
  if (!isGoods(subject)) return sessionDraft(subject, given.law, say)
  const goods = soldGoods(subject.shown)
  const counted = { ...given, empties: takesEmptiesBack(subject), isReturn: isOfReturn(subject) }
  if (subject.kind !== 'void') return goodsDraft(goods, counted, say)
  return isWithoutPayments(subject) ? unpaidReversalDraft(goods, given, say) : reversalDraft(goods, counted, say)
}

/** A reprint: the same receipt with the same code, marked as a copy before all else. */
export function copyOf(original: ReceiptModel): ReceiptModel {
  if (original.copy) return original
  return { ...original, copy: true, notices: [labelsOf(original.language)('copy'), ...original.notices] }
}

/** In training, goods have their full price under each law. */
function belowTotal(
  { laws, subject }: ReceiptDocuments & { subject: OperationDocument },
  ofRegister: ReceiptLaw | undefined,
): ReceiptLaw['belowTotal'] {
  if (isMovement(subject) && subject.shown.training === true) return []
  // An online sale has no register.
  const law = subject.law === undefined ? ofRegister : lawNamed({ laws }, subject.law.name)
  return (law ?? firstLaw({ laws })).belowTotal
}

function finishedStatus({ id, shown: { status } }: OperationDocument): ReceiptModel['status'] {
  if (status === 'completed' || status === 'voided') return status
  throw new FiskalError('operation_invalid_state', `Operation ${id} is ${status}: no receipt yet.`, {
    operation_id: id,
    status,
  })
}

/** True for goods of which nothing was paid: all is on account. */
function isOnAccountAlone({ giftCards, payments }: Draft): boolean {
  const isClaim = giftCards.length > 0 && giftCards.every((line) => line.kind === 'on_account')
  return isClaim && payments.every(({ value }) => toCents(value) === 0n)
}

function titleOf({ kind, shown }: OperationDocument, draft: Draft, say: Say): string {
  // No register recorded it: a "Kassenbeleg" without a signature would look invalid.
  if (kind === 'sale' && shown.source === 'ONLINE') return say('title_online')
  if ((kind === 'sale' || kind === 'deposit_capture') && isOnAccountAlone(draft))
    return shown.fiscal.state === 'not_required' ? claimPaper(shown.external_id, say) : say('title_on_account')
  if (kind === 'session_cash_count' && shown.interim === true) return say('title_interim_count')
  if (kind === 'session_cash_count' && shown.correction_amount !== undefined) return say('title_count_correction')
  return say(`title_${kind}`)
}

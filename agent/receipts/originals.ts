import { said } from '../../base/text.ts'
import type { ReceiptModel } from '../contract/receipt.ts'
import { isDeposit, lineRules } from '../register/line-types.ts'
import type { Say } from '../texts/receipts.ts'
import type { GoodsLine } from './documents.ts'
import { printedTime } from './local-time.ts'

/** An operation that a line names: the number of its receipt, if it has one, the till's own id, and its end. */
export type Original = { readonly number: string | null; readonly externalId: string | null; readonly endedAt: string }
/** The originals of a receipt, by their ids. */
export type Originals = ReadonlyMap<string, Original>

/** The operations that the lines name, and the deposit of those that name none. */
export type Named = { readonly originals: Originals; readonly deposit?: string | undefined }

/** The words of a receipt for the operation or document that a line settles. */
export type OriginalWords = (line: GoodsLine) => string | undefined

/**
 * `Zahlung zu Rechnung 4711`, `Zahlung zu Lieferschein vom 12.03.2026`, `Anzahlung vom 12.03.2026, Beleg 17`; undefined for a line that settles no claim and names no
 * deposit.
 */
export function settlementWords(
  { originals, deposit }: Named,
  timeZone: string,
  language: ReceiptModel['language'],
  say: Say,
): OriginalWords {
  const dateOf = (endedAt: string): string => printedTime(endedAt, timeZone, language).split(' ', 1)[0] ?? ''
  const ownWords = (id: string): string => {
    const original = originals.get(id)
    if (original === undefined) return id
    const { number, externalId, endedAt } = original
    const paper = number === null ? claimPaper(externalId, say) : say('original_receipt')
    const name = number ?? said(externalId)
    return `${paper}${name === undefined ? '' : ` ${name}`} ${say('original_of')} ${dateOf(endedAt)}`
  }
  const depositWords = (id: string): string | undefined => {
    const { number = null, endedAt } = originals.get(id) ?? {}
    if (endedAt === undefined) return undefined
    const receipt = number === null ? '' : `, ${say('original_receipt')} ${number}`
    return `${say('deposit_of')} ${dateOf(endedAt)}${receipt}`
  }
  return ({ type, related_operation_id: own, external_related_operation: external }) => {
    if (isDeposit({ type })) return depositWords(own ?? deposit ?? '')
    if (!lineRules(type).isSettlement) return undefined
    return `${say('settlement')} ${own === undefined ? externalWords(external, say) : ownWords(own)}`
  }
}

/** The paper of goods on account that has no number of a receipt: an invoice needs one, the till's own. */
export function claimPaper(externalId: string | null | undefined, say: Say): string {
  return say(said(externalId) === undefined ? 'reference_delivery_note' : 'title_on_account')
}

/** `Rechnung 4711`, `Lieferschein 12`, or the words of the till for another document. */
function externalWords(external: GoodsLine['external_related_operation'], say: Say): string {
  const { kind = 'other', external_operation_id: id = '', description } = external ?? {}
  return kind === 'other' ? (said(description) ?? id) : `${say(`reference_${kind}`)} ${id}`
}

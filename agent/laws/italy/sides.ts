import { toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { FiskalError } from '../../errors.ts'
import { unprocessable } from '../../errors.ts'
import type { DocumentOf, GoodsDocument, RecordedDocument } from '../../journal/documents/document.ts'
import { isBack, isReferenced } from '../../register/direction.ts'
import { isDeposit, lineRules } from '../../register/line-types.ts'

type Line = CreateGoods['line_items'][number]
/** The lines of an operation, and its type. */
type Goods = { readonly type: GoodsDocument['kind']; readonly line_items: readonly Line[] }

/** An operation of two documents, of which one may be empty: what comes back is a reso, what is given a sale. */
export type TwoSided = DocumentOf<'exchange' | 'sale'>

/** The origin of the goods on a reso; nothing for empties without a reference. */
export type ComesFrom = Pick<Line, 'related_operation_id' | 'external_related_operation'>

/** A request for goods that come back, whole or in part. */
export type TakingBack = ComesFrom & {
  readonly type: 'return' | TwoSided['kind']
  readonly line_items: readonly Line[]
  readonly tip_amount: string
}

/**
 * As the return or exchange names it, in a sale its lines: all those on its reso name the same. `place`: of what names it, as
 * the beginning of a pointer.
 */
export function originOfReso(goods: ComesFrom & Goods): ComesFrom & { readonly place: string } {
  const { type, line_items: lines } = goods
  const index = type === 'sale' ? lines.findIndex((line) => isOnReso(line, goods)) : -1
  const { related_operation_id, external_related_operation } = lines[index] ?? goods
  return { related_operation_id, external_related_operation, place: index === -1 ? '' : `/line_items/${index}` }
}

/** True for a sale that has a reso alone: nothing is sold. */
export function isResoAlone(goods: TakingBack): boolean {
  const { type, line_items: lines, tip_amount: tip } = goods
  return type === 'sale' && toCents(tip) === 0n && !lines.some((line) => isSoldFor(line, goods))
}

function isSoldFor(line: Line, goods: TakingBack): boolean {
  return toCents(line.total_amount) !== 0n && !isOnReso(line, goods)
}

/**
 * Throws `unprocessable_entity` for the second document that lines come back on: half of three documents would need rules of
 * what is paid out.
 */
export function refuseSecondReso(goods: TakingBack): void {
  const { type, line_items: lines } = goods
  const first = lines.findIndex((line) => isOnReso(line, goods))
  for (const [index, line] of lines.entries()) {
    if (!isOnReso(line, goods) || isDeposit(line) || lineRules(line.type).isSettlement) continue
    if (type !== 'sale' && isReferenced(line)) throw elsewhere(`A ${type} names its document as a whole`, index)
    if (type === 'sale' && nameOf(line) !== nameOf(lines[first]))
      throw elsewhere(`Line ${first} comes back on another document, and a sale has one reso`, index)
  }
}

function elsewhere(why: string, index: number): FiskalError {
  return unprocessable(`${why}: record a return of line ${index}.`, `/line_items/${index}/total_amount`)
}

function nameOf({
  related_operation_id: id,
  external_related_operation: external,
}: ComesFrom = {}): string | undefined {
  return id ?? external?.external_operation_id.trim()
}

/** An exchange, or a sale with a line on a reso; undefined for any other document. */
export function twoSided(document: RecordedDocument): TwoSided | undefined {
  if (document.kind === 'exchange') return document
  if (document.kind !== 'sale') return undefined
  return document.shown.line_items.some((line) => isOnReso(line, { type: 'sale' })) ? document : undefined
}

/**
 * True for a line on a reso, or on the annullo of one. In a sale only empties, and goods that name what they come from:
 * its other negative lines are taken off what it sells.
 */
export function isOnReso(line: Line, { type }: Pick<Goods, 'type'>): boolean {
  switch (type) {
    case 'sale':
      return toCents(line.total_amount) < 0n && comesBackInSale(line)
    case 'return':
    case 'exchange':
      return isBack(line, { type })
    case 'void':
      // Every sign is inverted.
      return !isBack(line, { type, reverses: 'exchange' })
    case 'deposit':
    case 'deposit_capture':
      return false
  }
}

function comesBackInSale(line: Line): boolean {
  switch (lineRules(line.type).inSale) {
    case 'any':
      return true
    case 'cancelling':
      return isReferenced(line)
    case 'positive':
    case 'redeemed':
    case 'absent':
      return false
  }
}

import type { Json } from '../../../base/canonical.ts'
import { canonicalJson } from '../../../base/canonical.ts'
import type { SentGoods } from '../../contract/amendment.ts'
import { AMOUNT_NAMES } from '../../contract/amounts.ts'
import { FiskalError } from '../../errors.ts'
import type { SoldDocument, UnpaidDocument } from '../../journal/documents/document.ts'
import type { LawRules } from '../../laws/law.ts'
import { DEFAULT_LINE_TYPE } from '../../register/line-types.ts'
import { lawOf } from '../laws.ts'

type Operation = SoldDocument | UnpaidDocument

const ZERO = '0.00'

/** True if a part of the operation is printed: its goods are those of the paper, and stay. */
export function isHalfPrinted(laws: readonly LawRules[], document: Operation): boolean {
  return lawOf(laws, document)?.reversals?.ended?.(document) !== undefined
}

/** The refusal of other goods for such an operation. */
export function goodsOnPaper({ id, shown: { status } }: Operation): FiskalError {
  return new FiskalError(
    'operation_invalid_state',
    `A part of operation ${id} is printed: its goods stay. Send the same completion again. If the rest can never be printed: fiskal-edge operation end ${id}.`,
    { operation_id: id, status },
    { fiscalEffect: 'recorded' },
  )
}

/** True for goods that the operation has already, ids aside. */
export function hasGoods({ shown }: Operation, goods: SentGoods): boolean {
  const { line_items: lines, cart_level_discounts: discounts = [], ...amounts } = goods
  const present = 'cart_level_discounts' in shown ? shown.cart_level_discounts : []
  return (
    AMOUNT_NAMES.every((name) => (amounts[name] ?? ZERO) === shown[name]) &&
    withoutIds(lines.map((line) => ({ ...line, type: line.type ?? DEFAULT_LINE_TYPE }))) ===
      withoutIds(shown.line_items) &&
    withoutIds(discounts) === withoutIds(present)
  )
}

function withoutIds(goods: readonly object[]): string {
  return canonicalJson(
    JSON.parse(JSON.stringify(goods), (name, value: unknown) => (name === 'id' ? undefined : value)) as Json,
  )
}

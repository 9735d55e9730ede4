import { toCents } from '../../../base/money.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import type { GoodsDocument } from '../../journal/documents/document.ts'
import { isGoods, isOperation } from '../../journal/documents/document.ts'
import type { View } from '../../journal/projections/view.ts'
import { isOfReturn, lineLabel, takesEmptiesBack } from '../../receipts/goods-draft.ts'
import type { Originals } from '../../receipts/originals.ts'
import { settlementWords } from '../../receipts/originals.ts'
import { settledClaims } from '../../register/on-account.ts'
import { labelsOf } from '../../texts/receipts.ts'
import { paperOf } from '../returned-goods.ts'
import { FACTS } from './facts.ts'
import { RECEIPT } from './receipt.ts'

type Lines = CreateGoods['line_items']

const SAY = labelsOf('de')

/** The names of lines as on the receipt, but for a deposit: its title. */
export function lineLabels(
  view: Pick<View, 'document'>,
  document: GoodsDocument,
  all: Lines,
  shares: readonly bigint[],
): string[] {
  const empties = takesEmptiesBack(document) ? SAY(RECEIPT.empties) : undefined
  const isReturn = isOfReturn(document)
  const settlement = settlementWords({ originals: claimsIn(view, all) }, FACTS.timeZone, 'de', SAY)
  return all.map((line, index) => {
    const after = toCents(line.total_amount) + (shares[index] ?? 0n)
    return lineLabel(line, { all, after, empties, isReturn, settlement }, SAY)
  })
}

/** The sales of this journal that the lines pay for. */
function claimsIn(view: Pick<View, 'document'>, lines: Lines): Originals {
  const sales = settledClaims(lines).map((id) => view.document(id))
  return new Map(
    sales.flatMap((sale) =>
      sale !== undefined && isOperation(sale) && isGoods(sale) ? [[sale.id, paperOf([RECEIPT], sale)]] : [],
    ),
  )
}

import { toCents } from '../../../base/money.ts'
import { FiskalError } from '../../errors.ts'
import type { OperationDocument } from '../../journal/documents/document.ts'
import { isSold } from '../../journal/documents/document.ts'
import { takesOffDeposit } from '../../register/deposits.ts'
import { isBack } from '../../register/direction.ts'
import type { Goods, LineSettings } from './lines.ts'
import { keyOf, tipKeyOf } from './lines.ts'
import type { TakingBack } from './sides.ts'
import { isOnReso, originOfReso } from './sides.ts'

type Settings = LineSettings & { operationOf: (id: string) => OperationDocument | undefined }
type Sold = Pick<Goods, 'type' | 'line_items' | 'tip_amount'>

/**
 * Throws `tax_rate_not_supported` for returned goods at a rate or natura that the document of their sale does not have:
 * VAT would be given back that was never charged. A document of another till is not known here.
 */
export function refuseOtherRates(goods: TakingBack, settings: Settings): void {
  const { related_operation_id: id } = originOfReso(goods)
  const original = id === undefined ? undefined : settings.operationOf(id)
  // The rates of a deposit are checked by its rest.
  if (original === undefined || !isSold(original) || takesOffDeposit(goods)) return
  const sold = soldKeys({ ...original.shown, type: original.kind }, settings)
  for (const [index, line] of goods.line_items.entries()) {
    if (!isPrinted(line) || !isOnReso(line, goods) || sold.has(keyOf(line, settings))) continue
    const [{ rate, code } = { rate: '0' }] = line.taxes
    throw refused(`Line ${index}`, keyOf(line, settings), sold, {
      line_index: index,
      tax_index: 0,
      rate,
      code: code ?? null,
    })
  }
  const tip = tipKeyOf(settings)
  if (toCents(goods.tip_amount) < 0n && !sold.has(tip)) throw refused('The tip', tip, sold, { rate: tip })
}

/** Rates and natura of the sold lines and of the tip, as they are printed. */
function soldKeys(goods: Sold, settings: LineSettings): Set<string> {
  const lines = goods.line_items.filter((line) => isPrinted(line) && !isBack(line, goods))
  const tip = toCents(goods.tip_amount) > 0n ? [tipKeyOf(settings)] : []
  return new Set([...lines.map((line) => keyOf(line, settings)), ...tip])
}

/** Goods at 0.00 are a text. */
function isPrinted({ total_amount: total }: Goods['line_items'][number]): boolean {
  return toCents(total) !== 0n
}

function refused(
  subject: string,
  key: string,
  sold: ReadonlySet<string>,
  details: Record<string, string | number | null>,
): FiskalError {
  const rates = [...sold].join(', ')
  const message = `${subject} comes back at ${key}, and its sale has ${rates}. Return it at the rate of its sale.`
  return new FiskalError('tax_rate_not_supported', message, details)
}

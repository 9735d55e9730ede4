import { said } from '../../base/text.ts'
import type { CreateGoods } from '../contract/goods.ts'
import { FiskalError } from '../errors.ts'
import type { TaxedLine } from './vat-rules.ts'

/** Throws `customer_required` for a line with one of these codes if the buyer has no VAT number. */
export function requireVatId(
  codes: ReadonlySet<string>,
  lines: readonly Pick<TaxedLine, 'taxes'>[],
  buyer: CreateGoods['customer'],
): void {
  for (const [index, { taxes }] of lines.entries()) {
    const code = taxes[0]?.code
    if (code === undefined || !codes.has(code)) continue
    if (said(buyer?.vat_id) !== undefined) return
    throw new FiskalError('customer_required', `Line ${index} is ${code}: it needs the vat_id of the customer.`, {
      pointer: '/customer/vat_id',
      line_index: index,
    })
  }
}

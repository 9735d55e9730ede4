import { toCents } from '../../base/money.ts'
import { isMinus } from './amounts.ts'
import { isDeposit } from './line-types.ts'
import { turned } from './reversal.ts'

type Line = { type?: string | undefined; quantity: number | string; unit_price: string; total_amount: string }

type References = {
  related_operation_id?: string | undefined
  external_related_operation?: object | undefined
}

/** True for a line that names the operation or document that it comes from. */
export function isReferenced({ related_operation_id: own, external_related_operation: external }: References): boolean {
  return own !== undefined || external !== undefined
}

/** The operation of a line; for a reversal also the type of the operation that it reverses. */
export type LineOwner = { type?: string | undefined; reverses?: string | undefined }

/**
 * True for a line that comes back from the customer. Its total decides; a line of 0.00 has the direction of its
 * operation, in an exchange that of its quantity and price.
 */
export function isBack(line: Line, { type, reverses }: LineOwner): boolean {
  const cents = toCents(line.total_amount)
  if (cents !== 0n) return cents < 0n
  switch (type) {
    case 'sale':
    case 'deposit':
      return false
    case 'return':
      return true
    case 'deposit_capture':
      return isDeposit(line)
    case 'void':
      return !isBack({ ...line, unit_price: turned(line.unit_price) }, { type: reverses })
    default:
      return isMinus(String(line.quantity)) !== isMinus(line.unit_price)
  }
}

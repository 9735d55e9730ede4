import { said } from '../../../base/text.ts'
import type { RtEvidence, RtOriginal, RtSale } from '../../../drivers/ports/fiscal-printer.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'

type Customer = NonNullable<CreateGoods['customer']>

/** Codice fiscale of a person, or the 11 digits of a partita IVA. */
const TAX_CODE = /^([A-Z0-9]{16}|\d{11})$/
const LOTTERY_CODE = /^[A-Z0-9]{8}$/

/** What a document says of its customer: the codes that the printer knows, and the number of another country as a text. */
export type PrintedCustomer = { codes: Pick<RtSale, 'lotteryCode' | 'customerTaxCode'>; texts: string[] }

const OWN = 'The printer has the document of this return in its memory, with its customer: send the return without one.'
const UNSAID =
  'Without a matricola the number is one of this printer, which has the customer of what it sold: send the return without one, or put the matricola behind the number (ZZZZ-NNNN DD-MM-YYYY MATRICOLA).'
const NOBODY: PrintedCustomer = { codes: {}, texts: [] }

/** Throws `unprocessable_entity` for a lottery code that is none, or one beside a tax code. */
export function customerOf(customer: Customer = {}): PrintedCustomer {
  const lottery = said(customer.lottery_code)?.trim().toUpperCase()
  const taxCode = (said(customer.tax_number) ?? said(customer.vat_id))
    ?.trim()
    .toUpperCase()
    .replace(/^IT(?=\d{11}$)/, '')
  if (lottery !== undefined && !LOTTERY_CODE.test(lottery)) {
    throw new FiskalError('unprocessable_entity', 'A lottery code has 8 letters and digits.', {
      pointer: '/customer/lottery_code',
    })
  }
  if (lottery !== undefined && taxCode !== undefined) {
    throw new FiskalError('unprocessable_entity', 'A lottery code does not go with a tax code of the customer.', {
      pointer: '/customer',
    })
  }
  if (lottery !== undefined) return { codes: { lotteryCode: lottery }, texts: [] }
  if (taxCode === undefined) return NOBODY
  if (TAX_CODE.test(taxCode)) return { codes: { customerTaxCode: taxCode }, texts: [] }
  return { codes: {}, texts: [`CLIENTE ${taxCode}`] }
}

/**
 * The customer of a reso: printed where the original is not in the memory of the printer with that serial, which knows
 * the customer of what it sold itself. Throws `unprocessable_entity`, also for a return that names a customer all the same.
 */
export function returnCustomerOf(
  { type, customer }: { type?: string | undefined; customer?: Customer | undefined },
  original: RtOriginal | RtEvidence,
  serial: string | undefined,
): PrintedCustomer {
  const named = customerOf(customer)
  const isElsewhere = 'evidence' in original || (original.serial !== undefined && original.serial !== serial)
  if (isElsewhere) return named
  // That of an exchange stands on its sale.
  const isNamed = named.texts.length > 0 || Object.keys(named.codes).length > 0
  if (type === 'exchange' || !isNamed) return NOBODY
  // What names no printer is taken for one of its own: whether it is in the memory, the printer says when it is asked.
  const isSaid = 'evidence' in original || original.serial !== undefined
  throw new FiskalError('unprocessable_entity', isSaid ? OWN : UNSAID, { pointer: '/customer' })
}

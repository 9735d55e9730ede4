import { said } from '../../../base/text.ts'
import type { RtEvidence, RtOriginal, RtSale } from '../../../drivers/ports/fiscal-printer.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'

type Customer = NonNullable<CreateGoods['customer']>

/** Codice fiscale of a person, or the 11 digits of a partita IVA. */
const TAX_CODE = /^([A-Z0-9]{16}|\d{11})$/
const LOTTERY_CODE = /^[A-Z0-9]{8}$/

/** The customer on a document: the codes that the printer supports, and a foreign number as text. */
export type PrintedCustomer = { codes: Pick<RtSale, 'lotteryCode' | 'customerTaxCode'>; texts: string[] }

const OWN = 'The printer has the document of this return in its memory, with its customer: send the return without one.'
const UNSAID =
  'Without a matricola the number is one of this printer, which stores the customers of its sales: send the return without one, or put the matricola after the number (ZZZZ-NNNN DD-MM-YYYY MATRICOLA).'
const NOBODY: PrintedCustomer = { codes: {}, texts: [] }

/** Throws `unprocessable_entity` for an invalid lottery code, or one together with a tax code. */
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
 * The customer of a reso: printed if the original is not in the memory of the printer with that serial, which stores
 * the customers of its sales. Otherwise throws `unprocessable_entity` for a return that names a customer.
 */
export function returnCustomerOf(
  { type, customer }: { type?: string | undefined; customer?: Customer | undefined },
  original: RtOriginal | RtEvidence,
  serial: string | undefined,
): PrintedCustomer {
  const named = customerOf(customer)
  const isElsewhere = 'evidence' in original || (original.serial !== undefined && original.serial !== serial)
  if (isElsewhere) return named
  // The sale of an exchange has the customer.
  const isNamed = named.texts.length > 0 || Object.keys(named.codes).length > 0
  if (type === 'exchange' || !isNamed) return NOBODY
  // Without a printer's serial it is taken for a document of this printer; the printer reports if it is not in its
  // memory.
  const isSaid = 'evidence' in original || original.serial !== undefined
  throw new FiskalError('unprocessable_entity', isSaid ? OWN : UNSAID, { pointer: '/customer' })
}

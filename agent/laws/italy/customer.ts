import { isCodiceFiscale, isPartitaIva } from '../../../base/tax-codes.ts'
import { said } from '../../../base/text.ts'
import type { RtEvidence, RtOriginal, RtSale } from '../../../drivers/ports/rt-printer.ts'
import type { CreateGoods } from '../../contract/goods.ts'
import { FiskalError } from '../../errors.ts'
import type { TakingBack } from './sides.ts'
import { isResoAlone } from './sides.ts'

type Customer = NonNullable<CreateGoods['customer']>

const LOTTERY_CODE = /^[A-Z0-9]{8}$/
/** The country first, and at least one digit; short enough for a line of each printer. */
const FOREIGN_NUMBER = /^(?!IT)[A-Z]{2}(?=.*\d)[0-9A-Z.+*/-]{1,21}$/

/** The customer on a document: the codes that the printer supports, and a foreign number as text. */
export type PrintedCustomer = { codes: Pick<RtSale, 'lotteryCode' | 'customerTaxCode'>; texts: string[] }

const OWN = 'The printer has the document of this return in its memory, with its customer: send the return without one.'
const UNSAID =
  'Without a matricola the number is one of this printer, which stores the customers of its sales: send the return without one, or put the matricola after the number (ZZZZ-NNNN DD-MM-YYYY MATRICOLA).'
const NO_DRAW =
  'A lottery code belongs to the document of a sale, and this return names none: send the return without the code.'
const NOBODY: PrintedCustomer = { codes: {}, texts: [] }

/** Throws `unprocessable_entity` for an invalid lottery or tax code, and for both together. */
export function customerOf(sent: Customer | null | undefined): PrintedCustomer {
  const customer = sent ?? {}
  const lottery = codeIn(customer.lottery_code)
  const [own, vat] = [taxCodeIn(customer, 'tax_number'), taxCodeIn(customer, 'vat_id')]
  const taxCode = own ?? vat
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
  return isItalian(taxCode)
    ? { codes: { customerTaxCode: taxCode }, texts: [] }
    : { codes: {}, texts: [`CLIENTE ${taxCode}`] }
}

/** As the customer says it, with blanks and in any case; undefined if it is missing or blank. */
function codeIn(text: string | null | undefined): string | undefined {
  return said(text)?.replace(/\s/g, '').toUpperCase()
}

/** The tax code of a member, as it is printed. */
function taxCodeIn(customer: Customer, member: 'tax_number' | 'vat_id'): string | undefined {
  const code = codeIn(customer[member])?.replace(/^IT(?=\d{11}$)/, '')
  if (code === undefined || isItalian(code) || (!isItalianForm(code) && FOREIGN_NUMBER.test(code))) return code
  throw new FiskalError(
    'unprocessable_entity',
    `The ${member} of the customer is not a tax code: send a codice fiscale (16 characters), a partita IVA (11 digits), or a foreign number that begins with its country.`,
    { pointer: `/customer/${member}` },
  )
}

function isItalian(code: string): boolean {
  return isPartitaIva(code) || isCodiceFiscale(code)
}

function isItalianForm(code: string): boolean {
  return /^(\d{11}|[0-9A-Z]{16})$/.test(code)
}

/**
 * The customer that a reso prints. In an operation with a sale the sale's document has it. A printer stores the customers
 * of its sales, so the reso has one only if the original is not in the memory of the printer with that serial. Otherwise
 * throws `unprocessable_entity` for a return that names a customer, and for a lottery code on one that names no document.
 */
export function returnCustomerOf(
  goods: TakingBack & { readonly customer?: Customer | null | undefined },
  original: RtOriginal | RtEvidence,
  serial: string | undefined,
): PrintedCustomer {
  const { type, customer } = goods
  const named = customerOf(customer)
  if (type === 'sale' && !isResoAlone(goods)) return NOBODY
  if ('evidence' in original && named.codes.lotteryCode !== undefined) {
    // The sale of an exchange has the code.
    if (type === 'exchange') return NOBODY
    throw new FiskalError('unprocessable_entity', NO_DRAW, { pointer: '/customer/lottery_code' })
  }
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

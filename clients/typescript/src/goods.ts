import type { CreateLineItemDto, CreatePaymentDto, CreateTaxDto } from './contract.ts'
import type { Money } from './decimal.ts'
import { centsOf, decimalOf, moneyOf, quantityOf, rounded } from './decimal.ts'
import { newRef } from './ref.ts'

type GivenTax = Omit<CreateTaxDto, 'name' | 'tax_amount'> & { readonly name?: string }
/** A line without its sums. `rate` is the one tax of most lines. */
export type GivenLine = Omit<CreateLineItemDto, 'total_amount' | 'taxes'> & { readonly total_amount?: Money } & (
    | { readonly rate: string; readonly taxes?: never }
    | { readonly taxes: readonly GivenTax[]; readonly rate?: never }
  )
type Line = Pick<CreateLineItemDto, 'total_amount' | 'taxes'>
export type Goods<Of> = {
  line_items: Of[]
  pretax_amount: Money
  tax_amount: Money
  tip_amount: Money
  total_amount: Money
}
type GivenPayment = Partial<Omit<CreatePaymentDto, 'method' | 'amount'>>

/** A line with its sums: the total from quantity, price and discounts, the taxes from the total. */
export function line({ rate, taxes, total_amount, ...given }: GivenLine): CreateLineItemDto {
  const total = total_amount === undefined ? totalOf(given) : centsOf(total_amount, 'total_amount')
  const sent: readonly GivenTax[] = taxes ?? [{ rate }]
  const rates = sent.map((tax) => decimalOf(tax.rate, 'rate'))
  const places = Math.max(...rates.map((one) => one.places))
  const parts = rates.map((one) => one.digits * 10n ** BigInt(places - one.places))
  const below = parts.reduce((sum, part) => sum + part, 10n ** BigInt(places))
  const withAmounts = sent.map(({ name, ...tax }, index) => ({
    name: name ?? percentOf(tax.rate),
    ...tax,
    tax_amount: moneyOf(rounded(total * (parts[index] ?? 0n), below, 0)),
  }))
  return { ...given, total_amount: moneyOf(total), taxes: withAmounts }
}

/** The amounts of a basket, which the agent checks to the cent. A tip is in the total. */
export function goods<Of extends Line>(lines: readonly Of[], tip: Money = '0.00'): Goods<Of> {
  const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n)
  const total = sum(lines.map((one) => centsOf(one.total_amount, 'total_amount')))
  const taxes = lines.flatMap((one) => one.taxes)
  const tax = sum(taxes.map((one) => rounded(...ratioOf(one.tax_amount), 2)))
  return {
    line_items: [...lines],
    pretax_amount: moneyOf(total - tax),
    tax_amount: moneyOf(tax),
    tip_amount: moneyOf(centsOf(tip, 'tip')),
    total_amount: moneyOf(total + centsOf(tip, 'tip')),
  }
}

export function cash(amount: Money, more: GivenPayment = {}): CreatePaymentDto {
  return pay('cash', amount, more)
}

export function card(amount: Money, more: GivenPayment = {}): CreatePaymentDto {
  return pay('card', amount, more)
}

/** A captured payment in euro; change is a second one, negative. */
export function pay(method: CreatePaymentDto['method'], amount: Money, more: GivenPayment = {}): CreatePaymentDto {
  centsOf(amount, 'amount')
  return { payment_id: newRef(), status: 'captured', currency: 'EUR', ...more, method, amount }
}

/** The sign is that of quantity × price; discounts are positive and make the amount smaller. */
function totalOf({ quantity, unit_price, discounts = [] }: Omit<GivenLine, 'rate' | 'taxes' | 'total_amount'>): bigint {
  const [pieces, price] = [quantityOf(quantity), decimalOf(unit_price, 'unit_price')]
  const product = rounded(pieces.digits * price.digits, 10n ** BigInt(pieces.places + price.places), 2)
  const off = discounts.reduce((sum, { amount }) => sum + centsOf(amount, 'discounts'), 0n)
  return product < 0n ? product + off : product - off
}

/** "0.07" is "7 %". */
function percentOf(rate: string): string {
  const { digits, places } = decimalOf(rate, 'rate')
  const hundredths = moneyOf(rounded(digits * 100n, 10n ** BigInt(places), 2))
  return `${hundredths.replace(/\.?0+$/, '') || '0'} %`
}

function ratioOf(amount: Money): [bigint, bigint] {
  const { digits, places } = decimalOf(amount, 'tax_amount')
  return [digits, 10n ** BigInt(places)]
}

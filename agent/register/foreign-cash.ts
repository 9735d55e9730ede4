import { divideRounded, formatCents, toCents } from '../../base/money.ts'
import type { CountedCurrency, ForeignCashState, ForeignSums } from '../contract/foreign-cash.ts'
import { FOREIGN_CURRENCIES_MAX } from '../contract/foreign-cash.ts'
import { FiskalError, unprocessable } from '../errors.ts'
import { centsOf } from './amounts.ts'
import { byCurrency } from './foreign-sums.ts'

const NOTHING = { units: 0, base: 0 }
/** An amount has at most 9 digits before its decimals. */
const CENTS_LIMIT = 100_000_000_000

/**
 * For foreign cash that a document moves; `drawer`: what the session holds, less what goes out with documents that have not
 * ended. Throws `drawer_insufficient`, and `unprocessable_entity` for more currencies than a session may have.
 */
export function refuseForeign(registerId: string, drawer: ForeignSums, moved: ForeignSums): void {
  refuseTooMany(new Set([...Object.keys(drawer), ...Object.keys(moved)]), '/payments')
  for (const [currency, { units }] of Object.entries(moved)) {
    const expected = (drawer[currency] ?? NOTHING).units
    if (units >= 0 || expected + units >= 0) continue
    const amount = formatCents(BigInt(expected))
    throw new FiskalError(
      'drawer_insufficient',
      `The drawer should hold ${amount} ${currency}: ${formatCents(BigInt(-units))} cannot be taken out.`,
      { register_id: registerId, currency, expected_amount: amount },
    )
  }
}

function refuseTooMany(currencies: ReadonlySet<string>, pointer: string): void {
  if (currencies.size <= FOREIGN_CURRENCIES_MAX) return
  const message = `A session has at most ${FOREIGN_CURRENCIES_MAX} foreign currencies: count and close it first.`
  throw unprocessable(message, pointer, { limit: FOREIGN_CURRENCIES_MAX })
}

/** The list of a session that is not counted; undefined without foreign cash. */
export function expectedForeign(sums: ForeignSums | undefined): ForeignCashState[] | undefined {
  if (sums === undefined) return undefined
  return byCurrency(sums).map(([currency, { units, base }]) => ({
    currency,
    expected_amount: formatCents(BigInt(units)),
    counted_amount: null,
    diff_amount: null,
    base_amount: formatCents(BigInt(base)),
  }))
}

type ForeignCount = { readonly list: readonly ForeignCashState[]; readonly booked: ForeignSums | undefined }

/**
 * The foreign cash of a count, and what it books: counted − expected, or counted − counted `before` if it corrects a count.
 * A difference has the value that the session's cash of that currency has on average. A value that is left of a currency of
 * which nothing is left is booked with 0 units. Throws `unprocessable_entity`.
 */
export function foreignCount(
  sent: readonly CountedCurrency[] | undefined,
  drawer: ForeignSums | undefined,
  before: readonly ForeignCashState[] | undefined,
): ForeignCount | undefined {
  const counted = countedBy(sent ?? [])
  refuseMissing(counted, drawer ?? {}, before ?? [])
  // The amounts of an earlier count are named, too: their value was booked.
  const found = (before ?? []).map(({ currency }) => currency)
  const currencies = new Set([...Object.keys(drawer ?? {}), ...counted.keys(), ...found])
  refuseTooMany(currencies, '/foreign_cash')
  if (currencies.size === 0) return undefined
  const booked: Record<string, ForeignSums[string]> = {}
  const list = [...currencies].sort().map((currency): ForeignCashState => {
    const expected = drawer?.[currency] ?? NOTHING
    const { units, value, pointer } = counted.get(currency) ?? { units: 0, value: undefined, pointer: '' }
    const diff = units - expected.units
    const more = differenceValue(diff, { currency, expected, value, pointer: `${pointer}/base_amount` })
    // Without a piece of the currency its payments leave no value: a rest is a rate difference, which this count books.
    const base = expected.units === 0 ? more : expected.base + more
    refuseHuge(base, currency, `${pointer}/counted_amount`)
    const earlier = before?.find((each) => each.currency === currency)
    const last = earlier === undefined ? expected : countedIn(earlier)
    if (units !== last.units || base !== last.base)
      booked[currency] = { units: units - last.units, base: base - last.base }
    return {
      currency,
      expected_amount: formatCents(BigInt(expected.units)),
      counted_amount: formatCents(BigInt(units)),
      diff_amount: formatCents(BigInt(diff)),
      base_amount: formatCents(BigInt(base)),
    }
  })
  return { list, booked: Object.keys(booked).length === 0 ? undefined : booked }
}

type Counted = { readonly units: number; readonly value: number | undefined; readonly pointer: string }

function countedBy(sent: readonly CountedCurrency[]): Map<string, Counted> {
  const counted = new Map<string, Counted>()
  for (const [index, { currency, counted_amount: amount, base_amount: base }] of sent.entries()) {
    const pointer = `/foreign_cash/${index}`
    if (currency === 'EUR') throw unprocessable('Euro are counted in counted_closing_amount.', `${pointer}/currency`)
    if (counted.has(currency)) throw unprocessable(`${currency} is named twice.`, `${pointer}/currency`)
    const units = notNegative(amount, `${pointer}/counted_amount`)
    const value = base === undefined ? undefined : notNegative(base, `${pointer}/base_amount`)
    counted.set(currency, { units, value, pointer })
  }
  return counted
}

function notNegative(amount: string, pointer: string): number {
  const cents = centsOf(amount, pointer)
  if (cents < 0n) throw unprocessable(`${pointer} must not be negative.`, pointer)
  return Number(cents)
}

/** No cash is counted silently as 0: the count names what the drawer should hold and what an earlier count found. */
function refuseMissing(
  counted: ReadonlyMap<string, Counted>,
  drawer: ForeignSums,
  before: readonly ForeignCashState[],
): void {
  const expected = Object.keys(drawer).filter((currency) => drawer[currency]?.units !== 0)
  const found = before.filter((each) => countedIn(each).units !== 0).map(({ currency }) => currency)
  const missing = [...new Set([...expected, ...found])].filter((currency) => !counted.has(currency)).sort()
  if (missing.length === 0) return
  const message = `The drawer should hold ${missing.join(', ')}: count each of them in foreign_cash.`
  throw unprocessable(message, '/foreign_cash', { currencies: missing })
}

function differenceValue(
  diff: number,
  {
    currency,
    expected: { units, base },
    value,
    pointer,
  }: { currency: string; expected: ForeignSums[string]; value: number | undefined; pointer: string },
): number {
  if (units !== 0) {
    if (value === undefined) return averageValue(diff, { units, base })
    throw unprocessable(`${currency} has the value of its payments: leave base_amount out.`, pointer)
  }
  if (value === undefined && diff !== 0)
    throw unprocessable(`No payment gives ${currency} a value: send base_amount for what was counted.`, pointer)
  if (value !== undefined && (value === 0) !== (diff === 0))
    throw unprocessable('base_amount must be above 0 where counted_amount is, and 0 where it is 0.', pointer)
  return value ?? 0
}

/** A count may be mistyped; the sums of the books are exact up to here. */
function refuseHuge(base: number, currency: string, pointer: string): void {
  if (Math.abs(base) < CENTS_LIMIT) return
  throw unprocessable(`The counted ${currency} would be worth 1000000000.00 euro or more.`, pointer)
}

/** Rounded half away from zero. */
function averageValue(diff: number, { units, base }: ForeignSums[string]): number {
  const [numerator, denominator] = [BigInt(diff) * BigInt(base), BigInt(units)]
  return Number(denominator < 0n ? divideRounded(-numerator, -denominator) : divideRounded(numerator, denominator))
}

function countedIn({ counted_amount: counted, base_amount: base }: ForeignCashState): ForeignSums[string] {
  return { units: Number(toCents(counted ?? '0')), base: Number(toCents(base)) }
}

/** The foreign cash that a close takes out: all that was counted. Undefined without any. */
export function takenOut(list: readonly ForeignCashState[] | undefined): ForeignSums | undefined {
  const taken = (list ?? []).flatMap((each): [string, ForeignSums[string]][] => {
    const { units, base } = countedIn(each)
    return units === 0 ? [] : [[each.currency, { units: -units, base: -base }]]
  })
  return taken.length === 0 ? undefined : Object.fromEntries(taken)
}

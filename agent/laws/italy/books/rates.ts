import { centsText } from '../../../journal/books/findings.ts'

/** Cents by rate (`0.22`) or natura (`N4`), signed; none of them is 0. */
export type Rates = ReadonlyMap<string, number>

export type RateDifference = { readonly rate: string; readonly stated: string; readonly counted: string }

export const NO_RATES: Rates = new Map()
/** The tip: only the document knows its rate or natura, which the configuration chooses. */
export const TIP = 'MANCIA'
/** Vouchers sold without a natura: also unknown here, and never at a rate. */
export const VOUCHERS = 'gift_card'

const SUBCLASS = /^(N\d)\.\d/
const PERCENT = 100
const DECIMALS = 4

/** The key of a rate or natura, however many zeros a rate is written with. */
export function rateKey(vat: unknown): string {
  const text = String(vat)
  return isRate(text) ? String(Number(text)) : text
}

export function isRate(key: string): boolean {
  return /^\d/.test(key)
}

/** `22 %`; a natura as it is. */
export function rateText(key: string): string {
  return isRate(key) ? `${Number((Number(key) * PERCENT).toFixed(DECIMALS))} %` : key
}

export function sumOf(rates: Rates): number {
  return [...rates.values()].reduce((sum, cents) => sum + cents, 0)
}

/** The sum of both; with `sign` -1 the first less the second. */
export function together(one: Rates, other: Rates, sign: 1 | -1 = 1): Rates {
  const sum = new Map(one)
  for (const [key, cents] of other) add(sum, key, sign * cents)
  return sum
}

export function add(rates: Map<string, number>, key: string, cents: number): void {
  const sum = (rates.get(key) ?? 0) + cents
  if (sum === 0) rates.delete(key)
  else rates.set(key, sum)
}

/**
 * The differences between printed and recorded amounts of the same sum. A natura of a printed class (`N2`) may have been
 * any of its subclasses. Vouchers without a natura may have any one.
 */
export function differencesOf(printed: Rates, recorded: Rates): RateDifference[] {
  const hasTip = recorded.has(TIP)
  const classes = new Set(printed.keys())
  const classOf = (key: string): string => {
    const [, name] = SUBCLASS.exec(key) ?? []
    return name !== undefined && classes.has(name) ? name : key
  }
  const stated = keyed(printed, (key) => classOf(withTip(key, hasTip)))
  const counted = keyed(recorded, classOf)
  const rest = [...together(stated, counted, -1)]
  const [[key, cents] = ['', 0]] = rest.filter(([each]) => each !== VOUCHERS)
  const isOfVouchers = rest.length === 2 && cents === counted.get(VOUCHERS) && !isRate(key)
  if (isOfVouchers) return []
  return rest.map(([each]) => ({
    rate: rateText(each),
    stated: centsText(stated.get(each) ?? 0),
    counted: centsText(counted.get(each) ?? 0),
  }))
}

/** The same amounts, the tip at the rate or natura with which it was printed. */
export function withoutTip(printed: Rates): Rates {
  return keyed(printed, (key) => withTip(key, false))
}

/** The key of a line that may be the tip: goods may have its words. */
export function tipKey(key: string): string {
  return `${TIP} ${key}`
}

function withTip(key: string, isTip: boolean): string {
  if (!key.startsWith(`${TIP} `)) return key
  return isTip ? TIP : key.slice(TIP.length + 1)
}

function keyed(rates: Rates, keyOf: (key: string) => string): Rates {
  const sums = new Map<string, number>()
  for (const [key, cents] of rates) add(sums, keyOf(key), cents)
  return sums
}

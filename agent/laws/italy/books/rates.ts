import { centsText } from '../../../journal/books/findings.ts'

/** Cents by rate (`0.22`) or natura (`N4`), after it the code of a department (`0.22/servizi`), signed. One that comes to 0 stays: a document had it. */
export type Rates = ReadonlyMap<string, number>

export type RateDifference = { readonly rate: string; readonly stated: string; readonly counted: string }

export const NO_RATES: Rates = new Map()
/** The tip: only the document knows its rate or natura, which the configuration chooses. */
export const TIP = 'MANCIA'
/** Vouchers sold without a natura: also unknown here. Of one at a rate the document says that it is a voucher. */
export const VOUCHERS = 'gift_card'
/** Cash that was rounded up to 5 cents: also unknown here. */
export const ROUNDING = 'ARROTONDAMENTO'
const MARKS = [TIP, VOUCHERS, ROUNDING] as const

const SUBCLASS = /^(N\d)\.\d(\/.*)?$/
const PERCENT = 100
const DECIMALS = 4

/** The key of a department, however many zeros its rate is written with. */
export function rateKey(vat: unknown): string {
  const text = String(vat)
  if (!isRate(text)) return text
  const [rate = '', code] = text.split('/')
  return departmentKey(String(Number(rate)), code)
}

/** The key of a rate or natura with the code of a department, if it has one. */
export function departmentKey(kind: string, code: string | undefined): string {
  return code === undefined ? kind : `${kind}/${code}`
}

/** The rate of a key; 0 for a natura. */
export function rateIn(key: string): number {
  return isRate(key) ? Number(key.split('/')[0]) : 0
}

export function isRate(key: string): boolean {
  return /^\d/.test(key)
}

/** `22 %`, `22 % servizi`; a natura as it is. */
export function rateText(key: string): string {
  const [kind = '', ...code] = key.split('/')
  const words = isRate(key) ? `${Number((rateIn(key) * PERCENT).toFixed(DECIMALS))} %` : kind
  return [words, ...code].join(' ')
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
  rates.set(key, (rates.get(key) ?? 0) + cents)
}

/**
 * The differences between printed and recorded amounts of the same sum. A natura of a printed class (`N2`) may have been
 * any of its subclasses. Vouchers without a natura may have any one.
 */
export function differencesOf(printed: Rates, recorded: Rates): RateDifference[] {
  const marks = MARKS.filter((mark) => (recorded.get(mark) ?? 0) !== 0)
  const classes = new Set(printed.keys())
  const classOf = (key: string): string => {
    const [, name = '', at = ''] = SUBCLASS.exec(key) ?? []
    return classes.has(`${name}${at}`) ? `${name}${at}` : key
  }
  const stated = keyed(printed, (key) => classOf(unmarked(key, marks)))
  const counted = keyed(recorded, classOf)
  const rest = [...together(stated, counted, -1)].filter(([, cents]) => cents !== 0)
  const [[key, cents] = ['', 0]] = rest.filter(([each]) => each !== VOUCHERS)
  const isOfVouchers = rest.length === 2 && cents === counted.get(VOUCHERS) && !isRate(key)
  if (isOfVouchers) return []
  return rest.map(([each]) => ({
    rate: rateText(each),
    stated: centsText(stated.get(each) ?? 0),
    counted: centsText(counted.get(each) ?? 0),
  }))
}

/** The same amounts, tip, vouchers and rounding at the rate or natura with which they were printed. */
export function withoutMarks(printed: Rates): Rates {
  return keyed(printed, (key) => unmarked(key, []))
}

/** The key of a line that may be the tip or a rounding, because goods may have its words, or of a voucher at a rate. */
export function markedKey(mark: (typeof MARKS)[number], key: string): string {
  return `${mark} ${key}`
}

/** Only one of `marks` stays. */
function unmarked(key: string, marks: readonly string[]): string {
  const mark = MARKS.find((each) => key.startsWith(`${each} `))
  if (mark === undefined) return key
  return marks.includes(mark) ? mark : key.slice(mark.length + 1)
}

function keyed(rates: Rates, keyOf: (key: string) => string): Rates {
  const sums = new Map<string, number>()
  for (const [key, cents] of rates) add(sums, keyOf(key), cents)
  return sums
}

import { z } from 'zod'
import { isCalendarDate, localDate } from '../../../base/clock.ts'
import { withoutZeros } from '../../../base/money.ts'
import type { NamedDevice, Problem } from '../../../base/settings/law-settings.ts'
import { strict } from '../../../base/settings/strict.ts'
import { FACTS } from './facts.ts'
import type { Bucket, DatedRate, OwnCode } from './vat.ts'
import { LAW_RATES, VatRates } from './vat.ts'
import { NOT_DETERMINABLE, OWN_KEYS, ZERO_RATE_CODES, ZERO_RATE_KEYS } from './zero-rates.ts'

const RATES_MAX = 100
const KEYS_MAX = 50
/** UST_BESCHR (DSFinV-K, Stamm_USt). */
const DESCRIPTION_MAX = 55
const WORDS_MAX = 200
const OWN_KEYS_END = 9999
/** Keys of the law that own codes may have; their rate is 0. */
const UNTAXED_KEYS: readonly number[] = [5, 6, 8]
const UNTAXED: Bucket = 5
const BASIS_POINTS = 10_000
const CODES: readonly string[] = [...ZERO_RATE_CODES, NOT_DETERMINABLE]

const rate = z.string().regex(/^0(\.\d{1,4})?$/, 'a text such as "0.08" for 8 %: below 1, with at most 4 decimals')

const vatRate = strict({
  key: z.literal([1, 2, 3, 4], '1 general, 2 reduced, 3 or 4 an average rate of § 24 UStG'),
  rate: rate.refine((text) => !/^0(\.0*)?$/.test(text), 'must be more than 0: goods without tax have a code'),
  from: z.string().refine(isCalendarDate, 'a day such as "2027-01-01"'),
})

const vatKey = strict({
  code: z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/, 'lower-case letters, digits and _, at most 40')
    .refine((code) => !CODES.includes(code), 'is a code of the law: choose another name'),
  key: z
    .int()
    .refine(isOwnKey, `5, 6, 8 or ${OWN_KEYS} to ${OWN_KEYS_END}, except ${[...ZERO_RATE_KEYS].join(', ')} of the law`),
  rate: rate.default('0'),
  bucket: z.literal([1, 2, 3, 4, 5], '1 to 5: the amount of processData that contains it').optional(),
  description: z.string().trim().min(1).max(DESCRIPTION_MAX),
  receiptText: z.string().trim().min(1).max(WORDS_MAX).optional(),
})

/** Rates that are newer than this program, and codes of the company. */
export const vatSettings = strict({
  vatRates: z.array(vatRate).max(RATES_MAX).default([]),
  vatKeys: z.array(vatKey).max(KEYS_MAX).default([]),
}).prefault({})
type VatSettings = z.output<typeof vatSettings>
type VatKey = VatSettings['vatKeys'][number]

export function ratesOf({ vatRates, vatKeys }: VatSettings): VatRates {
  return new VatRates(vatRates, vatKeys.map(ownCode))
}

function ownCode({ code, key, rate: sent, bucket = UNTAXED, description, receiptText }: VatKey): OwnCode {
  const words = receiptText !== undefined && { receipt_text: receiptText }
  return { rate: zeroOr(sent), code, key, bucket, description, ...words }
}

/** `0.00` is `0`. */
function zeroOr(sent: string): string {
  return Number(sent) === 0 ? '0' : withoutZeros(sent)
}

function isOwnKey(key: number): boolean {
  return UNTAXED_KEYS.includes(key) || (key >= OWN_KEYS && key <= OWN_KEYS_END && !ZERO_RATE_KEYS.has(key))
}

/** Entries that contradict each other, or keys that a former rate has. */
export function vatProblems({ vatRates, vatKeys }: VatSettings): Problem[] {
  const former = new Set([...LAW_RATES, ...vatRates].map(({ rate: one }) => OWN_KEYS + basisPoints(one)))
  return [
    ...vatRates.flatMap(({ key, from }, at) => {
      const isSecond = vatRates.slice(0, at).some((other) => other.key === key && other.from === from)
      return isSecond ? [problemAt(['vatRates', at, 'from'], `key ${key} has a rate from that day already`)] : []
    }),
    ...vatKeys.flatMap((own, at) =>
      problemsOf(own, vatKeys.slice(0, at), former).map(([member, words]) => problemAt(['vatKeys', at, member], words)),
    ),
  ]
}

function problemAt(path: (string | number)[], message: string): Problem {
  return { path: ['kassensichv', ...path], message }
}

function problemsOf(own: VatKey, before: readonly VatKey[], former: ReadonlySet<number>): [keyof VatKey, string][] {
  const { code, key, bucket, rate: sent } = own
  const problems: [keyof VatKey, string][] = []
  const isTaxed = Number(sent) > 0
  if (before.some((other) => other.code === code)) problems.push(['code', 'used twice'])
  if (former.has(key)) problems.push(['key', `the books give ${key} to a former rate: choose another`])
  if (isTaxed && key < OWN_KEYS) problems.push(['rate', `must be 0 for key ${key}`])
  if (isTaxed && bucket === undefined) problems.push(['bucket', 'is required for a rate above 0'])
  if (!isTaxed && (bucket ?? UNTAXED) !== UNTAXED) problems.push(['bucket', 'must be 5 for a rate of 0'])
  if (key >= OWN_KEYS && before.some((other) => other.key === key && !isSameKey(other, own)))
    problems.push(['key', 'has another rate, bucket or description in an entry before'])
  return problems
}

function isSameKey(one: VatKey, other: VatKey): boolean {
  const [a, b] = [ownCode(one), ownCode(other)]
  return a.rate === b.rate && a.bucket === b.bucket && a.description === b.description
}

/** NaN for a text that is not a rate, which is a problem anyway. */
function basisPoints(text: string): number {
  return Math.round(Number(text) * BASIS_POINTS)
}

/** Rates that a till cannot name, because a lower key has them on the same day. */
export function vatWarnings(settings: VatSettings): string[] {
  const rates = ratesOf(settings)
  return settings.vatRates.flatMap(({ key, rate: sent, from }, at) => {
    const meant = rates.keyOf({ rate: sent }, from)
    return meant === key || meant === undefined
      ? []
      : [`kassensichv.vatRates[${at}]: a till names a rate alone, and ${sent} is that of key ${meant} then`]
  })
}

/** The rates in force, and the next one that begins. */
export function vatEffects(settings: VatSettings, devices: readonly NamedDevice[], nowMs: number): string[] {
  if (!devices.some(({ driver }) => driver.startsWith('tse-'))) return []
  const rates = ratesOf(settings)
  const today = localDate(nowMs, FACTS.timeZone)
  const inForce = rates.inForce(today).map(rateWords).join(', ')
  const [next] = rates.after(today)
  const change = next === undefined ? 'no change is configured' : `from ${next.from}: ${rateWords(next)}`
  return [`VAT rates in force: ${inForce}; ${change}`]
}

function rateWords({ key, rate: sent }: DatedRate): string {
  return `key ${key} ${basisPoints(sent) / 100} %`
}

import { divideRounded, formatRounded, toAtoms } from '../../../../base/money.ts'
import type { Bucket, DatedRate, Tax, VatMeaning } from '../vat.ts'
import { bucketOf, DATED_KEYS, LAW, meaningIn } from '../vat.ts'
import { nameOfKey } from '../vat-key-names.ts'
import { EXEMPT, OWN_KEYS, ZERO_RATE_KEYS, zeroRateOf } from '../zero-rates.ts'

/** Units of 10⁻⁸ in a basis point (10⁻⁴) of a rate such as `0.19`. */
const ATOMS_PER_BASIS_POINT = 10_000n

/** Hundredths of a percent: 1900 is 19 %. */
type Rate = number
/** A key of the company. `kind`: the amount of processData that contains it. */
type OwnKey = { readonly rate: Rate; readonly kind: Bucket; readonly description: string }

/** Keys of former rates (Anlage Umsatzsteuerschlüssel); the last digit is the kind. */
const HISTORICAL: ReadonlyMap<Rate, number> = new Map([
  [1900, 11],
  [1600, 21],
  [700, 12],
  [500, 22],
  [1070, 13],
  [950, 23],
  [900, 33],
  [840, 43],
])
const HISTORICAL_BY_KEY: ReadonlyMap<number, Rate> = new Map([...HISTORICAL].map(([rate, key]) => [key, rate]))
const KINDS = 10
const ZERO_KEY = { rate: 0, kind: 5 } as const

export const NOT_TAXABLE = 5
const EXEMPT_KEY = 6
export const UNKNOWN_VAT = 7
const ZERO_KEYS = new Set([NOT_TAXABLE, EXEMPT_KEY, UNKNOWN_VAT, 8, ...ZERO_RATE_KEYS])
/** Written for every closing, used or not. */
export const STANDING_KEYS = [1, 2, 3, 4, 5, 6]

/**
 * The VAT keys of one closing: keys 1 to 4 are the rates in force on the day on which it is made, and any other rate has
 * another key there. The bon has the meaning of a rate or code of the configuration.
 */
export class ClosingVat {
  readonly #date: string
  readonly #inForce: Map<number, Rate>
  /** The configuration had rates when the closing was made. */
  readonly #isRecorded: boolean
  /** Keys 1 to 4 that a bon has: their rate is certain. */
  readonly #used = new Set<number>()
  readonly #own = new Map<number, OwnKey>()

  /** `recorded`: the rates in force then, if the configuration had any. */
  constructor(date: string, recorded?: readonly DatedRate[]) {
    this.#date = date
    this.#isRecorded = recorded !== undefined
    this.#inForce = new Map((recorded ?? LAW.inForce(date)).map(({ key, rate }) => [key, hundredths(rate) ?? 0]))
  }

  /** UST_SCHLUESSEL of a tax, which may be one of the configuration; undefined for a rate that is not German. */
  keyOf(tax: Tax, meanings: readonly VatMeaning[]): number | undefined {
    const meaning = meanings.length === 0 ? undefined : meaningIn(meanings, tax)
    const rate = hundredths(tax.rate)
    if (rate === undefined) return undefined
    if (meaning !== undefined && meaning.key > DATED_KEYS.length) return this.#ownKey(meaning, rate)
    if (rate === 0) return zeroRateOf(tax.code ?? EXEMPT)?.key ?? EXEMPT_KEY
    if (meaning !== undefined) this.#assume(meaning.bucket, rate)
    const kind = meaning?.bucket ?? bucketOf(tax, undefined)
    return kind === undefined ? undefined : this.#keyOfRate(rate, kind)
  }

  /** UST_SCHLUESSEL of a VAT kind of processData (B1 to B5) that was signed on a calendar date. */
  keyOfKind(kind: Bucket, signedOn: string): number {
    const then = lawRate(kind, signedOn)
    if (then === undefined || then === lawRate(kind, this.#date)) return kind
    return this.#keyOfRate(then, kind)
  }

  /** Rate of a key, in hundredths of a percent; undefined for an undefined key. */
  rateOf(key: number): Rate | undefined {
    if (ZERO_KEYS.has(key)) return 0
    return this.#inForce.get(key) ?? HISTORICAL_BY_KEY.get(key) ?? this.#own.get(key)?.rate
  }

  /** The one of the five amounts of processData that contains a key (DSFinV-K Anhang I). */
  kindOf(key: number): number {
    if (key >= OWN_KEYS) return this.#own.get(key)?.kind ?? NOT_TAXABLE
    return key > KINDS ? key % KINDS : Math.min(key, NOT_TAXABLE)
  }

  describe(key: number): string {
    return nameOfKey(key) || this.#own.get(key)?.description || `Steuersatz ${key}`
  }

  /** VAT in a gross amount of a key, in cents, rounded half away from zero. */
  vatIn(key: number, grossCents: bigint): bigint {
    const rate = this.rateOf(key) ?? 0
    return divideRounded(grossCents * BigInt(rate), BigInt(10_000 + rate))
  }

  /** `kind`: the key that the rate had when the bon was made. */
  #keyOfRate(rate: Rate, kind: Bucket): number {
    if (this.#inForce.get(kind) === rate) {
      this.#used.add(kind)
      return kind
    }
    const official = HISTORICAL.get(rate)
    if (official !== undefined && official % KINDS === kind) return official
    // A former rate without an official key is one of the company's.
    return this.#free(OWN_KEYS + rate, { rate, kind, description: `Historischer Steuersatz ${percent(rate)} %` })
  }

  /** Without its configuration, a closing goes by the bons: the first of a key has the rate in force. */
  #assume(kind: Bucket, rate: Rate): void {
    if (!this.#isRecorded && !this.#used.has(kind)) this.#inForce.set(kind, rate)
  }

  #ownKey({ key, bucket: kind, description = '' }: VatMeaning, rate: Rate): number {
    return key < OWN_KEYS ? key : this.#free(key, { rate, kind, description })
  }

  /** The given key, or the next free one if the closing has it at another rate: the configuration changed in between. */
  #free(key: number, own: OwnKey): number {
    for (let free = key; ; free++) {
      const taken = ZERO_KEYS.has(free) ? ZERO_KEY : this.#own.get(free)
      if (taken === undefined) this.#own.set(free, own)
      else if (taken.rate !== own.rate || taken.kind !== own.kind) continue
      return free
    }
  }
}

function lawRate(key: number, date: string): Rate | undefined {
  const row = LAW.inForce(date).find((one) => one.key === key)
  return row === undefined ? undefined : hundredths(row.rate)
}

/** Hundredths of a percent of a rate such as `0.19`; undefined if it has parts of a hundredth of a percent. */
function hundredths(rate: string): Rate | undefined {
  const atoms = toAtoms(rate)
  return atoms % ATOMS_PER_BASIS_POINT === 0n ? Number(atoms / ATOMS_PER_BASIS_POINT) : undefined
}

/** `7,80` */
function percent(rate: Rate): string {
  return formatRounded(BigInt(rate), 100n, 2).replace('.', ',')
}

import { toCents } from '../../../../base/money.ts'
import { NumberSpans } from '../../../../base/number-spans.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { PrintedGoods } from './printed-goods.ts'
import { joined, NO_GOODS, ratesWithGifts } from './printed-goods.ts'
import type { RateDifference } from './rates.ts'
import { sumOf as sumOfRates } from './rates.ts'
import type { PrinterFindings } from './texts.ts'
import type { VatShare } from './vat-rows.ts'
import { vatDifferences } from './vat-rows.ts'

/** The place of a fiscal document in the memory of its printer; `z` as printed. */
export type Place = { readonly z: number; readonly number: number }
export type DocumentKind = 'sale' | 'return' | 'void'
/** `goods`: undefined for a document that only the memory of its printer shows. */
export type PricedDocument = { readonly kind: DocumentKind; readonly cents: number; readonly goods?: PrintedGoods }
type Share = { readonly name: string; readonly amount: string }
/** By rate or natura, and by class of payment, signed. */
type Shares = {
  readonly vat?: readonly VatShare[]
  readonly payments?: readonly (Share & { readonly count?: number })[]
}
type CountedSum = { readonly count: number; readonly amount: string }
/** Documents that were taken back, and lines that were taken away before a document. Earlier versions had cancelled lines alone, if there were any. */
type TakenBack = {
  readonly cancelled_lines?: CountedSum
  readonly reversals?: CountedSum
  readonly returns?: CountedSum
  readonly training?: CountedSum
}
/** The printer's report of a period before its closing, and the journal's totals of its documents. */
export type PeriodTotals = { readonly documents: number } & Partial<Record<'sales' | 'returns' | 'voids', number>> &
  Shares & { readonly deducted?: { readonly [Reason in string]?: number }; readonly taken_back?: TakenBack } & Pick<
    TakenBack,
    'cancelled_lines'
  >
/** The same on the document of the closing. */
export type ClosingTotals = { readonly business_cases?: readonly Share[] } & Shares & TakenBack

const SUMS = [
  ['sale', 'sales', 'vendite'],
  ['return', 'returns', 'resi'],
  ['void', 'voids', 'annulli'],
] as const

const DEDUCTED = [
  ['gift', 'omaggi'],
  ['advance', 'acconti'],
  ['single_use_voucher', 'buoni monouso'],
] as const

const TAKEN_BACK = [
  ['cancelled_lines', 'righe stornate'],
  ['reversals', 'annulli con numero'],
  ['returns', 'resi con numero'],
  ['training', 'prove con numero'],
] as const

/** The documents between two closings of a printer, as sets: a late report counts the same. */
export class Period {
  readonly #z: number
  readonly #known = new NumberSpans()
  /** Numbers that the journal need not have: before its first look, or from the journal that it was restored from. */
  readonly #elsewhere = new NumberSpans()
  readonly #cents = new Map<number, PricedDocument>()
  #top = 0
  #seq = 0
  #day = ''
  #until = ''
  #totals: { seq: number; told: PeriodTotals } | undefined
  #isSummed: boolean | undefined
  /** Numbers that an operation has recorded. */
  readonly #recorded = new NumberSpans()
  /** The documents that operations printed, signed; undefined once one of them is unknown. */
  #printed: PrintedGoods | undefined = NO_GOODS
  /** `#printed` when the first closing of the period was recorded. */
  #atClosing: PrintedGoods | undefined
  /** Rates of which its sums or its closing have other amounts than the documents. */
  readonly #rates = new Map<string, { seq: number; difference: RateDifference }>()
  /** Differences between the shares of its sums and its documents. */
  #shares: readonly Difference[] = []
  /** Differences between its closing and the printer's report before. */
  readonly #closing: { seq: number; difference: Difference }[] = []
  /** Differences between its sums and its documents, set when the amounts of these are dropped. */
  #differences: readonly Difference[] | undefined

  constructor(z: number) {
    this.#z = z
  }

  /** Notes a day of the period, by the clock of the printer: '' if that was not reported. */
  seen(day: string): void {
    if (day === '') return
    this.#day = this.#day === '' || day < this.#day ? day : this.#day
    this.#until = day > this.#until ? day : this.#until
  }

  /** The printer has documents up to that number. */
  reach(seq: number, number: number): void {
    if (number <= this.#top) return
    this.#top = number
    this.#seq = seq
  }

  get z(): number {
    return this.#z
  }

  /** The highest number that is known. */
  get top(): number {
    return this.#top
  }

  /** Its closing reported how many documents it has. */
  get isCounted(): boolean {
    return this.#totals !== undefined
  }

  get day(): string {
    return this.#day
  }

  get until(): string {
    return this.#until
  }

  add(number: number): void {
    this.#known.add(number)
  }

  /** An operation has printed it. Returns false if that was known. */
  record(number: number): boolean {
    if (this.#recorded.has(number)) return false
    this.#recorded.add(number)
    return true
  }

  pricedAt(number: number): PricedDocument | undefined {
    return this.#cents.get(number)
  }

  /** Undefined if the amount is unknown: the sums of its period cannot be compared then. */
  priced(number: number, priced: PricedDocument | undefined): void {
    if (priced !== undefined && this.#differences === undefined) this.#cents.set(number, priced)
  }

  /** Adds a document that an operation printed. */
  printed(kind: DocumentKind, goods: PrintedGoods | undefined): void {
    this.#printed = this.#printed && goods && joined(this.#printed, goods, kind === 'sale' ? 1 : -1)
  }

  exempt(from: number, to: number): void {
    this.#elsewhere.add(from, to)
    this.#known.add(from, to)
  }

  isExempt(number: number): boolean {
    return this.#elsewhere.has(number)
  }

  /** Adds a document from the memory of the printer; the record of an operation that printed it takes precedence. */
  fromMemory(number: number, kind: DocumentKind, total: string | null): void {
    if (total !== null && !this.#cents.has(number)) this.priced(number, { kind, cents: Number(toCents(total)) })
  }

  /** Takes the printer's report before the closing. */
  close(seq: number, told: PeriodTotals): void {
    this.reach(seq, told.documents)
    this.#totals = { seq, told }
    const printed = this.#printed
    if (printed === undefined) return
    const net = sumOfRates(printed.rates)
    const withGifts = net + sumOfRates(printed.gifts)
    const shares = [
      { what: 'IVA', cents: sumOf(told.vat, withGifts), sum: withGifts },
      { what: 'pagamenti', cents: sumOf(told.payments, net), sum: net },
      ...deductedShares(told.deducted, printed),
    ]
    this.#shares = shares
      .filter(({ cents, sum }) => cents !== sum)
      .map(({ what, cents, sum }) => ({ what, stated: centsText(cents), counted: centsText(sum) }))
    this.#compareRates(seq, told, printed)
  }

  /**
   * Compares the document of the closing with the printed documents, and with the printer's report before it. Another
   * register of the printer records the same closing later, when a slow act may have reported a further document.
   */
  closedWith(seq: number, closing: ClosingTotals): void {
    this.#atClosing ??= this.#printed
    if (this.#atClosing !== undefined) this.#compareRates(seq, closing, this.#atClosing)
    const totals = this.#totals?.told
    // Documents after that report: another closing followed it.
    if (totals === undefined || this.#top > totals.documents) return
    const { vat, payments, cancelled_lines, taken_back: takenBack = {} } = totals
    const cancelled = cancelled_lines !== undefined && { cancelled_lines }
    const stated = { ...(vat && { vat }), ...(payments && { payments }), ...cancelled, ...takenBack }
    const [before, closed] = [amountsIn({ ...stated, business_cases: casesOf(totals) }), amountsIn(closing)]
    for (const what of new Set([...before.keys(), ...closed.keys()])) {
      const difference = { what, stated: before.get(what) ?? '–', counted: closed.get(what) ?? '–' }
      if (difference.stated !== difference.counted) this.#closing.push({ seq, difference })
    }
  }

  /** The period closed long ago: drops the amounts of its documents. */
  settle(): void {
    this.#isSummed ??= this.#compares()
    this.#differences ??= this.#compared()
    this.#cents.clear()
  }

  /** The number of its documents in the journal, and of those that no closing sums up. */
  coverage(): { documents: number; unsummed: number } {
    const documents = this.#known.countTo(this.#top) - this.#elsewhere.countTo(this.#top)
    return { documents, unsummed: (this.#isSummed ?? this.#compares()) ? 0 : documents }
  }

  report(serial: string, findings: PrinterFindings): void {
    for (const { from, to } of this.#known.missing(1, this.#top)) {
      // With these facts it can be read from the printer's memory.
      const place = { z: this.#z, from, to, day: this.#day, until: this.#until }
      findings.add('rt_document_unknown', this.#seq, { serial, document: spanText(this.#z, from, to), ...place })
    }
    this.#reportRates(serial, findings)
    if (this.#totals === undefined) return
    const { seq, told } = this.#totals
    const place = { serial, z: four(this.#z) }
    const counted = this.#known.countTo(told.documents)
    const documents = { what: 'documenti', stated: told.documents, counted }
    const isCounted = counted === told.documents
    if (!isCounted) findings.add('rt_totals_differ', seq, { ...place, ...documents })
    const sums = this.#differences ?? this.#compared()
    // If a document or its amount is wrong, the shares are wrong too.
    const differences = isCounted && sums.length === 0 ? this.#shares : sums
    for (const difference of differences) findings.add('rt_totals_differ', seq, { ...place, ...difference })
    for (const { seq: closedAt, difference } of this.#closing)
      findings.add('rt_totals_differ', closedAt, { ...place, ...difference })
  }

  /** Differences of its rates, which no printer reports: `vat` is that of the documents that operations printed. */
  #reportRates(serial: string, findings: PrinterFindings): void {
    const place = { serial, z: four(this.#z), document: spanText(this.#z, this.#known.first ?? 0, this.#top) }
    for (const { seq, difference } of this.#rates.values())
      findings.add('rt_rates_differ', seq, { ...place, ...difference, source: 'chiusura' })
  }

  /** Not if the sums differ: then all of its rates are wrong. */
  #compareRates(seq: number, { vat }: Shares, printed: PrintedGoods): void {
    const { lines } = printed
    const rates = ratesWithGifts(printed)
    if (vat === undefined || sumOf(vat, 0) !== sumOfRates(rates)) return
    for (const difference of vatDifferences(vat, { rates, lines })) {
      const key = `${difference.rate} ${difference.counted}`
      if (!this.#rates.has(key)) this.#rates.set(key, { seq, difference })
    }
  }

  /** True if its closing reported sums, and the amount of each document of the period is known. */
  #compares(): boolean {
    const totals = this.#totals?.told
    return totals?.sales !== undefined && this.#top <= totals.documents && this.#cents.size >= totals.documents
  }

  /** Returns no difference unless the amount of each counted document is known. */
  #compared(): Difference[] {
    const totals = this.#totals?.told
    if (totals === undefined) return []
    const counted = [...this.#cents].filter(([number]) => number <= totals.documents).map(([, document]) => document)
    if (counted.length < totals.documents) return []
    return SUMS.flatMap(([kind, member, what]) => {
      const sum = counted.reduce((total, document) => total + (document.kind === kind ? document.cents : 0), 0)
      const cents = totals[member] ?? sum
      return cents === sum ? [] : [{ what, stated: centsText(cents), counted: centsText(sum) }]
    })
  }
}

/** The shares as on the document of a closing. */
function casesOf(told: PeriodTotals): Share[] {
  const { deducted = {} } = told
  return [
    ...SUMS.flatMap(([kind, member, what]) => {
      const cents = told[member]
      return cents === undefined ? [] : [{ name: what, amount: centsText(kind === 'sale' ? cents : -cents) }]
    }),
    ...DEDUCTED.flatMap(([reason, what]) => {
      const cents = deducted[reason]
      return cents === undefined ? [] : [{ name: what, amount: centsText(cents) }]
    }),
  ]
}

/** Earlier versions do not have them. */
function deductedShares(
  told: PeriodTotals['deducted'],
  { deducted }: PrintedGoods,
): { what: string; cents: number; sum: number }[] {
  if (told === undefined) return []
  return DEDUCTED.map(([reason, what]) => ({ what, cents: told[reason] ?? 0, sum: deducted.get(reason) ?? 0 }))
}

function amountsIn({
  business_cases: cases = [],
  vat = [],
  payments = [],
  ...closing
}: ClosingTotals): Map<string, string> {
  const named = cases.map(({ name, amount }) => [name.toLowerCase(), amount] as const)
  const taxed = vat.map(({ name, amount, tax_amount: tax }) => [name, `${amount} (${tax})`] as const)
  const taken = TAKEN_BACK.flatMap(([member, what]) => {
    const sum = closing[member]
    return sum === undefined ? [] : [[what, `${sum.amount} (${sum.count})`] as const]
  })
  const paid = payments.map(
    ({ name, amount, count }) => [name, count === undefined ? amount : `${amount} (${count})`] as const,
  )
  return new Map([...named, ...taxed, ...paid, ...taken])
}

/** `otherwise`: the sum if no shares are reported. */
function sumOf(shares: readonly Share[] | undefined, otherwise: number): number {
  return shares === undefined ? otherwise : shares.reduce((sum, { amount }) => sum + Number(toCents(amount)), 0)
}

type Difference = { readonly what: string; readonly stated: string; readonly counted: string }

/** `0142-0003`, `0142-0003 … 0142-0005`: as printed on the paper. */
export function spanText(z: number, from: number, to: number): string {
  return endsText(`${four(z)}-${four(from)}`, `${four(z)}-${four(to)}`)
}

export function endsText(first: string, last: string): string {
  return first === last ? first : `${first} … ${last}`
}

export function four(value: number): string {
  return String(value).padStart(4, '0')
}

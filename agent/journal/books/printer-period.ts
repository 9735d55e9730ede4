import { toCents } from '../../../base/money.ts'
import type { BookFindings } from './findings.ts'
import { centsText } from './findings.ts'
import { NumberSet } from './number-set.ts'

/** Where a fiscal document stands in the memory of its printer; `z` as printed. */
export type Place = { readonly z: number; readonly number: number }
export type DocumentKind = 'sale' | 'return' | 'void'
export type PricedDocument = { readonly kind: DocumentKind; readonly cents: number }
type Share = { readonly name: string; readonly amount: string; readonly tax_amount?: string }
/** By rate or natura, and by class of payment, signed. */
type Shares = { readonly vat?: readonly Share[]; readonly payments?: readonly Share[] }
/** What a printer said of a period before it closed it, and what the journal made of its documents. */
export type PeriodTotals = { readonly documents: number } & Partial<Record<'sales' | 'returns' | 'voids', number>> &
  Shares
/** The same on the document of the closing. */
export type ClosingTotals = { readonly business_cases?: readonly Share[] } & Shares

const SUMS = [
  ['sale', 'sales', 'vendite'],
  ['return', 'returns', 'resi'],
  ['void', 'voids', 'annulli'],
] as const

/** The documents between two closings of a printer, as sets: what is told late counts the same. */
export class Period {
  readonly #z: number
  readonly #known = new NumberSet()
  /** Numbers that the journal need not have: before its first look, or of what it was restored from. */
  readonly #elsewhere = new NumberSet()
  readonly #cents = new Map<number, PricedDocument>()
  #top = 0
  #seq = 0
  #day = ''
  #until = ''
  #totals: { seq: number; told: PeriodTotals } | undefined
  #isSummed: boolean | undefined
  /** What the documents that operations printed come to, signed; NaN once one of them is not known. */
  #net = 0
  /** In what the shares of its sums differ from its documents. */
  #shares: readonly Difference[] = []
  /** In what its closing differs from what the printer said before. */
  readonly #closing: { seq: number; difference: Difference }[] = []
  /** What its sums differ in, once its amounts are no longer kept. */
  #differences: readonly Difference[] | undefined

  constructor(z: number) {
    this.#z = z
  }

  /** A day of it, by the clock of the printer: '' where that was not told. */
  seen(day: string): void {
    if (day === '') return
    this.#day = this.#day === '' || day < this.#day ? day : this.#day
    this.#until = day > this.#until ? day : this.#until
  }

  /** The printer has that many. */
  reach(seq: number, number: number): void {
    if (number <= this.#top) return
    this.#top = number
    this.#seq = seq
  }

  get day(): string {
    return this.#day
  }

  get until(): string {
    return this.#until
  }

  knows(number: number): boolean {
    return this.#known.has(number)
  }

  add(number: number): void {
    this.#known.add(number)
  }

  pricedAt(number: number): PricedDocument | undefined {
    return this.#cents.get(number)
  }

  /** Undefined where nothing tells what it comes to: its period has no sums to compare then. */
  priced(number: number, kind: DocumentKind, cents: number | undefined): void {
    if (cents !== undefined && this.#differences === undefined) this.#cents.set(number, { kind, cents })
  }

  /** Of an operation. */
  printed(kind: DocumentKind, cents = Number.NaN): void {
    this.#net += kind === 'sale' ? cents : -cents
  }

  exempt(from: number, to: number): void {
    this.#elsewhere.add(from, to)
    this.#known.add(from, to)
  }

  isExempt(number: number): boolean {
    return this.#elsewhere.has(number)
  }

  /** By the memory of the printer: where an operation printed it, that is known better. */
  told(number: number, kind: DocumentKind, total: string | null): void {
    if (total !== null && !this.#cents.has(number)) this.priced(number, kind, Number(toCents(total)))
  }

  /** What the printer said before it was closed. */
  close(seq: number, told: PeriodTotals): void {
    this.reach(seq, told.documents)
    this.#totals = { seq, told }
    const shares = [
      { what: 'IVA', cents: sumOf(told.vat, this.#net) },
      { what: 'pagamenti', cents: sumOf(told.payments, this.#net) },
    ]
    const isKnown = !Number.isNaN(this.#net)
    this.#shares = shares
      .filter(({ cents }) => isKnown && cents !== this.#net)
      .map(({ what, cents }) => ({ what, told: centsText(cents), counted: centsText(this.#net) }))
  }

  /** What the document of its closing says is what the printer said before. */
  closedWith(seq: number, closing: ClosingTotals): void {
    const told = this.#totals?.told
    if (told === undefined) return
    const [before, closed] = [amountsIn({ ...told, business_cases: casesOf(told) }), amountsIn(closing)]
    for (const what of new Set([...before.keys(), ...closed.keys()])) {
      const difference = { what, told: before.get(what) ?? '–', counted: closed.get(what) ?? '–' }
      if (difference.told !== difference.counted) this.#closing.push({ seq, difference })
    }
  }

  /** It is closed for long: what its documents come to is not kept. */
  settle(): void {
    this.#isSummed ??= this.#compares()
    this.#differences ??= this.#compared()
    this.#cents.clear()
  }

  /** Its documents that the journal has, and those for whose amounts no sums of a closing stand. */
  coverage(): { documents: number; unsummed: number } {
    const documents = this.#known.countTo(this.#top) - this.#elsewhere.countTo(this.#top)
    return { documents, unsummed: (this.#isSummed ?? this.#compares()) ? 0 : documents }
  }

  report(serial: string, findings: BookFindings): void {
    for (const { from, to } of this.#known.missing(1, this.#top)) {
      // By which the memory of the printer is asked for it.
      const place = { z: this.#z, from, to, day: this.#day, until: this.#until }
      findings.add('rt_document_unknown', this.#seq, { serial, document: spanText(this.#z, from, to), ...place })
    }
    if (this.#totals === undefined) return
    const { seq, told } = this.#totals
    const place = { serial, z: four(this.#z) }
    const counted = this.#known.countTo(told.documents)
    const documents = { what: 'documenti', told: told.documents, counted }
    const isCounted = counted === told.documents
    if (!isCounted) findings.add('rt_totals_differ', seq, { ...place, ...documents })
    const sums = this.#differences ?? this.#compared()
    // Where a document or its amount is wrong, so are the shares.
    const differences = isCounted && sums.length === 0 ? this.#shares : sums
    for (const difference of differences) findings.add('rt_totals_differ', seq, { ...place, ...difference })
    for (const { seq: closedAt, difference } of this.#closing)
      findings.add('rt_totals_differ', closedAt, { ...place, ...difference })
  }

  /** Its closing told sums, and what each document of the period comes to is known. */
  #compares(): boolean {
    const told = this.#totals?.told
    return told?.sales !== undefined && this.#top <= told.documents && this.#cents.size >= told.documents
  }

  /** Only where it is known what each document of the count comes to. */
  #compared(): Difference[] {
    const told = this.#totals?.told
    if (told === undefined) return []
    const counted = [...this.#cents].filter(([number]) => number <= told.documents).map(([, document]) => document)
    if (counted.length < told.documents) return []
    return SUMS.flatMap(([kind, member, what]) => {
      const sum = counted.reduce((total, document) => total + (document.kind === kind ? document.cents : 0), 0)
      const cents = told[member] ?? sum
      return cents === sum ? [] : [{ what, told: centsText(cents), counted: centsText(sum) }]
    })
  }
}

/** As the document of a closing has them. */
function casesOf(told: PeriodTotals): Share[] {
  return SUMS.flatMap(([kind, member, what]) => {
    const cents = told[member]
    return cents === undefined ? [] : [{ name: what, amount: centsText(kind === 'sale' ? cents : -cents) }]
  })
}

function amountsIn({ business_cases: cases = [], vat = [], payments = [] }: ClosingTotals): Map<string, string> {
  const named = cases.map(({ name, amount }) => [name.toLowerCase(), amount] as const)
  const taxed = vat.map(({ name, amount, tax_amount: tax }) => [name, `${amount} (${tax})`] as const)
  return new Map([...named, ...taxed, ...payments.map(({ name, amount }) => [name, amount] as const)])
}

/** `otherwise`: where none are told. */
function sumOf(shares: readonly Share[] | undefined, otherwise: number): number {
  return shares === undefined ? otherwise : shares.reduce((sum, { amount }) => sum + Number(toCents(amount)), 0)
}

type Difference = { readonly what: string; readonly told: string; readonly counted: string }

/** `0142-0003`, `0142-0003 … 0142-0005`: as they stand on the paper. */
export function spanText(z: number, from: number, to: number): string {
  return endsText(`${four(z)}-${four(from)}`, `${four(z)}-${four(to)}`)
}

export function endsText(first: string, last: string): string {
  return first === last ? first : `${first} … ${last}`
}

export function four(value: number): string {
  return String(value).padStart(4, '0')
}

import { NumberSpans } from '../../../../base/number-spans.ts'
import type { PrintedGoods } from './printed-goods.ts'
import type { DocumentKind, Place, PricedDocument } from './printer-period.ts'
import { endsText, four, Period, spanText } from './printer-period.ts'
import { sumOf } from './rates.ts'
import type { PrinterFindings } from './texts.ts'

export type Baseline = { readonly serial: string; readonly z: number; readonly number: number; readonly at: string }
/** A print request to a printer, until its outcome is known. */
export type Asked = {
  readonly reference: string | undefined
  readonly kind: DocumentKind | undefined
  readonly original: Place | undefined
  readonly goods: PrintedGoods | undefined
}

/**
 * The extent of a printer's comparison. `unsummed`: documents whose amounts no closing sums up; `open`: the running
 * period.
 */
export type PrinterCoverage = {
  readonly serial: string
  readonly documents: number
  readonly unsummed: number
  readonly closings: number
  readonly open: number | null
  /** Periods that the printer closed without a request, the newest first: how many documents they have is not recorded. */
  readonly uncounted: readonly Uncounted[]
}
/** Documents after `top`, from one day to the other, are in the printer's memory alone; '' if the days are unknown. */
export type Uncounted = { readonly z: number; readonly top: number; readonly day: string; readonly until: string }

const DAY_LENGTH = 10
const NUMBER_MAX = 10_000
/** The most closings without a request that are recorded at once, the newest. */
const UNASKED_MAX = 31

/** One printer by its matricola. */
export class Printer {
  readonly #serial: string
  readonly #periods = new Map<number, Period>()
  readonly #closed = new NumberSpans()
  readonly #byPrinter = new NumberSpans()
  /** Closings that the journal need not have. */
  readonly #elsewhere = new NumberSpans()
  /** Periods of which another journal has documents, from before this one continued. */
  readonly #shared = new NumberSpans()
  #highest: Place = { z: 0, number: 0 }
  #z = 0
  /** The period of the first document or counters in the journal. */
  #start = Number.POSITIVE_INFINITY
  /** The last closing that is proven by counters, a later document or its own event. */
  #made = { seq: 0, z: 0 }
  /** The next counters are the first that this journal relies on. */
  #isNew = true
  readonly #notes: { seq: number; z: number; from: number; to: number }[] = []

  constructor(serial: string) {
    this.#serial = serial
  }

  period(z: number): Period {
    const period = this.#periods.get(z) ?? new Period(z)
    this.#periods.set(z, period)
    return period
  }

  /** Documents before its next counters are recorded elsewhere. */
  begin(): void {
    this.#isNew = true
  }

  /** Documents that are found in a period before the journal continued with the printer are those of another journal. */
  found(seq: number, { z, from, to }: { z: number; from: number; to: number }): void {
    this.printed(seq, { z, number: to })
    if (!this.#shared.has(z)) return
    this.period(z).exempt(from, to)
    this.#notes.push({ seq, z, from, to })
  }

  /** Unreported closings up to that one will not be reported any longer. */
  passOver(z: number): void {
    demandNumbers(z, 0)
    if (this.#z > 0 && z > this.#z) this.#elsewhere.add(this.#z + 1, z)
    this.#z = Math.max(this.#z, z)
  }

  baseline(seq: number, { z, number, at }: Baseline): void {
    demandNumbers(z, number)
    this.period(z + 1).seen(at.slice(0, DAY_LENGTH))
    if (this.#isNew) this.#first(seq, { z: z + 1, number })
    this.#z = Math.max(this.#z, z)
    this.#prove(seq, z)
    // Below 0 if it named a slip instead of its last document.
    if (number >= 0) this.#reach(seq, { z: z + 1, number })
  }

  printed(seq: number, place: Place): void {
    demandNumbers(place.z, place.number)
    if (this.#isNew && isAfter(place, this.#highest)) this.#first(seq, { z: place.z, number: place.number - 1 })
    this.period(place.z).add(place.number)
    this.#reach(seq, place)
  }

  /** The same for an operation. Returns false if it has recorded the document before. */
  recorded(seq: number, place: Place): boolean {
    this.printed(seq, place)
    return this.period(place.z).record(place.number)
  }

  /** A void has the amount of the document that it names. */
  priced({ z, number }: Place, kind: DocumentKind, { original, goods }: Asked): void {
    const voided = original?.z === z ? this.pricedAt(original) : undefined
    const asked = goods && { cents: sumOf(goods.rates), goods }
    const own = kind === 'void' ? voided : asked
    this.period(z).priced(number, own && { ...own, kind })
    this.period(z).printed(kind, own?.goods)
  }

  pricedAt({ z, number }: Place): PricedDocument | undefined {
    return this.#periods.get(z)?.pricedAt(number)
  }

  closed(seq: number, z: number, isByPrinter: boolean): void {
    demandNumbers(z, 0)
    this.#prove(seq, z)
    this.#closed.add(z)
    if (isByPrinter) this.#byPrinter.add(z)
    this.#z = Math.max(this.#z, z)
  }

  coverage(): PrinterCoverage {
    const periods = [...this.#periods.values()].map((period) => period.coverage())
    const sumOf = (member: 'documents' | 'unsummed'): number => periods.reduce((sum, each) => sum + each[member], 0)
    const [documents, unsummed] = [sumOf('documents'), sumOf('unsummed')]
    const isOpen = this.#highest.number > 0 && !this.#closed.has(this.#highest.z)
    return {
      serial: this.#serial,
      documents,
      unsummed,
      closings: this.#closed.countTo(Number.POSITIVE_INFINITY),
      open: isOpen ? this.#highest.z : null,
      uncounted: this.#uncounted(),
    }
  }

  #uncounted(): Uncounted[] {
    const dated = [...this.#periods.values()].filter(({ day }) => day !== '').sort((one, other) => one.z - other.z)
    return [...this.#byPrinter.numbers()].reverse().flatMap((z) => {
      const period = this.#periods.get(z)
      if (period?.isCounted === true || this.#shared.has(z)) return []
      // One of which the journal has no document began after those before it, and each ended before the next one began.
      const day = dated.findLast((each) => each.z <= z)?.until ?? ''
      const until = dated.find((each) => each.z > z)?.day ?? ''
      return [{ z, top: period?.top ?? 0, day, until }]
    })
  }

  report(findings: PrinterFindings): void {
    const serial = this.#serial
    for (const { seq, z, from, to } of this.#notes)
      findings.add('rt_document_elsewhere', seq, { serial, document: spanText(z, from, to) })
    for (const period of this.#periods.values()) period.report(serial, findings)
    const { seq: provenAt, z: last } = this.#made
    const first = Math.min(this.#start, this.#closed.first ?? this.#start)
    for (const hole of this.#closed.missing(first, last)) {
      const isLeftOut = this.#byPrinter.missing(hole.to + 1, hole.to + UNASKED_MAX).length === 0
      for (const { from, to } of isLeftOut ? [] : this.#elsewhere.missing(hole.from, hole.to))
        findings.add('rt_z_gap', provenAt, { serial, closing: endsText(four(from), four(to)) })
    }
  }

  /**
   * The first counters since it arrived, or since an older journal was restored: documents in between were printed
   * without this journal.
   */
  #first(seq: number, { z, number }: Place): void {
    if (number < 0) return
    this.#isNew = false
    this.passOver(z - 1)
    this.#start = Math.min(this.#start, z)
    const highest = this.#highest
    if (highest.z > 0) this.#shared.add(highest.z, z - 1)
    const from = highest.z === z ? highest.number + 1 : 1
    if (highest.z > z || from > number) return
    this.period(z).exempt(from, number)
    if (highest.z > 0) this.#notes.push({ seq, z, from, to: number })
  }

  #prove(seq: number, z: number): void {
    if (z > this.#made.z) this.#made = { seq, z }
  }

  #reach(seq: number, place: Place): void {
    this.#prove(seq, place.z - 1)
    this.period(place.z).reach(seq, place.number)
    if (!isAfter(place, this.#highest)) return
    // A slow act may still report a document of the period before.
    for (let z = this.#highest.z - 1; z < place.z - 1; z++) this.#periods.get(z)?.settle()
    this.#highest = place
  }
}

/** The journal may come from anywhere: paper, queries and references have four digits. */
function demandNumbers(z: number, number: number): void {
  const isOfPrinter = Number.isInteger(z) && z >= 0 && z <= NUMBER_MAX
  if (isOfPrinter && Number.isInteger(number) && number <= NUMBER_MAX) return
  throw new RangeError('no numbers of a printer')
}

function isAfter(one: Place, other: Place): boolean {
  return one.z > other.z || (one.z === other.z && one.number > other.number)
}

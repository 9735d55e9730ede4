import { formatCents, toCents } from '../../../base/money.ts'
import type { RtDeduction, RtDocument, RtLine } from '../../../drivers/ports/rt-printer.ts'
import type { FoundDocuments } from '../../journal/events.ts'
import { classesOf, className, totalOf } from './classes.ts'
import { four } from './original.ts'
import type { Tendered } from './payments.ts'
import { turned } from './payments.ts'
import type { Deducted, FoundSpan, PrinterSums, RecordedClosing, UnknownDocuments } from './printer-act.ts'
import type { PrinterRecords, Recorded } from './recorded.ts'

type Found = Pick<FoundDocuments['documents'][number], 'kind' | 'total_amount'>

/** `isCounted`: a payment has a number of tickets. */
export type ClassSum = { readonly cents: bigint; readonly pieces: number; readonly isCounted: boolean }
const NO_PAYMENT: ClassSum = { cents: 0n, pieces: 0, isCounted: false }

const SUM_OF = { sale: 'sales', return: 'returns', void: 'voids' } as const
/** Maximum number of documents that a hint names. */
const NAMED_MAX = 100

/** The documents of one period of a printer according to the journal, in whatever order they are read. */
export class PeriodDocuments {
  readonly z: number
  readonly #operations = new Map<number, string>()
  readonly #sent = new Map<number, RtDocument>()
  /** Numbers that no operation printed when they were seen, with the content of the printer's memory if it was read. */
  readonly #found = new Map<number, Found | undefined>()
  readonly #annulled = new Set<number>()
  readonly #slips = new Set<string>()
  #closing: RecordedClosing | undefined

  constructor(z: number) {
    this.z = z
  }

  /** A page of records, the newest first. */
  note({ documents, found, closings, annulled, slips }: PrinterRecords): void {
    for (const document of documents.toReversed()) this.#print(document)
    for (const span of found) this.find(span)
    for (const { operation, z } of slips) if (z === this.z) this.#slips.add(operation)
    for (const name of annulled) {
      const [z, number] = name.split('-').map(Number)
      if (z === this.z && number !== undefined) this.#annulled.add(number)
    }
    this.#closing ??= closings.findLast(({ z }) => z === this.z)
  }

  find({ z, from, to, documents }: FoundSpan): void {
    if (z !== this.z) return
    for (let number = from; number <= to; number++)
      this.#found.set(number, documents.find((each) => each.number === number) ?? this.#found.get(number))
  }

  /** As another register of the printer has recorded it. */
  get closing(): RecordedClosing | undefined {
    return this.#closing
  }

  get operations(): ReadonlySet<string> {
    return new Set(this.#operations.values())
  }

  /** Operations that printed no fiscal document, such as training. */
  get slips(): ReadonlySet<string> {
    return this.#slips
  }

  /** The printed lines of each operation; of an annullo those that it annuls. */
  lines(): Map<string, readonly RtLine[]> {
    const lines = new Map<string, readonly RtLine[]>()
    for (const [number, operation] of this.#operations) {
      const sent = this.#sent.get(number)
      const printed = sent?.kind === 'void' ? this.#sent.get(sent.original.number) : sent
      if (printed?.kind === 'sale' || printed?.kind === 'return')
        lines.set(operation, [...(lines.get(operation) ?? []), ...printed.lines])
    }
    return lines
  }

  /** By the name of the printed class. An annulled document is of the same period. */
  payments(): Map<string, ClassSum> {
    const sums = new Map<string, ClassSum>()
    for (const document of this.#sent.values()) {
      const isVoid = document.kind === 'void'
      const paid = isVoid ? this.#sent.get(document.original.number) : document
      const shares = paid === undefined ? [] : classesOf(paid)
      for (const share of isVoid ? shares.map(turned) : shares) {
        const name = className(share.tender)
        sums.set(name, withShare(sums.get(name) ?? NO_PAYMENT, share))
      }
    }
    return sums
  }

  /** Deductions from sales, less those of annulled ones, by reason. */
  deducted(): { deducted?: Deducted } {
    const deducted: { [Reason in RtDeduction['reason']]?: number } = {}
    for (const document of this.#sent.values()) {
      const isVoid = document.kind === 'void'
      const sale = isVoid ? this.#sent.get(document.original.number) : document
      for (const { reason, amountCents } of sale?.kind === 'sale' ? (sale.deductions ?? []) : [])
        deducted[reason] = (deducted[reason] ?? 0) + Number(isVoid ? -amountCents : amountCents)
    }
    return Object.keys(deducted).length === 0 ? {} : { deducted }
  }

  /** Sums of the documents that operations printed, as a printer counts them. */
  sums(): PrinterSums {
    const sums = { sales: 0, returns: 0, voids: 0 }
    for (const document of this.#sent.values()) {
      if (document.kind === 'non_fiscal' || document.kind === 'cash') continue
      const priced = document.kind === 'void' ? this.#sent.get(document.original.number) : document
      if (priced?.kind !== 'sale' && priced?.kind !== 'return') continue
      sums[SUM_OF[document.kind]] += Number(totalOf(priced))
    }
    return sums
  }

  /**
   * The documents that no operation printed, up to the last one of the period; undefined without such documents and
   * without a difference from the printer's sums. `count`: as the printer reports it.
   */
  unknown(count: number, reported: PrinterSums | undefined): UnknownDocuments | undefined {
    const explained = this.#explained()
    const last = Math.max(count, 0, ...this.#operations.keys(), ...this.#found.keys())
    const numbers = Array.from({ length: last }, (_, index) => index + 1).filter(
      (number) => !this.#operations.has(number) && !explained.has(number),
    )
    const isPriced = this.#sent.size === this.#operations.size
    const cents = reported !== undefined && isPriced ? netOf(reported) - netOf(this.sums()) : this.#foundCents(numbers)
    if (numbers.length === 0 && (cents ?? 0) === 0) return undefined
    return {
      documents: numbers.slice(0, NAMED_MAX).map((number) => `${four(this.z)}-${four(number)}`),
      documents_count: numbers.length,
      amount: cents === undefined ? null : formatCents(BigInt(cents)),
    }
  }

  /** An exchange records its return twice: the first event has the data that were sent. */
  #print({ z, number, operation, sent }: Recorded): void {
    if (z !== this.z) return
    if (!this.#operations.has(number)) this.#operations.set(number, operation)
    if (sent !== undefined) this.#sent.set(number, sent)
  }

  /** Sales that were printed instead of a return, and their annulments, which follow them. */
  #explained(): Set<number> {
    const explained = new Set(this.#annulled)
    for (const number of this.#annulled) {
      const later = [...this.#found].filter(([each, read]) => each > number && read?.kind === 'void')
      const isFree = ([each]: readonly [number, unknown]): boolean => !explained.has(each)
      const annulment = later.toSorted(([one], [other]) => one - other).find(isFree)
      explained.add(annulment?.[0] ?? number + 1)
    }
    return explained
  }

  /** Undefined if the amount of one is unknown. */
  #foundCents(numbers: readonly number[]): number | undefined {
    let sum = 0
    for (const number of numbers) {
      const { kind, total_amount: total = null } = this.#found.get(number) ?? {}
      if (total === null) return undefined
      sum += (kind === 'sale' ? 1 : -1) * Number(toCents(total))
    }
    return sum
  }
}

/** A ticket without a number is one. */
function withShare({ cents, pieces, isCounted }: ClassSum, share: Tendered): ClassSum {
  const { count = 1 } = share
  return {
    cents: cents + share.cents,
    pieces: pieces + (share.cents < 0n ? -count : count),
    isCounted: isCounted || share.count !== undefined,
  }
}

function netOf({ sales, returns, voids }: PrinterSums): number {
  return sales - returns - voids
}

import type { Outage } from './outages.ts'

export type Cause = { readonly code: string; readonly message: string }

/** Times in milliseconds since 1970: when it got its number, and when the unit refused. */
export type UnsignedReceipt = {
  readonly register: string
  readonly number: number
  readonly cents: number
  readonly atMs: number
  readonly refusedMs: number
}

/** Receipts of one register with consecutive numbers. */
export type Numbers = { readonly register: string; readonly first: number; readonly last: number }

/** An outage of a unit, and the receipts that it left unsigned. `toMs` is undefined while it lasts. */
export type RecordedOutage = {
  readonly device: string
  readonly fromMs: number
  readonly toMs: number | undefined
  readonly cause: Cause | undefined
  readonly receipts: number
  readonly cents: number
  /** The first of them by number. */
  readonly numbers: readonly Numbers[]
}

/**
 * `outages` by unit, oldest first; the unsigned receipts of all of them, the `first` ones one by one. `firstMs`, `lastMs`: of
 * these receipts; infinite without any.
 */
export type OutageReport = {
  readonly outages: readonly RecordedOutage[]
  readonly receipts: number
  readonly cents: number
  readonly firstMs: number
  readonly lastMs: number
  readonly first: readonly UnsignedReceipt[]
}

type Span = { -readonly [Member in keyof RecordedOutage]: RecordedOutage[Member] } & { numbers: Numbers[] }
type Own = { span: Span; code: string | undefined }

/** A bad contact makes thousands of outages without a receipt: the newest ones of a unit are listed. */
const EMPTY_MAX = 500
const NUMBERS_MAX = 20
const RECEIPTS_SHOWN = 20
/** A refusal may be journalled this long after the outage that it belongs to. */
const SLACK_MS = 1000

/** The outages of one unit: the recorded ones, and those of the receipts that are in none of them. */
export class UnitOutages {
  readonly #device: string
  readonly #recorded: readonly Span[]
  readonly #own: Span[] = []
  /** The outages of receipts that no signature has ended, and the newest of them. */
  #open: Span[] = []
  #newest: Own | undefined
  #lastMs = 0

  constructor(device: string, recorded: readonly Outage[]) {
    this.#device = device
    this.#recorded = recorded.map(({ fromMs, toMs, cause }) => this.#span(fromMs, toMs, cause))
  }

  /** The next receipt. `within`: the recorded outage that lasted when it got its number, from 1; 0 if none did. */
  take(receipt: UnsignedReceipt, { cause, within }: { cause: Cause | undefined; within: number }): void {
    const span =
      this.#recorded[within - 1] ?? this.#recordedAt(receipt.refusedMs, cause) ?? this.#ownFor(receipt, cause)
    // The clock may say nothing about a recorded one.
    if (within === 0) span.fromMs = Math.min(span.fromMs, receipt.refusedMs)
    span.receipts += 1
    span.cents += Number.isNaN(receipt.cents) ? 0 : receipt.cents
    widen(span.numbers, receipt)
  }

  signed(atMs: number): void {
    for (const span of this.#open) span.toMs = Math.max(atMs, span.fromMs)
    this.#open = []
    this.#newest = undefined
  }

  all(): RecordedOutage[] {
    for (const span of this.#open) span.toMs = this.#lastMs
    const isEmpty = ({ receipts }: Span): boolean => receipts === 0
    const dropped = new Set(this.#recorded.filter(isEmpty).slice(0, -EMPTY_MAX))
    const remainingSpans = this.#recorded.filter((span) => !dropped.has(span))
    return [...remainingSpans, ...this.#own].sort((one, other) => one.fromMs - other.fromMs)
  }

  #ownFor({ refusedMs, atMs }: UnsignedReceipt, cause: Cause | undefined): Span {
    this.#lastMs = Math.max(this.#lastMs, atMs)
    const newest = this.#newest
    if (newest !== undefined && newest.code === cause?.code) return newest.span
    const span = this.#span(refusedMs, undefined, cause)
    this.#own.push(span)
    this.#open.push(span)
    this.#newest = { span, code: cause?.code }
    return span
  }

  /** The recorded outage of that time, among those in order. */
  #recordedAt(ms: number, cause: Cause | undefined): Span | undefined {
    let [low, high] = [0, this.#recorded.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#recorded[middle]?.fromMs ?? 0) - SLACK_MS <= ms) low = middle + 1
      else high = middle
    }
    return [this.#recorded[low - 1], this.#recorded[low - 2]].find((span) => span && holds(span, ms, cause))
  }

  #span(fromMs: number, toMs: number | undefined, cause: Cause | undefined): Span {
    return { device: this.#device, fromMs, toMs, cause, receipts: 0, cents: 0, numbers: [] }
  }
}

/** Counts unsigned receipts. */
export class OutageSums {
  #receipts = 0
  #cents = 0
  #firstMs = Number.POSITIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY
  readonly #first: UnsignedReceipt[] = []

  take(receipt: UnsignedReceipt): void {
    this.#receipts += 1
    this.#firstMs = Math.min(this.#firstMs, receipt.atMs)
    this.#lastMs = Math.max(this.#lastMs, receipt.atMs)
    this.#cents += Number.isNaN(receipt.cents) ? 0 : receipt.cents
    if (this.#first.length < RECEIPTS_SHOWN) this.#first.push(receipt)
  }

  all(): Omit<OutageReport, 'outages'> {
    const [receipts, cents] = [this.#receipts, this.#cents]
    return { receipts, cents, firstMs: this.#firstMs, lastMs: this.#lastMs, first: this.#first }
  }
}

function holds(
  { fromMs, toMs = Number.POSITIVE_INFINITY, cause: spanCause }: Span,
  ms: number,
  cause?: Cause,
): boolean {
  const slackMs = spanCause !== undefined && spanCause.code === cause?.code ? SLACK_MS : 0
  return ms >= fromMs - slackMs && ms <= toMs + slackMs
}

function widen(numbers: Numbers[], { register, number }: UnsignedReceipt): void {
  const at = numbers.findLastIndex((one) => one.register === register)
  const run = numbers[at]
  if (run !== undefined && run.last + 1 === number) numbers[at] = { ...run, last: number }
  else if (numbers.length < NUMBERS_MAX) numbers.push({ register, first: number, last: number })
}

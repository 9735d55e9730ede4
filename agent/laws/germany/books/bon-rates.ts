import { rfc3339 } from '../../../../base/clock.ts'
import { toCents, withoutZeros } from '../../../../base/money.ts'
import { centsText } from '../../../journal/books/findings.ts'
import type { Line } from '../../../journal/books/operation-parts.ts'
import { linesIn } from '../../../journal/books/operation-parts.ts'
import { membersIn, textIn } from '../../../journal/checked.ts'
import type { StoredParts } from '../../../journal/documents/document.ts'
import { partsWith } from '../../../journal/documents/parts.ts'
import type { EventBody } from '../../../journal/events.ts'
import { endOfDocument, startOfDocument } from '../../../journal/tse-logs.ts'
import type { Rates, SaleSpan } from './rates.ts'
import { ALL_RATES, isZero, NO_RATES, percentOf, rateSet, ratesIn } from './rates.ts'
import type { OriginalRates } from './recorded-rates.ts'
import { RecordedRates } from './recorded-rates.ts'
import type { GermanFindings } from './texts.ts'
import { rateFacts } from './texts.ts'

/**
 * `startedMs` and `finishedMs`: its log times. Its times by the events count if no TSE signed it, and not while the clock
 * was suspect.
 */
export type EndedBon = {
  readonly parts: StoredParts
  readonly startedMs: number | undefined
  readonly finishedMs: number | undefined
  readonly register: string
  readonly number: number | undefined
  readonly beganMs: number
  readonly endedMs: number
  readonly isSuspect: boolean
}

/** Rates of a bon that no date proves: `undated` came back without an original, `configured` are those of agent.json. */
type Unproven = 'undated' | 'configured'
/** `first`: the lines that it began with. */
type Unsecured = { readonly atMs: number; readonly parts: StoredParts; readonly first: unknown }
type Sum = { bons: number; cents: bigint; seq: number }

const NO_TAX: Line['taxes'][number] = { rate: '0' }
const CODES = { undated: 'tse_rate_undated', configured: 'tse_rate_configured' } as const

/**
 * Compares the VAT rate of each line with the rates of its time: a TSE secures the gross by kind, and rates of different
 * times share one (DSFinV-K Annex I). A line that goes out has a rate in force when its bon was made, by the signed times;
 * one that comes back a rate of its original, or any former one if that is not in this journal. Without a date that
 * proves it, a former rate stays named, also if its original has it.
 */
export class BonRates {
  readonly #findings: GermanFindings
  readonly #recorded = new RecordedRates()
  /** Operations that no TSE secures, while they are open. */
  readonly #unsecured = new Map<string, Unsecured>()
  /** By register. */
  readonly #sums: { readonly [which in Unproven]: Map<string, Sum> } = { undated: new Map(), configured: new Map() }

  constructor(findings: GermanFindings) {
    this.#findings = findings
    findings.atEnd((report) => {
      for (const which of ['undated', 'configured'] as const)
        for (const [register, { bons, cents, seq }] of this.#sums[which])
          report.add(CODES[which], seq, { register, count: bons, sum: centsText(cents) })
    })
  }

  /** A bon is final. The text of an abort has no amounts. */
  take(seq: number, op: string, bon: EndedBon): void {
    const lines = linesIn(bon.parts.shown)
    if (lines.length === 0 || bon.parts.shown['status'] === 'voided') return
    const span = spanOf(bon)
    if (span === undefined) {
      this.#recorded.note(op, { proven: NO_RATES, claimed: ALL_RATES })
      return
    }
    const present = ratesIn(span)
    this.#compare(seq, bon, lines, { span, present })
    this.#recorded.note(op, { proven: present | this.#provenByOriginals(bon.parts, lines), claimed: ratesOf(lines) })
  }

  /** An operation that no TSE secures begins: its goods may come back at a register that has one. */
  beginUnsecured(op: string, atMs: number, parts: StoredParts): void {
    if (parts.shown['line_items'] === undefined) return
    this.#unsecured.set(op, { atMs, parts, first: parts.shown['line_items'] })
    this.#recorded.note(op, recordedIn({ startMs: atMs, endMs: atMs }, parts))
  }

  /** Another event of it: amendments change its goods until it is completed. */
  followUnsecured(op: string, endMs: number, body: EventBody): void {
    const begun = this.#unsecured.get(op)
    if (begun === undefined || body.index !== undefined) return
    const parts = partsWith(begun.parts, body)
    const { status } = parts.shown
    if (status === 'open') this.#unsecured.set(op, { ...begun, parts })
    else this.#unsecured.delete(op)
    const span = { startMs: Math.min(begun.atMs, endMs), endMs: Math.max(begun.atMs, endMs) }
    const isChanged = parts.shown['line_items'] !== begun.first
    if (status === 'completed' && isChanged) this.#recorded.replace(op, recordedIn(span, parts))
  }

  #compare(seq: number, bon: EndedBon, lines: readonly Line[], { span, present }: { present: Rates; span: SaleSpan }) {
    const allowed = { present, configured: configuredIn(bon.parts) }
    const wrong = new Set<string>()
    const unproven: { [which in Unproven]?: bigint } = {}
    for (const line of lines) {
      const [{ rate, code } = NO_TAX] = line.taxes
      const cents = toCents(line.total_amount)
      const original = this.#originalOf(bon.parts, line)
      const judged = judge({ rate, code, cents, original, comesBack: comesBack(bon.parts, cents, original) }, allowed)
      if (judged === 'wrong') wrong.add(percentOf(rate))
      else if (judged !== undefined) unproven[judged] = (unproven[judged] ?? 0n) + cents
    }
    for (const rate of wrong) this.#findings.add('tse_rate_implausible', seq, factsOf(bon, span, rate))
    this.#count('undated', seq, bon.register, unproven.undated)
    this.#count('configured', seq, bon.register, unproven.configured)
  }

  /**
   * The rates of the original of a line in this journal; undefined if it is elsewhere, or missing. A reversal takes back what
   * its own original has.
   */
  #originalOf({ shown }: StoredParts, line: Line): OriginalRates | undefined {
    const { related_operation_id: own, external_related_operation: external } = line
    const isOfLine = shown['type'] !== 'void' && (own ?? external) !== undefined
    const related = textIn(isOfLine ? own : shown['related_operation_id'])
    return related === undefined ? undefined : this.#recorded.of(related)
  }

  /** The rates of its lines that their originals prove. */
  #provenByOriginals(parts: StoredParts, lines: readonly Line[]): Rates {
    return lines.reduce((rates, line) => {
      const { proven } = this.#originalOf(parts, line) ?? { proven: NO_RATES }
      return rates | (rateSet(line.taxes[0]?.rate ?? '0') & proven)
    }, NO_RATES)
  }

  #count(which: Unproven, seq: number, register: string, cents: bigint | undefined): void {
    if (cents === undefined) return
    const before = this.#sums[which].get(register)
    const sum = { bons: (before?.bons ?? 0) + 1, cents: (before?.cents ?? 0n) + cents, seq }
    this.#sums[which].set(register, sum)
  }
}

type Allowed = { readonly present: Rates; readonly configured: ReadonlySet<string> }
type JudgedLine = {
  readonly rate: string
  readonly code: string | undefined
  readonly cents: bigint
  readonly original: OriginalRates | undefined
  readonly comesBack: boolean
}

/** Undefined for a rate that its time or its original explains. */
function judge(
  { rate, code, cents, original, comesBack: isBack }: JudgedLine,
  { present, configured }: Allowed,
): Unproven | 'wrong' | undefined {
  const set = rateSet(rate)
  if (cents === 0n || isZero(rate)) return undefined
  // Root can let a rate of the law mean another kind: it stays named, too.
  const isConfigured = configured.has(taxName(rate, code))
  if (!isConfigured && (set & present) !== 0) return undefined
  if (isBack) {
    const { proven, claimed } = original ?? { proven: NO_RATES, claimed: ALL_RATES }
    if ((set & proven) !== 0) return undefined
    if ((set & claimed) !== 0 && !isConfigured) return 'undated'
  }
  return isConfigured ? 'configured' : 'wrong'
}

/** A void takes back what its original has; after the return of a capture its deposit is valid again. */
function comesBack({ shown: { type } }: StoredParts, cents: bigint, original: OriginalRates | undefined): boolean {
  return cents < 0n || ((type === 'void' || type === 'return') && original !== undefined)
}

function recordedIn(span: SaleSpan, { shown }: StoredParts): OriginalRates {
  return { proven: ratesIn(span), claimed: ratesOf(linesIn(shown)) }
}

function ratesOf(lines: readonly Line[]): Rates {
  return lines.reduce((rates, { taxes }) => rates | rateSet(taxes[0]?.rate ?? '0'), NO_RATES)
}

/** Rates and codes with a meaning of agent.json, as the operation recorded it: root can add any. */
function configuredIn({ law }: StoredParts): ReadonlySet<string> {
  const vat = Array.isArray(law['vat']) ? law['vat'] : []
  return new Set(
    vat.map((entry) => {
      const { rate, code } = membersIn(entry) ?? {}
      return taxName(textIn(rate) ?? '', textIn(code))
    }),
  )
}

function taxName(rate: string, code: string | undefined): string {
  return `${withoutZeros(rate)} ${code ?? ''}`
}

/** Undefined without any time that counts. */
function spanOf({ startedMs, finishedMs, beganMs, endedMs, isSuspect }: EndedBon): SaleSpan | undefined {
  if (finishedMs === undefined && isSuspect) return undefined
  const [startMs, endMs] = [startedMs ?? beganMs, finishedMs ?? endedMs]
  // The clock of the unit may have been set back in between.
  return { startMs: Math.min(startMs, endMs), endMs: Math.max(startMs, endMs) }
}

function factsOf({ parts, register, number }: EndedBon, { endMs }: SaleSpan, rate: string) {
  const { serial, counter } = endOfDocument(parts) ?? {}
  const transaction = startOfDocument(parts)?.transaction
  return rateFacts({
    ...{ register, bon: number ?? '–', at: rfc3339(endMs), rate },
    ...(serial !== undefined && { serial }),
    ...(transaction !== undefined && { transaction }),
    ...(counter !== undefined && { counter }),
  })
}

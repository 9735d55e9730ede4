import type { KeyObject } from 'node:crypto'
import { visible } from '../../../base/text.ts'
import type { Dep7Copy } from '../../../verify/rksv/dep7-copy.ts'
import { fieldsOf } from '../../../verify/rksv/dep7-copy.ts'
import { counterIn } from '../../../verify/rksv/dep7-counter.ts'
import type { CheckedReceipt } from '../../../verify/rksv/dep7-receipt.ts'
import { readReceipt } from '../../../verify/rksv/dep7-receipt.ts'
import { centsText } from '../../journal/books/findings.ts'
import type { EventBody } from '../../journal/events.ts'
import type { ReceiptFindings } from './books/texts.ts'
import { RecordedSignatures } from './recorded-signatures.ts'
import { JWS_MEMBER, jwsIn } from './state.ts'

export type Dep7MatchOptions = {
  /** The AES key of the registers: field 10 is decrypted and compared with the sum of the receipts. */
  aesKey?: KeyObject | undefined
  /** The journal must have no register without a DEP7 among the given ones. */
  isEverything?: boolean | undefined
  /** The DEP7s may begin after the Startbeleg. */
  partial?: boolean | undefined
  /** Time of the export, RFC 3339 UTC: events recorded before are in it. */
  madeAt?: string | undefined
}

export type Dep7MatchReport = {
  /** Receipts that are equal in DEP7 and journal, byte by byte, and how many of them carry the marker of an outage. */
  readonly matched: number
  readonly outages: number
  /** Recorded after the last receipt of their DEP7. */
  readonly younger: number
  readonly signatures: number
  /** Registers of the journal without a DEP7, by Kassen-ID. */
  readonly absent: readonly string[]
}

/** `seq`: the event with the receipt. */
type Recorded = { seq: number; at: string; register: string; cashBoxId: string; number: number; jws: string }
/** Compared while reading the journal: turnover is the sum of the receipts so far. */
type Chain = { register: string; copies: Dep7Copy[]; turnover: bigint }

/** Each event with a receipt or a certificate has one of these in its text. */
export const MATCHED_MARKS = [`"${JWS_MEMBER}"`, '"certificates"'] as const
const NOT_THERE = '–'
const SIGNATURE_SHOWN = 8

/**
 * Compares the receipts in the events of a journal, in order from the first, with the DEP7s of its registers, in both
 * directions and byte by byte, and verifies each signature (`recorded-signatures.ts`). Memory does not grow with the
 * number of receipts.
 */
export class Dep7Match {
  readonly #findings: ReceiptFindings
  readonly #options: Dep7MatchOptions
  readonly #chains = new Map<string, Chain>()
  readonly #signatures: RecordedSignatures
  readonly #absent = new Set<string>()
  #matched = 0
  #younger = 0

  constructor(copies: readonly Dep7Copy[], findings: ReceiptFindings, options: Dep7MatchOptions = {}) {
    this.#findings = findings
    this.#options = options
    this.#signatures = new RecordedSignatures(findings)
    for (const copy of copies) {
      const chain = this.#chains.get(copy.cashBoxId) ?? { register: copy.cashBoxId, copies: [], turnover: 0n }
      chain.copies.push(copy)
      this.#chains.set(copy.cashBoxId, chain)
    }
  }

  async note({ seq, at, body: text }: { seq: number; at: string; body: string }): Promise<void> {
    // Most events have no such mark: a search in the text is faster than parsing.
    if (!MATCHED_MARKS.some((mark) => text.includes(mark))) return
    const body = bodyIn(text)
    if (body.enrolled?.serial != null) this.#signatures.enrol(body)
    const jws = jwsIn(body)
    if (jws === undefined) return
    const [, cashBoxId = '', number = ''] = fieldsOf(jws)
    const register = body.receipt?.register ?? body.chain?.register ?? cashBoxId
    await this.#compareReceipt({ seq, at, register, cashBoxId, number: Number(number), jws })
  }

  async end(): Promise<Dep7MatchReport> {
    for (const { register, copies } of this.#chains.values()) {
      for (const copy of copies) {
        for (; copy.next !== undefined; await copy.advance())
          this.#reportDifference(0, register, copy.next.number, copy.next.jws, undefined)
      }
    }
    const { outages, verified } = this.#signatures
    const [matched, younger] = [this.#matched, this.#younger]
    return { matched, outages, younger, signatures: verified, absent: [...this.#absent] }
  }

  async #compareReceipt(recorded: Recorded): Promise<void> {
    const { seq, register, cashBoxId, number, jws } = recorded
    const chain = this.#chains.get(cashBoxId)
    const { receipt } = readReceipt(jws)
    const unit = this.#signatures.unitOf(receipt)
    let isProven = false
    if (chain === undefined) {
      this.#absent.add(cashBoxId)
      if (this.#options.isEverything !== true) return
      this.#reportDifference(seq, register, String(number), undefined, jws)
    } else {
      chain.register = register
      for (const copy of chain.copies) {
        const isVouched = copy.isSound && unit !== undefined && copy.certificate === unit.certificate
        const isAlike = await this.#compareWithCopy(copy, recorded)
        isProven ||= isVouched && isAlike
      }
    }
    this.#signatures.check(recorded, receipt, isProven)
    if (receipt !== undefined && chain !== undefined) this.#checkTurnover(recorded, receipt, chain)
  }

  /** True if the DEP7 has the same receipt. */
  async #compareWithCopy(copy: Dep7Copy, { seq, at, register, number, jws }: Recorded): Promise<boolean> {
    // A malformed number belongs to no receipt of the journal.
    while (copy.next !== undefined && !(Number(copy.next.number) >= number)) {
      this.#reportDifference(seq, register, copy.next.number, copy.next.jws, undefined)
      await copy.advance()
    }
    const { next } = copy
    if (next === undefined || Number(next.number) > number) {
      const { partial, madeAt } = this.#options
      const isYounger = next === undefined && (madeAt === undefined || at >= madeAt)
      if (isYounger) this.#younger++
      else if (partial !== true || copy.hasAdvanced)
        this.#reportDifference(seq, register, String(number), undefined, jws)
      return false
    }
    const isAlike = next.jws === jws
    if (isAlike) this.#matched++
    else this.#reportDifference(seq, register, String(number), next.jws, jws)
    await copy.advance()
    return isAlike
  }

  #reportDifference(
    seq: number,
    register: string,
    number: string,
    copied: string | undefined,
    written: string | undefined,
  ): void {
    const [dep, recorded] = shown(copied, written)
    this.#findings.add('rksv_dep_differs', seq, { register, number: visible(number), dep, recorded })
  }

  #checkTurnover({ seq, register, number }: Recorded, receipt: CheckedReceipt, chain: Chain): void {
    const { aesKey } = this.#options
    if (receipt.kind !== 'training') chain.turnover += receipt.cents
    const printed = aesKey && receipt.kind === 'encrypted' ? counterIn(receipt, aesKey) : undefined
    if (printed === undefined || printed === chain.turnover) return
    const facts = { register, number, stated: centsText(printed), counted: centsText(chain.turnover) }
    this.#findings.add('rksv_turnover_differs', seq, facts)
    // Continue with the printed value, so that one wrong receipt is one finding.
    chain.turnover = printed
  }
}

/** The file may come from anywhere: an unreadable event is a finding of the journal's own check. */
function bodyIn(text: string): EventBody {
  try {
    return Object(JSON.parse(text)) as EventBody
  } catch {
    return {}
  }
}

/** Both shortened as far as they still differ. */
function shown(one: string | undefined, other: string | undefined): [string, string] {
  const [short, long] = [[one, other].map(summaryOf), [one, other].map((jws) => jws ?? NOT_THERE)]
  const [first = NOT_THERE, second = NOT_THERE] = short[0] === short[1] ? long : short
  return [visible(first), visible(second)]
}

/** Time, amounts and the first characters of the signature. */
function summaryOf(jws: string | undefined): string {
  if (jws === undefined) return NOT_THERE
  const fields = fieldsOf(jws)
  const signature = jws.split('.')[2] ?? ''
  return `${fields.slice(3, 9).join(' ')} [${signature.slice(0, SIGNATURE_SHOWN)}…]`
}

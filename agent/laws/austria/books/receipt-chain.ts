import { sha256 } from '../../../../base/sha256.ts'
import { centsText } from '../../../journal/books/findings.ts'
import { textIn } from '../../../journal/checked.ts'
import { partsOf } from '../../../journal/documents/parts.ts'
import type { ChainMembers, EventBody } from '../../../journal/events.ts'
import { ReceiptAmounts } from './receipt-amounts.ts'
import type { ReceiptCode } from './receipt-code.ts'
import { codeOf, turnoverOf } from './receipt-code.ts'
import type { ReceiptFindings } from './texts.ts'

const CHAIN_BYTES = 8

/** The state of a register's chain that the next Austrian receipt continues. */
type Link = {
  readonly cashBoxId: string
  readonly number: number
  readonly turnover: bigint
  readonly previous: string
}

/** `claim`: a recorded state with receipts still to be read. */
type Chain = { link: Link; claim: Link | undefined }

/**
 * Compares each receipt of an Austrian chain with the one before it, and each recorded state with the receipts: a
 * receipt that was removed, changed or inserted leaves a place at which they do not meet. A state may be in an event
 * before those of its receipts. Special receipts and those with the marker of an outage are links like all others; an
 * operation without a receipt has no code. One entry a register.
 */
export class ReceiptChains {
  readonly #chains = new Map<string, Chain>()
  readonly #findings: ReceiptFindings
  readonly #amounts: ReceiptAmounts

  constructor(findings: ReceiptFindings) {
    this.#findings = findings
    this.#amounts = new ReceiptAmounts(findings)
  }

  note(seq: number, op: string, body: EventBody): void {
    const { chain, receipt } = body
    const jws = textIn(partsOf(body).law['jws'])
    const code = jws === undefined ? undefined : codeOf(jws)
    const register = chain?.register ?? receipt?.register
    this.#amounts.note(seq, op, body, register ?? '–', code)
    if (register === undefined) return
    const claim = chain && linkOf(chain.state)
    if (claim !== undefined) this.#claim(seq, register, claim)
    if (code !== undefined) this.#follow(seq, register, code, chainValue(String(jws)))
    this.#settle(seq, register)
  }

  #claim(seq: number, register: string, claim: Link): void {
    const chain = this.#chains.get(register)
    if (chain?.claim !== undefined) this.#broken(seq, register, chain.claim.number)
    const link = chain?.link ?? firstLink(claim.cashBoxId)
    if (claim.cashBoxId !== link.cashBoxId) this.#broken(seq, register, claim.number)
    this.#chains.set(register, { link, claim })
  }

  #follow(seq: number, register: string, code: ReceiptCode, next: string): void {
    const { link, claim } = this.#chains.get(register) ?? { link: firstLink(code.cashBoxId), claim: undefined }
    const { cashBoxId, number, previous } = code
    if (number !== link.number + 1)
      this.#findings.add('rksv_number_gap', seq, { register, from: link.number, to: number })
    if (previous !== link.previous || cashBoxId !== link.cashBoxId || claim === undefined)
      this.#broken(seq, register, number)
    const turnover = link.turnover + turnoverOf(code)
    this.#chains.set(register, { link: { cashBoxId, number, turnover, previous: next }, claim })
  }

  /** The next receipt continues from the recorded state. */
  #settle(seq: number, register: string): void {
    const { link, claim } = this.#chains.get(register) ?? {}
    if (link === undefined || claim === undefined || link.number < claim.number) return
    const { number } = link
    if (number !== claim.number || link.previous !== claim.previous) this.#broken(seq, register, number)
    const facts = { register, number, stated: centsText(claim.turnover), counted: centsText(link.turnover) }
    if (link.turnover !== claim.turnover) this.#findings.add('rksv_turnover_differs', seq, facts)
    this.#chains.set(register, { link: claim, claim: undefined })
  }

  #broken(seq: number, register: string, number: number): void {
    this.#findings.add('rksv_chain_broken', seq, { register, number })
  }
}

function firstLink(cashBoxId: string): Link {
  return { cashBoxId, number: 0, turnover: 0n, previous: chainValue(cashBoxId) }
}

/** Undefined if another law chains its receipts, or none does. */
function linkOf(state: ChainMembers | undefined): Link | undefined {
  const cashBoxId = state?.['cash_box_id']
  if (state === undefined || typeof cashBoxId !== 'string') return undefined
  const { number, turnover_cents: turnover, previous } = state
  return { cashBoxId, number: Number(number), turnover: BigInt(String(turnover)), previous: String(previous) }
}

function chainValue(text: string): string {
  return sha256(text).subarray(0, CHAIN_BYTES).toString('base64')
}

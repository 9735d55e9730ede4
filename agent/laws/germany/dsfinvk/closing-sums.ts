import { TakenBackSums } from '../../closing-reports.ts'
import type { Bon, BonLine, VatShare } from './bon.ts'
import type { Emit } from './bon-rows.ts'
import { OWN_BUSINESS, PRICE_UNITS_PER_CENT } from './bon-rows.ts'
import { UNKNOWN_VAT } from './closing-vat.ts'

type CaseSum = {
  businessCase: string
  name: string | undefined
  /** Undefined: the company's own. */
  agency: number | undefined
  key: number
  gross: bigint
  vat: bigint
}
type PaymentSum = { type: string; name: string | undefined; cents: bigint }

export type UnpaidType = (typeof UNPAID_TYPES)[number]
const UNPAID_TYPES = ['AVBestellung', 'AVTransfer', 'AVSachbezug'] as const

function isUnpaidType(type: Bon['type']): type is UnpaidType {
  return (UNPAID_TYPES as readonly Bon['type'][]).includes(type)
}

/** Sums of one closing in cents, over its bons of type Beleg (businesscases, payment, cash_per_currency). */
export class ClosingSums {
  readonly keys = new Set<number>()
  /** KEINE_UST_ZUORDNUNG. An order that only its TSE still had names no VAT, and needs none. */
  isUnassigned = false
  /** How many bons its sums have. */
  bons = 0
  /** Bons without payments, and their gross; in the order of their first. */
  readonly unpaid = new Map<UnpaidType, { count: number; cents: bigint }>()
  readonly takenBack = new TakenBackSums()
  /** Lines in which claims arise, as what is owed, and lines that settle them. */
  readonly claims = { created: { count: 0, cents: 0n }, settled: { count: 0, cents: 0n } }
  readonly #baseCurrency: string
  readonly #cases = new Map<string, CaseSum>()
  readonly #payments = new Map<string, PaymentSum>()
  readonly #cash = new Map<string, bigint>()

  constructor(baseCurrency: string) {
    this.#baseCurrency = baseCurrency
  }

  add(bon: Bon, vatOf: (share: VatShare) => bigint): void {
    for (const line of bon.lines)
      for (const { key } of line.vat) {
        this.keys.add(key)
        this.isUnassigned ||= key === UNKNOWN_VAT && bon.type !== 'AVBestellung'
      }
    if (isUnpaidType(bon.type)) this.#addUnpaid(bon.type, bon.lines)
    this.#addTakenBack(bon)
    if (bon.type !== 'Beleg') return
    this.bons++
    for (const line of bon.lines) this.#addLine(line)
    this.#addCases(bon.lines, vatOf)
    for (const payment of bon.payments) {
      const id = `${payment.type}\n${payment.name ?? ''}`
      const sum = this.#payments.get(id) ?? { type: payment.type, name: payment.name, cents: 0n }
      this.#payments.set(id, sum)
      sum.cents += payment.cents
      if (payment.type !== 'Bar') continue
      const amount = payment.foreignCents ?? payment.cents
      this.#cash.set(payment.currency, (this.#cash.get(payment.currency) ?? 0n) + amount)
    }
  }

  #addTakenBack({ type, reversal, isReturn, lines }: Bon): void {
    if (type === 'AVTraining') this.takenBack.add('training', grossOf(lines))
    if (type === 'AVBestellung') for (const line of lines) this.#addOrdered(line)
    if (type !== 'Beleg') return
    if (reversal === true) this.takenBack.add('reversals', grossOf(lines))
    if (isReturn === true) this.takenBack.add('returns', grossOf(lines))
  }

  #addOrdered(line: BonLine): void {
    if (line.cancelled === true) this.takenBack.add('cancelled_order_lines', centsOf(line))
    else if ((line.article?.quantity ?? 0n) < 0n) this.takenBack.add('sent_back_order_lines', centsOf(line))
  }

  #addClaim({ businessCase, vat }: BonLine): void {
    const isCreated = businessCase === 'Forderungsentstehung'
    if (!isCreated && businessCase !== 'Forderungsaufloesung') return
    const sum = isCreated ? this.claims.created : this.claims.settled
    sum.count++
    for (const { cents } of vat) sum.cents += isCreated ? -cents : cents
  }

  #addUnpaid(type: UnpaidType, lines: readonly BonLine[]): void {
    const sum = this.unpaid.get(type) ?? { count: 0, cents: 0n }
    this.unpaid.set(type, sum)
    sum.count++
    for (const { businessCase, cancelled, vat } of lines)
      if (cancelled !== true && businessCase !== 'Forderungsentstehung') for (const { cents } of vat) sum.cents += cents
  }

  #addLine(line: BonLine): void {
    if (line.cancelled !== true) {
      this.#addClaim(line)
      return
    }
    this.takenBack.add('cancelled_lines', centsOf(line))
  }

  #addCases(lines: readonly BonLine[], vatOf: (share: VatShare) => bigint): void {
    const groups = casesOf(lines)
    shareVat([...groups.values()], vatOf)
    for (const [id, group] of groups) {
      const sum = this.#cases.get(id)
      if (sum === undefined) this.#cases.set(id, group)
      else {
        sum.gross += group.gross
        sum.vat += group.vat
      }
    }
  }

  /** Gross and VAT of each business case and key, and the sums by payment type. */
  figures(): { cases: readonly Readonly<CaseSum>[]; payments: readonly Readonly<PaymentSum>[] } {
    return { cases: [...this.#cases.values()], payments: [...this.#payments.values()] }
  }

  /** Cash in other currencies, from A to Z, in cents of each. */
  foreignCash(): readonly (readonly [currency: string, cents: bigint])[] {
    const foreign = [...this.#cash].filter(([currency]) => currency !== this.#baseCurrency)
    return foreign.sort(([a], [b]) => this.#rank(a, b))
  }

  /** Sum of all payments and of the cash among them, in the base currency. */
  totals(): { payments: bigint; cash: bigint } {
    let payments = 0n
    let cash = 0n
    for (const { type, cents } of this.#payments.values()) {
      payments += cents
      if (type === 'Bar') cash += cents
    }
    return { payments, cash }
  }

  emit(emit: Emit): void {
    for (const { businessCase, name, agency, key, gross, vat } of this.#cases.values()) {
      emit('businesscases', {
        GV_TYP: businessCase,
        GV_NAME: name,
        AGENTUR_ID: agency ?? OWN_BUSINESS,
        UST_SCHLUESSEL: key,
        Z_UMS_BRUTTO: gross * PRICE_UNITS_PER_CENT,
        Z_UMS_NETTO: (gross - vat) * PRICE_UNITS_PER_CENT,
        Z_UST: vat * PRICE_UNITS_PER_CENT,
      })
    }
    for (const { type, name, cents } of this.#payments.values())
      emit('payment', { ZAHLART_TYP: type, ZAHLART_NAME: name, Z_ZAHLART_BETRAG: cents })
    if (this.#cash.size === 0) this.#cash.set(this.#baseCurrency, 0n)
    for (const currency of [...this.#cash.keys()].sort((a, b) => this.#rank(a, b)))
      emit('cash_per_currency', { ZAHLART_WAEH: currency, ZAHLART_BETRAG_WAEH: this.#cash.get(currency) ?? 0n })
  }

  /** The base currency first. */
  #rank(a: string, b: string): number {
    if (a === this.#baseCurrency) return -1
    return b === this.#baseCurrency || a > b ? 1 : -1
  }
}

/** Without cancelled lines. */
function grossOf(lines: readonly BonLine[]): bigint {
  return lines.reduce((sum, line) => (line.cancelled === true ? sum : sum + centsOf(line)), 0n)
}

function centsOf({ vat }: BonLine): bigint {
  return vat.reduce((sum, { cents }) => sum + cents, 0n)
}

/** Gross of one bon by business case, agency and key; the VAT is added later. */
function casesOf(lines: readonly BonLine[]): Map<string, CaseSum> {
  const groups = new Map<string, CaseSum>()
  for (const { businessCase, name, agency, vat, cancelled } of lines) {
    if (cancelled === true) continue
    for (const { key, cents } of vat) {
      const id = `${businessCase}\n${name ?? ''}\n${agency ?? OWN_BUSINESS}\n${key}`
      const group = groups.get(id)
      if (group === undefined) groups.set(id, { businessCase, name, agency, key, gross: cents, vat: 0n })
      else group.gross += cents
    }
  }
  return groups
}

/** Splits the VAT of a bon: each group of a key gets its own rounded VAT, the last one the remainder. */
function shareVat(groups: readonly CaseSum[], vatOf: (share: VatShare) => bigint): void {
  for (const group of groups) {
    const { key } = group
    const alike = groups.filter((other) => other.key === key)
    if (alike.at(-1) !== group) group.vat = vatOf({ key, cents: group.gross })
    else {
      const cents = alike.reduce((sum, other) => sum + other.gross, 0n)
      const given = alike.reduce((sum, other) => sum + other.vat, 0n)
      group.vat = vatOf({ key, cents }) - given
    }
  }
}

import { formatCents } from '../../base/money.ts'
import type { KeySums } from './bon-check.ts'
import { isCancelled } from './cancelled-lines.ts'
import type { BonRows, ClosingContext, Fault } from './closing-context.ts'
import type { NoteReport } from './closing-times.ts'
import type { CheckedRow } from './row.ts'
import { vatIn } from './vat.ts'

const PER_CENT = 1000n
const RULE = '§ 12.5'
const NO_ASSIGNMENT_KEY = 7

type Case = { gross: bigint; vat: bigint }
type ClosingRowsRead = {
  head: CheckedRow
  cases: readonly CheckedRow[]
  payments: readonly CheckedRow[]
  currencies: readonly CheckedRow[]
}

/** Counts the sums of a closing again from the rows of its bons, in hundred-thousandths. */
export class Recount {
  readonly #context: ClosingContext
  readonly #cases = new Map<string, Case>()
  readonly #payments = new Map<string, bigint>()
  readonly #cash = new Map<string, bigint>()
  #paid = 0n
  #paidCash = 0n
  /** A line has key 7: its VAT is not known. An order that only its TSE still had has it too, and no VAT to assign. */
  #isUnassigned = false

  constructor(context: ClosingContext) {
    this.#context = context
  }

  add(rows: BonRows, sums: KeySums): void {
    const type = rows.head.text('BON_TYP')
    if (this.#context.rates.has(NO_ASSIGNMENT_KEY) && type !== 'AVBestellung')
      this.#isUnassigned ||= rows.linesVat.some((row) => row.number('UST_SCHLUESSEL') === NO_ASSIGNMENT_KEY)
    if (type !== 'Beleg') return
    this.#addCases(rows, sums)
    for (const row of rows.payments) {
      const base = row.units('BASISWAEH_BETRAG')
      add(this.#payments, paymentId(row), base)
      this.#paid += base
      if (row.text('ZAHLART_TYP') !== 'Bar') continue
      this.#paidCash += base
      const foreign = row.text('ZAHLWAEH_BETRAG') !== ''
      add(this.#cash, row.text('ZAHLWAEH_CODE'), foreign ? row.units('ZAHLWAEH_BETRAG') : base)
    }
  }

  /** Distributes the VAT of a key in a bon to its business cases; the last one gets the rounding difference. */
  #addCases(rows: BonRows, sums: KeySums): void {
    const lines = new Map(rows.lines.map((line) => [line.text('POS_ZEILE'), line]))
    const byKey = new Map<number, Map<string, bigint>>()
    for (const row of rows.linesVat) {
      const line = lines.get(row.text('POS_ZEILE'))
      if (line === undefined || isCancelled(line)) continue
      const key = row.number('UST_SCHLUESSEL')
      const groups = byKey.get(key) ?? new Map<string, bigint>()
      byKey.set(key, groups)
      add(groups, caseId(line, String(key)), row.units('POS_BRUTTO'))
    }
    for (const [key, groups] of byKey) {
      let rest = this.#vatIn(sums.get(key) ?? 0n, key)
      const ids = [...groups.keys()]
      for (const [index, id] of ids.entries()) {
        const gross = groups.get(id) ?? 0n
        const vat = index === ids.length - 1 ? rest : this.#vatIn(gross, key)
        rest -= vat
        const before = this.#cases.get(id) ?? { gross: 0n, vat: 0n }
        this.#cases.set(id, { gross: before.gross + gross, vat: before.vat + vat })
      }
    }
  }

  #vatIn(units: bigint, key: number): bigint {
    return vatIn(units / PER_CENT, this.#context.rates.get(key) ?? 0) * PER_CENT
  }

  compare({ head, cases, payments, currencies }: ClosingRowsRead, fault: Fault, onNote: NoteReport): void {
    const { register } = this.#context
    if ((register?.text('KEINE_UST_ZUORDNUNG') === '1') !== this.#isUnassigned)
      fault(register, 'KEINE_UST_ZUORDNUNG', 'is 1 if a bon that is not an order has key 7, and else 0', '§ 3')
    this.#compareCases(head, cases, fault)
    const counted = { rows: payments, id: paymentId, column: 'Z_ZAHLART_BETRAG', sums: this.#payments }
    compareSums(head, 'payment.csv', counted, fault)
    if (this.#cash.size === 0) this.#cash.set(this.#context.baseCurrency, 0n)
    const currency = (row: CheckedRow): string => row.text('ZAHLART_WAEH')
    const money = { rows: currencies, id: currency, column: 'ZAHLART_BETRAG_WAEH', sums: this.#cash }
    compareSums(head, 'cash_per_currency.csv', money, fault)
    if (head.units('Z_SE_ZAHLUNGEN') !== this.#paid)
      fault(head, 'Z_SE_ZAHLUNGEN', 'is not the sum of the payments', RULE)
    if (head.units('Z_SE_BARZAHLUNGEN') !== this.#paidCash)
      fault(head, 'Z_SE_BARZAHLUNGEN', 'is not the sum of the cash payments', RULE)
    this.#compareLeft(head, currencies, onNote)
    const turnover = cases.reduce((sum, row) => sum + row.units('Z_UMS_BRUTTO'), 0n)
    if (turnover !== head.units('Z_SE_ZAHLUNGEN'))
      fault(head, 'Z_SE_ZAHLUNGEN', 'is not the sum of Z_UMS_BRUTTO', '§ 9')
  }

  /** All cash of a closing is euro unless foreign cash is left; a rate that changed during the day may leave a difference. */
  #compareLeft(head: CheckedRow, currencies: readonly CheckedRow[], onNote: NoteReport): void {
    const { baseCurrency, registerId: register, number: z } = this.#context
    const isBase = (row: CheckedRow): boolean => row.text('ZAHLART_WAEH') === baseCurrency
    if (currencies.some((row) => !isBase(row) && row.units('ZAHLART_BETRAG_WAEH') !== 0n)) return
    const [all, euro] = [head.units('Z_SE_BARZAHLUNGEN'), sumOf(currencies.filter(isBase))]
    if (all === euro) return
    const [stated, counted] = [all, euro].map((units) => formatCents(units / PER_CENT))
    onNote('closing_cash_differs', { register, z, stated: String(stated), counted: String(counted) })
  }

  #compareCases(head: CheckedRow, rows: readonly CheckedRow[], fault: Fault): void {
    const seen = new Set<string>()
    for (const row of rows) {
      const id = caseId(row, row.text('UST_SCHLUESSEL'))
      const counted = this.#cases.get(id)
      if (seen.has(id)) fault(row, 'GV_TYP', 'the business case occurs twice', RULE)
      seen.add(id)
      if (counted === undefined) {
        fault(row, 'GV_TYP', 'no bon has this business case', RULE)
        continue
      }
      if (row.units('Z_UMS_BRUTTO') !== counted.gross) fault(row, 'Z_UMS_BRUTTO', 'is not the sum of the lines', RULE)
      if (row.units('Z_UST') !== counted.vat) fault(row, 'Z_UST', 'is not the VAT of the bons', RULE)
      if (row.units('Z_UMS_NETTO') + row.units('Z_UST') !== row.units('Z_UMS_BRUTTO'))
        fault(row, 'Z_UMS_NETTO', 'and Z_UST are not Z_UMS_BRUTTO', RULE)
    }
    for (const id of this.#cases.keys())
      if (!seen.has(id)) fault(head, undefined, `businesscases.csv has no row for ${named(id)}`, RULE)
  }
}

function sumOf(rows: readonly CheckedRow[]): bigint {
  return rows.reduce((sum, row) => sum + row.units('ZAHLART_BETRAG_WAEH'), 0n)
}

type Counted = {
  rows: readonly CheckedRow[]
  id: (row: CheckedRow) => string
  column: string
  sums: ReadonlyMap<string, bigint>
}

function compareSums(head: CheckedRow, file: string, { rows, id, column, sums }: Counted, fault: Fault): void {
  const seen = new Set<string>()
  for (const row of rows) {
    const name = id(row)
    if (seen.has(name)) fault(row, column, 'the same kind occurs twice', RULE)
    seen.add(name)
    const sum = sums.get(name)
    if (sum === undefined) fault(row, column, 'no bon has this kind', RULE)
    else if (row.units(column) !== sum) fault(row, column, 'is not the sum of the bons', RULE)
  }
  for (const name of sums.keys())
    if (!seen.has(name)) fault(head, undefined, `${file} has no row for ${named(name)}`, RULE)
}

function add(sums: Map<string, bigint>, id: string, units: bigint): void {
  sums.set(id, (sums.get(id) ?? 0n) + units)
}

function caseId(row: CheckedRow, key: string): string {
  return JSON.stringify([row.text('GV_TYP'), row.text('GV_NAME'), row.text('AGENTUR_ID') || '0', key])
}

function paymentId(row: CheckedRow): string {
  return JSON.stringify([row.text('ZAHLART_TYP'), row.text('ZAHLART_NAME')])
}

function named(id: string): string {
  return id.replace(/[[\]"]/g, '').replaceAll(',', ' ')
}

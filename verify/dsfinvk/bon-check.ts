import { divideRounded } from '../../base/money.ts'
import { checkCancelled, isCancelled } from './cancelled-lines.ts'
import type { BonRows, ClosingContext, Fault } from './closing-context.ts'
import { isAfter } from './closing-times.ts'
import { checkReceivable } from './receivables.ts'
import type { CheckedRow } from './row.ts'
import { vatIn } from './vat.ts'
import { checkVoucher } from './vouchers.ts'

/** Hundred-thousandths in a cent. */
const PER_CENT = 1000n
const ONE = 100_000n
const ARTICLE_CASES = new Set(['Umsatz', 'Pfand', 'PfandRueckzahlung'])
const LINES_RULE = '§ 12.4'

/** Gross of a bon by VAT key, without cancelled lines, in hundred-thousandths. */
export type KeySums = ReadonlyMap<number, bigint>

/** Checks lines, VAT, payments and sums of one bon. Returns the gross by key. */
export function checkBon(rows: BonRows, closing: ClosingContext, fault: Fault): KeySums {
  checkHead(rows, closing, fault)
  const sums = checkLines(rows, closing, fault)
  const vat = checkVat(rows, sums, closing, fault)
  const paid = checkPayments(rows, closing, fault)
  checkTotals(rows, vat, paid, fault)
  return sums
}

function checkHead({ head, references }: BonRows, { terminals }: ClosingContext, fault: Fault): void {
  if (head.text('BON_NR') !== head.text('BON_ID')) fault(head, 'BON_NR', 'is not the BON_ID', '§ 4.2')
  checkTerminal(head, 'TERMINAL_ID', terminals, fault)
  if (head.text('BON_TYP') === 'AVSonstige' && head.text('BON_NAME') === '')
    fault(head, 'BON_NAME', 'is empty, but AVSonstige needs it', '§ 3')
  if (head.text('BON_TYP') === 'AVBelegstorno') fault(head, 'BON_TYP', 'is never signed by a TSE', '§ 3')
  const [start, end] = [head.text('BON_START'), head.text('BON_ENDE')]
  if (isAfter(start, end)) fault(head, 'BON_ENDE', `${end} is before BON_START ${start}`, '§ 4.2')
  const isReversal = head.text('BON_STORNO') === '1'
  if (isReversal && !references.some((row) => row.text('REF_TYP') === 'Transaktion'))
    fault(head, 'BON_STORNO', 'reverses no bon: there is no reference', '§ 5')
}

/** A terminal is described in slaves.csv. */
function checkTerminal(row: CheckedRow, column: string, terminals: ReadonlySet<string>, fault: Fault): void {
  const id = row.text(column)
  if (id !== '' && !terminals.has(id)) fault(row, column, `${id} has no row in slaves.csv`, '§ 2')
}

/** An agency is described in pa.csv; 0 or nothing is the own business. */
function checkAgency(line: CheckedRow, agencies: ReadonlySet<number>, fault: Fault): void {
  const id = Number(line.text('AGENTUR_ID'))
  if (id !== 0 && !agencies.has(id)) fault(line, 'AGENTUR_ID', `${id} has no row in pa.csv`, '§ 2')
}

function checkLines(rows: BonRows, closing: ClosingContext, fault: Fault): KeySums {
  checkCancelled(rows, fault)
  const sums = new Map<number, bigint>()
  const known = new Set<string>()
  for (const [index, line] of rows.lines.entries()) {
    const number = line.text('POS_ZEILE')
    if (number !== String(index + 1)) fault(line, 'POS_ZEILE', `is ${number}, ${index + 1} is next`, '§ 4.2')
    known.add(number)
    checkTerminal(line, 'POS_TERMINAL_ID', closing.terminals, fault)
    checkAgency(line, closing.agencies, fault)
    const vat = rows.linesVat.filter((row) => row.text('POS_ZEILE') === number)
    const gross = vat.reduce((sum, row) => sum + row.units('POS_BRUTTO'), 0n)
    if (vat.length === 0) fault(line, 'POS_ZEILE', 'has no row in lines_vat.csv', LINES_RULE)
    checkArticle(line, gross, fault)
    checkReceivable(line, vat, rows, fault)
    checkVoucher(line, fault)
    for (const row of vat) checkGross(row, closing, fault)
    if (new Set(vat.map((row) => row.text('UST_SCHLUESSEL'))).size < vat.length)
      fault(line, 'POS_ZEILE', 'has two rows of one VAT key in lines_vat.csv', LINES_RULE)
    if (!isCancelled(line)) addGross(sums, vat)
    checkPrices(number, rows, vat, fault)
  }
  for (const row of [...rows.linesVat, ...rows.prices].filter((one) => !known.has(one.text('POS_ZEILE'))))
    fault(row, 'POS_ZEILE', 'is not a line of the bon', LINES_RULE)
  return sums
}

function addGross(sums: Map<number, bigint>, vat: readonly CheckedRow[]): void {
  for (const row of vat) {
    const key = row.number('UST_SCHLUESSEL')
    sums.set(key, (sums.get(key) ?? 0n) + row.units('POS_BRUTTO'))
  }
}

function checkArticle(line: CheckedRow, gross: bigint, fault: Fault): void {
  const quantity = line.units('MENGE')
  const price = line.units('STK_BR')
  const has = (column: string): boolean => line.text(column) !== ''
  if (ARTICLE_CASES.has(line.text('GV_TYP')))
    for (const column of ['ART_NR', 'MENGE', 'STK_BR'])
      if (!has(column)) fault(line, column, `is empty on a line ${line.text('GV_TYP')}`, '§ 2')
  if (price < 0n) fault(line, 'STK_BR', 'is negative: the sign is that of MENGE', '§ 5')
  if (!has('MENGE') || !has('STK_BR')) return
  if (quantity === 0n) fault(line, 'MENGE', 'is 0', '§ 5')
  const factor = has('FAKTOR') ? line.units('FAKTOR') : ONE
  if (factor <= 0n) fault(line, 'FAKTOR', 'is not more than 0', '§ 5')
  else if (divideRounded(quantity * price, factor * PER_CENT) !== divideRounded(gross, PER_CENT))
    fault(line, 'STK_BR', 'MENGE × STK_BR / FAKTOR is not the gross of the line', '§ 5')
}

function checkGross(row: CheckedRow, { rates }: ClosingContext, fault: Fault): void {
  if (row.text('POS_BRUTTO') === '') fault(row, 'POS_BRUTTO', 'is empty', '§ 6')
  const key = row.number('UST_SCHLUESSEL')
  if (!rates.has(key)) fault(row, 'UST_SCHLUESSEL', `key ${key} is not defined in vat.csv`, '§ 3')
  const stated = row.text('POS_NETTO') !== '' || row.text('POS_UST') !== ''
  if (stated && row.units('POS_NETTO') + row.units('POS_UST') !== row.units('POS_BRUTTO'))
    fault(row, 'POS_NETTO', 'and POS_UST are not POS_BRUTTO', '§ 6')
}

/** Base price, discounts and surcharges of a line add up to its gross, key by key. */
function checkPrices(number: string, rows: BonRows, vat: readonly CheckedRow[], fault: Fault): void {
  const prices = rows.prices.filter((row) => row.text('POS_ZEILE') === number)
  for (const key of new Set(prices.map((row) => row.text('UST_SCHLUESSEL')))) {
    const sum = sumWhere(prices, key, 'PF_BRUTTO')
    const [first] = prices
    if (sum !== sumWhere(vat, key, 'POS_BRUTTO'))
      fault(first, 'PF_BRUTTO', 'the parts of the price are not the gross of the line', '§ 5.2')
  }
}

function sumWhere(rows: readonly CheckedRow[], key: string, column: string): bigint {
  return rows.filter((row) => row.text('UST_SCHLUESSEL') === key).reduce((sum, row) => sum + row.units(column), 0n)
}

/** Returns Σ BON_BRUTTO. */
function checkVat(rows: BonRows, sums: KeySums, { rates }: ClosingContext, fault: Fault): bigint {
  const seen = new Set<number>()
  let total = 0n
  for (const row of rows.vat) {
    const key = row.number('UST_SCHLUESSEL')
    if (seen.has(key)) fault(row, 'UST_SCHLUESSEL', `key ${key} occurs twice`, LINES_RULE)
    seen.add(key)
    const gross = row.units('BON_BRUTTO')
    total += gross
    if (gross !== (sums.get(key) ?? 0n)) fault(row, 'BON_BRUTTO', 'is not the sum of the lines of its key', LINES_RULE)
    if (gross === 0n && rows.vat.length > 1) fault(row, 'BON_BRUTTO', 'a row of 0 next to others', '§ 5.14')
    checkVatRow(row, gross, rates.get(key), fault)
  }
  for (const [key, sum] of sums)
    if (sum !== 0n && !seen.has(key))
      fault(rows.head, undefined, `transactions_vat.csv has no row for key ${key}`, LINES_RULE)
  if (sums.size > 0 && rows.vat.length === 0)
    fault(rows.head, undefined, 'transactions_vat.csv has no row of the bon', LINES_RULE)
  return total
}

function checkVatRow(row: CheckedRow, gross: bigint, rate: number | undefined, fault: Fault): void {
  if (row.units('BON_NETTO') + row.units('BON_UST') !== gross)
    fault(row, 'BON_NETTO', 'and BON_UST are not BON_BRUTTO', '§ 6')
  if (rate === undefined) fault(row, 'UST_SCHLUESSEL', 'the key is not defined in vat.csv', '§ 3')
  else if (vatIn(gross / PER_CENT, rate) * PER_CENT !== row.units('BON_UST'))
    fault(row, 'BON_UST', `is not the VAT of ${rate / 100} % in BON_BRUTTO`, '§ 6')
}

/** Returns Σ BASISWAEH_BETRAG. */
function checkPayments({ head, payments }: BonRows, { baseCurrency }: ClosingContext, fault: Fault): bigint {
  if (payments.length === 0) fault(head, undefined, 'datapayment.csv has no row of the bon', '§ 5')
  const seen = new Set<string>()
  let total = 0n
  for (const row of payments) {
    const type = row.text('ZAHLART_TYP')
    const currency = row.text('ZAHLWAEH_CODE')
    const id = JSON.stringify([type, row.text('ZAHLART_NAME'), currency])
    if (seen.has(id)) fault(row, 'ZAHLART_TYP', 'the same payment occurs twice', '§ 5.12')
    seen.add(id)
    const base = row.units('BASISWAEH_BETRAG')
    total += base
    if (currency === '') fault(row, 'ZAHLWAEH_CODE', 'is empty', '§ 2')
    const isForeign = row.text('ZAHLWAEH_BETRAG') !== ''
    if (isForeign !== (currency !== baseCurrency))
      fault(row, 'ZAHLWAEH_BETRAG', 'is for foreign currency, and needed there', '§ 5.13')
    if (type === 'Keine' && (base !== 0n || payments.length > 1))
      fault(row, 'ZAHLART_TYP', 'Keine must be the only payment, with 0', '§ 5.12')
  }
  return total
}

function checkTotals({ head, vat, tse }: BonRows, vatTotal: bigint, paid: bigint, fault: Fault): void {
  const type = head.text('BON_TYP')
  const total = head.units('UMS_BRUTTO')
  const isZero = type === 'AVBelegabbruch' || type === 'AVSonstige'
  if (isZero && total !== 0n) fault(head, 'UMS_BRUTTO', `is not 0 in ${type}`, '§ 5')
  if (isZero && vat.length > 0) fault(vat[0], undefined, `${type} has no row in transactions_vat.csv`, '§ 5')
  if (!isZero && total !== vatTotal) fault(head, 'UMS_BRUTTO', 'is not the sum of BON_BRUTTO', '§ 12.3')
  if (type === 'Beleg' && total !== paid) fault(head, 'UMS_BRUTTO', 'is not the sum of the payments', '§ 12.3')
  // The text of one that is signed decides: earlier versions did not deduct the claim.
  const isUnsigned = tse.some((row) => row.text('TSE_TA_FEHLER') !== '')
  if (type === 'AVTransfer' && isUnsigned && total !== 0n)
    fault(head, 'UMS_BRUTTO', 'is not 0 in AVTransfer: the claim of the other system is not deducted', 'Anhang I')
  if (type !== 'Beleg' && type !== 'AVRechnung' && paid !== 0n)
    fault(head, undefined, `nothing is paid in ${type}`, '§ 5.15')
}

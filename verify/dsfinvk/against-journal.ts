import { parseRfc3339, rfc3339 } from '../../base/clock.ts'
import { formatCents, toCents } from '../../base/money.ts'
import type { BonTable } from './bon-table.ts'
import { MET, MET_TSE, RECORDED } from './bon-table.ts'
import { compareRates } from './rates-against-journal.ts'
import type { RegisterBons } from './register-bons.ts'
import type { Row } from './rows.ts'
import { rowsOf } from './rows.ts'

/**
 * Which closings of the journal must be in one of the packages: all that end with an event up to `untilSeq`, or those `of`
 * a package, from its first to its last of a register. A package of a range of business dates also has those between,
 * whatever their dates (DSFinV-K § 12.2). `isUnwritten`: true for a register whose package was refused or not written,
 * which the caller reports.
 */
export type ComparedClosings =
  | { readonly untilSeq: number; readonly isUnwritten?: (register: string) => boolean }
  | 'of'

/** First and last number of the closings of a register in one package. */
type Span = { first: number; last: number }
type Spans = Map<string, Span[]>
type IsCompared = (closing: Closing) => boolean
type Registers = ReadonlyMap<string, RegisterBons>
type Closing = RegisterBons['closings'][number]
/** By stable code; the caller has the texts. */
type Report = (
  code:
    | 'package_incomplete'
    | 'package_closing_differs'
    | 'package_bon_unknown'
    | 'package_rate_differs'
    | 'package_cash_differs'
    | 'package_time_differs',
  facts: Readonly<Record<string, string | number>>,
) => void

export type PackageReport = {
  /** Bons that are in a package as the journal has them. */
  readonly found: number
  /** German registers with closings in the journal and none in a package. */
  readonly absent: readonly string[]
  /** Closings that are newer than the packages. */
  readonly newer: number
}

/** Honest times differ by less than a second. */
const APART_SECONDS = 60

/**
 * Compares DSFinV-K packages with the recorded bons of a journal, by register, in both directions: number, transaction,
 * signature counter, sum, closing, times and rates. Throws what reading the files throws.
 */
export async function comparePackages(
  registers: Registers,
  packages: readonly string[],
  closings: ComparedClosings,
  report: Report,
): Promise<PackageReport> {
  const spans: Spans = new Map()
  for (const path of packages) {
    await readSpans(path, spans)
    await compareClosingTimes(path, registers, report)
    await compareDrawers(path, registers, report)
    await compareRates(path, registers, report)
    await markSigned(path, registers, report)
    await markBons(path, registers, report)
  }
  let [found, newer] = [0, 0]
  const absent: string[] = []
  for (const [register, bons] of registers) {
    const own = spans.get(register) ?? []
    if (own.length === 0 && bons.closings.length > 0) absent.push(register)
    const isIn = ({ z }: Closing): boolean => own.some(({ first, last }) => z >= first && z <= last)
    const isNewer: IsCompared = (closing) => closings !== 'of' && closing.seq > closings.untilSeq && !isIn(closing)
    const isOfPackages = closings === 'of' || closings.isUnwritten?.(register) === true
    const isCompared: IsCompared = isOfPackages ? isIn : (closing) => !isNewer(closing)
    found += reportMissing(register, bons, isCompared, report)
    if (closings === 'of') continue
    newer += bons.closings.filter(isNewer).length
    reportUnclosed(register, bons, report)
  }
  return { found, absent, newer }
}

async function readSpans(path: string, spans: Spans): Promise<void> {
  const found = new Map<string, Span>()
  for await (const row of rowsOf(path, 'cashpointclosing')) {
    const [register = '', z] = [row['Z_KASSE_ID'], Number(row['Z_NR'])]
    const { first, last } = found.get(register) ?? { first: z, last: z }
    found.set(register, { first: Math.min(first, z), last: Math.max(last, z) })
  }
  for (const [register, span] of found) spans.set(register, [...(spans.get(register) ?? []), span])
}

async function compareClosingTimes(path: string, registers: Registers, report: Report): Promise<void> {
  for await (const row of rowsOf(path, 'cashpointclosing')) {
    const closing = registers.get(row['Z_KASSE_ID'] ?? '')?.closings.find(({ z }) => z === Number(row['Z_NR']))
    compareTimes(row, { Z_ERSTELLUNG: closing?.second }, report)
  }
}

/** The euro of a closing are those that its session left in the drawer. */
async function compareDrawers(path: string, registers: Registers, report: Report): Promise<void> {
  for await (const row of rowsOf(path, 'cash_per_currency')) {
    const { Z_KASSE_ID: register = '', Z_NR: z = '', ZAHLART_BETRAG_WAEH: amount = '' } = row
    const { leftCents } = registers.get(register)?.closings.find((closing) => closing.z === Number(z)) ?? {}
    if (row['ZAHLART_WAEH'] !== 'EUR' || leftCents === undefined || centsOf(amount) === leftCents) continue
    report('package_cash_differs', { register, z, stated: amount.replace(',', '.'), counted: centsText(leftCents) })
  }
}

/** By column. */
function compareTimes(row: Row, recorded: Readonly<Record<string, number | undefined>>, report: Report): void {
  const { Z_KASSE_ID: register = '', Z_NR: z = '', BON_ID: bon = '–' } = row
  for (const [column, second = 0] of Object.entries(recorded)) {
    const packaged = parseRfc3339(row[column] ?? '')
    if (second === 0 || packaged === undefined) continue
    if (Math.abs(Math.floor(packaged / 1000) - second) < APART_SECONDS) continue
    const times = { packaged: rfc3339(packaged), recorded: rfc3339(second * 1000) }
    report('package_time_differs', { register, z, bon, column, ...times })
  }
}

async function markSigned(path: string, registers: Registers, report: Report): Promise<void> {
  for await (const row of rowsOf(path, 'transactions_tse')) {
    const { table, unsettled } = registers.get(row['Z_KASSE_ID'] ?? '') ?? {}
    const number = Number(row['BON_ID'])
    const { transaction, counter, tseStart, tseEnd } = table?.get(number) ?? {}
    compareTimes(row, { TSE_TA_START: tseStart, TSE_TA_ENDE: tseEnd }, report)
    const isSigned = row['TSE_TA_SIG'] !== ''
    const signed = isSigned ? [Number(row['TSE_TANR']), Number(row['TSE_TA_SIGZ'])] : [0, 0]
    const isSame = signed[0] === transaction && signed[1] === counter
    if (isSame || unsettled?.has(number)) table?.mark(number, MET_TSE)
  }
}

/** After {@link markSigned}. */
async function markBons(path: string, registers: Registers, report: Report): Promise<void> {
  for await (const row of rowsOf(path, 'transactions')) {
    const [register = '', bon = '', sum = ''] = [row['Z_KASSE_ID'], row['BON_ID'], row['UMS_BRUTTO']]
    const bons = registers.get(register)
    if (bons !== undefined && isMet(bons, Number(bon), Number(row['Z_NR']), centsOf(sum))) noteMet(bons, row, report)
    else report('package_bon_unknown', { register, bon, sum: sum.replace(',', '.') })
  }
}

function noteMet({ table }: RegisterBons, row: Row, report: Report): void {
  const bon = Number(row['BON_ID'])
  table.mark(bon, MET)
  const { start, end } = table.get(bon)
  // A drawer opening is kept within its closing, and BON_NOTIZ has the time of the till then.
  if (row['BON_NOTIZ']?.includes(' occurred_at=') !== true)
    compareTimes(row, { BON_START: start, BON_ENDE: end }, report)
}

function isMet(bons: RegisterBons, number: number, z: number, sum: number): boolean {
  const { flags, cents } = bons.table.get(number)
  return (flags & MET_TSE) !== 0 && bons.closingOf(number) === z && (Number.isNaN(cents) || cents === sum)
}

/** Returns how many bons are in a package. */
function reportMissing(register: string, bons: RegisterBons, isCompared: IsCompared, report: Report): number {
  let [bon, found] = [1, 0]
  for (const closing of bons.closings) {
    let isWhole = isCompared(closing)
    if (isWhole) {
      for (; bon <= closing.last; bon++) {
        isWhole = isPackaged(register, bons, bon, report) && isWhole
        if ((bons.table.get(bon).flags & MET) !== 0) found += 1
      }
    }
    // Missing bons are reported one by one.
    if (isWhole) reportSales(register, bons, closing, report)
    bon = closing.last + 1
  }
  return found
}

function isPackaged(register: string, { table }: RegisterBons, bon: number, report: Report): boolean {
  const { flags } = table.get(bon)
  const isMissing = (flags & MET) === 0 && (flags & RECORDED) !== 0
  if (isMissing) report('package_incomplete', { register, bon, sum: sumOf(table, bon) })
  return !isMissing
}

/** Bons and sum are those that the close of the session recorded; bons outside of any session do not count. */
function reportSales(register: string, { table }: RegisterBons, { z, session }: Closing, report: Report): void {
  if (session === undefined) return
  const { recorded, counted, last } = session
  let [bons, left] = [0, counted.bons]
  // Numbers that were set aside belong to no bon.
  for (let bon = last; left > 0 && bon > 0; bon--) {
    const { flags } = table.get(bon)
    if ((flags & RECORDED) !== 0) left -= 1
    if ((flags & MET) !== 0) bons += 1
  }
  if (recorded.bons === bons && recorded.gross === counted.gross) return
  const [sum, packaged] = [centsText(recorded.gross), centsText(counted.gross)]
  report('package_closing_differs', { register, z, stated: recorded.bons, sum, bons, counted: packaged })
}

/** Bons after the last closing: those of a running session are for the next one, those of a closed session for none. */
function reportUnclosed(register: string, { table, closings, late }: RegisterBons, report: Report): void {
  const closed = closings.at(-1)?.last ?? 0
  // Bons without an amount may be outside of a session: an opening of the drawer, an abort.
  for (const bon of late)
    if (bon > closed && table.get(bon).cents !== 0)
      report('package_incomplete', { register, bon, sum: sumOf(table, bon) })
}

function sumOf(table: BonTable, bon: number): string {
  const { cents } = table.get(bon)
  return Number.isNaN(cents) ? '?' : centsText(cents)
}

/** NaN for any other text. */
function centsOf(cell: string): number {
  return /^-?\d{1,13},\d\d$/.test(cell) ? Number(toCents(cell.replace(',', '.'))) : Number.NaN
}

function centsText(cents: number): string {
  return formatCents(BigInt(cents))
}

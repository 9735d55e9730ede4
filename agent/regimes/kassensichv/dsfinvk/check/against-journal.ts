import type { BookFindings } from '../../../../journal/books/findings.ts'
import { centsText } from '../../../../journal/books/findings.ts'
import { toCents } from '../../../../money.ts'
import { MET, MET_TSE, RECORDED } from './bon-table.ts'
import type { JournalledBons, RegisterBons } from './journalled-bons.ts'
import { rowsOf } from './rows.ts'

/**
 * Which closings of the journal must be in one of the packages: `all`, those `between` the first and the last that the
 * packages have of a register, or those alone that are `packaged`: a package of a range goes by business dates, in whatever order.
 */
export type ComparedClosings = 'all' | 'between' | 'packaged'

/** Closings of a register that a package has, by their numbers. */
type Packaged = { first: number; last: number; numbers: Set<number> }
type IsCompared = (z: number) => boolean
type Registers = JournalledBons['registers']
type Closing = RegisterBons['closings'][number]
type Counts = { found: number; unsigned: number; cents: number }

export type PackageReport = {
  /** Bons that are in a package as the journal has them. */
  readonly found: number
  /** Of these, those that no TSE signed. */
  readonly unsigned: { readonly bons: number; readonly sum: string }
  /** German registers with closings in the journal of which no package has any. */
  readonly absent: readonly string[]
}

/**
 * Compares what DSFinV-K packages hold with the bons of a journal, in both directions, by number, transaction, signature
 * counter, sum and closing. Throws what reading the files throws.
 */
export async function comparePackages(
  { registers }: JournalledBons,
  packages: readonly string[],
  closings: ComparedClosings,
  findings: BookFindings,
): Promise<PackageReport> {
  const ranges = new Map<string, Packaged>()
  for (const path of packages) {
    await readRanges(path, ranges)
    await markSigned(path, registers)
    await markBons(path, registers, findings)
  }
  const [counts, absent] = [{ found: 0, unsigned: 0, cents: 0 }, [] as string[]]
  for (const [register, bons] of registers) {
    const packaged = ranges.get(register)
    if (packaged === undefined && bons.closings.length > 0) absent.push(register)
    tellMissing(register, bons, isCompared(closings, packaged), counts, findings)
  }
  const unsigned = { bons: counts.unsigned, sum: centsText(counts.cents) }
  return { found: counts.found, unsigned, absent }
}

async function readRanges(path: string, ranges: Map<string, Packaged>): Promise<void> {
  for await (const row of rowsOf(path, 'cashpointclosing')) {
    const [register = '', z] = [row['Z_KASSE_ID'], Number(row['Z_NR'])]
    const { first, last, numbers } = ranges.get(register) ?? { first: z, last: z, numbers: new Set() }
    ranges.set(register, { first: Math.min(first, z), last: Math.max(last, z), numbers: numbers.add(z) })
  }
}

function isCompared(closings: ComparedClosings, packaged: Packaged | undefined): IsCompared {
  switch (closings) {
    case 'all':
      return () => true
    case 'between':
      return (z) => packaged !== undefined && z >= packaged.first && z <= packaged.last
    case 'packaged':
      return (z) => packaged?.numbers.has(z) === true
  }
}

async function markSigned(path: string, registers: Registers): Promise<void> {
  for await (const row of rowsOf(path, 'transactions_tse')) {
    const [table, number] = [registers.get(row['Z_KASSE_ID'] ?? '')?.table, Number(row['BON_ID'])]
    const { transaction, counter } = table?.get(number) ?? {}
    const isSigned = row['TSE_TA_SIG'] !== ''
    const told = isSigned ? [Number(row['TSE_TANR']), Number(row['TSE_TA_SIGZ'])] : [0, 0]
    if (told[0] === transaction && told[1] === counter) table?.mark(number, MET_TSE)
  }
}

/** After {@link markSigned}. */
async function markBons(path: string, registers: Registers, findings: BookFindings): Promise<void> {
  for await (const row of rowsOf(path, 'transactions')) {
    const [register = '', bon = '', sum = ''] = [row['Z_KASSE_ID'], row['BON_ID'], row['UMS_BRUTTO']]
    const bons = registers.get(register)
    if (bons !== undefined && isMet(bons, Number(bon), Number(row['Z_NR']), centsOf(sum)))
      bons.table.mark(Number(bon), MET)
    else findings.add('package_bon_unknown', 0, { register, bon, sum: sum.replace(',', '.') })
  }
}

function isMet(bons: RegisterBons, number: number, z: number, sum: number): boolean {
  const { flags, cents } = bons.table.get(number)
  return (flags & MET_TSE) !== 0 && bons.closingOf(number) === z && (Number.isNaN(cents) || cents === sum)
}

function tellMissing(
  register: string,
  bons: RegisterBons,
  isCompared: IsCompared,
  counts: Counts,
  findings: BookFindings,
): void {
  let bon = 1
  for (const closing of bons.closings) {
    let isWhole = isCompared(closing.z)
    if (isWhole)
      for (; bon <= closing.last; bon++) isWhole = isPackaged(register, bons, bon, counts, findings) && isWhole
    // What is missing is told bon by bon.
    if (isWhole) tellSales(register, bons, closing, findings)
    bon = closing.last + 1
  }
}

function isPackaged(
  register: string,
  { table }: RegisterBons,
  bon: number,
  counts: Counts,
  findings: BookFindings,
): boolean {
  const { flags, cents, counter } = table.get(bon)
  const isKnown = !Number.isNaN(cents)
  const isMissing = (flags & MET) === 0 && (flags & RECORDED) !== 0
  if (isMissing) findings.add('package_incomplete', 0, { register, bon, sum: isKnown ? centsText(cents) : '?' })
  else if ((flags & MET) !== 0) count(counts, counter, isKnown ? cents : 0)
  return !isMissing
}

/** As many bons, and the same sum, as the close of the session told: bons outside of any session are none of its. */
function tellSales(register: string, { table }: RegisterBons, { z, session }: Closing, findings: BookFindings): void {
  if (session === undefined) return
  const { told, counted, last } = session
  let bons = 0
  for (let bon = last - counted.bons + 1; bon <= last; bon++) if ((table.get(bon).flags & MET) !== 0) bons += 1
  if (told.bons === bons && told.gross === counted.gross) return
  const [sum, packaged] = [centsText(told.gross), centsText(counted.gross)]
  findings.add('package_closing_differs', 0, { register, z, told: told.bons, sum, bons, counted: packaged })
}

function count(counts: Counts, counter: number, cents: number): void {
  counts.found += 1
  if (counter !== 0) return
  counts.unsigned += 1
  counts.cents += cents
}

/** NaN for what is no amount. */
function centsOf(cell: string): number {
  return /^-?\d{1,13},\d\d$/.test(cell) ? Number(toCents(cell.replace(',', '.'))) : Number.NaN
}

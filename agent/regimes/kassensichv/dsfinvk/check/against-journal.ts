import type { BookFindings } from '../../../../journal/books/findings.ts'
import { centsText } from '../../../../journal/books/findings.ts'
import { toCents } from '../../../../money.ts'
import { MET, MET_TSE, RECORDED } from './bon-table.ts'
import type { JournalledBons, RegisterBons } from './journalled-bons.ts'
import { rowsOf } from './rows.ts'

/** Closings of a register that a package has, by their numbers, inclusive. */
type Range = { first: number; last: number }
type Registers = JournalledBons['registers']
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
 * counter, sum and closing. `isEverything`: each closing of the journal must be in one; else those between the first and
 * the last that the packages have of a register. Throws what reading the files throws.
 */
export async function comparePackages(
  { registers }: JournalledBons,
  packages: readonly string[],
  isEverything: boolean,
  findings: BookFindings,
): Promise<PackageReport> {
  const ranges = new Map<string, Range>()
  for (const path of packages) {
    await readRanges(path, ranges)
    await markSigned(path, registers)
    await markBons(path, registers, findings)
  }
  const [counts, absent] = [{ found: 0, unsigned: 0, cents: 0 }, [] as string[]]
  for (const [register, bons] of registers) {
    const range = isEverything ? { first: 0, last: Number.POSITIVE_INFINITY } : ranges.get(register)
    if (!ranges.has(register) && bons.closings.length > 0) absent.push(register)
    if (range !== undefined) tellMissing(register, bons, range, counts, findings)
  }
  const unsigned = { bons: counts.unsigned, sum: centsText(counts.cents) }
  return { found: counts.found, unsigned, absent }
}

async function readRanges(path: string, ranges: Map<string, Range>): Promise<void> {
  for await (const row of rowsOf(path, 'cashpointclosing')) {
    const [register = '', z] = [row['Z_KASSE_ID'], Number(row['Z_NR'])]
    const { first, last } = ranges.get(register) ?? { first: z, last: z }
    ranges.set(register, { first: Math.min(first, z), last: Math.max(last, z) })
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

function tellMissing(register: string, bons: RegisterBons, range: Range, counts: Counts, findings: BookFindings): void {
  for (const bon of numbersIn(bons, range)) {
    const { flags, cents, counter } = bons.table.get(bon)
    const isKnown = !Number.isNaN(cents)
    if ((flags & MET) !== 0) count(counts, counter, isKnown ? cents : 0)
    else if ((flags & RECORDED) !== 0)
      findings.add('package_incomplete', 0, { register, bon, sum: isKnown ? centsText(cents) : '?' })
  }
}

function* numbersIn({ closings }: RegisterBons, { first, last }: Range): Generator<number> {
  let bon = 1
  for (const closing of closings) {
    if (closing.z >= first && closing.z <= last) for (; bon <= closing.last; bon++) yield bon
    bon = closing.last + 1
  }
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

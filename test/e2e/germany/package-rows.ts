import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NoteReport } from '../../../verify/dsfinvk/closing-times.ts'
import { rowsOf } from '../../../verify/dsfinvk/rows.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory, table } from '../../laws/germany/dsfinvk/package.ts'
import type { Bench } from '../bench.ts'
import type { Members } from '../client.ts'

type Row = Readonly<Record<string, string>>
/** A package that verifies, with its job, its notes and the rows of some files. */
type Package = {
  job: Members
  notes: Parameters<NoteReport>[]
  closings: Row[]
  bons: Row[]
  terminals: Row[]
  lines: Row[]
  references: Row[]
  businessCases: Row[]
  agencies: Row[]
  registers: Row[]
  payments: Row[]
  cash: Row[]
  signatures: Row[]
  vat: Row[]
  linesVat: Row[]
  /** datapayment.csv */
  paid: Row[]
}

type Bon = { readonly id: string }

/** The books as they are exported now: the report of their check, each file, and in it the bon of an operation. */
export function exportedPackage(bench: Bench) {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    const [report, files] = [await verifyDsfinvk(file), await filesOf(file)]
    const bonOf = ({ id }: Bon): Row =>
      table(files, 'transactions.csv').find((row) => row['BON_NOTIZ']?.startsWith(`op=${id}`)) ?? {}
    const rowsOf = (name: string, operation: Bon): Row[] => {
      const { BON_ID: bon, Z_KASSE_ID: till } = bonOf(operation)
      return table(files, name).filter((row) => row['BON_ID'] === bon && row['Z_KASSE_ID'] === till)
    }
    return { report, files, bonOf, rowsOf }
  })
}

export function verifiedPackage(bench: Bench, range: Members = {}): Promise<Package> {
  return inDirectory(async (directory) => {
    const { job, bytes } = await bench.exportedJob('dsfinvk', range)
    const file = join(directory, 'package.zip')
    await writeFile(file, bytes)
    const notes: Package['notes'] = []
    const report = await verifyDsfinvk(file, { onNote: (...note) => notes.push(note) })
    if (!report.valid) throw new Error(JSON.stringify(report.findings))
    const read = async (name: Parameters<typeof rowsOf>[1]): Promise<Row[]> => {
      const rows: Row[] = []
      for await (const row of rowsOf(file, name)) rows.push(row)
      return rows
    }
    const [closings, bons] = [await read('cashpointclosing'), await read('transactions')]
    const [terminals, lines] = [await read('slaves'), await read('lines')]
    const [references, businessCases] = [await read('references'), await read('businesscases')]
    const [agencies, registers] = [await read('pa'), await read('cashregister')]
    const [payments, cash] = [await read('payment'), await read('cash_per_currency')]
    const [signatures, paid] = [await read('transactions_tse'), await read('datapayment')]
    const [vat, linesVat] = [await read('vat'), await read('lines_vat')]
    const ofZ = { closings, terminals, businessCases, payments, cash, agencies, registers, vat }
    return { job, notes, bons, lines, references, signatures, linesVat, paid, ...ofZ }
  })
}

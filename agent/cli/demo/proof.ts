import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyQr } from '../../../drivers/tr03151/qr.ts'
import { verifyTar } from '../../../verify/tse/verify-tar.ts'
import { verifyDsfinvk } from '../../laws/germany/dsfinvk/check/verify.ts'
import { describeFinding } from '../../laws/germany/dsfinvk/finding.ts'
import { EVER } from '../arguments/range.ts'
import type { Pos } from './pos.ts'
import { at, DemoError } from './pos.ts'
import type { ShiftStep } from './shift.ts'
import { until } from './until.ts'

/** A claim and how it was checked. */
export type Proof = { what: string; found: string }

/** Writes the text receipt of every step, that of the last sale also as PDF; answers its text. */
export async function writeReceipts(till: Pos, steps: readonly ShiftStep[], folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  let shown = ''
  let sale: { path: string; file: string } | undefined
  for (const [index, { operation }] of steps.entries()) {
    const path = `/v1/operations/${at(operation, 'id')}/receipt`
    const text = await till.text(path)
    const type = at(operation, 'type')
    const file = join(folder, `${String(index + 1).padStart(2, '0')}-${type.replaceAll('_', '-')}`)
    await writeFile(`${file}.txt`, text)
    if (type !== 'sale') continue
    shown = text
    sale = { path, file: `${file}.pdf` }
  }
  if (sale !== undefined) await writeFile(sale.file, await till.pdf(sale.path))
  return shown
}

/** Exports what an auditor asks for and checks all of it with the authorities' rules. Throws {@link DemoError}. */
export async function proveShift(
  office: Pos,
  steps: readonly ShiftStep[],
  state: string,
  folder: string,
): Promise<Proof[]> {
  await mkdir(folder, { recursive: true })
  const archive = join(folder, 'tse.tar')
  const journal = join(folder, 'journal.ndjson')
  await writeFile(archive, await exported(office, 'tse_tar'))
  await writeFile(journal, await exported(office, 'journal'))
  const books = join(folder, 'dsfinvk.zip')
  await writeFile(books, await exported(office, 'dsfinvk'))
  return [
    await proveArchive(archive),
    proveCodes(steps),
    await proveBooks(books),
    await proveExport(journal),
    await proveChain(state),
  ]
}

export async function exported(office: Pos, type: string): Promise<Uint8Array> {
  const { id } = await office.post('/v1/exports', { type, ...EVER })
  const done = async (): Promise<string | undefined> => {
    const job = await office.get(`/v1/exports/${String(id)}`)
    if (at(job, 'status') === 'failed') throw new DemoError(`the ${type} export failed: ${at(job, 'error', 'message')}`)
    return at(job, 'status') === 'completed' ? at(job, 'download_url') : undefined
  }
  return office.download(await until(done, `the ${type} export did not finish`))
}

async function proveArchive(file: string): Promise<Proof> {
  const report = await verifyTar(createReadStream(file))
  demand(report.valid, `${file}: ${report.findings[0]?.file} ${report.findings[0]?.what}`)
  return {
    what: 'TSE archive',
    found: `${report.logs} logs, every signature, counters ${report.firstCounter} to ${report.lastCounter}`,
  }
}

function proveCodes(steps: readonly ShiftStep[]): Proof {
  const codes = steps
    .map(({ operation }) => at(operation, 'fiscal_information', 'verification', 'qr_data'))
    .filter((code) => code !== '')
  for (const code of codes) {
    const { valid, findings } = verifyQr(code)
    demand(valid, `${code}: ${findings.join('; ')}`)
  }
  demand(codes.length > 0, 'no receipt carries a QR code')
  return { what: 'QR codes', found: `${codes.length} of ${codes.length} receipts verify with their own public key` }
}

async function proveBooks(file: string): Promise<Proof> {
  const report = await verifyDsfinvk(file)
  demand(report.valid, `${file}: ${report.findings.map(describeFinding)[0]}`)
  const { closings, bons, signatures } = report
  return { what: 'DSFinV-K', found: `${closings} closing, ${bons} bons, every sum, ${signatures} signatures` }
}

export async function proveExport(file: string): Promise<Proof> {
  const { verifyChains } = await import('../../journal/verify/chains.ts')
  const report = await verifyChains(createReadStream(file))
  demand(report.valid, `${file}: seq ${report.findings[0]?.seq} ${report.findings[0]?.what}`)
  return { what: 'Journal export', found: `${report.events} events, hash chain and signed head` }
}

export async function proveChain(state: string): Promise<Proof> {
  const { verifyJournal } = await import('../../journal/verify/journal.ts')
  const report = await verifyJournal(state)
  demand(report.valid, `the journal, seq ${report.findings[0]?.seq}: ${report.findings[0]?.what}`)
  return { what: 'Journal', found: `${report.events} events, head ${report.head.slice(0, 16)}…` }
}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new DemoError(otherwise)
}

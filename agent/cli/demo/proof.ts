import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Proof, ShiftStep } from '../../laws/demo-shift.ts'
import { at, DemoError, demand } from '../../laws/demo-shift.ts'
import { EVER } from '../arguments/range.ts'
import type { Pos } from './pos.ts'
import { until } from './until.ts'

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

/** Throws {@link DemoError}. */
export async function exported(office: Pos, type: string): Promise<Uint8Array> {
  const { id } = await office.post('/v1/exports', { type, ...EVER })
  const done = async (): Promise<string | undefined> => {
    const job = await office.get(`/v1/exports/${String(id)}`)
    if (at(job, 'status') === 'failed') throw new DemoError(`the ${type} export failed: ${at(job, 'error', 'message')}`)
    return at(job, 'status') === 'completed' ? at(job, 'download_url') : undefined
  }
  return office.download(await until(done, `the ${type} export did not finish`))
}

export async function proveExport(file: string): Promise<Proof> {
  const { verifyChains } = await import('../../journal/verify/chains.ts')
  const { LAW_BOOKS } = await import('../../laws/law-books.ts')
  const report = await verifyChains(createReadStream(file), { laws: LAW_BOOKS })
  demand(report.valid, `${file}: seq ${report.findings[0]?.seq} ${report.findings[0]?.what}`)
  return { what: 'Journal export', found: `${report.events} events, hash chain and signed head` }
}

export async function proveChain(state: string): Promise<Proof> {
  const { verifyJournal } = await import('../../journal/verify/journal.ts')
  const { LAW_BOOKS } = await import('../../laws/law-books.ts')
  const report = await verifyJournal(state, { laws: LAW_BOOKS })
  demand(report.valid, `the journal, seq ${report.findings[0]?.seq}: ${report.findings[0]?.what}`)
  return { what: 'Journal', found: `${report.events} events, head ${report.head.slice(0, 16)}…` }
}

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localDate } from '../../../base/clock.ts'
import type { Administration } from '../../till/administration.ts'
import type { Answer, Pos } from './pos.ts'
import { at, pos } from './pos.ts'
import type { Proof } from './proof.ts'
import { demand, exported, proveChain, proveExport, writeReceipts } from './proof.ts'
import type { DemoPlace } from './rksv.ts'
import { openItalianShop, workItalianShift } from './rt-shift.ts'
import type { Signed } from './screen.ts'
import { showDone, showPaper, showSection, showStep } from './screen.ts'
import type { ShiftStep, Shop } from './shift.ts'

/** What the simulated printer put on paper, as it alone has written it. */
type Printed = {
  type: string
  kind?: string
  z?: number
  number?: number
  lines?: readonly string[]
  documents?: number
}

/** Plays the Italian shift, shows every slip, and proves that the journal and the paper tell the same. Throws DemoError. */
export async function showItalianShift(place: DemoPlace, technician: Administration): Promise<Shop> {
  const { key, folder, state } = place
  const office = pos(place, { authorization: `Bearer ${key}` })
  showSection('Set-up, as a back office does it once')
  const shop = await openItalianShop(office)
  const register = at(shop.register, 'id')
  showDone('Merchant', at(shop.merchant, 'legal_name'))
  showDone('Register', `${at(shop.register, 'name')}, ${register}`)
  showDone('Matricola', at(shop.register, 'fiscalization', 'tse_serial'))

  showSection('The shift, as a till sends it, and what came out of the printer')
  const till = pos(place, { 'x-register-api-key': shop.registerKey })
  const paper = join(state, 'devices', 'rt-1', 'memory.jsonl')
  const steps: ShiftStep[] = []
  let shown = 0
  for await (const step of workItalianShift(till, register, localDate(Date.now(), 'Europe/Rome'), technician)) {
    steps.push(step)
    showStep(step, documentLine(step))
    const records = await printed(paper)
    for (const record of records.slice(shown)) showPaper(linesOf(record))
    shown = records.length
  }
  const operations = steps.filter(({ operation }) => at(operation, 'id').startsWith('op_'))
  await writeReceipts(till, operations, join(folder, 'receipts'))

  showSection('The proof')
  for (const { what, found } of await proofs(office, steps, { paper, state, folder })) showDone(what, found)
  return shop
}

function documentLine({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const documents = documentsOf(operation)
  const content = documents.map((each) => `${at(each, 'document_type')} ${at(each, 'document_number')}`).join(', ')
  return { label: 'printed', facts: `matricola ${at(fiscal, 'rt_serial_number')}`, content }
}

function documentsOf(operation: Answer): readonly unknown[] {
  const fiscal = operation['fiscal_information'] as Answer | null | undefined
  if (fiscal === null || fiscal === undefined) return []
  return (fiscal['documents'] as readonly unknown[] | undefined) ?? [fiscal]
}

async function printed(file: string): Promise<readonly Printed[]> {
  const text = await readFile(file, 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Printed).filter(({ type }) => type !== 'restore')
}

function linesOf({ type, lines, z, number, documents }: Printed): readonly string[] {
  if (type === 'closure') return [`CHIUSURA GIORNALIERA N. ${four(z)}`, `DOCUMENTI COMMERCIALI ${four(documents)}`]
  return type === 'slip' ? [...(lines ?? []), `DOCUMENTO GESTIONALE N. ${number}`] : (lines ?? [])
}

async function proofs(
  office: Pos,
  steps: readonly ShiftStep[],
  { paper, state, folder }: { paper: string; state: string; folder: string },
): Promise<Proof[]> {
  const exports = join(folder, 'exports')
  await mkdir(exports, { recursive: true })
  const journal = join(exports, 'journal.ndjson')
  await writeFile(journal, await exported(office, 'journal'))
  return [provePaper(steps, await printed(paper)), await proveExport(journal), await proveChain(state)]
}

/** Each fiscal document of the journal is on paper once, and no other. */
function provePaper(steps: readonly ShiftStep[], records: readonly Printed[]): Proof {
  const isFiscal = (document: unknown): boolean => at(document, 'document_type') !== 'non_fiscal'
  const told = steps.flatMap(({ operation }) => documentsOf(operation)).filter(isFiscal)
  const names = told.map((each) => `${at(each, 'document_type')} ${at(each, 'document_number')}`).sort()
  const documents = records.filter(({ type }) => type === 'document')
  const onPaper = documents.map(({ kind, z, number }) => `${kind} ${four(z)}-${four(number)}`).sort()
  demand(names.join() === onPaper.join(), `the journal has ${names.join(', ')}; on paper is ${onPaper.join(', ')}`)
  const slips = records.filter(({ type }) => type === 'slip').length
  return {
    what: 'Paper',
    found: `${documents.length} fiscal documents, each once in the journal; ${slips} slips`,
  }
}

function four(value: number | undefined): string {
  return String(value ?? 0).padStart(4, '0')
}

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, DemoShift, Proof, ShiftStep, Signed } from '../../demo-shift.ts'
import { at, demand, JOURNAL } from '../../demo-shift.ts'
import { PRINTER, SHOP, workShift } from './shift.ts'

/** The simulated printer's own record of its paper. */
type Printed = {
  type: string
  kind?: string
  z?: number
  number?: number
  lines?: readonly string[]
  documents?: number
}

const DEVICE = {
  id: PRINTER,
  driver: 'rt-simulator',
  timeouts: { ackMs: 500, replyMs: 1000, printMs: 2500 },
}

export const DEMO: DemoShift = {
  title: "An Italian coffee roaster's shift, on the embedded printer simulator",
  device: DEVICE,
  shop: SHOP,
  registered: ({ fiscalization }) => [['Matricola', at(fiscalization, 'tse_serial')]],
  headings: { shift: 'The shift, as a till sends it, and what came out of the printer' },
  work: workShift,
  signed: documentLine,
  printed: async (stateDirectory) => (await paperOf(stateDirectory)).map(linesOf),
  exports: [JOURNAL],
  prove: async ({ steps, stateDirectory, file, exportSecret }) => [
    provePaper(steps, await paperOf(stateDirectory)),
    proveLinks(await exportSecret('pos_links', file('pos-links.csv'))),
    proveCards(await exportSecret('pos_sheet', file('pos-sheet.csv'))),
  ],
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

async function paperOf(stateDirectory: string): Promise<readonly Printed[]> {
  const text = await readFile(join(stateDirectory, 'devices', PRINTER, 'memory.jsonl'), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Printed).filter(({ type }) => type !== 'restore')
}

function linesOf({ type, lines, z, number, documents }: Printed): readonly string[] {
  if (type === 'closure') return [`CHIUSURA GIORNALIERA N. ${four(z)}`, `DOCUMENTI COMMERCIALI ${four(documents)}`]
  return type === 'slip' ? [...(lines ?? []), `DOCUMENTO GESTIONALE N. ${number}`] : (lines ?? [])
}

/** Each fiscal document of the journal is on paper once, and no other. */
function provePaper(steps: readonly ShiftStep[], records: readonly Printed[]): Proof {
  const isFiscal = (document: unknown): boolean => at(document, 'document_type') !== 'non_fiscal'
  const fiscal = steps.flatMap(({ operation }) => documentsOf(operation)).filter(isFiscal)
  const names = fiscal.map((each) => `${at(each, 'document_type')} ${at(each, 'document_number')}`).sort()
  const documents = records.filter(({ type }) => type === 'document')
  const onPaper = documents.map(({ kind, z, number }) => `${kind} ${four(z)}-${four(number)}`).sort()
  demand(names.join() === onPaper.join(), `the journal has ${names.join(', ')}; on paper is ${onPaper.join(', ')}`)
  const slips = records.filter(({ type }) => type === 'slip').length
  return {
    what: 'Paper',
    found: `${documents.length} fiscal documents, each once in the journal; ${slips} slips`,
  }
}

/** The terminal and its printer are one task. */
function proveLinks(sheet: unknown): Proof {
  demand(at(sheet, 'lines') === '1', `the terminal has ${at(sheet, 'lines')} duties`)
  return { what: 'Card terminal', found: 'its link is a duty at the portal: pos-links.csv' }
}

/** The printer has all of them under its electronic class. */
function proveCards(sheet: unknown): Proof {
  const difference = at(sheet, 'differenza')
  demand(difference === '0.00', `${difference} of the card payments are not on documents`)
  const found = `till ${at(sheet, 'pos')}, printer ${at(sheet, 'rt')}, difference ${difference}: pos-sheet.csv`
  return { what: 'Card payments', found }
}

function four(value: number | undefined): string {
  return String(value ?? 0).padStart(4, '0')
}

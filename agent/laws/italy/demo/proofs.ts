import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, Proof, ShiftStep, Signed } from '../../demo-shift.ts'
import { at, demand, JOURNAL } from '../../demo-shift.ts'

export const PRINTER = 'rt-1'
export const PRINTER_DEVICE = {
  id: PRINTER,
  driver: 'rt-simulator',
  timeouts: { ackMs: 500, replyMs: 1000, printMs: 2500 },
}

/** The parts of a demo that its printer gives. */
export const PRINTED = {
  registered: registeredPrinter,
  signed: documentLine,
  printed: async (stateDirectory: string) => (await paperOf(stateDirectory)).map(linesOf),
  exports: [JOURNAL],
}

/** The simulated printer's own record of its paper. */
export type Printed = {
  readonly type: string
  readonly kind?: string
  readonly z?: number
  readonly number?: number
  readonly lines?: readonly string[]
  readonly documents?: number
}

function registeredPrinter({ fiscalization }: Answer): readonly (readonly [string, string])[] {
  return [['Matricola', at(fiscalization, 'tse_serial')]]
}

function documentLine({ operation }: ShiftStep): Signed | undefined {
  const fiscal = operation['fiscal_information']
  if (fiscal === null || fiscal === undefined) return undefined
  const entry = at(fiscal, 'emergency', 'entry')
  if (entry !== '') return { label: 'entered', facts: at(fiscal, 'emergency', 'id'), content: `number ${entry}` }
  const documents = documentsOf(operation)
  const content = documents.map((each) => `${at(each, 'document_type')} ${at(each, 'document_number')}`).join(', ')
  return { label: 'printed', facts: `matricola ${at(fiscal, 'rt_serial_number')}`, content }
}

function documentsOf(operation: Answer): readonly unknown[] {
  const fiscal = operation['fiscal_information'] as Answer | null | undefined
  if (fiscal === null || fiscal === undefined) return []
  if (fiscal['emergency'] !== undefined) return []
  return (fiscal['documents'] as readonly unknown[] | undefined) ?? [fiscal]
}

export async function paperOf(stateDirectory: string): Promise<readonly Printed[]> {
  const text = await readFile(join(stateDirectory, 'devices', PRINTER, 'memory.jsonl'), 'utf8')
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as Printed).filter(({ type }) => type !== 'restore')
}

function linesOf({ type, lines, z, number, documents }: Printed): readonly string[] {
  if (type === 'closure') return [`CHIUSURA GIORNALIERA N. ${four(z)}`, `DOCUMENTI COMMERCIALI ${four(documents)}`]
  return type === 'slip' ? [...(lines ?? []), `DOCUMENTO GESTIONALE N. ${number}`] : (lines ?? [])
}

/** Each fiscal document of the journal is on paper once, and no other. */
export function provePaper(steps: readonly ShiftStep[], records: readonly Printed[]): Proof {
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

function four(value: number | undefined): string {
  return String(value ?? 0).padStart(4, '0')
}

import { documentNumberOf, four } from './document-number.ts'
import type { MemoryRecord, PrintedRecord, SimulatedMemory } from './simulated-memory.ts'

type Head = Pick<PrintedRecord, 'kind' | 'z' | 'number' | 'at' | 'original'>

const titles = { sale: 'di vendita o prestazione', return: 'emesso per RESO MERCE', void: 'emesso per ANNULLAMENTO' }

/** Numbers, prints and stores a completed document. */
export function printDocument(
  memory: SimulatedMemory,
  document: Pick<PrintedRecord, 'kind' | 'at' | 'original' | 'totalCents' | 'cashCents' | 'taxCode'>,
  body: readonly string[],
  serial: string,
): void {
  const numbered = { ...document, z: memory.z + 1, number: memory.number + 1 }
  memory.append({ type: 'document', ...numbered, lines: paperOf(numbered, body, serial) })
}

/** A document as printed and stored in the detail memory, 48 columns. */
function paperOf(head: Head, body: readonly string[], serial: string): readonly string[] {
  const { kind, z, number, at, original } = head
  return [
    '               DOCUMENTO COMMERCIALE',
    `              ${titles[kind]}`,
    ...(original
      ? [
          `N. ${documentNumberOf(original.z, original.number)} del ${italianDay(original.date)}`,
          `RT ${original.evidence ?? original.serial ?? serial}`,
        ]
      : []),
    ...body,
    `             ${italianDay(at)} ${at.slice(11, 16)}`,
    `           DOCUMENTO N. ${documentNumberOf(z, number)}`,
    `              RT ${serial}`,
  ]
}

const WIDTH = 48

export function centred(text: string): string {
  return text.padStart(Math.floor((WIDTH + text.length) / 2)).padEnd(WIDTH)
}

/** The lines of a record in the detail memory. */
export function linesOf(record: MemoryRecord): readonly string[] {
  if (record.type === 'document') return record.lines
  if (record.type !== 'closure') return []
  return [`CHIUSURA GIORNALIERA N. ${four(record.z)}`, `DOCUMENTI COMMERCIALI ${four(record.documents)}`]
}

/** All printed lines, slips included. */
export function shownLines(record: MemoryRecord): readonly string[] {
  if (record.type === 'printout') return record.lines
  return record.type === 'slip' ? [...record.lines, `DOCUMENTO GESTIONALE N. ${record.number}`] : linesOf(record)
}

/** Days, both included, `YYYY-MM-DD`. */
export function isBetween(at: string, from: string, until: string): boolean {
  return at.slice(0, 10) >= from && at.slice(0, 10) <= until
}

/** `YYYY-MM-DD…` → `DD-MM-YYYY`. */
export function italianDay(at: string): string {
  return `${at.slice(8, 10)}-${at.slice(5, 7)}-${at.slice(0, 4)}`
}

import { documentNumberOf, four } from '../rt/document-number.ts'
import { columns, euros } from '../rt/simulated-document.ts'
import type { MemoryRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { centred, isBetween, italianDay } from '../rt/simulated-paper.ts'
import type { Parameters } from './simulator-grammar.ts'

/** Forms of the texts in which models differ. */
export type DumpForms = {
  /** Blanks between the two words of a heading. */
  blanks?: 1 | 2
  /** The text that `=C453` gives instead of the last document. */
  lastText?: 'closure' | 'slip'
}

type Dump = { memory: SimulatedMemory; serial: string; forms: DumpForms }

/** The euro sign of the printer's character set. */
const EURO = '\x80'

/** The text that `=C45x/$0` sends; undefined if the range is empty. */
export function textOf(dump: Dump, kind: string, parameters: Parameters): string | undefined {
  const lines = chosenBy(dump, kind, parameters).flatMap((record) => linesOf(record, dump))
  return lines.length === 0 ? undefined : lines.map((line) => `${line}\r\n`).join('')
}

/** 453 the last document, 452 numbers of a date, 451 everything between two dates, 455 closures alone. */
function chosenBy({ memory, forms }: Dump, kind: string, parameters: Parameters): readonly MemoryRecord[] {
  const records = memory.records()
  if (kind === '453') {
    const { lastText } = forms
    const last = records.findLast(({ type }) => type === (lastText ?? 'document'))
    const isOfPeriod = last?.type !== 'document' || last.z === memory.z + 1
    return last && isOfPeriod ? [last] : []
  }
  const from = isoDay(parameters['&'])
  if (kind !== '452') {
    const until = isoDay(parameters['['] ?? parameters['&'])
    const isOfKind = ({ type }: MemoryRecord): boolean => kind === '451' || type === 'closure'
    return records.filter((record) => 'at' in record && isOfKind(record) && isBetween(record.at, from, until))
  }
  const first = Number(parameters['['] ?? 1)
  const end = Number(parameters[']'] ?? 9999)
  const ofDay = memory.documents().filter(({ at }) => isBetween(at, from, from))
  return ofDay.filter(({ number }) => number >= first && number <= end)
}

function linesOf(record: MemoryRecord, dump: Dump): readonly string[] {
  const { memory, serial, forms } = dump
  const between = ' '.repeat(forms.blanks ?? 1)
  switch (record.type) {
    case 'document':
      return record.lines.map((line) =>
        line
          .replace(/^( *DOCUMENTO|TOTALE) (COMMERCIALE|COMPLESSIVO)/, `$1${between}$2`)
          .replace('Prezzo(E)', `Prezzo(${EURO})`),
      )
    case 'slip':
      return gestionale(record, { z: periodOf(record, memory), serial }, record.lines)
    case 'closure':
      return gestionale({ ...record, number: 1 }, { z: record.z, serial }, [
        centred('di chiusura giornaliera'),
        columns('VENDITE', euros(salesOf(record.z, memory))),
        columns('CHIUSURA GIORNALIERA N.', four(record.z)),
        columns('DOCUMENTI COMMERCIALI', four(record.documents)),
      ])
    case 'aborted':
    case 'printout':
    case 'restore':
      return []
  }
}

function gestionale(
  { at, number }: { at: string; number: number },
  { z, serial }: { z: number; serial: string },
  body: readonly string[],
): readonly string[] {
  return [
    centred('DOCUMENTO GESTIONALE'),
    ...body,
    centred(`${italianDay(at)} ${at.slice(11, 16)}`),
    centred(`DOC.GESTIONALE N. ${documentNumberOf(z, number)}`),
    centred(serial),
  ]
}

/** The period in which a slip was printed. */
function periodOf(slip: MemoryRecord, memory: SimulatedMemory): number {
  const records = memory.records()
  const next = records.slice(records.indexOf(slip)).find(({ type }) => type === 'closure')
  return next?.type === 'closure' ? next.z : memory.z + 1
}

function salesOf(z: number, memory: SimulatedMemory): number {
  const sales = memory.documents().filter((record) => record.kind === 'sale' && record.z === z)
  return sales.reduce((sum, { totalCents }) => sum + totalCents, 0)
}

/** `DDMMYY` → `YYYY-MM-DD`. */
function isoDay(day: string | undefined): string {
  return day === undefined ? '' : `20${day.slice(4, 6)}-${day.slice(2, 4)}-${day.slice(0, 2)}`
}

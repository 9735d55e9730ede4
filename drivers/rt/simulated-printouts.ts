import { four } from './document-number.ts'
import { columns, euros } from './simulated-document.ts'
import type { PrintedRecord, SimulatedMemory } from './simulated-memory.ts'
import { centred, italianDay } from './simulated-paper.ts'

// Reports and copies of a simulated printer: without a number, and not in the detail memory.

/** The X report: the sums of the running period, which stays open. */
export function printReport(memory: SimulatedMemory, at: string): void {
  const documents = ofRunningPeriod(memory)
  const sumOf = (kind: PrintedRecord['kind']): string =>
    euros(documents.filter((each) => each.kind === kind).reduce((sum, { totalCents }) => sum + totalCents, 0))
  memory.append({
    type: 'printout',
    at,
    lines: [
      ...headed('RAPPORTO GIORNALIERO X'),
      columns('VENDITE', sumOf('sale')),
      columns('RESI', sumOf('return')),
      columns('ANNULLI', sumOf('void')),
      columns('DOCUMENTI COMMERCIALI', four(documents.length)),
      timeOf(at),
    ],
  })
}

/** The last document of the running period again, or without its prices. False in a period without one. */
export function printAgain(memory: SimulatedMemory, at: string, form: 'duplicate' | 'gift'): boolean {
  const last = ofRunningPeriod(memory).at(-1)
  if (last === undefined) return false
  const lines =
    form === 'duplicate' ? [...headed('DUPLICATO'), ...last.lines] : [...headed('DI CORTESIA'), ...unpriced(last.lines)]
  memory.append({ type: 'printout', at, lines: [...lines, timeOf(at)] })
  return true
}

function ofRunningPeriod(memory: SimulatedMemory): readonly PrintedRecord[] {
  return memory.documents().filter(({ z }) => z === memory.z + 1)
}

function headed(title: string): readonly string[] {
  return [centred('DOCUMENTO GESTIONALE'), centred(title)]
}

function timeOf(at: string): string {
  return centred(`${italianDay(at)} ${at.slice(11, 16)}`)
}

/** A line of goods: text, name of its rate, amount. A discount is negative. */
const GOODS = /^(.{30})\S\S. +\d+,\d\d$/

/** The goods, and the number of the document with which they can be exchanged. */
function unpriced(lines: readonly string[]): readonly string[] {
  const goods = lines.flatMap((line) => GOODS.exec(line)?.[1]?.trimEnd() ?? [])
  return [...goods, ...lines.filter((line) => line.includes('DOCUMENTO N. '))]
}

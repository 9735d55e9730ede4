import type { MemoryRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { linesOf } from '../rt/simulated-paper.ts'
import { nine, REFUSED_VALUE } from './simulator-fields.ts'
import type { CustomSwitches } from './simulator-generation.ts'
import { isLater } from './simulator-generation.ts'

/** First line of a document, and the line after its last one. */
type Range = { first: number; end: number }
type Texts = { records: number; lines: readonly string[]; ranges: ReadonlyMap<string, Range> }

/** The detail memory, read by the numbers of documents and of lines (8006, 8004). */
export class SimulatedDetail {
  readonly #memory: SimulatedMemory
  readonly #switches: CustomSwitches
  #texts: Texts | undefined

  constructor(memory: SimulatedMemory, switches: CustomSwitches) {
    this.#memory = memory
    this.#switches = switches
  }

  /** Z(4) FIRST(4) LAST(4), zeros for the last closure, the first and the last document. */
  rangeOf(data: string): string {
    const match = /^(\d{4})(\d{4})(\d{4})$/.exec(data)
    if (!match) return 'ERR24'
    const [z, first, last] = match.slice(1).map(Number) as [number, number, number]
    const { lines, ranges } = this.#read()
    const period = z === 0 ? this.#memory.z : z
    const lastOfPeriod = Math.max(0, ...[...ranges.keys()].flatMap((name) => numberIn(name, period)))
    const from = ranges.get(`${period}-${first === 0 ? 1 : first}`)
    const to = ranges.get(`${period}-${last === 0 ? lastOfPeriod : last}`)
    if ((!from || !to) && isLater(this.#switches)) return REFUSED_VALUE
    const fields = from && to ? [from.first, to.end] : [0, 0]
    return [...fields, lines.length + 1, lines.length].map(nine).join('')
  }

  /** LINE(9): the line, padded with blanks. */
  lineAt(data: string): string {
    if (!/^\d{9}$/.test(data)) return 'ERR24'
    return this.#read().lines[Number(data) - 1] ?? REFUSED_VALUE
  }

  #read(): Texts {
    const records = this.#memory.records()
    if (this.#texts?.records === records.length) return this.#texts
    const lines: string[] = []
    const ranges = new Map<string, Range>()
    for (const record of records) {
      const own = detailOf(record, isLater(this.#switches) ? 64 : 32, this.#switches.ownWords)
      const number = 'z' in record && 'number' in record ? record.number : undefined
      if (number !== undefined && 'z' in record)
        ranges.set(`${record.z}-${number}`, { first: lines.length + 1, end: lines.length + 1 + own.length })
      lines.push(...own)
    }
    this.#texts = { records: records.length, lines, ranges }
    return this.#texts
  }
}

/** A point before cents, a short date, and lines of the width of the paper. */
function detailOf(record: MemoryRecord, width: number, hasOwnWords: boolean): readonly string[] {
  const printed = record.type === 'aborted' ? record.lines : linesOf(record)
  const lines = hasOwnWords ? printed.flatMap(inOwnWords) : printed
  return lines.flatMap((line) => cut(untidy(line.trim()), width)).map((line) => line.padEnd(width))
}

function inOwnWords(line: string): readonly string[] {
  const text = line.trim()
  if (text.startsWith('#') || /\d{4}-\d{4} del/i.test(text)) return []
  return [text.replace(/.*ANNULLAMENTO.*/i, 'DOC. DI STORNO').replace(/.*RESO MERCE.*/i, 'DOC. DI RESTITUZIONE')]
}

function untidy(line: string): string {
  return line.replace(/^(\d\d)-(\d\d)-20(\d\d) (\d\d:\d\d)$/, '$1/$2/$3 $4').replace(/(\d),(\d\d)$/, '$1.$2')
}

/** The texts left and right of a gap are on two lines if one is too short for both. */
function cut(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line]
  const parts = /^(.*\S)\s{2,}(\S.*)$/.exec(line)
  if (!parts) return [line.slice(0, width), ...cut(line.slice(width), width)]
  return [...cut(parts[1] ?? '', width), (parts[2] ?? '').padStart(width)]
}

function numberIn(name: string, z: number): readonly number[] {
  const [period, number] = name.split('-').map(Number)
  return period === z && number !== undefined ? [number] : []
}

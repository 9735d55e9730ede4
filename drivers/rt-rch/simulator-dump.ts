import type { MemoryRecord, SimulatedMemory } from '../rt/simulated-memory.ts'
import { isBetween, linesOf } from '../rt/simulated-paper.ts'
import type { Parameters } from './simulator-grammar.ts'

/** The text that `=C45x/$0` sends; undefined if the range is empty. */
export function textOf(memory: SimulatedMemory, kind: string, parameters: Parameters): string | undefined {
  const lines = chosenBy(memory, kind, parameters).flatMap((record) => linesOf(record))
  return lines.length === 0 ? undefined : `${lines.join('\r\n')}\r\n`
}

/** 453 the last document, 452 numbers of a date, 451 everything between two dates, 455 closures alone. */
function chosenBy(memory: SimulatedMemory, kind: string, parameters: Parameters): readonly MemoryRecord[] {
  const last = memory.documents().at(-1)
  if (kind === '453') return last?.z === memory.z + 1 ? [last] : []
  const from = isoDay(parameters['&'])
  if (kind !== '452') {
    const until = isoDay(parameters['['] ?? parameters['&'])
    const isOfKind = ({ type }: MemoryRecord): boolean => kind === '451' || type === 'closure'
    return memory.records().filter((record) => 'at' in record && isOfKind(record) && isBetween(record.at, from, until))
  }
  const first = Number(parameters['['] ?? 1)
  const end = Number(parameters[']'] ?? 9999)
  const ofDay = memory.documents().filter(({ at }) => isBetween(at, from, from))
  return ofDay.filter(({ number }) => number >= first && number <= end)
}

/** `DDMMYY` → `YYYY-MM-DD`. */
function isoDay(day: string | undefined): string {
  return day === undefined ? '' : `20${day.slice(4, 6)}-${day.slice(2, 4)}-${day.slice(0, 2)}`
}

import type { SimulatedMemory } from './simulated-memory.ts'

/** The document that a return or void names. */
type Original = { z: number; number: number; date: string }

/** The cents of it that may still be returned; documents of other printers cannot be checked. */
export function leftOf(memory: SimulatedMemory, { z, number }: Original): number {
  const found = memory.find(z, number)
  if (!found) return Number.MAX_SAFE_INTEGER
  const returns = memory.against(z, number).filter(({ kind }) => kind === 'return')
  return returns.reduce((left, { totalCents }) => left - totalCents, found.totalCents)
}

/** The printer's refusal code, undefined if a return may be opened. */
export function unfitForReturn(memory: SimulatedMemory, original: Original): string | undefined {
  const found = memory.find(original.z, original.number)
  if (found?.kind !== 'sale' || !found.at.startsWith(original.date)) return 'EG0020'
  const isVoided = memory.against(original.z, original.number).some(({ kind }) => kind === 'void')
  return isVoided || leftOf(memory, original) <= 0 ? 'EG0021' : undefined
}

/** A void covers the whole sale: not after a partial return. A return has no annullo. */
export function unfitForVoid(memory: SimulatedMemory, original: Original): string | undefined {
  const found = memory.find(original.z, original.number)
  if (found?.kind !== 'sale' || !found.at.startsWith(original.date)) return 'EG0020'
  return memory.against(original.z, original.number).length > 0 ? 'EG0021' : undefined
}

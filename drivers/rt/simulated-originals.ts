import type { SimulatedMemory, SimulatedOriginal } from './simulated-memory.ts'

/** The document as the memory stores it: Z and number of another printer's are only unique with its serial. */
export function originalAt(printer: string, { serial = printer, ...named }: SimulatedOriginal): SimulatedOriginal {
  return { ...named, ...(serial !== printer && { serial }) }
}

/** The cents of it that may still be returned; documents of other printers cannot be checked. */
export function leftOf(memory: SimulatedMemory, original: SimulatedOriginal): number {
  const { z, number } = original
  const record = isElsewhere(original) ? undefined : memory.find(z, number)
  if (!record) return Number.MAX_SAFE_INTEGER
  const returns = memory.against(z, number).filter(({ kind }) => kind === 'return')
  return returns.reduce((restCents, { totalCents }) => restCents - totalCents, record.totalCents)
}

/** The printer's refusal code, undefined if a return may be opened. */
export function unfitForReturn(memory: SimulatedMemory, original: SimulatedOriginal): string | undefined {
  if (isElsewhere(original)) return undefined
  const record = memory.find(original.z, original.number)
  if (record?.kind !== 'sale' || !record.at.startsWith(original.date)) return 'EG0020'
  const isVoided = memory.against(original.z, original.number).some(({ kind }) => kind === 'void')
  return isVoided || leftOf(memory, original) <= 0 ? 'EG0021' : undefined
}

/** A void covers the whole sale: not after a partial return. A return has no annullo. */
export function unfitForVoid(memory: SimulatedMemory, original: SimulatedOriginal): string | undefined {
  const record = isElsewhere(original) ? undefined : memory.find(original.z, original.number)
  if (record?.kind !== 'sale' || !record.at.startsWith(original.date)) return 'EG0020'
  return memory.against(original.z, original.number).length > 0 ? 'EG0021' : undefined
}

function isElsewhere({ serial, evidence }: SimulatedOriginal): boolean {
  return serial !== undefined || evidence !== undefined
}

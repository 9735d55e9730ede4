import { rfc3339 } from '../../base/clock.ts'
import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { Warning } from '../devices/warning.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import type { View } from '../journal/projections/view.ts'
import type { LawRules } from '../laws/law.ts'
import type { UnresolvedOutcome, UnresolvedOutcomes } from '../till/recording/unresolved-outcomes.ts'
import { strandedRegisters } from '../till/technician/stranded-registers.ts'

type Registers = ReturnType<typeof allRegisters>

/** A look asks for each device: with 64 of them the registers are read once. */
const readRegisters = new WeakMap<View, { readonly head: number; readonly registers: Registers }>()

function registersOf({ view, headSeq: head }: Pick<Journal, 'view' | 'headSeq'>): Registers {
  const known = readRegisters.get(view)
  if (known?.head === head) return known.registers
  const registers = allRegisters(view)
  readRegisters.set(view, { head, registers })
  return registers
}

/** Warnings about a device that follow from the journal. */
export function journalWarnings(
  journal: Pick<Journal, 'view' | 'headSeq'>,
  laws: readonly LawRules[],
  device: { id: string; kind: DeviceKind },
  unresolved: Pick<UnresolvedOutcomes, 'of'>,
): Warning[] {
  const names = strandedRegisters(journal.view, laws, device, registersOf(journal))
  const message = `The configuration has another kind of device under this id, and ${names.join(', ')} cannot do without the one before.`
  return [
    ...(names.length === 0 ? [] : [{ code: 'device_missing', message } as const]),
    ...unresolvedWarnings(unresolved.of(device.id)),
  ]
}

/** One warning for all acts of a device, with the newest answer about the oldest act. */
export function unresolvedWarnings(outcomes: readonly UnresolvedOutcome[]): Warning[] {
  const [oldest] = outcomes
  if (oldest === undefined) return []
  const { act, op, sinceMs, words } = oldest
  const more = outcomes.length > 1 ? `, and ${outcomes.length - 1} more` : ''
  const of = op === '' ? '' : ` of ${op}`
  const answer = words ?? 'it was not asked since the agent started'
  return [{ code: 'device_outcome_unresolved', message: `${act}${of} since ${rfc3339(sinceMs)}${more}: ${answer}` }]
}

import type { DeviceKind } from '../../drivers/ports/device.ts'
import type { Warning } from '../devices/warning.ts'
import type { Journal } from '../journal/journal.ts'
import type { Regime } from '../regimes/regime.ts'
import { strandedRegisters } from '../till/technician/stranded-registers.ts'
import { unreadableWarnings } from './germany.ts'
import { printerConcerns } from './italy.ts'

/** What the journal knows of a device that a person should look at. */
export function concernsOf(
  journal: Pick<Journal, 'view'>,
  regimes: readonly Regime[],
  device: { id: string; kind: DeviceKind },
): Warning[] {
  const names = strandedRegisters(journal.view, regimes, device)
  const message = `The configuration has another kind of device under this id, and ${names.join(', ')} cannot do without the one before.`
  const stranded = names.length === 0 ? [] : [{ code: 'device-missing', message }]
  switch (device.kind) {
    case 'tse':
      return [...stranded, ...unreadableWarnings(journal.view, device.id)]
    case 'fiscal-printer':
      return [...stranded, ...printerConcerns(journal, device.id)]
    case 'signature-card':
      return stranded
  }
}

import type { Register } from '../contract/register.ts'
import { isUnderLaw } from '../journal/documents/registers.ts'

/**
 * Devices on which registers rely and that the configuration does not have (the id was renamed or removed): id → names
 * of these registers. To the law that is an outage, and no probe ends it.
 */
export function missingDevices(
  registers: Iterable<Pick<Register, 'name' | 'fiscal_device' | 'fiscalization_status'>>,
  isConfigured: (device: string) => boolean,
): Map<string, string[]> {
  const missing = new Map<string, string[]>()
  for (const register of registers) {
    const { name, fiscal_device: device } = register
    if (device === null || !isUnderLaw(register) || isConfigured(device)) continue
    missing.set(device, [...(missing.get(device) ?? []), name])
  }
  return missing
}

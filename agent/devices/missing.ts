import type { RegisterDocument } from '../journal/documents.ts'

/**
 * Devices on which registers rely and of which the configuration has none with that id (it was renamed or taken out):
 * id → names of these registers. To the law that is an outage, and no probe ends it.
 */
export function missingDevices(
  registers: Iterable<Pick<RegisterDocument, 'name' | 'fiscal_device' | 'fiscalization_status'>>,
  isConfigured: (device: string) => boolean,
): Map<string, string[]> {
  const missing = new Map<string, string[]>()
  for (const { name, fiscal_device: device, fiscalization_status: status } of registers) {
    if (device === null || (status !== 'fiscalized' && status !== 'pending') || isConfigured(device)) continue
    missing.set(device, [...(missing.get(device) ?? []), name])
  }
  return missing
}

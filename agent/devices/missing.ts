type Document = { readonly [member: string]: unknown }

/**
 * Devices on which registers rely and of which the configuration has none with that id (it was renamed or taken out):
 * id → names of these registers. To the law that is an outage, and no probe ends it.
 */
export function missingDevices(
  registers: Iterable<Document | undefined>,
  isConfigured: (device: string) => boolean,
): Map<string, string[]> {
  const missing = new Map<string, string[]>()
  for (const register of registers) {
    const status = register?.['fiscalization_status']
    const device = register?.['fiscal_device']
    if (typeof device !== 'string' || (status !== 'fiscalized' && status !== 'pending') || isConfigured(device))
      continue
    missing.set(device, [...(missing.get(device) ?? []), String(register?.['name'])])
  }
  return missing
}

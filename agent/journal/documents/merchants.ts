import type { Lister } from './registers.ts'
import { allRegisters } from './registers.ts'

/** More than any agent has. */
const MERCHANTS_MAX = 10_000

type MerchantLister = {
  resources(type: 'merchant', filter: Readonly<Record<never, never>>, after: number, limit: number): { id: string }[]
}

/** In the order in which they were made. */
export function merchantIds(view: MerchantLister): string[] {
  return view.resources('merchant', {}, 0, MERCHANTS_MAX).map(({ id }) => id)
}

/**
 * The merchants whose registers may sign with each device. `unitsOf`: the devices that can sign for a register of that
 * device, itself first.
 */
export function merchantsByDevice(
  view: Lister,
  unitsOf: (device: string) => readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const merchants = new Map<string, Set<string>>()
  for (const { fiscal_device: device, merchant_id: merchant } of allRegisters(view))
    for (const unit of device === null ? [] : unitsOf(device))
      merchants.set(unit, (merchants.get(unit) ?? new Set()).add(merchant))
  return merchants
}

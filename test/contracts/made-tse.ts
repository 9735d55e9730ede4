import { makeDevice } from '../../drivers/catalog.ts'
import type { DriverContext } from '../../drivers/opened-device.ts'
import type { Tse } from '../../drivers/ports/tse.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'

/** The driver of a TSE, not yet connected. */
export async function makeTse(settings: TseSettings, context: DriverContext): Promise<{ unit: Tse }> {
  const { unit } = await makeDevice(settings, context)
  if (unit.kind !== 'tse') throw new Error(`${settings.driver} is no TSE`)
  return { unit }
}

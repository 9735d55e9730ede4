import type { StoredEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

export type DeviceEvents = Pick<View, 'nextPortionOf'>

/**
 * The journal's events of a device after a seq, in portions: a device with years of short outages has more than the
 * process may hold.
 */
export function* deviceEvents(view: DeviceEvents, device: string, after = 0): Generator<StoredEvent> {
  for (let portion = view.nextPortionOf(device, after); portion.length > 0; ) {
    yield* portion
    portion = view.nextPortionOf(device, portion.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER)
  }
}

import type { StoredEvent } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

export type DeviceEvents = Pick<View, 'nextPortionOf'>

/** What the journal has of a device behind a seq, in portions: one that came and went for years has more than the process may hold. */
export function* deviceEvents(view: DeviceEvents, device: string, after = 0): Generator<StoredEvent> {
  for (let portion = view.nextPortionOf(device, after); portion.length > 0; ) {
    yield* portion
    portion = view.nextPortionOf(device, portion.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER)
  }
}

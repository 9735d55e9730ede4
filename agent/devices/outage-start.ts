import { parseRfc3339 } from '../clock.ts'
import type { View } from '../journal/projections/view.ts'

/** When the outage began that the journal has as the device's last state, milliseconds since 1970: a restart ends none. */
export function outageSince(view: View, device: string): number | undefined {
  const last = view.eventsOf(device).findLast(({ kind }) => /^device\.(ready|down|foreign)$/.test(kind))
  return last === undefined || last.kind === 'device.ready' ? undefined : parseRfc3339(last.at)
}

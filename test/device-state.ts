import type { DeviceState } from '../agent/journal/event-facts.ts'
import { factsOf } from '../agent/journal/events.ts'

/** The state that a device is in after an event; undefined if the event is about something else. */
export function deviceStateIn(event: { readonly kind: string; readonly body: string }): DeviceState | undefined {
  return factsOf(event, 'device.changed')?.state
}

import { parseRfc3339 } from '../clock.ts'
import type { StoredEvent } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'

const turn = /^device\.(ready|down|foreign)$/

/**
 * Milliseconds since 1970; `toMs` is undefined while it lasts. `serial` is that of the unit that went out, `nextSerial` of
 * the one that was there at its end: another one where it was replaced. Undefined where nobody had seen one.
 */
export type Outage = {
  fromMs: number
  toMs: number | undefined
  serial: string | undefined
  nextSerial: string | undefined
}

/**
 * When the outage began that the journal has as the device's last state, milliseconds since 1970: a restart ends none, nor
 * does another unit that is found in its place.
 */
export function outageSince(view: View, device: string): number | undefined {
  const last = outagesOf(view, device).at(-1)
  return last?.toMs === undefined ? last?.fromMs : undefined
}

/** The outages of a device that the journal knows, oldest first. */
export function outagesOf(view: View, device: string): Outage[] {
  const outages: Outage[] = []
  let serial: string | undefined
  for (const event of view.eventsOf(device)) {
    if (!turn.test(event.kind)) continue
    const [atMs, last] = [parseRfc3339(event.at) ?? 0, outages.at(-1)]
    const lasts = last !== undefined && last.toMs === undefined
    if (event.kind === 'device.ready') {
      serial = serialIn(event)
      if (lasts) Object.assign(last, { toMs: atMs, nextSerial: serial })
    } else if (!lasts) outages.push({ fromMs: atMs, toMs: undefined, serial, nextSerial: undefined })
  }
  return outages
}

function serialIn(event: StoredEvent): string | undefined {
  const serial = bodyOf(event).note?.['serial']
  return typeof serial === 'string' ? serial : undefined
}

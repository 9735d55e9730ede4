import { parseRfc3339 } from '../clock.ts'
import type { View } from '../journal/projections/view.ts'

const turn = /^device\.(ready|down|foreign)$/

/** Milliseconds since 1970; `toMs` is undefined while it lasts. */
export type Outage = { fromMs: number; toMs: number | undefined }

/** When the outage began that the journal has as the device's last state, milliseconds since 1970: a restart ends none. */
export function outageSince(view: View, device: string): number | undefined {
  const last = view.eventsOf(device).findLast(({ kind }) => turn.test(kind))
  return last === undefined || last.kind === 'device.ready' ? undefined : parseRfc3339(last.at)
}

/** The outages of a device that the journal knows, oldest first. */
export function outagesOf(view: View, device: string): Outage[] {
  const outages: Outage[] = []
  for (const { kind, at } of view.eventsOf(device)) {
    if (!turn.test(kind)) continue
    const [atMs, last] = [parseRfc3339(at) ?? 0, outages.at(-1)]
    const lasts = last !== undefined && last.toMs === undefined
    if (kind !== 'device.ready' && !lasts) outages.push({ fromMs: atMs, toMs: undefined })
    if (kind === 'device.ready' && lasts) last.toMs = atMs
  }
  return outages
}

import { parseRfc3339 } from '../clock.ts'
import type { Members, StoredEvent } from '../journal/events.ts'
import { bodyOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import type { Sample } from './forecast.ts'
import type { DeviceSupervisor } from './supervisor.ts'

const SPAN_MS = 14 * 86_400_000

/** What of a TSE is left, for the entry that it is ready: forecasts outlive a restart. */
export function useOf({ health }: DeviceSupervisor): Members {
  if (health === undefined || !('signaturesLeft' in health)) return {}
  return { signatures_left: health.signaturesLeft, memory_used_percent: health.memoryUsedPercent }
}

/**
 * What was left of the unit that is there now, in the last two weeks and once before, oldest first; nothing that a clock
 * which ran ahead has noted.
 */
export function pastUse(view: View, device: string, nowMs: number): Sample[] {
  const serial = view.enrolledSerial(device)
  const samples = view
    .eventsOf(device)
    .flatMap((event) => sampleIn(event, serial))
    .filter(({ atMs }) => atMs <= nowMs)
  const recent = samples.findIndex(({ atMs }) => atMs > nowMs - SPAN_MS)
  return recent < 0 ? samples.slice(-1) : samples.slice(Math.max(0, recent - 1))
}

function sampleIn(event: StoredEvent, serial: string | undefined): Sample[] {
  const note = event.kind === 'device.ready' ? bodyOf(event).note : undefined
  const [signaturesLeft, memoryUsedPercent] = [note?.['signatures_left'], note?.['memory_used_percent']]
  const atMs = parseRfc3339(event.at)
  if (typeof signaturesLeft !== 'number' || typeof memoryUsedPercent !== 'number' || atMs === undefined) return []
  return note?.['serial'] === serial ? [{ atMs, signaturesLeft, memoryUsedPercent }] : []
}

import { parseRfc3339 } from '../../base/clock.ts'
import type { Facts } from '../journal/event-facts.ts'
import type { StoredEvent } from '../journal/events.ts'
import { factsOf } from '../journal/events.ts'
import type { View } from '../journal/projections/view.ts'
import type { DeviceEvents } from './device-events.ts'
import { deviceEvents } from './device-events.ts'
import type { Sample } from './forecast.ts'
import type { DeviceSupervisor } from './supervisor.ts'

const SPAN_MS = 14 * 86_400_000

/** The remaining signatures and memory of a TSE, for the entry that it is ready: forecasts outlive a restart. */
export function useOf({
  tseHealth: health,
}: DeviceSupervisor): Pick<Facts['device.changed'], 'signatures_left' | 'memory_used_percent'> {
  if (health === undefined) return {}
  return { signatures_left: health.signaturesLeft, memory_used_percent: health.memoryUsedPercent }
}

/**
 * The remaining use of the connected unit, in the last two weeks and once before, oldest first; without samples of a
 * clock that ran ahead.
 */
export function pastUse(
  view: DeviceEvents & Pick<View, 'enrolledSerial'>,
  device: string,
  nowMs: number,
): readonly Sample[] {
  const serial = view.enrolledSerial(device)
  let samples: Sample[] = []
  let isRecent = false
  for (const event of deviceEvents(view, device)) {
    const sample = sampleIn(event, serial)
    if (sample === undefined || sample.atMs > nowMs) continue
    // The last one before the two weeks.
    if (!isRecent) samples = samples.slice(-1)
    isRecent ||= sample.atMs > nowMs - SPAN_MS
    samples.push(sample)
  }
  return isRecent ? samples : samples.slice(-1)
}

function sampleIn(event: StoredEvent, serial: string | undefined): Sample | undefined {
  const { state, serial: of, ...otherFacts } = factsOf(event, 'device.changed') ?? {}
  if (state !== 'ready' || of !== serial) return undefined
  const { signatures_left: signaturesLeft, memory_used_percent: memoryUsedPercent } = otherFacts
  const atMs = parseRfc3339(event.at)
  if (signaturesLeft === undefined || memoryUsedPercent === undefined || atMs === undefined) return undefined
  return { atMs, signaturesLeft, memoryUsedPercent }
}

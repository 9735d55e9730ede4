import type { Plug } from '../../drivers/ports/plug.ts'

/** From one try to reach a device that is down to the next: its return shows within 2 s. */
export const PROBE_MS = 1_700
/** The same for one that answers and must not be used: another unit, a clock that is suspect. */
export const PROBE_ANSWERING_MS = 10_000
/** The same for a device that was just plugged in: its node may exist before it can be opened. */
export const SETTLING_TRY_MS = 250
/** Within the window, after a try that failed. */
export const RETRY_MS = 100
const HEALTH_EVERY_MS = 30_000
/** The same for a device of which no line or node shows that it was unplugged. */
const HEALTH_UNSEEN_MS = 15_000

export function healthEveryMs(plug: Plug | undefined): number {
  return plug === undefined ? HEALTH_UNSEEN_MS : HEALTH_EVERY_MS
}

/** Another unit is looked at again when its plug changes; if no plug shows, soon. */
export function strangerProbeMs(plug: Plug | undefined): number {
  return plug?.look === undefined ? PROBE_MS : PROBE_ANSWERING_MS
}

/** An act waits for so long for a device whose line was found broken. */
export const RECONNECT_MS = 5_000
/** A printer that works is well: while it does, its questions do not stand in the way of the next document. */
export const WORKING_MS = 5_000
export const HEALTH_LATEST_MS = 300_000

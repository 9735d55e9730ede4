import type { Plug } from '../../drivers/ports/plug.ts'

/** Interval of the attempts to reach a device that is down: its return is noticed within 2 s. */
const PROBE_MS = 1_700
/** The same for a device that answers and must not be used: another unit, or a suspect clock. */
export const PROBE_ANSWERING_MS = 10_000
/** The same for a device that was just plugged in: its node may exist before it can be opened. */
const SETTLING_TRY_MS = 250
/** Within the window, after a failed attempt. */
export const RETRY_MS = 100
const HEALTH_EVERY_MS = 30_000
/** The same for a device without a line or node by which unplugging is noticed. */
const HEALTH_UNSEEN_MS = 15_000

export function healthEveryMs(plug: Plug | undefined): number {
  return plug === undefined ? HEALTH_UNSEEN_MS : HEALTH_EVERY_MS
}

/** Another unit is queried again when its plug changes; soon if it has no plug to watch. */
export function strangerProbeMs(plug: Plug | undefined): number {
  return plug?.look === undefined ? PROBE_MS : PROBE_ANSWERING_MS
}

/** How long an act waits for a device whose line is broken. */
export const RECONNECT_MS = 5_000
/** A printer that prints is well: until then no probe may delay the next document. */
export const WORKING_MS = 5_000
export const HEALTH_LATEST_MS = 300_000

/** Until the next try to connect: the time between two tries, less the time since the last one began. */
export function untilNextTry(sinceTryMs: number, isSettling: boolean, periodMs = PROBE_MS): number {
  return Math.max(RETRY_MS, isSettling ? SETTLING_TRY_MS : periodMs - sinceTryMs)
}

import { PLAUSIBLE_MS, rfc3339 } from '../../../base/clock.ts'
import type { Finding } from './finding.ts'
import { failure, ok } from './finding.ts'

/** A larger step back than a time service makes. */
const BACK_LIMIT_MS = 60_000

/** Compares this machine's clock with the calendar and the newest event (milliseconds since 1970). */
export function checkClock(nowMs: number, newestMs: number | undefined): Finding {
  const now = rfc3339(nowMs)
  const remedy = 'set it: timedatectl set-ntp true (or timedatectl set-time); check the battery of the mainboard'
  if (nowMs < PLAUSIBLE_MS) return failure('clock', `${now}: it has lost its time`, remedy)
  if (newestMs !== undefined && nowMs < newestMs - BACK_LIMIT_MS)
    return failure('clock', `${now} is before the newest event of the journal (${rfc3339(newestMs)})`, remedy)
  return ok('clock', now)
}

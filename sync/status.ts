import { rfc3339 } from '../base/clock.ts'
import type { Halt } from './source.ts'

/** A target as the agent reports it; times in seconds. */
export type TargetStatus = {
  readonly target: string
  readonly state: 'current' | 'behind' | 'offline' | 'stalled' | 'forked'
  readonly acked_seq: number
  readonly head_seq: number
  readonly unacked: number
  /**
   * Events of ended epochs that the target will never have; a person has dismissed them, and no other number includes
   * them.
   */
  readonly dismissed: number
  /** The part of `unacked` in ended epochs that the target does not take; a person must still look. */
  readonly stranded: number
  readonly oldest_unacked_seconds: number
  readonly last_error: { readonly code: string; readonly message: string } | null
  /** When the target last acknowledged an event (RFC 3339); null since the start of the agent. */
  readonly last_ack_at: string | null
  /** The receiver's clock minus ours; null before its first answer. */
  readonly clock_skew_ms: number | null
  /** For the shop: no event reached the target for a quarter of an hour, or for a day. */
  readonly warning: 'sync_delayed' | 'sync_delayed_long' | null
}

export type Progress = {
  readonly ackedSeq: number
  readonly headSeq: number
  readonly oldestAtMs: number | undefined
  readonly reachable: boolean
  readonly halt: Halt | undefined
  readonly lastError: { readonly code: string; readonly message: string } | undefined
  readonly ackedAtMs: number | undefined
  readonly skewMs: number | undefined
  /** Events of epochs above that of `ackedSeq` that need no acknowledgement. */
  readonly settledLater?: number
  /** Events of epochs below `ackedSeq` that the target does not take, and that were not dismissed. */
  readonly missing?: number
  /** The same, dismissed. */
  readonly dismissed?: number
}

const CURRENT_SECONDS = 10
const WARN_SECONDS = 900
const ALARM_SECONDS = 86_400

export function statusOf(target: string, progress: Progress, nowMs: number): TargetStatus {
  const { lastError, settledLater = 0, missing = 0, dismissed = 0 } = progress
  const unacked = Math.max(0, progress.headSeq - progress.ackedSeq - settledLater) + missing
  const oldest = progress.oldestAtMs === undefined || unacked === 0 ? 0 : (nowMs - progress.oldestAtMs) / 1000
  const seconds = Math.max(0, Math.round(oldest * 1000) / 1000)
  return {
    target,
    state: stateOf(progress, seconds),
    acked_seq: progress.ackedSeq,
    head_seq: progress.headSeq,
    unacked,
    dismissed,
    stranded: missing,
    oldest_unacked_seconds: seconds,
    last_error: lastError === undefined ? null : { code: lastError.code, message: lastError.message },
    last_ack_at: progress.ackedAtMs === undefined ? null : rfc3339(progress.ackedAtMs),
    clock_skew_ms: progress.skewMs ?? null,
    warning: seconds > ALARM_SECONDS ? 'sync_delayed_long' : seconds > WARN_SECONDS ? 'sync_delayed' : null,
  }
}

function stateOf({ halt, reachable }: Progress, oldestSeconds: number): TargetStatus['state'] {
  if (halt !== undefined) return halt.state
  if (!reachable) return 'offline'
  return oldestSeconds < CURRENT_SECONDS ? 'current' : 'behind'
}

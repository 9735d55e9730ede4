import type { DeviceError } from '../../../drivers/errors.ts'
import type { Act } from '../../journal/events.ts'
import type { ActRequest, Outcome } from '../law.ts'

/** What this law has a TSE do, as an intent holds it: its members are frozen. `client` is the serial number of the till. */
export type TseAct = ClientAct | StartAct | FinishAct
export type ClientAct = { device: string; name: 'register_client' | 'deregister_client'; client: string }
export type StartAct = { device: string; name: 'start'; client: string }
export type FinishAct = {
  device: string
  name: 'finish'
  client: string
  transaction: number
  process_type: string
  process_data: string
}

/** What the TSE answered to a client that it took. */
export type Registered = { serial: string }

/** To a start. `time_ms` is its log time, ms since 1970. */
export type Started = { serial: string; transaction: number; time_ms: number; counter: number }
/** And to a finish. `signature` and `public_key` (an uncompressed point) are base64. */
export type Finished = Started & {
  signature: string
  public_key: string
  algorithm: string
  time_format: string
}

/** This law made it. */
export function tseActOf(act: Act): TseAct {
  return act as TseAct
}

/**
 * What one act is done for, and what became of it so far. `helpedUntilNs`: a device that does not explain what it did is helped
 * to do so until then, on the monotonic clock.
 */
export type Doing = {
  readonly act: TseAct
  readonly request: Request
  readonly helpedUntilNs: bigint
  silences: number
  isBegun: boolean
}
export type Request = Pick<ActRequest, 'obstacle' | 'waitUntilNs'>
export type Tried = { outcome: Outcome; error?: DeviceError }

export const UNASKED: Request = { obstacle: () => undefined, waitUntilNs: 0n }

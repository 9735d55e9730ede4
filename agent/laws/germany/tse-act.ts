import type { DeviceError } from '../../../drivers/errors.ts'
import type { Act } from '../../journal/events.ts'
import type { ActRequest, Done, Outcome } from '../law.ts'
import type { ActWords } from '../law-words.ts'

/** An act on a TSE, as an intent stores it: its members are frozen. `client` is the serial number of the till. */
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

/** Result of registering a client. */
export type Registered = { serial: string }

/** Result of a start. `time_ms` is its log time, ms since 1970. */
export type Started = { serial: string; transaction: number; time_ms: number; counter: number }
/** Result of a finish. `signature` and `public_key` (an uncompressed point) are base64. */
export type Finished = Started & {
  signature: string
  public_key: string
  algorithm: string
  time_format: string
}

type TseResults = {
  register_client: Registered
  deregister_client: Registered
  start: Started
  finish: Finished
}
export type TseOutcome = Outcome<TseResults>
export type TseDone = Done<TseResults>

/** An act of this law. */
export function tseActOf(act: Act): TseAct {
  return act as TseAct
}

/**
 * The reason for one act and its progress. `helpedUntilNs`: how long a device that does not explain its state is helped
 * to do so, on the monotonic clock.
 */
export type Doing = {
  readonly act: TseAct
  readonly request: Request
  readonly helpedUntilNs: bigint
  silences: number
  isBegun: boolean
}
export type Request = Pick<ActRequest, 'obstacle' | 'waitUntilNs'>
export type Tried = { outcome: TseOutcome; error?: DeviceError }

export const UNASKED: Request = { obstacle: () => undefined, waitUntilNs: 0n }

const CLIENT = { device: true, name: true, client: true } as const

export const ACTS: ActWords<TseAct> = {
  register_client: CLIENT,
  deregister_client: CLIENT,
  start: CLIENT,
  finish: { ...CLIENT, transaction: true, process_type: true, process_data: true },
}

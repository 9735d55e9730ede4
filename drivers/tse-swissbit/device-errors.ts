import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, refusalOfOtherAct, undocumented } from '../refusal-class.ts'
import { MEANING_OF_CODE } from '../worm-errors.ts'
import { mayBeAsleep } from './sleep.ts'
import type { WormCalls } from './worm-calls.ts'
import { exportFaults } from './worm-calls.ts'

const SEED_REFUSALS: ReadonlySet<string | undefined> = new Set(['1100', '1201'])

/** In hex: those of the units, and those of this library alone. */
const meanings: Readonly<Record<string, Meaning>> = {
  ...MEANING_OF_CODE,
  NO_LIBRARY: ['away', 'unavailable', 'none', 'the library cannot be loaded'],
  NO_FUNCTION: ['away', 'unavailable', 'none', 'the library is not the one of this TSE'],
  NOT_OPEN: ['away', 'unavailable', 'none', 'the library is not open'],
  '5': ['unknown', 'refused', 'unknown', 'the library has no memory left'],
  e: ['final', 'out_of_service', 'none', 'a firmware update was not completed: unplug the TSE and plug it in again'],
  f: ['away', 'unavailable', 'none', 'the library cannot begin its thread'],
  '10': ['away', 'unavailable', 'unknown', 'the network between here and the TSE failed'],
  '12': ['authentication', 'not_authorised', 'none', 'the server of the TSE refuses the token'],
  '13': ['away', 'timeout', 'unknown', 'the server of the TSE did not answer'],
  '14': ['away', 'unavailable', 'none', 'the server of the TSE cannot be reached'],
  '16': ['away', 'garbled', 'unknown', 'the server of the TSE sent an invalid reply'],
  '17': ['order', 'refused', 'none', 'the TSE does not allow it in its state'],
  '18': ['away', 'unavailable', 'none', 'the TSE was not found'],
  '1001': ['unknown', 'refused', 'unknown', 'the TSE had an error that it does not name'],
  '1053': ['final', 'not_initialised', 'none', 'the interface of the TSE is not switched on'],
  '2001': ['export', 'export_running', 'none', 'the export was ended and must be made again'],
  '2002': ['export', 'export_running', 'none', 'the export must be made again'],
  f000: ['unknown', 'refused', 'none', 'the TSE does not know the command'],
  ff00: ['unknown', 'refused', 'unknown', 'the signature failed'],
  [exportFaults.ended]: ['export', 'export_running', 'none', 'a sale ended the export'],
  [exportFaults.tooLarge]: ['final', 'refused', 'none', 'the archive is too large'],
}

/**
 * The error of a WormError; `detail` is for the technician. `effect`: the possible effect of the call if the code is
 * not documented.
 */
export function errorOf(code: string, detail: string, effect: Effect = 'unknown'): DeviceError {
  const meaning = meanings[code]
  return meaning === undefined
    ? undocumented(code, effect, `: ${detail}`)
    : documentedRefusal(meaning, code, `: ${detail}`)
}

export function refusedCall(method: keyof WormCalls, error: DeviceError, effect: Effect): DeviceError {
  if (method === 'start' || method === 'finish') return error
  return mayBeAsleep(error) && effect === 'none' ? error.toldAs({ effect }) : refusalOfOtherAct(error, effect)
}

/** The seed is that of the dealer, so the refusal names it; undefined for another error. */
export function seedRefused(error: unknown): DeviceError | undefined {
  if (!(error instanceof DeviceError) || !SEED_REFUSALS.has(error.deviceCode)) return undefined
  const why =
    error.code === 'pin_locked'
      ? 'its first PUK is locked after wrong seeds'
      : 'it has another seed than "seed" of its entry: ask the dealer. Each wrong one costs one of three tries of its PUK'
  return error.toldAs({ message: `the TSE refused its set-up: ${why}` })
}

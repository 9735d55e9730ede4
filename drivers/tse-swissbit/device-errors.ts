import type { Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import type { Meaning } from '../refusal-class.ts'
import { documentedRefusal, refusalOfOtherAct, undocumented } from '../refusal-class.ts'
import { mayBeAsleep } from './sleep.ts'
import type { WormCalls } from './worm-calls.ts'
import { exportFaults } from './worm-calls.ts'

const SEED_REFUSALS: ReadonlySet<string | undefined> = new Set(['1100', '1201'])

/** WormError in hex (SDK 5.9, wormError.h). The effect is unknown if the unit may have signed before it failed. */
const meanings: Readonly<Record<string, Meaning>> = {
  NO_LIBRARY: ['away', 'unavailable', 'none', 'the library cannot be loaded'],
  NO_FUNCTION: ['away', 'unavailable', 'none', 'the library is not the one of this TSE'],
  NOT_OPEN: ['away', 'unavailable', 'none', 'the library is not open'],
  '1': ['order', 'refused', 'none', 'a parameter is not allowed'],
  '2': ['away', 'unavailable', 'unknown', 'there is no TSE on the drive'],
  '3': ['away', 'unavailable', 'unknown', 'the TSE cannot be reached'],
  '4': ['away', 'timeout', 'unknown', 'the TSE did not answer'],
  '5': ['unknown', 'refused', 'unknown', 'the library has no memory left'],
  '6': ['away', 'garbled', 'unknown', 'the library could not read what the TSE answered'],
  '7': ['final', 'memory_full', 'unknown', 'the memory of the TSE is full'],
  '8': ['away', 'garbled', 'unknown', 'the TSE gave no answer'],
  a: ['unknown', 'refused', 'none', 'the TSE cannot export'],
  d: ['away', 'unavailable', 'unknown', 'the TSE lost its power during the command'],
  e: ['final', 'out_of_service', 'none', 'a firmware update was not completed: unplug the TSE and plug it in again'],
  f: ['away', 'unavailable', 'none', 'the library cannot begin its thread'],
  '10': ['away', 'unavailable', 'unknown', 'the network between here and the TSE failed'],
  '11': ['order', 'refused', 'none', 'the TSE does not know the command'],
  '12': ['authentication', 'not_authorised', 'none', 'the server of the TSE refuses the token'],
  '13': ['away', 'timeout', 'unknown', 'the server of the TSE did not answer'],
  '14': ['away', 'unavailable', 'none', 'the server of the TSE cannot be reached'],
  '16': ['away', 'garbled', 'unknown', 'the server of the TSE sent an invalid reply'],
  '17': ['order', 'refused', 'none', 'the TSE does not allow it in its state'],
  '18': ['away', 'unavailable', 'none', 'the TSE was not found'],
  '1001': ['unknown', 'refused', 'unknown', 'the TSE had an error that it does not name'],
  '1002': ['time', 'time_not_set', 'none', 'the time must be set first'],
  '1004': ['nothing', 'transaction_unknown', 'none', 'no transaction is open'],
  '1005': ['order', 'refused', 'none', 'the TSE does not take the command'],
  '1007': ['order', 'refused', 'none', 'the TSE does not take a value'],
  '1008': ['nothing', 'transaction_unknown', 'none', 'no such transaction is open'],
  '1009': ['final', 'open_transactions_full', 'none', 'too many transactions are open'],
  '100a': ['final', 'certificate_expired', 'unknown', 'the certificate has expired'],
  '100c': ['nothing', 'no_data', 'none', 'there is no transaction'],
  '100d': ['order', 'refused', 'none', 'the TSE does not allow it now'],
  '100e': ['final', 'signatures_exhausted', 'none', 'all signatures are used up'],
  '100f': ['authentication', 'not_authorised', 'none', 'the user may not do this'],
  '1010': ['final', 'client_limit', 'none', 'too many clients are registered'],
  '1011': ['client', 'client_unknown', 'none', 'the client is not registered'],
  '1012': ['final', 'unexported_data', 'none', 'logs are not exported'],
  '1013': ['final', 'refused', 'none', 'the client has open transactions'],
  '1014': ['final', 'transactions_open', 'none', 'transactions are open'],
  '1016': ['export', 'export_running', 'none', 'an export is running'],
  '1017': ['final', 'memory_full', 'none', 'the memory is full: export and delete'],
  '1050': ['final', 'not_initialised', 'none', 'the PUK is that of the factory'],
  '1051': ['final', 'not_initialised', 'none', 'the PINs are those of the factory'],
  '1053': ['final', 'not_initialised', 'none', 'the interface of the TSE is not switched on'],
  '1054': ['self_test', 'self_test_due', 'none', 'a self-test is due'],
  '1055': ['self_test', 'self_test_due', 'none', 'the self-test was not passed'],
  '10fd': ['final', 'refused', 'none', 'the TSE is initialised already'],
  '10fe': ['final', 'disabled', 'none', 'the TSE is permanently out of service'],
  '10ff': ['final', 'not_initialised', 'none', 'the TSE is not initialised'],
  '1100': ['pin', 'pin_wrong', 'none', 'the TSE refused the PIN'],
  '1201': ['pin', 'pin_locked', 'none', 'the PIN is blocked: unblock it with the PUK'],
  '1202': ['authentication', 'not_authorised', 'none', 'a user must log in first'],
  '1300': ['final', 'out_of_service', 'none', 'the self-test of the firmware failed'],
  '1310': ['final', 'out_of_service', 'none', 'the self-test of the secure element failed'],
  '1320': ['final', 'out_of_service', 'none', 'the self-test of the random numbers failed'],
  '2001': ['export', 'export_running', 'none', 'the export was ended and must be made again'],
  '2002': ['export', 'export_running', 'none', 'the export must be made again'],
  '2003': ['nothing', 'no_data', 'none', 'no log answers the question'],
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

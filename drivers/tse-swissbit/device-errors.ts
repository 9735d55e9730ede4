import type { DeviceErrorCode, Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'
import { exportFaults } from './worm-calls.ts'

type Meaning = readonly [DeviceErrorCode, Effect, string]

/** WormError in hex (SDK 5.9, wormError.h). Where the unit may have signed before it failed the effect is unknown. */
const meanings: Readonly<Record<string, Meaning>> = {
  NO_LIBRARY: ['unavailable', 'none', 'the library cannot be loaded'],
  NO_FUNCTION: ['unavailable', 'none', 'the library is not the one of this TSE'],
  NOT_OPEN: ['unavailable', 'none', 'the library is not open'],
  '1': ['refused', 'none', 'a parameter is not allowed'],
  '2': ['unavailable', 'unknown', 'there is no TSE on the drive'],
  '3': ['unavailable', 'unknown', 'the TSE cannot be reached'],
  '4': ['timeout', 'unknown', 'the TSE did not answer'],
  '5': ['refused', 'unknown', 'the library has no memory left'],
  '6': ['garbled', 'unknown', 'the library could not read what the TSE answered'],
  '7': ['memory_full', 'unknown', 'the memory of the TSE is full'],
  '8': ['garbled', 'unknown', 'the TSE gave no answer'],
  a: ['refused', 'none', 'the TSE cannot export'],
  d: ['unavailable', 'unknown', 'the TSE lost its power meanwhile'],
  e: ['out_of_service', 'none', 'an update of the firmware did not come to its end: pull the TSE out and put it back'],
  f: ['unavailable', 'none', 'the library cannot begin its thread'],
  '10': ['unavailable', 'unknown', 'the network between here and the TSE failed'],
  '11': ['refused', 'none', 'the TSE does not know the command'],
  '12': ['not_authorised', 'none', 'the server of the TSE refuses the token'],
  '13': ['timeout', 'unknown', 'the server of the TSE did not answer'],
  '14': ['unavailable', 'none', 'the server of the TSE cannot be reached'],
  '16': ['garbled', 'unknown', 'the server of the TSE answered what is no answer'],
  '17': ['refused', 'none', 'the TSE does not allow it in its state'],
  '18': ['unavailable', 'none', 'the TSE is not there'],
  '1002': ['time_not_set', 'none', 'the time must be set first'],
  '1004': ['transaction_unknown', 'none', 'no transaction is open'],
  '1005': ['refused', 'none', 'the TSE does not take the command'],
  '1007': ['refused', 'none', 'the TSE does not take a value'],
  '1008': ['transaction_unknown', 'none', 'no such transaction is open'],
  '1009': ['transaction_limit', 'none', 'too many transactions are open'],
  '100a': ['certificate_expired', 'unknown', 'the certificate has expired'],
  '100c': ['no_data', 'none', 'there is no transaction'],
  '100d': ['refused', 'none', 'the TSE does not allow it now'],
  '100e': ['signatures_exhausted', 'none', 'all signatures are used up'],
  '100f': ['not_authorised', 'none', 'the user may not do this'],
  '1010': ['client_limit', 'none', 'too many clients are registered'],
  '1011': ['client_unknown', 'none', 'the client is not registered'],
  '1012': ['unexported_data', 'none', 'logs are not exported'],
  '1013': ['refused', 'none', 'the client has open transactions'],
  '1014': ['refused', 'none', 'transactions are open'],
  '1016': ['export_running', 'none', 'an export is running'],
  '1017': ['memory_full', 'none', 'the memory is full: export and delete'],
  '1050': ['not_initialised', 'none', 'the PUK is that of the factory'],
  '1051': ['not_initialised', 'none', 'the PINs are those of the factory'],
  '1053': ['not_initialised', 'none', 'the interface of the TSE is not switched on'],
  '1054': ['self_test_due', 'none', 'a self-test is due'],
  '1055': ['self_test_due', 'none', 'the self-test was not passed'],
  '10fd': ['refused', 'none', 'the TSE is initialised already'],
  '10fe': ['disabled', 'none', 'the TSE is out of service for ever'],
  '10ff': ['not_initialised', 'none', 'the TSE is not initialised'],
  '1100': ['pin_wrong', 'none', 'the TSE refused the PIN'],
  '1201': ['pin_locked', 'none', 'the PIN is blocked: unblock it with the PUK'],
  '1202': ['not_authorised', 'none', 'a user must log in first'],
  '1300': ['out_of_service', 'none', 'the self-test of the firmware failed'],
  '1310': ['out_of_service', 'none', 'the self-test of the secure element failed'],
  '1320': ['out_of_service', 'none', 'the self-test of the random numbers failed'],
  '2001': ['export_running', 'none', 'the export was ended and must be made again'],
  '2002': ['export_running', 'none', 'the export must be made again'],
  '2003': ['no_data', 'none', 'no log answers the question'],
  f000: ['refused', 'none', 'the TSE does not know the command'],
  ff00: ['refused', 'unknown', 'the signature failed'],
  [exportFaults.ended]: ['export_running', 'none', 'a sale ended the export'],
  [exportFaults.tooLarge]: ['refused', 'none', 'the archive is too large'],
}

/** The error of a WormError; `detail` is the technician's. */
export const errorOf = (code: string, detail: string): DeviceError => {
  const [meaning, effect, message] = meanings[code] ?? ['refused', 'unknown', 'an undocumented error']
  return new DeviceError(meaning, effect, `${message}: ${detail}`, code)
}

import type { DeviceErrorCode, Effect } from '../errors.ts'
import { DeviceError } from '../errors.ts'

/** What GetMfcStatus reports. Where the device may have signed before it failed the effect is unknown. */
const meanings: Readonly<Record<string, readonly [DeviceErrorCode, Effect, string]>> = {
  '0001': ['refused', 'unknown', 'the device failed'],
  '0002': ['unavailable', 'unknown', 'the power failed'],
  '0003': ['refused', 'none', 'the device does not know the command'],
  '0004': ['data_too_long', 'none', 'the command is too long'],
  '0005': ['garbled', 'none', 'the end of the command did not reach the device'],
  '0006': ['refused', 'none', 'the command came in the wrong order'],
  '0007': ['refused', 'none', 'the number of parameters is wrong'],
  '0008': ['refused', 'none', 'a parameter is not allowed'],
  '0100': ['not_initialised', 'none', 'the TSE is not initialised'],
  '0101': ['time_not_set', 'none', 'the time must be set first'],
  '0102': ['certificate_expired', 'unknown', 'the certificate has expired'],
  '0103': ['disabled', 'none', 'the TSE is disabled for ever'],
  '0104': ['refused', 'none', 'the command failed'],
  '0105': ['refused', 'unknown', 'a system log could not be signed'],
  '0106': ['refused', 'unknown', 'the log could not be read back'],
  '0107': ['memory_full', 'unknown', 'the memory failed'],
  '0108': ['transaction_unknown', 'none', 'no such transaction is open'],
  '010a': ['client_unknown', 'none', 'no client is set'],
  '010b': ['no_data', 'none', 'no log answers the question'],
  '010c': ['self_test_due', 'none', 'a self-test is due'],
  '010d': ['no_data', 'none', 'there is no log'],
  '010f': ['refused', 'none', 'the card in the slot is not supported'],
  '0110': ['not_authorised', 'none', 'the user may not do this'],
  '0111': ['not_authorised', 'none', 'a user must log in first'],
  '0112': ['not_authorised', 'none', 'the device does not know the user'],
  '0115': ['client_unknown', 'none', 'the client is not registered'],
  '0116': ['unavailable', 'none', 'there is no card in the slot'],
  '0117': ['transaction_limit', 'none', 'too many transactions are open'],
  '0118': ['signatures_exhausted', 'none', 'all signatures are used up'],
  '0119': ['client_limit', 'none', 'too many clients are registered'],
  '011a': ['refused', 'none', 'the client has open transactions'],
  '011b': ['refused', 'none', 'transactions are open'],
  '011c': ['garbled', 'none', 'the export buffer is spoilt'],
}

/** The error of a code other than 0000; hexadecimal digits come in either case. */
export const errorOf = (code: string): DeviceError => {
  const [meaning, effect, message] = meanings[code.toLowerCase()] ?? ['refused', 'unknown', 'an undocumented error']
  return new DeviceError(meaning, effect, message, code.toLowerCase())
}
